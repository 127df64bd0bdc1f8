"""Choosing among channels pixel by pixel, without a branch: a processor guesses wrong at every edge of a photograph."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from layerwise.arrays import Array


def largest(planes: Sequence[Array]) -> tuple[Array, list[Array]]:
    """The largest of the planes everywhere, and for each plane where it is the one: the first of those that are equal.

    >>> top, (first, second) = largest([np.array([1, 5, 2]), np.array([1, 3, 4])])
    >>> top, first, second
    (array([1, 5, 4]), array([ True,  True, False]), array([False, False,  True]))
    """
    top: Array = functools.reduce(np.maximum, planes)
    free = np.ones(top.shape, np.bool_)
    masks = []
    for plane in planes[:-1]:
        masks.append((plane == top) & free)
        free &= ~masks[-1]
    return top, [*masks, free]


def pick(planes: Sequence[Array], masks: Sequence[Array]) -> Array:
    """The planes' values where their masks are true; of the masks one is, everywhere.

    >>> pick([np.array([1, 5, 2]), np.array([1, 3, 4])], [np.array([False, True, False]), np.array([True, False, True])])
    array([1, 5, 4])
    """
    chosen = planes[0] * masks[0]
    for plane, mask in zip(planes[1:], masks[1:], strict=True):
        chosen += plane * mask
    return chosen
