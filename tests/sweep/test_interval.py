"""Which means cannot be told apart."""

import numpy as np
import pytest

from layerwise.sweep.interval import Spread


def test_single_accuracies_have_the_binomials_interval():
    """0.5 of 1,000: ± 1.96 · √(0.25 / 1000) = ± 0.031."""
    low, high = Spread([[0.5]], 1000).intervals()[0]
    assert (low, high) == pytest.approx((0.469, 0.531), abs=5e-4)


def test_intervals_of_accuracies_end_at_0_and_1_and_have_a_width_there():
    (low, high), (low0, high0) = Spread([[1.0], [0.0]], 10).intervals()
    assert high == 1.0
    assert low < 0.9
    assert low0 == 0.0
    assert high0 > 0.1


def test_the_best_is_not_distinguishable_from_itself_and_from_what_chance_explains():
    assert Spread([[0.40], [0.39], [0.30]], 1000).not_distinguishable().tolist() == [True, True, False]
    assert Spread([[0.40], [0.39], [0.30]], 100_000).not_distinguishable().tolist() == [True, False, False]
    assert Spread([[-0.40], [-0.41]]).not_distinguishable().tolist() == [True, False]


def test_more_repeats_tell_more_apart():
    def two(repeats):
        return Spread([[0.48, 0.52] * repeats, [0.51, 0.55] * repeats]).not_distinguishable().tolist()

    assert two(1) == [True, True]
    assert two(20) == [False, True]


def test_the_set_holds_the_truly_best_setting_nineteen_times_out_of_twenty():
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(300):
        truth = np.array([0.50, 0.50, 0.49, 0.45])
        held += Spread((truth[:, None] + 0.01 * rng.normal(size=(4, 3))).tolist()).not_distinguishable()[:2].all()
    assert held / 300 > 0.9


def test_settings_without_a_figure_are_left_out():
    assert Spread([[], [0.5]], 10).not_distinguishable().tolist() == [False, True]
    assert Spread([], 10).not_distinguishable().tolist() == []
