"""An activation by name, with its options."""

import numpy as np
import pytest

from layerwise.layers import ACTIVATIONS, Activation


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_layer_is_the_op(name):
    x = np.array([[-2.0, 0.5, 1.0]])
    out, cache = Activation(name).forward(x, train=True, rng=None)
    np.testing.assert_array_equal(out, ACTIVATIONS[name].forward(x)[0])
    if ACTIVATIONS[name].has_gradient:
        dx, grads = Activation(name).backward(x, cache)
        np.testing.assert_array_equal(dx, ACTIVATIONS[name].backward(x, cache))
        assert grads == {}


def test_options_reach_the_op():
    out, _ = Activation("leaky_relu", negative_slope=0.5).forward(np.array([-2.0]), train=False, rng=None)
    np.testing.assert_array_equal(out, [-1])


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(ValueError, match=r'unknown activation "rellu"\. Did you mean "relu"\?'):
        Activation("rellu")


def test_an_option_that_the_activation_has_not_is_told_when_it_is_built():
    with pytest.raises(ValueError, match=r'the activation leaky_relu has no option "slope"\. .*Known: negative_slope'):
        Activation("leaky_relu", slope=0.1)
    with pytest.raises(ValueError, match=r'the activation relu has no option "alpha"\. It takes none\.'):
        Activation("relu", alpha=1.0)


@pytest.mark.parametrize("value", ["0.1", True, None, [0.1]])
def test_an_option_must_be_a_number(value):
    with pytest.raises(TypeError, match=r"the activation elu: alpha is .*, but must be a number"):
        Activation("elu", alpha=value)
