"""The courses' convolutional net, and nets out of blocks."""

import json

import numpy as np
import pytest
from tests.contract import refusal
from tests.drawing import close
from tests.oracles.convolution import conv as conv_oracle

from layerwise.layers import BatchNorm, Conv2D, Dropout, MaxPool2D
from layerwise.models import ConvNet, ThreeLayerConvNet
from layerwise.models.convolution import layer_of

Y = np.array([0, 1, 2, 1])


def test_the_courses_net_has_the_courses_names_and_shapes():
    shapes = {"W1": (32, 3, 7, 7), "b1": (32,), "W2": (32 * 16 * 16, 100), "b2": (100,), "W3": (100, 10), "b3": (10,)}
    assert {name: w.shape for name, w in ThreeLayerConvNet().params.items()} == shapes


def test_the_courses_net_draws_its_weights_in_order_and_nothing_before():
    model = ThreeLayerConvNet((2, 4, 4), 3, 3, 5, 3, weight_scale=0.02, rng=np.random.RandomState(231), dtype=np.float64)
    again = np.random.RandomState(231)
    for name in ("W1", "W2", "W3"):
        np.testing.assert_array_equal(model.params[name], 0.02 * again.normal(size=model.params[name].shape))
        assert not model.params[name.replace("W", "b")].any()


def test_its_scores_are_those_of_plain_sums():
    model = ThreeLayerConvNet((2, 4, 6), 3, 3, 5, 3, weight_scale=0.5, rng=1, dtype=np.float64)
    X = np.random.default_rng(0).normal(size=(4, 2, 4, 6))
    p = model.params
    hidden = np.maximum(conv_oracle(X, p["W1"], p["b1"], 1, 1), 0)
    pooled = hidden.reshape(4, 3, 2, 2, 3, 2).max(axis=(3, 5))
    scores = np.maximum(pooled.reshape(4, -1) @ p["W2"] + p["b2"], 0) @ p["W3"] + p["b3"]
    close(model.loss(X), scores)


def test_the_loss_begins_at_chance_and_the_penalty_is_half_reg():
    X = np.random.default_rng(0).normal(size=(4, 3, 8, 8))
    options = {"input_dim": (3, 8, 8), "num_classes": 3, "dtype": np.float64}
    plain, penalised = ThreeLayerConvNet(**options), ThreeLayerConvNet(**options, reg=0.5)
    assert plain.loss(X, Y)[0] == pytest.approx(np.log(3), abs=1e-3)
    squares = sum((plain.params[name] ** 2).sum() for name in ("W1", "W2", "W3"))
    assert penalised.loss(X, Y)[0] - plain.loss(X, Y)[0] == pytest.approx(0.25 * squares)


@pytest.mark.parametrize(
    "model",
    [
        ThreeLayerConvNet((2, 4, 4), 3, 3, 5, 3, weight_scale="glorot_normal", reg=0.2, dtype=np.float64),
        ConvNet(["conv 4 3x3", "batchnorm", "relu", "max_pool 2"], input_dim=(2, 4, 4), num_classes=3, loss="svm", reg=0.1, reg_l1=0.2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_net_can_be_made_again_from_a_config_that_went_through_json(model):
    again = type(model).from_config(json.loads(json.dumps(model.config())))
    assert again.config() == model.config()
    assert repr(again) == repr(model)
    for name, w in model.params.items():
        np.testing.assert_array_equal(again.params[name], w)


def test_blocks_become_layers_and_a_dense_one_with_the_scores():
    net = ConvNet(["conv 4 3x3", "batchnorm", "relu", "max_pool 2", "flatten", "dense 5", "relu"], input_dim=(2, 4, 6), num_classes=3)
    assert [layer.kind for layer in net.layers] == [
        "conv",
        "batchnorm",
        "activation",
        "max_pool",
        "flatten",
        "dense",
        "activation",
        "dense",
    ]
    assert net.shapes[-1] == (3,)
    assert list(net.params)[:4] == ["conv1.w", "conv1.b", "batchnorm1.gamma", "batchnorm1.beta"]
    assert list(net.buffers) == ["batchnorm1.running_mean", "batchnorm1.running_var"]


def test_training_moves_the_running_statistics_and_prediction_uses_them():
    net = ConvNet(["conv 4 3x3", "batchnorm"], input_dim=(2, 4, 4), num_classes=3)
    X = np.random.default_rng(0).normal(2, 1, size=(4, 2, 4, 4))
    before = net.loss(X)
    net.loss(X, Y)
    assert net.buffers["batchnorm1.running_mean"].any()
    assert abs(net.loss(X) - before).max() > 1e-3


BLOCKS = {
    "conv 4 5x5": (Conv2D, {"filters": 4, "filter_size": 5, "stride": 1, "pad": "same", "weights": 0.1, "bias": True}),
    "conv 4 2 stride=2 pad=1 bias=false weights=he_uniform reg=0.5": (
        Conv2D,
        {"filters": 4, "filter_size": 2, "stride": 2, "pad": 1, "weights": "he_uniform", "bias": False, "reg": 0.5},
    ),
    "  max_pool  3x3  stride=2 ": (MaxPool2D, {"size": 3, "stride": 2}),
    "max_pool": (MaxPool2D, {"size": 2, "stride": 2}),
    "batchnorm momentum=0.8": (BatchNorm, {"momentum": 0.8, "eps": 1e-5}),
    "dropout keep_prob=0.8": (Dropout, {"keep_prob": 0.8}),
}


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_says_what_its_layer_is(block):
    layer = layer_of(block, weight_scale=0.1)
    assert (type(layer), layer.config()) == BLOCKS[block]


def test_an_activation_goes_by_its_own_name():
    assert layer_of("leaky_relu negative_slope=0.3").config() == {"name": "leaky_relu", "negative_slope": 0.3}


WRONG = {
    "": 'the block "" begins with no kind of layer. Known: average_pool, batchnorm',
    "covn 4 3x3": 'the block "covn 4 3x3" begins with no kind of layer. Did you mean "conv"?',
    "conv 4": 'the block "conv 4" does not say its filter_size; write it as "conv FILTERS FILTER_SIZE".',
    "conv 4 3x3 1": '"1" is one too many; write it as "conv FILTERS FILTER_SIZE", and by name filters, filter_size, stride',
    "conv 4 3x5": 'filter_size is "3x5", but must be the side of a square: 3 or 3x3.',
    "conv four 3": 'filters is "four", but must be a whole number.',
    "conv 4 3 filters=5": "gives filters twice",
    "conv 4 3 strid=2": 'conv has no option "strid". Did you mean "stride"?',
    "conv 4 3 pad=full": 'pad is "full", but must be same, or a whole number.',
    "conv 4 3 bias=1": 'bias is "1", but must be true or false.',
    "conv 4 4": 'the block "conv 4 4": Conv2D: pad="same" needs an odd filter_size, not 4',
    "relu 3": '"3" is one too many; write it as "relu", and by name nothing.',
    "leaky_relu negative_slope=steep": 'negative_slope is "steep", but must be a number.',
    "dropout 0.8": '"0.8" is one too many; write it as "dropout", and by name keep_prob.',
    "activation": "begins with no kind of layer",
}


@pytest.mark.parametrize("block", WRONG)
def test_a_block_that_is_not_understood_is_told_with_its_fix(block):
    assert WRONG[block] in refusal(ValueError, layer_of, block)


def test_blocks_that_do_not_fit_the_images_say_why():
    with pytest.raises(ValueError, match=r"MaxPool2D.*5"):
        ConvNet(["max_pool 2"], input_dim=(3, 5, 5))
    with pytest.raises(ValueError, match=r"Conv2D: examples have shape \(9,\), but images \(C, H, W\) are needed"):
        ConvNet(["dense 9", "conv 4 3x3"])
    with pytest.raises(TypeError, match='blocks is the text "conv 4 3x3", but must be a list of blocks'):
        ConvNet("conv 4 3x3")
