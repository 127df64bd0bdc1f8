"""The dense layer: what it draws, what it leaves out, and what it refuses."""

import numpy as np
import pytest

from layerwise.layers import Dense


def built(layer, input_shape=(2, 3), dtype=np.float64):
    layer.build(input_shape, rng=np.random.default_rng(0), dtype=dtype)
    return layer


def test_weights_are_drawn_for_flattened_examples_and_biases_are_zero():
    params = built(Dense(4)).params
    assert params["w"].shape == (6, 4)
    np.testing.assert_array_equal(params["b"], np.zeros(4))


def test_a_number_is_the_standard_deviation_and_a_name_an_initializer():
    draw = np.random.default_rng(0).normal(size=(6, 4))
    np.testing.assert_array_equal(built(Dense(4, weights=0.1)).params["w"], 0.1 * draw)
    np.testing.assert_array_equal(built(Dense(4, weights="zeros")).params["w"], np.zeros((6, 4)))
    np.testing.assert_allclose(built(Dense(4)).params["w"], np.sqrt(2 / 6) * draw)


def test_without_a_bias_there_is_no_b():
    layer = built(Dense(4, bias=False))
    out, cache = layer.forward(np.ones((5, 2, 3)), train=True, rng=None)
    assert list(layer.params) == ["w"]
    assert list(layer.backward(out, cache)[1]) == ["w"]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Dense(0), "Dense: units is 0, but must be a whole number from 1 up."),
        (lambda: Dense(3, weights="he_norml"), 'Did you mean "he_normal"?'),
        (lambda: Dense(3, weights=-1.0), "give a finite number, 0 or above"),
    ],
)
def test_what_cannot_be_built_is_told_at_once(make, text):
    with pytest.raises(ValueError, match=r"Dense|initializer") as error:
        make()
    assert text in str(error.value)


@pytest.mark.parametrize("units", [2.5, "3", True, None])
def test_units_are_a_whole_number(units):
    with pytest.raises(TypeError, match=r"Dense: units is .*, but must be a whole number from 1 up"):
        Dense(units)


@pytest.mark.parametrize(
    ("value", "kind"), [(-1.0, ValueError), (np.nan, ValueError), ("much", TypeError), (np.array([0.1, -0.1]), ValueError)]
)
@pytest.mark.parametrize("name", ["reg", "reg_l1"])
def test_a_penalty_of_its_own_is_not_negative(name, value, kind):
    with pytest.raises(kind, match=rf"{name}=.* must be a finite strength, 0 or above"):
        Dense(3, **{name: value})
