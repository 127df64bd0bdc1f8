"""Penalties on weights, added to the gradient in place and in cache-sized pieces."""

from typing import Any

import numpy as np

from layerwise.arrays import Array, per_member
from layerwise.blocks import walk


def add_l2_penalty(dw: Array, w: Array, reg: float | Array, *, axes: int | None = None) -> Any:
    """Add reg · w to dw, in place; return ½ · reg · Σw².

    w (D, M), or (P, D, M) with reg a number or (P,)  ->  the penalty, a number or (P,), in w's dtype

    axes says how many trailing axes belong to one model; by default two of three, and all of any other number
    (a weight matrix, a stack of them, the weights of a convolution). Biases of a population need axes=1.

    >>> dw = np.zeros((1, 2))
    >>> float(add_l2_penalty(dw, np.array([[3.0, 4.0]]), reg=0.1)), dw
    (1.25, array([[0.3, 0.4]]))
    """
    total = np.zeros(_lead(w, axes))
    for w_, dw_, reg_, total_ in walk(w, dw, per_member(reg, w), total):
        slope = reg_ * w_
        dw_ += slope
        total_ += _sum_of_products(slope, w_, total_)
    return (0.5 * total).reshape(total.shape[: w.ndim - _count(w, axes)]).astype(w.dtype)[()]


def add_l1_penalty(dw: Array, w: Array, reg: float | Array, *, axes: int | None = None) -> Any:
    """Add reg · sign(w) to dw, in place, with sign(0) = 0; return reg · Σ|w|. Shapes and axes as in add_l2_penalty."""
    total = np.zeros(_lead(w, axes))
    for w_, dw_, reg_, total_ in walk(w, dw, per_member(reg, w), total):
        slope = np.sign(w_)
        slope *= reg_
        dw_ += slope
        total_ += _sum_of_products(slope, w_, total_)
    return total.reshape(total.shape[: w.ndim - _count(w, axes)]).astype(w.dtype)[()]


def _count(w: Array, axes: int | None) -> int:
    return axes if axes is not None else (2 if w.ndim == 3 else w.ndim)


def _lead(w: Array, axes: int | None) -> tuple[int, ...]:
    """The shape of one sum per member, with axes of length 1 so that it is cut along with w: (P, 1, 1) or (1, 1)."""
    count = _count(w, axes)
    return w.shape[: w.ndim - count] + (1,) * count


def _sum_of_products(a: Array, b: Array, like: Array) -> Any:
    """Σ a·b over the axes where like has length 1. A model's piece goes through BLAS as one vector, in memory order."""
    if like.size == 1:
        return np.dot(a.ravel(order="K"), b.ravel(order="K"))
    if a.ndim == 3 and like.shape[1:] == (1, 1):  # whole members, each a vector in the layout of stacked weights
        return np.vecdot(*(x.swapaxes(-1, -2).reshape(len(x), -1) for x in (a, b)))[:, None, None]
    axes = tuple(i for i in range(a.ndim) if like.shape[i] == 1)
    return (a * b).sum(axis=axes, keepdims=True)
