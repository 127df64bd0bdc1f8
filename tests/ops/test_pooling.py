"""Pooling: numbers by hand, ties, NaN, windows that overlap or leave gaps, the loops, and what errors advise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing import close

from layerwise.ops import (
    average_pool_backward,
    average_pool_forward,
    global_average_pool_backward,
    global_average_pool_forward,
    max_pool_backward,
    max_pool_backward_naive,
    max_pool_forward,
    max_pool_forward_naive,
)

X = np.array([[[[1.0, 2, 5, 3], [4, 3, 0, -1]]]])


def test_max_pooling_by_hand():
    out, cache = max_pool_forward(X)
    np.testing.assert_array_equal(out, [[[[4, 5]]]])
    np.testing.assert_array_equal(max_pool_backward(np.array([[[[10.0, 20]]]]), cache), [[[[0, 0, 20, 0], [10, 0, 0, 0]]]])


def test_average_pooling_by_hand():
    out, cache = average_pool_forward(X)
    np.testing.assert_array_equal(out, [[[[2.5, 1.75]]]])
    np.testing.assert_array_equal(average_pool_backward(np.array([[[[4.0, 8]]]]), cache), [[[[1, 1, 2, 2], [1, 1, 2, 2]]]])


def test_global_average_pooling_by_hand():
    out, cache = global_average_pool_forward(np.stack([X[0, 0], X[0, 0] * 8])[None])
    np.testing.assert_array_equal(out, [[2.125, 17]])
    np.testing.assert_array_equal(global_average_pool_backward(np.array([[8.0, 16]]), cache)[0], [np.full((2, 4), 1), np.full((2, 4), 2)])


@pytest.mark.parametrize("first", range(4))
def test_of_equal_pixels_the_first_row_by_row_gets_the_gradient(first):
    x = np.zeros(4)
    x[first:] = 7
    _, cache = max_pool_forward(x.reshape(1, 1, 2, 2))
    np.testing.assert_array_equal(max_pool_backward(np.array([[[[3.0]]]]), cache).ravel(), 3.0 * (np.arange(4) == first))


@given(
    seed=st.integers(0, 2**32 - 1),
    side=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.integers(1, 5),
    windows=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    ties=st.booleans(),
)
def test_overlapping_and_spaced_windows_agree_with_the_loops(seed, side, stride, windows, ties):
    rng = np.random.default_rng(seed)
    size = [(count - 1) * stride + length for count, length in zip(windows, side, strict=True)]
    x = rng.integers(0, 3, (2, 2, *size)).astype(float) if ties else rng.normal(size=(2, 2, *size))
    options = {"pool_height": side[0], "pool_width": side[1], "stride": stride}
    (out, cache), (loop_out, loop_cache) = max_pool_forward(x, **options), max_pool_forward_naive(x, **options)
    np.testing.assert_array_equal(out, loop_out)
    dout = rng.normal(size=out.shape)
    close(max_pool_backward(dout, cache), max_pool_backward_naive(dout, loop_cache))
    average, cache = average_pool_forward(x, **options)
    for n, c, i, j in np.ndindex(*average.shape):
        window = x[n, c, i * stride : i * stride + side[0], j * stride : j * stride + side[1]]
        assert average[n, c, i, j] == pytest.approx(window.mean(), abs=1e-12)
    moved = rng.normal(size=x.shape)  # a linear map and its transpose: <A x, dout> = <x, Aᵀ dout>
    assert (average_pool_forward(moved, **options)[0] * dout).sum() == pytest.approx((moved * average_pool_backward(dout, cache)).sum())


def test_a_window_with_nan_gives_nan_and_the_others_do_not():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    x[0, 0, 0, 1] = np.nan
    for pool in (max_pool_forward, average_pool_forward):
        np.testing.assert_array_equal(np.isnan(pool(x)[0][0, 0]), [[True, False], [False, False]])
    _, cache = max_pool_forward(x)
    dx = max_pool_backward(np.ones((1, 1, 2, 2)), cache)
    np.testing.assert_array_equal(np.argwhere(dx[0, 0]), [[1, 1], [1, 3], [3, 1], [3, 3]])  # none is lost


def test_a_window_of_one_pixel_gives_a_copy():
    out, _ = max_pool_forward(X, pool_height=1, pool_width=1, stride=1)
    np.testing.assert_array_equal(out, X)
    assert not np.shares_memory(out, X)


def test_sizes_that_do_not_tile_are_told_which_would():
    for pool, name in ((max_pool_forward, "max_pool"), (average_pool_forward, "average_pool")):
        with pytest.raises(ValueError, match=f"^{name}: windows of 2 × 2 with stride 2 and pad 0 do not tile images of 7 × 8.") as error:
            pool(np.zeros((1, 1, 7, 8)))
        assert "They would tile 6 × 8 or 8 × 8; these images want stride 1." in str(error.value)


def test_rows_and_images_without_pixels_are_refused():
    with pytest.raises(ValueError, match=r"^max_pool: x has shape \(5, 16\), but images \(N, C, H, W\) are needed"):
        max_pool_forward(np.zeros((5, 16)))
    with pytest.raises(ValueError, match=r"^global_average_pool: .* without pixels have no mean"):
        global_average_pool_forward(np.zeros((5, 3, 0, 4)))
