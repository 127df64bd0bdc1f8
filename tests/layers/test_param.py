import numpy as np

from layerwise.layers.param import Param


def test_gradients_add_up_until_they_are_forgotten():
    param = Param(np.ones((1, 2)))
    param.add_grad(np.array([1.0, 2.0]))
    param.add_grad(np.array([[0.5, 0.0]]))
    np.testing.assert_array_equal(param.grad, [[1.5, 2.0]])
    param.zero_grad()
    np.testing.assert_array_equal(param.grad, [[0, 0]])


def test_the_gradient_that_was_handed_in_is_not_written():
    param, grad = Param(np.ones(2)), np.array([1.0, 2.0])
    param.add_grad(grad)
    param.add_grad(grad)
    np.testing.assert_array_equal(grad, [1, 2])
