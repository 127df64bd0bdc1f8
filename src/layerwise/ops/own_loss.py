"""A loss of your own: a forward that gives each example its loss, and its backward."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.check import floating, rows_needed
from layerwise.ops.example import mean_of, shares


@dataclass(frozen=True)
class OwnLoss:
    """forward(x, y) -> losses (N,), cache and backward(dlosses, cache) -> dx (N, K), as a loss of the package: their weighted mean.

    x (..., N, K), y whatever forward takes, weights (N,)  ->  loss (...), dx like x

    >>> def forward(x, y):
    ...     return np.log(np.cosh(x - y)).sum(axis=1), (x, y)
    >>> def backward(dlosses, cache):
    ...     x, y = cache
    ...     return dlosses[:, None] * np.tanh(x - y)
    >>> loss, dx = OwnLoss(forward, backward)(np.zeros((4, 1)), np.zeros((4, 1)))
    >>> float(loss)
    0.0
    """

    forward: Callable[[Array, Any], tuple[Array, Any]]
    backward: Callable[[Array, Any], Array]

    def __call__(self, x: Array, y: Any, *, weights: Array | None = None) -> tuple[Any, Array]:
        x = floating(x)
        rows_needed(x, "a loss of your own")
        if x.ndim > 2:  # a population: member by member, for the pair is written for one model
            members = [self(one, y, weights=weights) for one in x]
            return np.array([loss for loss, _ in members]), np.stack([dx for _, dx in members])
        share = shares(x, weights, "a loss of your own")
        losses, cache = self.forward(x, y)
        if np.shape(losses) != x.shape[:1]:
            raise ValueError(
                f"a loss of your own: forward gave losses of shape {np.shape(losses)}, but must give one per example: {x.shape[:1]}. "
                f"Sum over the outputs (axis=1), and leave the mean over examples to layerwise."
            )
        dx = np.asarray(self.backward(np.broadcast_to(share, x.shape[:1]), cache))
        if dx.shape != x.shape:
            raise ValueError(f"a loss of your own: backward gave dx of shape {dx.shape}, but must give one slope per score: {x.shape}.")
        return mean_of(np.asarray(losses, x.dtype), share), dx.astype(x.dtype, copy=False)
