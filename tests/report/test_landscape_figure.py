"""Figures over two settings: two scatters side by side, cells with their figures in them."""

import numpy as np
import pytest

from layerwise.report.landscape_figure import heat_map, scatter_pair

ROWS = [
    {"lr": lr, "reg": reg, "training accuracy": 0.5 + reg / 1000, "validation accuracy": None if lr == 1 else lr * reg}
    for lr in (1e-3, 1e-2, 1.0)
    for reg in (1.0, 10.0)
]


def title(figure):
    return figure.get_suptitle().replace("\n", " ").replace("\N{NO-BREAK SPACE}", " ")


def test_training_and_validation_stand_side_by_side_in_the_same_colours():
    figure = scatter_pair(ROWS, "lr", "reg")
    left, right, bar = figure.axes
    assert (left.get_title(), right.get_title()) == ("training accuracy", "validation accuracy")
    assert (left.get_xlabel(), right.get_xlabel(), left.get_ylabel()) == ("lr", "lr", "reg")
    assert left.get_shared_y_axes().joined(left, right)
    train, val = left.collections[0], right.collections[0]
    np.testing.assert_array_equal(train.get_array(), [0.501, 0.51] * 3)
    np.testing.assert_array_equal(val.get_array(), [1e-3, 1e-2, 1e-2, 1e-1])
    assert train.get_clim() == val.get_clim() == (1e-3, 0.51)
    assert right.lines[0].get_xydata().tolist() == [[1, 1], [1, 10]]  # crosses
    assert title(figure) == "Highest validation accuracy 0.1 at lr = 0.01, reg = 10; ×: not finite (2 of 6)"
    assert bar.get_xlabel() == ""


def test_a_pair_in_which_all_diverged_says_so():
    figure = scatter_pair([{"lr": 1.0, "reg": 1.0}], "lr", "reg")
    assert title(figure) == "No finite validation accuracy"
    assert len(figure.axes) == 2


def test_each_cell_of_a_heat_map_bears_its_figure_and_the_highest_is_framed():
    figure = heat_map([1e-3, 1e-4], ["sgd", "adam", "a <b>"], [[0.25, 0.5], [np.nan, 0.125], [0.3, 0.2]], xlabel="lr", ylabel="rule")
    axes, bar = figure.axes
    assert [text.get_text() for text in axes.texts] == ["0.250", "0.500", "×", "0.125", "0.300", "0.200"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["sgd", "adam", "a <b>"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.001", "10⁻⁴"]
    assert axes.patches[0].get_xy() == (0.5, -0.5)
    assert title(figure) == "Highest accuracy 0.5 at lr = 10⁻⁴, rule = sgd"
    assert bar.get_ylabel() == "accuracy"


def test_a_heat_map_without_room_for_figures_crosses_out_what_is_not_finite():
    z = np.arange(400.0).reshape(20, 20)
    z[0, 3] = np.inf
    (axes, _) = heat_map(range(20), range(20), z, xlabel="a", ylabel="b").axes
    assert not axes.texts
    assert axes.lines[0].get_xydata().tolist() == [[3, 0]]


def test_a_heat_map_of_another_shape_than_its_settings_is_refused():
    with pytest.raises(ValueError, match=r"heat_map: the figures have shape \(1, 2\), but the settings need \(2, 1\)"):
        heat_map([1], [1, 2], np.zeros((1, 2)), xlabel="a", ylabel="b")
