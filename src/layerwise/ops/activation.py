"""Elementwise activations, each with its slope. They carry any axes, and keep x's memory layout."""

import math
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.check import floating


def relu_forward(x: Array) -> tuple[Array, Array]:
    """max(x, 0), elementwise.  x any shape  ->  out, cache

    >>> relu_forward(np.array([-1.0, 0.0, 2.0]))[0]
    array([0., 0., 2.])
    """
    x = floating(x)
    return np.maximum(x, 0), x


def relu_backward(dout: Array, cache: Array) -> Array:
    """dout, cache  ->  dx; the slope at exactly 0 is taken as 0"""
    x = cache
    return dout * (x > 0)


def leaky_relu_forward(x: Array, *, negative_slope: float = 0.01) -> tuple[Array, Any]:
    """x where it is positive, negative_slope · x elsewhere.  x any shape  ->  out, cache"""
    x = floating(x)
    slope = np.where(x > 0, x.dtype.type(1), x.dtype.type(negative_slope))
    return x * slope, slope


def leaky_relu_backward(dout: Array, cache: Any) -> Array:
    """dout, cache  ->  dx; the slope at exactly 0 is negative_slope"""
    slope = cache
    return dout * slope


def elu_forward(x: Array, *, alpha: float = 1.0) -> tuple[Array, Any]:
    """x where it is positive, alpha · (eˣ − 1) elsewhere (Clevert et al. 2015, arXiv:1511.07289).  x any shape  ->  out, cache"""
    x = floating(x)
    alpha = x.dtype.type(alpha)
    out = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))  # the minimum keeps e^x from overflowing where it is not used
    return out, (x, out, alpha)


def elu_backward(dout: Array, cache: Any) -> Array:
    """dout, cache  ->  dx; the slope at exactly 0 is alpha"""
    x, out, alpha = cache
    return dout * np.where(x > 0, x.dtype.type(1), out + alpha)  # alpha · e^x = out + alpha


def gelu_forward(x: Array) -> tuple[Array, Any]:
    """x · Φ(x), Φ the normal distribution function, exact (Hendrycks & Gimpel 2016, arXiv:1606.08415).  x any shape  ->  out, cache"""
    from scipy.special import ndtr  # imported here: most nets never need it, and it takes longer to import than NumPy

    x = floating(x)
    below = ndtr(x)
    return x * below, (x, below)


def gelu_backward(dout: Array, cache: Any) -> Array:
    """dout, cache  ->  dx = dout · (Φ(x) + x · φ(x))"""
    x, below = cache
    density = np.exp(-0.5 * x * x) * x.dtype.type(1 / math.sqrt(2 * math.pi))
    return dout * (below + x * density)


def sigmoid_forward(x: Array) -> tuple[Array, Array]:
    """1 / (1 + e⁻ˣ), elementwise, without overflow.  x any shape  ->  out, cache

    >>> sigmoid_forward(np.array([-1000.0, 0.0, 1000.0]))[0]
    array([0. , 0.5, 1. ])
    """
    x = floating(x)
    small = np.exp(-np.abs(x))  # in (0, 1], whichever sign x has
    out = np.where(x >= 0, x.dtype.type(1), small) / (1 + small)
    return out, out


def sigmoid_backward(dout: Array, cache: Array) -> Array:
    """dout, cache  ->  dx"""
    out = cache
    return dout * out * (1 - out)


def tanh_forward(x: Array) -> tuple[Array, Array]:
    """The hyperbolic tangent, elementwise.  x any shape  ->  out, cache"""
    out = np.tanh(floating(x))
    return out, out


def tanh_backward(dout: Array, cache: Array) -> Array:
    """dout, cache  ->  dx"""
    out = cache
    return dout * (1 - out * out)


def softplus_forward(x: Array) -> tuple[Array, Array]:
    """log(1 + eˣ), elementwise, without overflow: a smooth relu.  x any shape  ->  out, cache"""
    x = floating(x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), x


def softplus_backward(dout: Array, cache: Array) -> Array:
    """dout, cache  ->  dx: the slope is the sigmoid of x"""
    x = cache
    return dout * sigmoid_forward(x)[0]


def step_forward(x: Array) -> tuple[Array, Array]:
    """The threshold unit's Heaviside step: 1 where x ≥ 0, else 0.  x any shape  ->  out, cache

    >>> step_forward(np.array([-0.1, 0.0, 3.0]))[0]
    array([0., 1., 1.])
    """
    x = floating(x)
    return np.where(np.isnan(x), x, x >= 0).astype(x.dtype, copy=False), x


def step_backward(dout: Array, cache: Array) -> Array:
    """There is none, and the error says why."""
    raise ValueError(
        "step: no gradient: the step is flat everywhere but at 0, where it jumps, so a gradient would be 0 and nothing would be learned. "
        "Train with sigmoid or tanh and replace it by step afterwards, or set threshold units by hand."
    )
