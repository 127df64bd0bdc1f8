"""Big arrays in cache-sized pieces, so that several passes over them read memory once."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from layerwise.arrays import Array

BLOCK = 256 * 1024  # bytes of the first array in a piece; two or three such pieces fit a core's L2 cache


def walk(w: Array, *others: Any) -> Iterator[tuple[Any, ...]]:
    """Cut w, and whatever broadcasts against it, into views of at most BLOCK bytes along w's slowest axis in memory.

    Yields tuples in the order of the arguments. Numbers, and arrays of length 1 along the axis that is cut, pass
    through whole. Every element of w is in exactly one piece, so an elementwise update may write to the pieces.

    >>> [piece.shape for piece, _ in walk(np.zeros((300, 1000)), 0.5)]
    [(32, 1000), (32, 1000), (32, 1000), (32, 1000), (32, 1000), (32, 1000), (32, 1000), (32, 1000), (32, 1000), (12, 1000)]
    """
    if w.nbytes <= BLOCK:
        yield w, *others
        return
    axis = max((i for i in range(w.ndim) if w.shape[i] > 1), key=lambda i: abs(w.strides[i]))
    step = max(1, BLOCK * w.shape[axis] // w.nbytes)
    spans = [_spans(other, w, axis) for other in others]
    for start in range(0, w.shape[axis], step):
        cut = (slice(None),) * axis + (slice(start, start + step),)
        yield from walk(w[cut], *(other[cut] if spanning else other for other, spanning in zip(others, spans, strict=True)))


def _spans(other: Any, w: Array, axis: int) -> bool:
    """Whether other has a value for each entry of w along the axis, and so is cut; else it has one for all of them."""
    if not np.ndim(other):
        return False
    if other.ndim != w.ndim or any(length not in (1, full) for length, full in zip(other.shape, w.shape, strict=True)):
        raise ValueError(
            f"walk: an array of shape {other.shape} does not go with {w.shape}: give a number, or {w.ndim} axes, each as long as w's or 1"
        )
    return bool(other.shape[axis] > 1)
