"""A model from any list of layers: names by kind, penalties by layer, and a config that makes it again."""

import json

import numpy as np
import pytest

from layerwise.layers import Activation, Dense, Dropout, Flatten, Layer
from layerwise.models import Sequential

X = np.random.default_rng(0).normal(size=(6, 2, 2))
Y = np.array([0, 1, 2, 2, 1, 0])


def test_parameters_are_named_by_kind_and_count():
    model = Sequential([Flatten(), Dense(5), Activation("relu"), Dense(4, bias=False), Dense(3)], input_shape=(2, 2))
    assert list(model.params) == ["dense1.w", "dense1.b", "dense2.w", "dense3.w", "dense3.b"]
    assert model.shapes == [(4,), (5,), (5,), (4,), (3,)]


def test_a_layers_own_penalty_stands_instead_of_the_models():
    first, second = Dense(5, reg=0.0, reg_l1=0.3), Dense(3)
    model = Sequential([first, second], input_shape=4, reg=2.0, dtype=np.float64)
    w1, w2 = model.params["dense1.w"], model.params["dense2.w"]
    assert model.penalty() == pytest.approx(0.3 * abs(w1).sum() + (w2**2).sum())
    first.reg = None
    assert model.penalty() == pytest.approx((w1**2).sum() + 0.3 * abs(w1).sum() + (w2**2).sum())


def test_it_can_be_made_again_from_a_config_that_went_through_json():
    tied, frozen = Dense(4, weights=0.1), Dense(4)
    layers = [Flatten(), tied, Activation("leaky_relu", negative_slope=0.2), tied, frozen, Dropout(0.8), Dense(3, reg=0.5)]
    model = Sequential(layers, input_shape=(2, 2), loss="svm", reg=0.1, dtype=np.float64)
    frozen.trainable = False
    again = Sequential.from_config(json.loads(json.dumps(model.config())))
    assert again.config() == model.config()
    assert again.layers[1] is again.layers[3]
    assert list(again.buffers) == ["dense2.w", "dense2.b"]
    np.testing.assert_array_equal(again.loss(X), model.loss(X))
    assert again.loss(X, Y)[0] == model.loss(X, Y)[0]


def test_a_layer_from_elsewhere_cannot_be_described():
    class Double(Layer):
        kind = "double"

    with pytest.raises(ValueError, match="a layer of type Double is not in LAYERS"):
        Sequential([Double()], input_shape=4).config()


def test_an_unknown_kind_in_a_config_is_told_with_the_nearest():
    config = Sequential([Dense(3)], input_shape=4).config()
    config["layers"][0]["kind"] = "dens"
    with pytest.raises(ValueError, match=r'unknown layer "dens"\. Did you mean "dense"\?'):
        Sequential.from_config(config)


def test_one_activation_may_stand_between_layers_of_any_width():
    relu = Activation("relu")
    model = Sequential([Dense(5), relu, Dense(4), relu, Dense(3)], input_shape=4)
    assert model.loss(np.ones((2, 4))).shape == (2, 3)
