"""The convolutional layer: what it draws, its sizes, what a model penalises, and what it refuses."""

import numpy as np
import pytest

from layerwise.layers import Conv2D, Dense, Flatten
from layerwise.models import Sequential
from layerwise.ops import conv_forward


def built(layer, input_shape=(3, 8, 8)):
    layer.build(input_shape, rng=np.random.default_rng(0), dtype=np.float64)
    return layer


def test_filters_are_drawn_for_the_fan_in_and_biases_are_zero():
    layer = built(Conv2D(4, 5))
    np.testing.assert_allclose(layer.params["w"], np.sqrt(2 / 75) * np.random.default_rng(0).normal(size=(4, 3, 5, 5)))
    np.testing.assert_array_equal(layer.params["b"], np.zeros(4))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Conv2D(4, 3), (4, 8, 8)),
        (Conv2D(4, 7), (4, 8, 8)),
        (Conv2D(4, 3, pad=0), (4, 6, 6)),
        (Conv2D(4, 2, stride=2, pad=0), (4, 4, 4)),
        (Conv2D(4, 2, stride=2, pad=1), (4, 5, 5)),
    ],
)
def test_the_layer_is_the_op_with_its_stride_and_padding(layer, shape):
    x = np.random.default_rng(1).normal(size=(2, 3, 8, 8))
    out, cache = built(layer).forward(x, train=True, rng=None)
    assert out.shape == (2, *shape) == (2, *layer.output_shape((3, 8, 8)))
    np.testing.assert_array_equal(out, conv_forward(x, layer.params["w"], layer.params["b"], stride=layer.stride, pad=layer.padding)[0])
    assert layer.backward(out, cache, need_dx=False)[0] is None


def test_without_a_bias_there_is_no_b():
    layer = built(Conv2D(4, 3, bias=False))
    out, cache = layer.forward(np.ones((2, 3, 8, 8)), train=True, rng=None)
    assert list(layer.params) == list(layer.backward(out, cache)[1]) == ["w"]


def test_a_models_penalty_is_on_the_filters_alone():
    net = Sequential([Conv2D(2, 3), Flatten(), Dense(3, weights="zeros")], input_shape=(1, 4, 4), reg=2.0, dtype=np.float64)
    net.params["conv1.b"] = np.full(2, 100.0)
    assert net.penalty() == pytest.approx((net.params["conv1.w"] ** 2).sum())


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Conv2D(0, 3), "Conv2D: filters is 0, but must be a whole number from 1 up."),
        (lambda: Conv2D(4, 2), 'Conv2D: pad="same" needs an odd filter_size, not 2: give pad as a number, or filter_size=3.'),
        (lambda: Conv2D(4, 3, pad="valid"), 'Conv2D: pad is "valid", but must be a number or "same"; no padding is pad=0.'),
        (lambda: built(Conv2D(4, 3), (784,)), "Conv2D: examples have shape (784,), but images (C, H, W) are needed"),
        (lambda: built(Conv2D(4, 3, stride=2)), "They would tile 7 × 7 or 9 × 9; these images want stride 1."),
    ],
)
def test_what_cannot_be_built_is_told_at_once(make, text):
    with pytest.raises(ValueError, match=r"^Conv2D: ") as error:
        make()
    assert text in str(error.value)
