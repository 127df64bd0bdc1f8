"""Losses against values instead of classes: squared, absolute, Huber, and binary cross-entropy from logits.

Each is a mean over the K outputs of an example, then a (weighted) mean over examples, as in PyTorch and Keras.
"""

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.activation import sigmoid_forward
from layerwise.ops.check import floating, rows_needed
from layerwise.ops.example import mean_of, shares


def squared_loss(x: Array, y: Any, *, weights: Array | None = None) -> tuple[Any, Array]:
    """(x − y)², a mean over outputs and examples.

    x (..., N, K); y (N, K) or (..., N, K), or (N,) where K = 1; weights (N,)  ->  loss (...), dx like x
    """
    x, y, share = _prepared(x, y, weights, "squared_loss")
    dx = _difference(x, y)
    loss = mean_of(np.square(dx).mean(axis=-1), share)
    dx *= share[..., None] * x.dtype.type(2 / x.shape[-1])
    return loss, dx


def absolute_loss(x: Array, y: Any, *, weights: Array | None = None) -> tuple[Any, Array]:
    """|x − y|, a mean over outputs and examples; its slope at 0 is 0.

    x (..., N, K); y (N, K) or (..., N, K), or (N,) where K = 1; weights (N,)  ->  loss (...), dx like x
    """
    x, y, share = _prepared(x, y, weights, "absolute_loss")
    difference = _difference(x, y)
    dx = np.sign(difference)
    dx *= share[..., None] / x.dtype.type(x.shape[-1])
    return mean_of(np.abs(difference).mean(axis=-1), share), dx


def huber_loss(x: Array, y: Any, *, weights: Array | None = None, delta: float = 1.0) -> tuple[Any, Array]:
    """½(x − y)² near 0, delta · (|x − y| − ½ delta) farther than delta away (Huber 1964), a mean over outputs and examples.

    x (..., N, K); y (N, K) or (..., N, K), or (N,) where K = 1; weights (N,)  ->  loss (...), dx like x
    """
    if not delta > 0:
        raise ValueError(
            f"huber_loss: delta is {delta}, but must be above 0: it is the distance at which the loss turns from squared to absolute."
        )
    x, y, share = _prepared(x, y, weights, "huber_loss")
    difference = _difference(x, y)
    dx = np.clip(difference, -delta, delta)  # inside: the difference; outside: ±delta, the slope either way
    losses = dx * (difference - x.dtype.type(0.5) * dx)  # inside ½d², outside delta(|d| − ½ delta)
    dx *= share[..., None] / x.dtype.type(x.shape[-1])
    return mean_of(losses.mean(axis=-1), share), dx


def binary_cross_entropy_loss(x: Array, y: Any, *, weights: Array | None = None) -> tuple[Any, Array]:
    """Cross-entropy of sigmoid(x) with targets y in [0, 1], from the logits x, a mean over outputs and examples.

    x (..., N, K); y (N, K) or (..., N, K), or (N,) where K = 1; weights (N,)  ->  loss (...), dx like x
    """
    x, y, share = _prepared(x, y, weights, "binary_cross_entropy_loss")
    if (y < 0).any() or (y > 1).any():
        raise ValueError("binary_cross_entropy_loss: targets must lie in 0 .. 1; for labels 1, 2, ... use softmax_loss.")
    losses = np.maximum(x, 0) - x * y + np.log1p(np.exp(-np.abs(x)))  # −y log σ(x) − (1 − y) log(1 − σ(x)), without overflow
    dx, _ = sigmoid_forward(x)
    dx -= y
    dx *= share[..., None] / x.dtype.type(x.shape[-1])
    return mean_of(losses.mean(axis=-1), share), dx


def _prepared(x: Array, y: Any, weights: Array | None, op: str) -> tuple[Array, Array, Array]:
    x = floating(x)
    rows_needed(x, op)
    y = np.asarray(y)
    n, k = x.shape[-2:]
    if k == 1 and y.shape == (n,):
        y = y[:, None]  # (N,) -> (N, 1): a plain column of targets
    if y.dtype.kind not in "fiub":
        raise TypeError(f"{op}: targets must be numbers, but y has dtype {y.dtype}.")
    if y.shape not in ((n, k), x.shape):
        raise ValueError(
            f"{op}: y has shape {y.shape}, but predictions {x.shape} need targets of shape ({n}, {k}). Build the net with as many outputs as targets."
        )
    return x, y.astype(x.dtype, copy=False), shares(x, weights, op)


def _difference(x: Array, y: Array) -> Array:
    """x − y in x's memory layout, whatever y's: the gradient is made from it in place."""
    return np.subtract(x, y, out=np.empty_like(x))
