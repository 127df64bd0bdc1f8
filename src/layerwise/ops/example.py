"""What the losses share: how much each example counts, and reading or writing one class per row."""

from typing import Any

import numpy as np

from layerwise.arrays import Array


def shares(x: Array, weights: Any, op: str) -> Array:
    """How much each example counts in the mean: 1 / N, or its weight over the sum of weights.

    x (..., N, K); weights None, (N,) or (..., N)  ->  (1,) or (N,) or (..., N), in x's dtype
    """
    n = x.shape[-2]
    if weights is None:
        return np.full(1, 1 / n, x.dtype)
    weights = np.asarray(weights, np.float64)
    if weights.shape not in ((n,), x.shape[:-1]):
        raise ValueError(f"{op}: weights have shape {weights.shape}, but scores {x.shape} need one weight per example: ({n},).")
    total = weights.sum(axis=-1, keepdims=True)
    if not (weights >= 0).all() or not (total > 0).all():
        raise ValueError(f"{op}: weights must be 0 or more, and at least one above 0.")
    return (weights / total).astype(x.dtype)


def mean_of(losses: Array, share: Array) -> Any:
    """(..., N) losses, weighted by their shares  ->  (...), a number for one model"""
    if share.size == 1:
        return losses.mean(axis=-1)
    return (losses * share).sum(axis=-1)


def pick(a: Array, y: Array) -> Array:
    """a (..., N, K), y (N,) or (..., N)  ->  (..., N): from each row the entry of its label"""
    if y.ndim == 1:
        return a[..., np.arange(len(y)), y]
    return np.take_along_axis(a, y[..., None], axis=-1)[..., 0]


def subtract_at(a: Array, y: Array, amount: Array) -> None:
    """In place: from each row of a (..., N, K) take amount, (1,) or (N,) or (..., N), off the entry of its label."""
    if y.ndim == 1:
        a[..., np.arange(len(y)), y] -= amount
    else:
        np.put_along_axis(a, y[..., None], np.take_along_axis(a, y[..., None], axis=-1) - amount[..., None], axis=-1)
