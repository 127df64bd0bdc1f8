"""What slopes an image's cells have: the histogram that every kind of HOG starts from."""

from __future__ import annotations

import functools

import numpy as np

from layerwise.arrays import Array


def slopes(dx: Array, dy: Array) -> Array:
    """dy / dx, infinite where dx is 0 and NaN where both are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return dy / dx


def reached(values: Array, borders: Array) -> Array:
    """How many of the borders each value has reached, which for NaN is none.

    >>> reached(np.array([0.5, 1.0, 7.0, np.nan]), np.array([1.0, 2.0]))
    array([0, 1, 2, 0], dtype=uint8)
    """
    count = np.zeros(values.shape, np.min_scalar_type(len(borders)))
    at_least = np.empty(values.shape, np.bool_)
    for border in borders:
        np.greater_equal(values, border, out=at_least)
        count += at_least.view(np.uint8)
    return count


def cell_histograms(slope: Array, weight: Array, borders: Array, cell: int) -> Array:
    """Sums of weight by cell and slope: (n, H, W) twice -> (n, H // cell, W // cell, len(borders) + 1).

    Class k of a cell has the pixels whose slope has reached k of the borders, which ascend. Pixels beyond the last
    whole cell are left out.

    >>> cell_histograms(np.array([[[0.0, 5.0], [2.0, -1.0]]]), np.ones((1, 2, 2)), np.array([1.0, 3.0]), cell=2)
    array([[[[2., 1., 1.]]]])
    """
    rows, columns, classes = slope.shape[1] // cell, slope.shape[2] // cell, len(borders) + 1
    whole = np.s_[:, : rows * cell, : columns * cell]
    slope, weight = slope[whole], weight[whole]
    place = cell_numbers(len(slope), rows, columns, cell, classes) + reached(slope, borders)
    shape = (len(slope), rows, columns, classes)
    return np.bincount(place.ravel(), weight.ravel(), minlength=int(np.prod(shape))).reshape(shape)


@functools.lru_cache(maxsize=4)
def cell_numbers(count: int, rows: int, columns: int, cell: int, step: int) -> Array:
    """For each pixel of count images of rows × columns cells the number of its cell, times step."""
    row, column = (np.arange(length * cell) // cell for length in (rows, columns))
    numbers = (np.arange(count)[:, None, None] * rows + row[:, None]) * columns + column
    numbers *= step
    numbers.flags.writeable = False  # every later piece shares it
    return numbers
