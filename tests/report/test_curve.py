"""History rows become lines: of every member, with gaps where a number is not finite."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from layerwise.report.curve import best_member, curves, smooth
from layerwise.train.history import History


def smooth_by_loops(values, radius):
    result = []
    for i, value in enumerate(values):
        before = min(radius, i)
        near = [v for v in values[i - before : i + before + 1] if not math.isnan(v)]
        result.append(math.nan if math.isnan(value) else sum(near) / len(near))
    return result


@given(st.lists(st.one_of(st.just(math.nan), st.floats(-100, 100)), max_size=20), st.integers(0, 25))
def test_smoothing_is_the_mean_of_known_neighbours(values, radius):
    np.testing.assert_allclose(smooth(np.array(values, float), radius), smooth_by_loops(values, radius), atol=1e-9)


def test_one_huge_loss_does_not_drown_those_after_it():
    np.testing.assert_array_equal(smooth(np.array([1e30, 2.0, 2.0, 2.0, 2.0, 2.0]), 1)[2:], 2.0)


def test_a_history_of_a_population_gives_a_curve_a_member():
    history = History(
        loss_history=[np.array([2.0, 3.0]), np.array([1.0, np.nan])],
        epoch_steps=[0, 2],
        epochs=[0, 1],
        train_acc_history=[np.array([0.1, 0.2]), np.array([0.5, 0.2])],
        val_acc_history=[np.array([0.1, 0.3]), np.array([0.6, np.nan])],
        val_loss_history=[np.array([2.0, 2.0]), np.array([1.0, np.nan])],
        lr_history=[0.1, 0.1],
        seconds_history=[0.0, 1.0],
    )
    first, second = curves(history.rows()).values()
    np.testing.assert_array_equal(first.steps, [1, 2])
    np.testing.assert_array_equal(first.losses, [2, 1])
    np.testing.assert_array_equal(second.losses, [3, np.nan])
    np.testing.assert_array_equal(second.val, [0.3, np.nan])
    assert first.best == (1, 0.6)
    assert second.best == (0, 0.3)


def rows(member, loss, val=None):
    return [
        {"step": 1, "epoch": 0, "member": member, "loss": loss},
        *([{"step": 1, "epoch": 1, "member": member, "val_acc": val}] if val else []),
    ]


def test_the_best_member_has_the_highest_validation_figure_and_else_the_lowest_last_loss():
    assert best_member(curves(rows(0, 0.1, 0.5) + rows(1, 0.9, 0.7) + rows(2, 0.9, 0.7))) == 1
    assert best_member(curves(rows(0, 0.5) + rows(1, float("nan")) + rows(2, 0.2))) == 2
    assert best_member(curves(rows(0, 0.1) + rows(1, 0.9, 0.1))) == 1
