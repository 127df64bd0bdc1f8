"""The activations: numbers by hand, their definitions on Python floats, the slope that each takes at its kink, no overflow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing import close
from tests.oracles.activation import ORACLES
from tests.reference import EXPECTED, array

from layerwise.gradcheck import relative_error
from layerwise.ops import (
    OPS,
    elu_backward,
    elu_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    softplus_backward,
    softplus_forward,
    step_backward,
    step_forward,
)

KINKS = {"relu": 0.0, "leaky_relu": 0.01, "elu": 1.0}


@pytest.mark.parametrize("name", ORACLES)
@given(x=st.lists(st.floats(-20, 20).filter(lambda x: abs(x) > 1e-6), min_size=1, max_size=8))
def test_every_activation_is_its_definition_and_so_is_its_slope(name, x):
    value, slope = ORACLES[name]
    out, cache = OPS[name].forward(np.array(x))
    close(out, [value(one) for one in x], 1e-10)
    close(OPS[name].backward(np.ones_like(out), cache), [slope(one) for one in x], 1e-10)


def test_relu_is_the_published_one():
    published = EXPECTED["relu_forward"]
    out, _ = relu_forward(array(published["x"]))
    assert relative_error(out, published["out"]) <= published["relative_error"]


@pytest.mark.parametrize(("name", "slope"), KINKS.items())
def test_the_slope_at_the_kink_is_the_documented_one(name, slope):
    out, cache = OPS[name].forward(np.array([0.0, -0.0]))
    np.testing.assert_array_equal(out, [0, 0])
    np.testing.assert_array_equal(OPS[name].backward(np.array([2.0, 2.0]), cache), [2 * slope, 2 * slope])


def test_relu_by_hand():
    out, cache = relu_forward(np.array([[-1.0, 2.0], [0.5, -3.0]]))
    np.testing.assert_array_equal(out, [[0, 2], [0.5, 0]])
    np.testing.assert_array_equal(relu_backward(np.array([[10.0, 20.0], [30.0, 40.0]]), cache), [[0, 20], [30, 0]])


def test_leaky_relu_leaks_what_it_is_told_to():
    out, cache = leaky_relu_forward(np.array([-2.0, 2.0]), negative_slope=0.25)
    np.testing.assert_array_equal(out, [-0.5, 2])
    np.testing.assert_array_equal(leaky_relu_backward(np.array([4.0, 4.0]), cache), [1, 4])


def test_elu_sinks_to_minus_alpha():
    out, cache = elu_forward(np.array([-1000.0, -np.log(2), 1000.0]), alpha=3.0)
    close(out, [-3, -1.5, 1000])
    close(elu_backward(np.ones(3), cache), [0, 1.5, 1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_and_softplus_do_not_overflow(dtype):
    x = np.array([-1e4, -30, 30, 1e4], dtype)
    out, cache = sigmoid_forward(x)
    np.testing.assert_allclose(out, [0, np.exp(-30), 1, 1], rtol=1e-4)
    assert np.isfinite(sigmoid_backward(np.ones_like(x), cache)).all()
    out, cache = softplus_forward(x)
    np.testing.assert_allclose(out, [0, np.exp(-30), 30, 1e4], rtol=1e-4)
    np.testing.assert_allclose(softplus_backward(np.ones_like(x), cache), [0, np.exp(-30), 1, 1], rtol=1e-4)


def test_sigmoid_keeps_small_probabilities_exact():
    assert sigmoid_forward(np.array([-700.0]))[0][0] == pytest.approx(np.exp(-700.0), rel=1e-12, abs=0)


def test_step_is_a_threshold_unit_that_fires_at_zero():
    np.testing.assert_array_equal(step_forward(np.array([-1e-300, -0.0, 0.0, 1e-300]))[0], [0, 1, 1, 1])


def test_step_says_why_it_has_no_gradient():
    with pytest.raises(ValueError, match=r"flat everywhere but at 0, where it jumps.*Train with sigmoid or tanh"):
        step_backward(np.ones(2), step_forward(np.ones(2))[1])


def test_an_activation_carries_any_axes():
    x = np.linspace(-1, 1, 120).reshape(2, 3, 4, 5)
    for name in ORACLES:
        out, cache = OPS[name].forward(x)
        np.testing.assert_array_equal(out.ravel(), OPS[name].forward(x.ravel())[0])
        assert OPS[name].backward(np.ones_like(x), cache).shape == x.shape
