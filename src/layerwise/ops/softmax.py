"""Softmax, its logarithm, and the cross-entropy of both with labels or target probabilities."""

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.check import floating, labels_for, rows_needed
from layerwise.ops.example import mean_of, pick, shares, subtract_at


def softmax_forward(x: Array) -> tuple[Array, Array]:
    """eˣ over its sum along the last axis: scores become probabilities.  x (..., K)  ->  out (..., K), cache

    >>> softmax_forward(np.array([[1000.0, 1000.0]]))[0]
    array([[0.5, 0.5]])
    """
    x = floating(x)
    if not x.size:
        return x.copy(), x
    out = np.exp(x - x.max(axis=-1, keepdims=True))  # the largest exponent is 0: nothing overflows
    out /= out.sum(axis=-1, keepdims=True)
    return out, out


def softmax_backward(dout: Array, cache: Array) -> Array:
    """dout (..., K), cache  ->  dx (..., K)"""
    out = cache
    dx = dout - (dout * out).sum(axis=-1, keepdims=True)
    dx *= out
    return dx


def log_softmax_forward(x: Array) -> tuple[Array, Array]:
    """The logarithm of the softmax, without taking the logarithm of 0.  x (..., K)  ->  out (..., K), cache"""
    x = floating(x)
    if not x.size:
        return x.copy(), x
    shifted = x - x.max(axis=-1, keepdims=True)
    out = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return out, out


def log_softmax_backward(dout: Array, cache: Array) -> Array:
    """dout (..., K), cache  ->  dx (..., K)"""
    out = cache
    return dout - np.exp(out) * dout.sum(axis=-1, keepdims=True)


def softmax_loss(x: Array, y: Any, *, weights: Array | None = None) -> tuple[Any, Array]:
    """Cross-entropy of the softmax of scores x, a mean over examples.

    x (..., N, K); y integer labels (N,) or (..., N), or target probabilities (N, K) or (..., N, K); weights (N,), the
    mean's weights  ->  loss (...), a number for one model; dx like x

    >>> softmax_loss(np.zeros((2, 10)), np.array([3, 7]))[0] == np.log(10)
    np.True_
    """
    x = floating(x)
    rows_needed(x, "softmax_loss")
    share = shares(x, weights, "softmax_loss")
    shifted = x - x.max(axis=-1, keepdims=True)
    dx = np.exp(shifted)
    total = dx.sum(axis=-1, keepdims=True)  # (..., N, 1), at least 1: its logarithm is safe
    if np.ndim(y) and np.asarray(y).dtype.kind == "f":
        y = _probabilities(x, y)
        losses = np.log(total[..., 0]) * y.sum(axis=-1) - (y * shifted).sum(axis=-1)
        dx *= y.sum(axis=-1, keepdims=True) / total
        dx -= y
        dx *= share[..., None]
    else:
        y = labels_for(x, y, "softmax_loss")
        losses = np.log(total[..., 0]) - pick(shifted, y)
        dx *= share[..., None] / total
        subtract_at(dx, y, share)
    return mean_of(losses, share), dx


def cross_entropy(probabilities: Array, y: Any) -> Any:
    """-log of the probability at each label, a mean over examples; of a probability of 0 the smallest number's is taken.

    probabilities (N, K), y (N,)  ->  a number. Where the scores are at hand, softmax_loss is more exact.

    >>> round(float(cross_entropy(np.array([[0.5, 0.5]]), np.array([1]))), 4)
    0.6931
    """
    probabilities = floating(probabilities)
    rows_needed(probabilities, "cross_entropy")
    own = pick(probabilities, labels_for(probabilities, y, "cross_entropy"))
    return -np.log(np.maximum(own, np.finfo(probabilities.dtype).tiny)).mean()


def _probabilities(x: Array, y: Any) -> Array:
    y = np.asarray(y, x.dtype)
    if y.shape not in (x.shape[-2:], x.shape):
        raise ValueError(
            f"softmax_loss: y has shape {y.shape} and is not integer; scores {x.shape} need integer labels ({x.shape[-2]},), or one row of probabilities per example {x.shape[-2:]}."
        )
    if (y < 0).any():
        raise ValueError("softmax_loss: target probabilities must not be negative.")
    return y
