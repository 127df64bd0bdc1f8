"""Normalising layers: running statistics, prediction, freezing, populations, and what they refuse."""

import numpy as np
import pytest
from tests.drawing import close

from layerwise.layers import BatchNorm, Dense, GroupNorm, LayerNorm
from layerwise.models import Sequential
from layerwise.ops import batchnorm_forward, layernorm_forward, spatial_groupnorm_forward


def built(layer, input_shape=(2,)):
    layer.build(input_shape, rng=np.random.default_rng(0), dtype=np.float64)
    return layer


def test_running_statistics_blend_in_the_batchs_by_hand():
    layer = built(BatchNorm(momentum=0.75))
    layer.forward(np.array([[1.0, 0.0], [3.0, 8.0]]), train=True, rng=None)
    np.testing.assert_array_equal(layer.buffers["running_mean"], [0.25 * 2, 0.25 * 4])
    np.testing.assert_array_equal(layer.buffers["running_var"], [0.75 + 0.25 * 1, 0.75 + 0.25 * 16])  # biased: divided by N


@pytest.mark.parametrize("shape", [(40, 2), (40, 2, 3, 3)])
def test_after_many_batches_prediction_standardises_by_what_training_saw(shape):
    rng = np.random.default_rng(0)
    layer = built(BatchNorm(), shape[1:])
    for _ in range(100):
        layer.forward(rng.normal(5, 3, shape), train=True, rng=None)
    out, _ = layer.forward(rng.normal(5, 3, (2000, *shape[1:])), train=False, rng=None)
    assert abs(out.mean()) < 0.1
    assert abs(out.std() - 1) < 0.1


def test_an_untrained_layer_predicts_what_it_is_given():
    x = np.random.default_rng(0).normal(size=(3, 2))
    close(built(BatchNorm()).forward(x, train=False, rng=None)[0], x, 1e-5)


def test_a_frozen_layer_trains_others_by_its_running_statistics_and_moves_none():
    rng = np.random.default_rng(0)
    norm = BatchNorm()
    net = Sequential([Dense(4), norm, Dense(3)], input_shape=(5,), dtype=np.float64)
    x, y = rng.normal(size=(6, 5)), rng.integers(0, 3, 6)
    net.loss(x, y)
    norm.trainable = False
    before = {name: array.copy() for name, array in net.buffers.items()}
    loss, grads = net.loss(x, y)
    assert loss == net.evaluate(x, y)[0]
    assert [key for key in grads if key.startswith("batchnorm")] == []
    for name, array in before.items():
        np.testing.assert_array_equal(net.buffers[name], array)


def test_blending_leaves_the_arrays_that_were_read_before():
    layer = built(BatchNorm())
    before = layer.buffers["running_mean"]
    layer.forward(np.ones((3, 2)), train=True, rng=None)
    np.testing.assert_array_equal(before, [0, 0])


def test_a_population_keeps_statistics_for_each_member():
    rng = np.random.default_rng(0)
    x, layer = rng.normal(size=(2, 6, 3)), built(BatchNorm(), (3,))
    for tree in (layer.params, layer.buffers):
        tree.update({name: np.stack([array, array]) for name, array in tree.items()})
    layer.forward(x, train=True, rng=None)
    for i in range(2):
        alone = built(BatchNorm(), (3,))
        alone.forward(x[i], train=True, rng=None)
        for name, array in alone.buffers.items():
            close(layer.buffers[name][i], array)


def test_float32_statistics_stay_float32():
    layer = BatchNorm()
    layer.build((2,), rng=None, dtype=np.float32)
    layer.forward(np.ones((3, 2), np.float32), train=True, rng=None)
    assert {array.dtype for array in layer.buffers.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("layer", "op", "shape"),
    [
        (LayerNorm(eps=0.1), lambda x, *p: layernorm_forward(x, *p, eps=0.1), (4,)),
        (GroupNorm(2, eps=0.1), lambda x, *p: spatial_groupnorm_forward(x, *p, groups=2, eps=0.1), (4, 3, 3)),
        (BatchNorm(eps=0.1), lambda x, *p: batchnorm_forward(x, *p, eps=0.1), (4,)),
    ],
)
def test_the_layer_is_the_op_with_its_options(layer, op, shape):
    x = np.random.default_rng(1).normal(size=(5, *shape))
    built(layer, shape)
    layer.params.update(gamma=np.arange(4.0), beta=np.ones(4))
    np.testing.assert_array_equal(layer.forward(x, train=True, rng=None)[0], op(x, np.arange(4.0), np.ones(4))[0])


def test_gammas_and_betas_are_not_penalised():
    net = Sequential([BatchNorm(), LayerNorm(), Dense(3, weights="zeros")], input_shape=(5,), reg=1.0)
    assert net.penalty() == 0


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: BatchNorm(momentum=1.0), "BatchNorm: momentum is 1.0, but must be in [0, 1)"),
        (lambda: LayerNorm(eps=0), "LayerNorm: eps is 0, but must be above 0"),
        (lambda: built(BatchNorm(), (2, 3)), "BatchNorm: examples have shape (2, 3), but rows (D,) or images (C, H, W) are needed."),
        (lambda: built(LayerNorm(), (2, 3, 4)), "rows (D,) are needed: Flatten() them, or use GroupNorm(1)."),
        (lambda: built(GroupNorm(4), (6, 3, 3)), "GroupNorm: groups is 4, but must divide the 6 channels of (6, 3, 3)."),
        (lambda: built(GroupNorm(2), (6,)), "GroupNorm: examples have shape (6,), but images (C, H, W) are needed"),
    ],
)
def test_what_cannot_be_built_is_told_at_once(make, text):
    with pytest.raises(ValueError, match="Norm: ") as error:
        make()
    assert text in str(error.value)
