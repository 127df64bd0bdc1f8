"""Update rules and running averages: right ones pass, and wrong ones are told by what they do instead."""

import numpy as np
import pytest
from tests.gradcheck.mistake import norm, norm_args, norm_back

from layerwise.gradcheck import verify, verify_update
from layerwise.gradcheck.report import IMPURE, RIGHT, WRONG


def sgd(w, dw, config):
    w -= config["learning_rate"] * dw
    return w, config


def momentum(w, dw, config, *, late=False, sign=-1, weighted=True):
    old = config["velocity"]
    v = (config["momentum"] if weighted else 1) * old + sign * config["learning_rate"] * dw
    config["velocity"] = v
    return w + (old if late else v), config


def rmsprop(w, dw, config, *, inside=False, square=True, new=None):
    decay = config["decay_rate"]
    config["cache"] = decay * config["cache"] + (1 - decay if new is None else new) * (dw**2 if square else dw)
    eps = config["epsilon"]
    root = np.sqrt(config["cache"] + eps) if inside else np.sqrt(config["cache"]) + eps
    return w - config["learning_rate"] * dw / root, config


def adam(w, dw, config, *, correct_m=True, correct_v=True, late=False, beta1=None):
    t = config["t"] + (0 if late else 1)
    config["t"] = config["t"] + 1
    b1, b2 = config["beta1"], config["beta2"]
    config["m"] = b1 * config["m"] + (1 - b1) * dw
    config["v"] = b2 * config["v"] + (1 - b2) * dw**2
    m = config["m"] / (1 - b1**t) if correct_m else config["m"]
    v = config["v"] / (1 - b2**t) if correct_v else config["v"]
    return w - config["learning_rate"] * m / (np.sqrt(v) + config["epsilon"]), config


@pytest.mark.parametrize(("rule", "update"), [("sgd", sgd), ("sgd_momentum", momentum), ("rmsprop", rmsprop), ("adam", adam)])
def test_a_right_rule_is_right(rule, update):
    report = verify_update(update, rule=rule)
    assert report.verdict == RIGHT, report


MISTAKES = {
    "ascends": ("sgd", lambda w, dw, c: (w + c["learning_rate"] * dw, c), "next_w has the step with the wrong sign"),
    "forgets-the-rate": ("sgd", lambda w, dw, c: (w - dw, c), "next_w has the step 1/lr times"),
    "late": ("sgd_momentum", lambda w, dw, c: momentum(w, dw, c, late=True), "next_w has the old velocity"),
    "no-momentum": ("sgd_momentum", lambda w, dw, c: momentum(w, dw, c, weighted=False), "velocity has the old velocity 1/momentum times"),
    "eps-inside": ("rmsprop", lambda w, dw, c: rmsprop(w, dw, c, inside=True), "next_w has eps inside the root"),
    "weights-swapped": ("rmsprop", lambda w, dw, c: rmsprop(w, dw, c, new=1.0), "dw² without 1 − decay_rate"),
    "m-uncorrected": ("adam", lambda w, dw, c: adam(w, dw, c, correct_m=False), "m: its bias correction is missing"),
    "v-uncorrected": ("adam", lambda w, dw, c: adam(w, dw, c, correct_v=False), "v: its bias correction is missing"),
    "t-late": ("adam", lambda w, dw, c: adam(w, dw, c, late=True), "t: it is counted up too late"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_rule_is_told_by_what_it_does_instead(name):
    rule, update, text = MISTAKES[name]
    report = verify_update(update, rule=rule)
    assert report.verdict == WRONG
    assert any(text in line for line in report.names), report.names


def test_a_rule_wrong_beyond_names_gets_none():
    report = verify_update(lambda w, dw, c: (w - 0.1 * np.tanh(7 * dw) ** 3, c), rule="sgd")
    assert report.verdict == WRONG
    assert report.names == ()


def test_a_rule_that_draws_noise_is_no_function():
    rng = np.random.default_rng(0)
    assert verify_update(lambda w, dw, c: (w - rng.normal(size=w.shape), c), rule="sgd").verdict == IMPURE


def averaging(mean=lambda m, old, new: m * old + (1 - m) * new, ddof=0):
    def forward(x, gamma, beta, bn_param):
        m = bn_param["momentum"]
        for name, new in (("running_mean", x.mean(axis=0)), ("running_var", x.var(axis=0, ddof=ddof))):
            bn_param[name] = mean(m, bn_param.get(name, np.zeros(x.shape[1])), new)
        return norm(0)(x, gamma, beta)

    return forward


def running(forward):
    config = {"mode": "train", "momentum": 0.9, "running_mean": np.zeros(6), "running_var": np.zeros(6)}
    return verify(forward, norm_back(), [*norm_args(), config], op="batchnorm")


def test_right_running_averages_are_right():
    assert running(averaging()).verdict == RIGHT


@pytest.mark.parametrize(
    ("forward", "text"),
    [
        (averaging(lambda m, old, new: (1 - m) * old + m * new), "running_mean has the weights swapped"),
        (averaging(lambda m, old, new: m * old + new), "running_mean has 1: the batch's share is not weighted"),
        (averaging(lambda m, old, new: m * old), "running_mean lacks the batch's mean"),
        (averaging(ddof=1), "running_var has the unbiased variance"),
    ],
)
def test_wrong_running_averages_are_named(forward, text):
    report = running(forward)
    assert report.verdict == WRONG
    assert any(text in line for line in report.names), report.names
