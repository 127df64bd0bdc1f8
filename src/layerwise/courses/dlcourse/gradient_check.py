"""Gradient checks of functions, layers and models, as the course calls and reports them."""

from typing import Any

import numpy as np

from layerwise.gradcheck import first_difference, numerical_gradient, numerical_gradient_array, undisturbed
from layerwise.initializers import normal


def check_gradient(f: Any, x: Any, delta: float = 1e-5, tol: float = 1e-4) -> bool:
    """Whether the gradient in f(x) -> value, gradient is the slope of the value; says which element is not."""
    _, grad = undisturbed(f, x)
    grad = np.copy(grad)
    return _compare(numerical_gradient(lambda moved: f(moved)[0], x, h=delta), grad, tol)


def check_layer_gradient(layer: Any, x: Any, delta: float = 1e-5, tol: float = 1e-4) -> bool:
    """Whether layer.backward gives the slope of a random weighting of layer.forward(x) by x."""
    d_out = _like(layer.forward(x))
    grad = np.copy(layer.backward(d_out))
    return _compare(numerical_gradient_array(layer.forward, x, d_out, h=delta), grad, tol)


def check_layer_param_gradient(layer: Any, x: Any, param_name: str, delta: float = 1e-5, tol: float = 1e-4) -> bool:
    """Whether layer.backward leaves the slope by a parameter in its grad."""
    param = layer.params()[param_name]
    param.grad = np.zeros_like(param.value)
    d_out = _like(layer.forward(x))
    layer.backward(d_out)
    grad = np.copy(param.grad)
    return _compare(numerical_gradient_array(lambda value: layer.forward(x), param.value, d_out, h=delta), grad, tol)


def check_model_gradient(model: Any, X: Any, y: Any, delta: float = 1e-5, tol: float = 1e-4) -> bool:
    """Whether compute_loss_and_gradients leaves the slopes by all parameters in their grads; stops at the first that is wrong."""
    return all(_check_model_param(model, X, y, name, delta, tol) for name in model.params())


def _check_model_param(model: Any, X: Any, y: Any, name: str, delta: float, tol: float) -> bool:
    print("Checking gradient for %s" % name)  # noqa: UP031
    param = model.params()[name]
    model.compute_loss_and_gradients(X, y)
    grad = np.copy(param.grad)
    return _compare(numerical_gradient(lambda value: model.compute_loss_and_gradients(X, y), param.value, h=delta), grad, tol)


def _like(out: Any) -> Any:
    """Normal numbers in the shape of out, from the global generator."""
    return normal(np.shape(out), scale=1.0, rng=np.random, dtype=np.float64)


def _compare(numeric: Any, grad: Any, tol: float) -> bool:
    wrong = first_difference(numeric, grad, tol=tol)
    if wrong is None:
        print("Gradient check passed!")
    else:
        print(f"Gradients are different at {wrong.index}. Analytic: {wrong.analytic:2.5f}, Numeric: {wrong.numeric:2.5f}")
    return wrong is None
