"""What is tried: grids, draws, boxes, and the texts that say so."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.sweep import Range, Space, choice, grid, integers, linear, log, parse_range


def test_a_logarithmic_range_has_its_ends_and_equal_ratios():
    assert log(1e-5, 1e-1, 9).grid()[::2] == [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
    assert linear(0.0, 1.0, 5).grid() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert integers(1, 10).grid() == list(range(1, 11))
    assert integers(2, 2048, 11, log=True).grid() == [2**k for k in range(1, 12)]
    assert all(type(value) is int for value in integers(2, 2048, 11, log=True).grid())


def test_integers_that_fall_together_are_tried_once():
    assert integers(1, 3, 9).grid() == [1, 2, 3]


def test_a_range_without_a_count_makes_no_grid_but_can_be_drawn_from():
    with pytest.raises(ValueError, match=r"the range from 0.1 to 1 has no count: a grid needs one"):
        log(0.1, 1).grid()
    assert 0.1 <= log(0.1, 1).draw(np.random.default_rng(0)) <= 1


@given(st.floats(1e-8, 1e3), st.floats(1, 1e6), st.integers(0, 2**32 - 1), st.booleans())
def test_a_draw_lies_within_its_range(low, factor, seed, logarithmic):
    axis = Range(low, low * factor, log=logarithmic)
    assert axis.low <= axis.draw(np.random.default_rng(seed)) <= axis.high


def test_a_logarithmic_draw_is_uniform_over_decades():
    rng = np.random.default_rng(0)
    drawn = np.array([log(1e-4, 1).draw(rng) for _ in range(2000)])
    assert np.abs(np.histogram(np.log10(drawn), 4, (-4, 0))[0] / 2000 - 0.25).max() < 0.05


def test_a_zoom_is_the_box_of_what_was_kept_and_half_a_step_more():
    space = Space({"lr": log(1e-4, 1.0, 5), "reg": [0.0, 1.0, 2.0], "rule": choice("sgd", "adam")})
    kept = [{"lr": 1e-2, "reg": 0.0, "rule": "adam"}, {"lr": 1e-1, "reg": 1.0, "rule": "adam"}]
    zoomed = space.zoom(kept).axes
    assert math.isclose(zoomed["lr"].low, 10**-2.5, rel_tol=1e-9)
    assert math.isclose(zoomed["lr"].high, 10**-0.5, rel_tol=1e-9)
    assert zoomed["lr"].count == 5
    assert zoomed["reg"].values == (0.0, 1.0)
    assert zoomed["rule"].values == ("adam",)


def test_a_zoom_never_leaves_the_space():
    space = Space({"lr": log(1e-4, 1.0, 5), "width": integers(1, 9)})
    zoomed = space.zoom([{"lr": 1.0, "width": 9}, {"lr": 1e-4, "width": 1}]).axes
    assert (zoomed["lr"].low, zoomed["lr"].high, zoomed["width"].low, zoomed["width"].high) == (1e-4, 1.0, 1, 9)


def test_a_grid_is_every_combination_that_meets_the_constraints():
    space = Space({"a": [1, 2], "b": ["x", "y"]}, [lambda s: s != {"a": 2, "b": "x"}])
    assert space.grid() == [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "y"}]
    assert {"a": 2, "b": "x"} not in space.draw(50, np.random.default_rng(0))


def test_numbers_are_ordered_and_other_values_are_not():
    assert Space({"reg": [2.0, 1.0]}).axes["reg"] == grid(1.0, 2.0)
    assert Space({"rule": ["sgd", "adam"]}).axes["rule"] == choice("sgd", "adam")


REFUSED = {
    "begin at 1e-8": lambda: log(0, 1),
    "goes from a number up to another": lambda: linear(2, 1),
    "needs at least 1": lambda: linear(0, 1, 0),
    "integers go from a whole number": lambda: integers(0.5, 2),
    "at least one value": lambda: choice(),
    "at least one setting with several values": lambda: Space({}),
    "a setting that is swept needs a list of values": lambda: Space({"lr": "0.1"}),
    "no setting of the grid meets the constraints": lambda: Space({"a": [1]}, [lambda s: False]).grid(),
    "none of 1000 settings drawn at random": lambda: Space({"a": [1]}, [lambda s: False]).draw(1, np.random.default_rng(0)),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_cannot_be_tried_is_refused_in_words(words):
    with pytest.raises((ValueError, TypeError), match=re.escape(words)):
        REFUSED[words]()


def test_texts_of_the_command_line_are_ranges():
    assert parse_range("1e-5:1e-1:log:9") == log(1e-5, 1e-1, 9)
    assert parse_range("0:1:linear") == linear(0.0, 1.0)
    assert parse_range("1:10:integers") == integers(1, 10)
    assert parse_range("2:2048:log:11", whole=True) == integers(2, 2048, 11, log=True)
    assert parse_range("adam") is None


@pytest.mark.parametrize("text", ["1:2", "1:2:3", "1:2:log:x", "1:2:log:3:4", "a:b:log"])
def test_a_text_that_is_nearly_a_range_is_told_how_to_write_one(text):
    with pytest.raises(ValueError, match=f'"{text}" is no range: write LOW:HIGH:SCALE:COUNT'):
        parse_range(text)
