"""Pooling layers: the ops by size and stride, and what they refuse."""

import numpy as np
import pytest

from layerwise.layers import AveragePool2D, GlobalAveragePool2D, MaxPool2D
from layerwise.ops import average_pool_forward, global_average_pool_forward, max_pool_forward

X = np.random.default_rng(0).normal(size=(2, 3, 6, 6))


@pytest.mark.parametrize(("layer", "op"), [(MaxPool2D, max_pool_forward), (AveragePool2D, average_pool_forward)])
@pytest.mark.parametrize(("size", "stride", "apart", "shape"), [(2, None, 2, (3, 3, 3)), (3, None, 3, (3, 2, 2)), (2, 1, 1, (3, 5, 5))])
def test_the_layer_is_the_op_and_windows_stand_apart_by_default(layer, op, size, stride, apart, shape):
    pool = layer(size, stride=stride)
    assert pool.build((3, 6, 6), rng=None, dtype=float) == shape
    out, cache = pool.forward(X, train=True, rng=None)
    np.testing.assert_array_equal(out, op(X, pool_height=size, pool_width=size, stride=apart)[0])
    assert pool.backward(out, cache, need_dx=False) == (None, {})


def test_global_average_pooling_leaves_one_number_a_channel():
    layer = GlobalAveragePool2D()
    assert layer.build((3, 6, 6), rng=None, dtype=float) == (3,)
    np.testing.assert_array_equal(layer.forward(X, train=False, rng=None)[0], global_average_pool_forward(X)[0])


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: MaxPool2D(0), "MaxPool2D: windows of 0 × 0, stride 0, pad 0: sides and stride must be 1 or more"),
        (lambda: MaxPool2D(2).build((3, 7, 7), rng=None, dtype=float), "MaxPool2D: windows of 2 × 2 with stride 2 and pad 0 do not tile images of 7 × 7."),
        (lambda: AveragePool2D().build((48,), rng=None, dtype=float), "AveragePool2D: examples have shape (48,), but images (C, H, W) are needed"),
        (lambda: GlobalAveragePool2D().build((48,), rng=None, dtype=float), "GlobalAveragePool2D: examples have shape (48,)"),
    ],
)  # fmt: skip
def test_what_cannot_be_built_is_told_at_once(make, text):
    with pytest.raises(ValueError, match="Pool2D: ") as error:
        make()
    assert text in str(error.value)
