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


def test_momentum_that_the_config_has_not_may_be_any_usual_one():
    def kept(weight):
        def forward(x, gamma, beta, bn_param):
            for name, new in (("running_mean", x.mean(axis=0)), ("running_var", x.var(axis=0))):
                bn_param[name] = weight * bn_param[name] + (1 - weight) * new
            return norm(0)(x, gamma, beta)

        config = {"mode": "train", "running_mean": np.zeros(6), "running_var": np.zeros(6)}
        return verify(forward, norm_back(), [*norm_args(), config], op="batchnorm")

    assert kept(0.99).verdict == RIGHT
    assert "running_mean has the weights swapped" in " ".join(kept(0.1).names)


def test_running_averages_in_float32_are_right():
    def forward(x, gamma, beta, bn_param):
        for name, new in (("running_mean", x.mean(axis=0)), ("running_var", x.var(axis=0))):
            m = bn_param["momentum"]
            bn_param[name] = (m * bn_param[name] + (1 - m) * new).astype(np.float32)
        return norm(0)(x, gamma, beta)

    assert running(forward).verdict == RIGHT


def predicting(x, gamma, beta, bn_param):
    inv_std = 1 / np.sqrt(bn_param["running_var"] + 1e-5)
    x_hat = (x - bn_param["running_mean"]) * inv_std
    return gamma * x_hat + beta, (gamma, x_hat, inv_std)


def predicting_back(dout, cache):
    gamma, x_hat, inv_std = cache
    return dout * gamma * inv_std, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def predicted(forward, backward=predicting_back):
    config = {"mode": "test", "running_mean": np.arange(6.0), "running_var": np.arange(1.0, 7)}
    return verify(forward, backward, [*norm_args(), config], op="batchnorm")


def test_batch_norm_while_predicting_uses_its_running_averages_and_leaves_them():
    def moving(x, gamma, beta, bn_param):
        made = predicting(x, gamma, beta, bn_param)
        bn_param["running_mean"] = 0.9 * bn_param["running_mean"] + 0.1 * x.mean(axis=0)
        return made

    def by_batch(x, gamma, beta, bn_param):
        return norm(0)(x, gamma, beta)

    assert predicted(predicting).verdict == RIGHT
    assert "updated while predicting" in predicted(moving).names[0]
    assert "the batch's own mean" in predicted(by_batch, norm_back()).names[0]
    without_gamma = predicted(predicting, lambda dout, cache: (dout * cache[2], *predicting_back(dout, cache)[1:]))
    assert "gamma is missing" in without_gamma.names[0]


# The rules beyond the courses'


def nesterov(w, dw, c, *, old=False):
    before = c["velocity"]
    c["velocity"] = c["momentum"] * before - c["learning_rate"] * dw
    return w + c["momentum"] * (before if old else c["velocity"]) - c["learning_rate"] * dw, c


def adagrad(w, dw, c, *, inside=False):
    c["cache"] = c["cache"] + dw**2
    root = np.sqrt(c["cache"] + c["epsilon"]) if inside else np.sqrt(c["cache"]) + c["epsilon"]
    return w - c["learning_rate"] * dw / root, c


def adadelta(w, dw, c, *, early=False):
    c["cache"] = c["rho"] * c["cache"] + (1 - c["rho"]) * dw**2
    old = c["step_cache"]
    step = np.sqrt((old + c["epsilon"]) / (c["cache"] + c["epsilon"])) * dw
    c["step_cache"] = c["rho"] * old + (1 - c["rho"]) * step**2
    if early:
        step = np.sqrt((c["step_cache"] + c["epsilon"]) / (c["cache"] + c["epsilon"])) * dw
    return w - c["learning_rate"] * step, c


def adamw(w, dw, c, *, coupled=False, paper=False):
    next_w, c = adam(w, dw + coupled * c["weight_decay"] * w, c)
    return next_w - (not coupled) * (1 if paper else c["learning_rate"]) * c["weight_decay"] * w, c


def nadam(w, dw, c, *, scheduled=True):
    t = c["t"] = c["t"] + 1
    b1 = c["beta1"]
    c["m"] = b1 * c["m"] + (1 - b1) * dw
    c["v"] = c["beta2"] * c["v"] + (1 - c["beta2"]) * dw**2
    root = np.sqrt(c["v"] / (1 - c["beta2"] ** t)) + c["epsilon"]
    if not scheduled:
        return w - c["learning_rate"] * (b1 * c["m"] + (1 - b1) * dw) / (1 - b1**t) / root, c
    now, after = (b1 * (1 - 0.5 * 0.96 ** (k * c["schedule_decay"])) for k in (t, t + 1))
    product = c["momentum_product"] * now
    blend = (1 - now) * dw / (1 - product) + after * c["m"] / (1 - product * after)
    return w - c["learning_rate"] * blend / root, c


@pytest.mark.parametrize(
    ("rule", "update"), [("nesterov", nesterov), ("adagrad", adagrad), ("adadelta", adadelta), ("adamw", adamw), ("nadam", nadam)]
)
def test_the_other_rules_are_right_too(rule, update):
    assert verify_update(update, rule=rule).verdict == RIGHT


@pytest.mark.parametrize(
    ("rule", "update", "text"),
    [
        ("nesterov", lambda w, dw, c: nesterov(w, dw, c, old=True), "the old velocity"),
        ("nesterov", momentum, "plain momentum's step"),
        ("adagrad", lambda w, dw, c: adagrad(w, dw, c, inside=True), "eps inside the root"),
        ("adagrad", rmsprop, ""),
        ("adadelta", lambda w, dw, c: adadelta(w, dw, c, early=True), "updated too early"),
        ("adamw", lambda w, dw, c: adamw(w, dw, c, coupled=True), "Adam with an L2 penalty"),
        ("nadam", adam, "Adam's step"),
    ],
)
def test_a_wrong_one_of_the_other_rules_is_told(rule, update, text):
    def with_every_setting(w, dw, c):
        return update(w, dw, {"decay_rate": 0.9, **c})

    report = verify_update(with_every_setting, rule=rule)
    assert report.verdict == WRONG
    assert text in " ".join(report.names)


@pytest.mark.parametrize(
    ("rule", "update"),
    [("adamw", lambda w, dw, c: adamw(w, dw, c, paper=True)), ("nadam", lambda w, dw, c: nadam(w, dw, c, scheduled=False))],
)
def test_another_form_of_a_rule_is_a_convention(rule, update):
    report = verify_update(update, rule=rule)
    assert report.verdict == RIGHT
    assert "another convention" in report.text()


def test_a_step_that_is_not_counted_is_told():
    report = verify_update(lambda w, dw, c: (adam(w, dw, dict(c))[0], {**adam(w, dw, dict(c))[1], "t": c["t"]}), rule="adam")
    assert [finding.result for finding in report.wrong] == ["t"]
    assert "not counted up" in report.names[0]


def test_a_rule_in_float32_is_right():
    def single(w, dw, c):
        next_w, c = momentum(w.astype(np.float32), dw.astype(np.float32), {**c, "velocity": c["velocity"].astype(np.float32)})
        return next_w, c

    assert verify_update(single, rule="sgd_momentum").verdict == RIGHT
