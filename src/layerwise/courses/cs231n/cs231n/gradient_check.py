"""Numeric gradients as the course calls them. The very array given is moved and put back, so f may ignore its argument."""

import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from layerwise.gradcheck import numerical_gradient, numerical_gradient_array, sparse_check

PYTHONS: Any = SimpleNamespace(integers=random.randrange)  # Python's own generator, which the course draws places from


def eval_numerical_gradient(f: Callable[..., Any], x: Any, verbose: bool = True, h: float = 1e-5) -> Any:
    """The gradient of f, which returns a number, at x; verbose prints each element."""
    grad = numerical_gradient(f, x, h=h)
    for ix in np.ndindex(x.shape) if verbose else ():
        print(ix, grad[ix])
    return grad


def eval_numerical_gradient_array(f: Callable[..., Any], x: Any, df: Any, h: float = 1e-5) -> Any:
    """The gradient by x of the sum of f(x) times df, for an f that returns an array."""
    return numerical_gradient_array(f, x, df, h=h)


def eval_numerical_gradient_blobs(f: Callable[..., Any], inputs: Any, output: Any, h: float = 1e-5) -> Any:
    """For f(*inputs, output), which writes output.vals: the gradient by each input's vals, weighted by output.diffs."""

    def run(_: Any) -> Any:
        f(*inputs, output)
        return output.vals

    gradients = []
    for blob in inputs:
        gradients.append(numerical_gradient_array(run, blob.vals, output.diffs, h=h))
    return gradients


def eval_numerical_gradient_net(net: Any, inputs: Any, output: Any, h: float = 1e-5) -> Any:
    """The same for a net whose forward() reads the inputs and writes output."""
    return eval_numerical_gradient_blobs(lambda *_: net.forward(), inputs, output, h=h)


def grad_check_sparse(f: Callable[..., Any], x: Any, analytic_grad: Any, num_checks: int = 10, h: float = 1e-5) -> None:
    """Print a derived gradient beside the measured one at places drawn at random."""
    for place in sparse_check(f, x, analytic_grad, num_checks=num_checks, h=h, rng=PYTHONS):
        print(f"numerical: {place.numeric:f} analytic: {place.analytic:f}, relative error: {place.relative_error:e}")
