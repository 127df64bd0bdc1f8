"""Zero mean and unit variance over chosen axes: what batch, layer and group norm share."""

from typing import Any

import numpy as np

from layerwise.arrays import Array, members_first

Axes = tuple[int, ...]


def centre(x: Array, axes: Axes) -> tuple[Array, Array, Array]:
    """x, axes  ->  x - mean like x, and mean and var, biased, with length 1 along the axes"""
    mean = x.mean(axis=axes, keepdims=True)
    centred = x - mean
    return centred, mean, total(centred, centred, axes) / x.dtype.type(count(x, axes))  # two passes: E[x²] - E[x]² would cancel


def standardise(x: Array, axes: Axes, eps: float) -> tuple[Array, Array]:
    """(x - mean) / √(var + eps)  ->  x_hat like x, and 1 / √(var + eps) with length 1 along the axes"""
    x_hat, _, var = centre(x, axes)
    inv_std = 1 / np.sqrt(var + x.dtype.type(eps))
    x_hat *= inv_std
    return x_hat, inv_std


def standardise_backward(dx_hat: Array, x_hat: Array, inv_std: Array, axes: Axes) -> Array:
    """dx_hat, overwritten  ->  dx: what is left of dx_hat without its mean and without its part along x_hat, times inv_std"""
    size = dx_hat.dtype.type(max(1, count(dx_hat, axes)))
    along = total(dx_hat, x_hat, axes) / size
    dx_hat -= dx_hat.sum(axis=axes, keepdims=True) / size
    dx_hat -= x_hat * along
    dx_hat *= inv_std
    return dx_hat


def scale_and_shift(x_hat: Array, gamma: Array, beta: Array) -> Array:
    """x_hat * gamma + beta; for an x_hat that all members share, in the population's fast layout."""
    out = x_hat * gamma
    out += beta
    return members_first(out) if out.ndim > x_hat.ndim else out


def total(a: Array, b: Array, axes: Axes) -> Array:
    """Σ a·b over the axes, which keep length 1; b may lack a's axis of members."""
    every = list(range(a.ndim))
    kept = [axis for axis in every if axis not in axes and axis - a.ndim not in axes]
    return np.expand_dims(np.einsum(a, every, b, every[a.ndim - b.ndim :], kept), axes)


def count(x: Array, axes: Axes) -> int:
    """How many values lie along the axes."""
    return int(np.prod([x.shape[axis] for axis in axes]))


def parameters_fit(op: str, shape: tuple[int, ...], needed: str, **parameters: Any) -> None:
    """Refuse a gamma, beta, mean or var of another shape than the op needs."""
    for name, value in parameters.items():
        if np.shape(value) != shape:
            raise ValueError(f"{op}: {name} has shape {np.shape(value)}, but {needed}: {shape}.")
