"""Histograms of oriented gradients (Dalal and Triggs, CVPR 2005): where an image has edges, and of what direction."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.features.cell import cell_histograms, slopes
from layerwise.features.colour import COURSE, grey_levels
from layerwise.features.layout import check_layout, piecewise

EPS = 1e-5  # keeps a block without edges at 0
CLIP = 0.2  # of L2-Hys: no direction counts for more before the second scaling
MOST = 255  # orientations: classes are counted in bytes
COURSE_ORIENTATIONS, COURSE_CELL = 9, 8
UPRIGHT = 1e-9  # a dx so small that rounding decides whether CS231n's formula counts the gradient


def hog(images: Any, *, orientations: int = 9, cell: int = 8, block: int = 3, layout: str = "NCHW") -> Array:
    """Histograms of edge directions in cells, scaled by blocks of cells: (N, F), or (F,) of one image.

    Gradients are central differences, of the colour that has the largest; the sign of an edge does not count, so
    directions go from 0 to 180 degrees. A block is scaled to length 1, cut off at 0.2 and scaled again (L2-Hys), and
    blocks overlap: F = (H // cell - block + 1) · (W // cell - block + 1) · block² · orientations, 324 for 32 × 32. The
    numbers and their order are those of skimage.feature.hog with these sizes (and channel_axis for colours).

    >>> edge = np.repeat([[0, 0, 0, 0, 9, 9, 9, 9]], 8, axis=0)  # dark on the left: its gradient points to the right
    >>> hog(edge, orientations=4, cell=8, block=1, layout="HW").round(6)
    array([1., 0., 0., 0.])
    """
    _, height, width = check_layout("hog", images, layout)
    for name, value, most in (("orientations", orientations, MOST), ("cell", cell, None), ("block", block, None)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1 or (most and value > most):
            raise ValueError(f"hog: {name} is {value!r}, but must be a whole number from 1" + (f" to {most}" if most else ""))
    if min(height, width) < cell * block:
        raise ValueError(
            f"hog: the images have {height} × {width} pixels, but one block of {block} × {block} cells of {cell} needs {cell * block} × {cell * block}. "
            f"Give smaller cells (cell={max(1, min(height, width) // block)}) or blocks."
        )
    borders = half_circle(orientations)

    def described(piece: Array) -> Array:
        dx, dy, square = strongest(piece)
        found = cell_histograms(slopes(dx, dy), np.sqrt(square), borders, cell) / cell**2
        found[..., 0] += found[..., orientations]  # the last class goes on from vertical as the first does
        return in_blocks(np.roll(found[..., :orientations], orientations // 2, axis=-1), block)

    return piecewise(described, images, layout)


def course_hog(images: Any, *, layout: str = "NCHW") -> Array:
    """CS231n's hog_feature: (N, 144) for 32 × 32 pixels, or (144,) of one image; 9 directions in cells of 8 × 8, not scaled.

    Colours become grey by the course's weights, gradients are differences with the next pixel, and a cell's histogram
    is the mean length of its gradients by direction, from -90 to 90 degrees: those that point to the left are left
    out. Cells are ordered column by column.

    >>> edge = np.repeat([[0, 0, 0, 0, 9, 9, 9, 9]], 8, axis=0)
    >>> course_hog(edge, layout="HW")  # 8 of the 64 pixels have a gradient, of length 9
    array([0.   , 0.   , 0.   , 0.   , 1.125, 0.   , 0.   , 0.   , 0.   ])
    """
    _, height, width = check_layout("course_hog", images, layout)
    if min(height, width) < COURSE_CELL:
        raise ValueError(
            f"course_hog: the images have {height} × {width} pixels, but one cell needs {COURSE_CELL} × {COURSE_CELL}. Use hog."
        )
    degrees = 180 / COURSE_ORIENTATIONS * np.arange(1, COURSE_ORIENTATIONS) - 90
    borders = np.tan(np.radians(degrees))

    def described(piece: Array) -> Array:
        level = grey_levels(piece, COURSE)
        dx, dy = np.zeros_like(level), np.zeros_like(level)
        np.subtract(level[:, :, 1:], level[:, :, :-1], out=dx[:, :, :-1])
        np.subtract(level[:, 1:], level[:, :-1], out=dy[:, :-1])
        length = np.sqrt(dx * dx + dy * dy)
        upright = np.nonzero(np.abs(dx) < UPRIGHT)
        if piece.shape[1] == 3:
            dx[upright] = exact_dx(piece, upright)
        dx += 1e-15  # the course's guard, which turns some vertical gradients to the right
        length *= dx > 0
        angle = np.arctan2(dy[upright], dx[upright]) * (180 / np.pi) + 90
        length[upright] *= (angle > 0) & (angle < 180)
        found = cell_histograms(slopes(dx, dy), length, borders, COURSE_CELL) / COURSE_CELL**2
        return found.swapaxes(1, 2).reshape(len(piece), math.prod(found.shape[1:]))  # (n, rows, columns, 9) -> (n, columns·rows·9)

    return piecewise(described, images, layout)


def exact_dx(piece: Array, where: tuple[Array, ...]) -> Array:
    """Differences in grey with the next pixel to the right, rounded as CS231n's are: by NumPy's dot of each colour.

    Other colours may be as bright; then the last bit, in which a dot differs from sums, tells left from right.
    """
    colours = piece.transpose(0, 2, 3, 1)
    image, row, column = where
    beside = np.minimum(column + 1, piece.shape[3] - 1)  # the last column has no next one, and 0
    here, there = (colours[image, row, at].astype(np.float64) for at in (column, beside))
    return np.vecdot(there, COURSE) - np.vecdot(here, COURSE)


def half_circle(orientations: int) -> Array:
    """The slopes at which one direction of 0 to 180 degrees ends and the next begins, ascending from a vertical to a vertical.

    >>> half_circle(4).round(6)
    array([-1.,  0.,  1., inf])
    """
    degrees = 180 / orientations * np.arange(orientations)
    exact = {45: 1.0, 90: np.inf, 135: -1.0}  # where bytes have slopes, and the tangent is a rounding away
    return np.sort([exact.get(degree, np.tan(np.radians(degree))) for degree in degrees])


def strongest(piece: Array) -> tuple[Array, Array, Array]:
    """(n, C, H, W) -> dx, dy (n, H, W) of the channel with the longest gradient, and its squared length; 0 along the rim."""
    kind, wide = (np.int16, np.int32) if piece.dtype == np.uint8 else (np.float64, np.float64)  # exact, and small for bytes
    best: list[Array] = []
    for level in piece.astype(kind).swapaxes(0, 1):
        dx, dy = np.zeros_like(level), np.zeros_like(level)
        np.subtract(level[:, :, 2:], level[:, :, :-2], out=dx[:, :, 1:-1])
        np.subtract(level[:, 2:], level[:, :-2], out=dy[:, 1:-1])
        square = np.multiply(dx, dx, dtype=wide)
        square += np.multiply(dy, dy, dtype=wide)
        if not best:
            best = [dx, dy, square]
            continue
        longer = square > best[2]
        for into, new in zip(best, (dx, dy, square), strict=True):
            np.copyto(into, new, where=longer)
    dx, dy, square = (part.astype(np.float64, copy=False) for part in best)
    return dx, dy, square


def in_blocks(cells: Array, block: int) -> Array:
    """(n, rows, columns, K) -> (n, F): overlapping blocks of block × block cells, each scaled as a whole."""
    windows = np.lib.stride_tricks.sliding_window_view(cells, (block, block), axis=(1, 2))
    blocks = windows.transpose(0, 1, 2, 4, 5, 3)  # (n, r, c, K, block, block) -> (n, r, c, block, block, K)
    rows = blocks.reshape(*blocks.shape[:3], math.prod(blocks.shape[3:]))
    rows = rows / np.sqrt(np.square(rows).sum(axis=-1, keepdims=True) + EPS**2)
    np.minimum(rows, CLIP, out=rows)
    rows /= np.sqrt(np.square(rows).sum(axis=-1, keepdims=True) + EPS**2)
    return rows.reshape(len(cells), math.prod(rows.shape[1:]))
