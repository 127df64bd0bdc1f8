"""Columns of windows: equal to the loops of convolution, and the backward is the forward's transpose."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.ops import conv_forward_naive
from layerwise.ops.patch import columns_to_images, images_to_columns, patch_places


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 3), c=st.integers(1, 3), pad=st.integers(0, 2), stride=st.integers(1, 2))
def test_a_product_with_the_columns_is_the_convolution(seed, n, c, pad, stride):
    rng = np.random.default_rng(seed)
    x, w, b = rng.normal(size=(n, c, 5, 7)), rng.normal(size=(2, c, 3, 3)), np.zeros(2)
    expected, _ = conv_forward_naive(x, w, b, stride=stride, pad=pad)
    columns = images_to_columns(x, 3, 3, padding=pad, stride=stride)
    out = (w.reshape(2, -1) @ columns).reshape(2, *expected.shape[2:], n).transpose(3, 0, 1, 2)
    np.testing.assert_allclose(out, expected, atol=1e-12)
    dcolumns = rng.normal(size=columns.shape)
    dx = columns_to_images(dcolumns, x.shape, 3, 3, padding=pad, stride=stride)
    assert np.vdot(dcolumns, columns) == pytest.approx(np.vdot(dx, x))  # <A x, c> = <x, Aᵀ c>


def test_places_by_hand():
    channel, row, column = patch_places((1, 2, 2, 3), 2, 2, padding=0)
    assert channel.ravel().tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert row[:4].tolist() == [[0, 0], [0, 0], [1, 1], [1, 1]]
    assert column[:4].tolist() == [[0, 1], [1, 2], [0, 1], [1, 2]]
