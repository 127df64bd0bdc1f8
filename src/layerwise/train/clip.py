"""Gradients held to a largest norm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from layerwise.arrays import Array


def clipped(grads: Mapping[str, Array], limit: float, *, population: bool) -> Mapping[str, Array]:
    """Gradients whose joint Euclidean norm (of each member of a population) is at most limit; new arrays where any is scaled.

    >>> clipped({"w": np.array([3.0]), "b": np.array([4.0])}, 1.0, population=False)
    {'w': array([0.6]), 'b': array([0.8])}
    """
    squares: Any = 0.0
    for grad in grads.values():
        squares = squares + np.square(grad, dtype=np.float64).sum(axis=tuple(range(1, grad.ndim)) if population else None)
    norm = np.sqrt(squares)
    if np.all(norm <= limit):
        return grads
    factor = np.minimum(1, limit / np.maximum(norm, np.finfo(np.float64).tiny))
    return {
        name: grad * np.reshape(factor, np.shape(factor) + (1,) * (grad.ndim - np.ndim(factor))).astype(grad.dtype)
        for name, grad in grads.items()
    }
