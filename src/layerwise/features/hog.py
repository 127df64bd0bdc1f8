"""Histograms of oriented gradients (Dalal and Triggs, CVPR 2005): where an image has edges, and of what direction."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.features.cell import cell_histograms, slopes
from layerwise.features.choice import largest, pick
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
        level, unit = course_levels(piece)
        dx, dy = np.zeros(level.shape), np.zeros(level.shape)
        np.subtract(level[:, :, 1:], level[:, :, :-1], out=dx[:, :, :-1])
        np.subtract(level[:, 1:], level[:, :-1], out=dy[:, :-1])
        length = dx * dx
        length += dy * dy
        np.sqrt(length, out=length)
        upright = np.flatnonzero((np.abs(dx) < UPRIGHT) & (length > 0))
        exact = exact_dx(piece, upright) + 1e-15  # the course's guard, which turns some vertical gradients to the right
        angle = np.arctan2(dy.ravel()[upright] / unit, exact) * (180 / np.pi) + 90
        dx.ravel()[upright] = exact
        length *= dx > 0
        length.ravel()[upright] *= (angle > 0) & (angle < 180)
        found = cell_histograms(slopes(dx, dy), length, borders, COURSE_CELL) / (unit * COURSE_CELL**2)
        return found.swapaxes(1, 2).reshape(len(piece), math.prod(found.shape[1:]))  # (n, rows, columns, 9) -> (n, columns·rows·9)

    return piecewise(described, images, layout)


def course_levels(piece: Array) -> tuple[Array, float]:
    """(n, C, H, W) -> grey levels (n, H, W) by the course's weights, and how many of their units are one level.

    Bytes have levels in thousandths, whole numbers that float32 holds exactly.
    """
    if piece.dtype != np.uint8:
        return grey_levels(piece, COURSE), 1.0
    if piece.shape[1] == 1:
        return piece[:, 0].astype(np.float32), 1.0
    level = np.multiply(piece[:, 0], 1000 * COURSE[0], dtype=np.float32)
    level += np.multiply(piece[:, 1], 1000 * COURSE[1], dtype=np.float32)
    level += np.multiply(piece[:, 2], 1000 * COURSE[2], dtype=np.float32)
    return level, 1000.0


def exact_dx(piece: Array, pixels: Array) -> Array:
    """Differences in grey with the next pixel to the right, rounded as CS231n's are: by NumPy's dot of each colour.

    Other colours may be as bright; then the last bit, in which a dot differs from sums, tells left from right.
    """
    image, row, column = np.unravel_index(pixels, (len(piece), *piece.shape[2:]))
    beside = np.minimum(column + 1, piece.shape[3] - 1)  # the last column has no next one, and 0
    here, there = (piece[image, :, row, at] for at in (column, beside))  # (pixels, C)
    others = np.flatnonzero((here != there).any(axis=1))
    weights = COURSE if piece.shape[1] == 3 else (1.0,)
    found = np.zeros(len(pixels))
    found[others] = np.vecdot(there[others].astype(np.float64), weights) - np.vecdot(here[others].astype(np.float64), weights)
    return found


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
    dx, dy = np.zeros(piece.shape, kind), np.zeros(piece.shape, kind)
    np.subtract(piece[..., 2:], piece[..., :-2], out=dx[..., 1:-1], dtype=kind)
    np.subtract(piece[..., 2:, :], piece[..., :-2, :], out=dy[..., 1:-1, :], dtype=kind)
    square = np.multiply(dx, dx, dtype=wide)
    square += np.multiply(dy, dy, dtype=wide)
    channels = range(piece.shape[1])
    longest, masks = largest([square[:, c] for c in channels])
    dx, dy = (pick([d[:, c] for c in channels], masks) for d in (dx, dy))
    return dx.astype(np.float64), dy.astype(np.float64), longest.astype(np.float64)


def in_blocks(cells: Array, block: int) -> Array:
    """(n, rows, columns, K) -> (n, F): overlapping blocks of block × block cells, each scaled as a whole."""
    windows = np.lib.stride_tricks.sliding_window_view(cells, (block, block), axis=(1, 2))
    blocks = windows.transpose(0, 1, 2, 4, 5, 3)  # (n, r, c, K, block, block) -> (n, r, c, block, block, K)
    rows = blocks.reshape(*blocks.shape[:3], math.prod(blocks.shape[3:]))
    rows = rows / np.sqrt(np.square(rows).sum(axis=-1, keepdims=True) + EPS**2)
    np.minimum(rows, CLIP, out=rows)
    rows /= np.sqrt(np.square(rows).sum(axis=-1, keepdims=True) + EPS**2)
    return rows.reshape(len(cells), math.prod(rows.shape[1:]))
