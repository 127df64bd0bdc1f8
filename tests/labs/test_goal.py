"""Verdicts, by hand."""

import math

import pytest

from layerwise.labs.goal import verdict


@pytest.mark.parametrize(
    ("measured", "goal", "published", "said"),
    [
        (0.9096, "exactly 0.9096", 0.9096, "exact"),
        (0.9096000001, "exactly 0.9096", None, "exact"),  # one part in 10¹⁰
        (0.9097, "exactly 0.9096", None, "short"),
        (0.9095, "exactly 0.9096", None, "short"),
        (0.962, "0.962 ± 0.003", 0.962, "within tolerance"),
        (0.965, "0.962 ± 0.003", None, "within tolerance"),  # both ends belong to it
        (0.959, "0.962 ± 0.003", None, "within tolerance"),
        (0.9651, "0.962 ± 0.003", None, "better"),
        (0.9589, "0.962 ± 0.003", None, "short"),
        (0.9829, "at least 0.983", 0.9851, "short"),
        (0.983, "at least 0.983", 0.9851, "within tolerance"),
        (0.9851, "at least 0.983", 0.9851, "better"),
        (0.983, "at least 0.983", None, "better"),
        (2e-6, "at most 1e-6", 1e-9, "short"),
        (1e-6, "at most 1e-6", 1e-9, "within tolerance"),
        (1e-9, "at most 1e-6", 1e-9, "better"),
        (0.5, "", 0.9, "told"),
        (None, "", None, "told"),
        (None, "at least 0.1", None, "short"),
        (math.nan, "at most 0.1", None, "short"),
        (-1.0, "at most -0.5", None, "better"),
    ],
)
def test_verdicts_by_hand(measured, goal, published, said):
    assert verdict(measured, goal, published) == said


@pytest.mark.parametrize("goal", ["0.9", "about 0.9", "at least", "0.9 +- 0.1", "exactly nan", "at least 1 at most 2"])
def test_a_goal_that_says_nothing_is_refused(goal):
    with pytest.raises(ValueError, match=f'a goal is "{goal}", but must be as one of these: "exactly 0.9"'.replace("+", r"\+")):
        verdict(0.9, goal)
