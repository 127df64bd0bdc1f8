"""Dropout: the share that is kept and the scale must belong together, and to the setting; while predicting nothing is dropped."""

import numpy as np
import pytest

from layerwise.gradcheck import verify
from layerwise.gradcheck.report import RIGHT, WRONG


def dropout(keep, scale):
    """Keeps this share and multiplies by this scale; both are functions of the setting p."""

    def forward(x, config):
        mask = (np.random.default_rng(config["seed"]).random(x.shape) < keep(config["p"])) * scale(config["p"])
        return x * mask, mask

    return forward


def judged(forward, *, p=0.7, op="dropout", shape=(20, 15), backward=lambda dout, mask: dout * mask, mode="train"):
    x = np.random.default_rng(0).normal(size=shape)
    return verify(forward, backward, [x, {"p": p, "seed": 3, "mode": mode}], op=op)


@pytest.mark.parametrize("p", [0.3, 0.5, 0.7, 0.95])
@pytest.mark.parametrize("shape", [(20, 15), (3, 4)])
def test_what_is_kept_divided_by_its_share_is_right(p, shape):
    report = judged(dropout(lambda p: p, lambda p: 1 / p), p=p, shape=shape)
    assert report.verdict == RIGHT, report
    assert report.conventions == ()


def test_the_share_dropped_for_the_setting_is_the_other_convention_if_the_scale_agrees():
    report = judged(dropout(lambda p: 1 - p, lambda p: 1 / (1 - p)))
    assert report.verdict == RIGHT, report
    assert "the setting is the share dropped" in report.conventions[0]


@pytest.mark.parametrize(
    ("keep", "scale", "text"),
    [
        (lambda p: p, lambda p: 1 / (1 - p), "divides by 1 − keep_prob"),
        (lambda p: 1 - p, lambda p: 1 / p, "keeps the share 1 − keep_prob"),
        (lambda p: p / 2, lambda p: 1 / p, "where keep_prob is 0.7"),
        (lambda p: p, lambda p: 1, "lacks the factor 1/keep_prob"),
    ],
)
def test_a_scale_that_is_not_that_of_the_share_is_a_mistake(keep, scale, text):
    report = judged(dropout(keep, scale))
    assert report.verdict == WRONG
    assert text in report.names[0]


def test_without_the_op_it_is_a_note():
    report = judged(dropout(lambda p: p, lambda p: 1 / (1 - p)), op=None)
    assert report.verdict == RIGHT
    assert "if it is meant to be dropout" in report.text()


def test_a_share_that_nobody_told_is_held_against_the_scale():
    x = np.random.default_rng(0).normal(size=(20, 15))
    report = verify(lambda x: (x * (np.abs(x) < 1) * 5, np.abs(x) < 1), lambda dout, mask: 5 * dout * mask, [x], op="dropout")
    assert "but is scaled by 5" in report.names[0]


def test_nothing_is_dropped_while_predicting():
    assert judged(lambda x, config: (x.copy(), 1.0), mode="test").verdict == RIGHT
    assert "drops values while predicting" in judged(dropout(lambda p: p, lambda p: 1 / p), mode="test").names[0]
    assert "keep_prob times as large" in judged(lambda x, config: (x * config["p"], config["p"]), mode="eval").names[0]
