import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layerwise import blocks
from layerwise.arrays import members_first
from layerwise.blocks import walk

LAYOUTS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "members first": members_first,
    "reversed": lambda a: a[::-1].copy()[::-1],
    "every second": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
}
SHAPES = hnp.array_shapes(max_dims=4, max_side=7)


def add_in_pieces(w, dw):
    for piece, dw_piece in walk(w, dw):
        piece += dw_piece


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 64)  # bytes: eight float64


@given(shape=SHAPES, layout=st.sampled_from(sorted(LAYOUTS)), dtype=st.sampled_from([np.float32, np.float64]))
def test_pieces_partition_the_array_and_none_is_too_big(shape, layout, dtype):
    w = LAYOUTS[layout](np.zeros(shape, dtype))
    for (piece,) in walk(w):
        assert piece.nbytes <= blocks.BLOCK
        assert np.shares_memory(piece, w)
        piece += 1
    np.testing.assert_array_equal(w, 1)  # each element was in one piece, and in no other


@given(shape=SHAPES, layouts=st.tuples(*[st.sampled_from(sorted(LAYOUTS))] * 2), data=st.data())
def test_partners_are_cut_to_what_lies_under_each_piece(shape, layouts, data):
    short = tuple(data.draw(st.sampled_from([1, n])) for n in shape)
    w = LAYOUTS[layouts[0]](np.zeros(shape))
    dw = LAYOUTS[layouts[1]](np.arange(w.size, dtype=float).reshape(shape))
    lr = np.arange(np.prod(short), dtype=float).reshape(short)
    for piece, dw_piece, lr_piece, number, zero_axes in walk(w, dw, lr, 2.0, np.array(3.0)):
        piece += dw_piece + 100 * lr_piece + number * zero_axes
    np.testing.assert_array_equal(w, dw + 100 * lr + 6)


def test_a_walk_that_cut_a_partner_wrongly_would_be_seen():
    w, dw = np.zeros((10, 4)), np.arange(40.0).reshape(10, 4)
    for piece, _ in walk(w, dw):
        piece += dw[: len(piece)]
    assert not np.array_equal(w, dw)


def test_an_array_that_fits_is_passed_through_itself():
    w, dw = np.zeros((2, 4)), np.zeros((2, 4))
    ((piece, other, number),) = walk(w, dw, 0.5)
    assert piece is w
    assert other is dw
    assert number == 0.5


@pytest.mark.parametrize(("layout", "shape"), [("C", (1, 10)), ("F", (20, 1)), ("members first", (4, 1, 10))])
def test_pieces_are_cut_along_the_slowest_axis_in_memory(layout, shape):
    w = LAYOUTS[layout](np.zeros((4, 20, 10) if len(shape) == 3 else (20, 10)))
    expected = {"C": (1, 8), "F": (8, 1), "members first": (1, 8, 1)}[layout]
    assert next(walk(w))[0].shape == expected


def test_a_row_longer_than_a_block_is_cut_again():
    assert [piece.shape for (piece,) in walk(np.zeros((2, 12)))] == [(1, 8), (1, 4)] * 2


def test_an_empty_array_has_one_empty_piece():
    assert [piece.shape for (piece,) in walk(np.zeros((0, 5)))] == [(0, 5)]


@pytest.mark.parametrize("shape", [(4,), (9, 4), (11, 4), (1, 10, 4), (10, 2), (0, 4)])
def test_a_partner_that_does_not_fit_is_refused_before_anything_is_written(shape):
    w = np.zeros((10, 4))
    text = f"walk: an array of shape {shape} does not go with (10, 4): give a number, or 2 axes, each as long as w's or 1"
    with pytest.raises(ValueError, match=re.escape(text)):
        add_in_pieces(w, np.ones(shape))
    assert not w.any()
