"""Many images laid out as one, side by side with gaps, for looking at filters."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.check import floating


def mosaic(images: Any, *, high: float = 255.0, padding: int = 1) -> Array:
    """Images on a square grid with gaps of 0, as are places left over, each stretched so that its own values reach from 0 to high.

    images (N, H, W, C)  ->  (rows · H + gaps, columns · W + gaps, C), float64; an image of one value everywhere is 0

    >>> mosaic(np.array([[[[1.0]], [[3.0]]], [[[5.0]], [[9.0]]]]), high=1)[..., 0].tolist()  # two images of 2 × 1
    [[0.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    images = _four_axes(images)
    low = images.min(axis=(1, 2, 3), keepdims=True, initial=np.inf)
    range_ = images.max(axis=(1, 2, 3), keepdims=True, initial=-np.inf) - low
    tiles = high * (images - low) / np.where(range_ > 0, range_, 1)
    return lay_out(tiles, _side(len(images)), _side(len(images)), gap=padding)


def mosaic_shared(images: Any) -> Array:
    """Images on a square grid, with a gap as dark as the darkest after each, all on one scale from 0 to 1.  (N, H, W, C)  ->  (H', W', C)"""
    images = _four_axes(images)
    side = _side(len(images))
    return _unit(lay_out(images, side, side, gap=1, fill=images.min(initial=np.inf), after_last=True))


def mosaic_table(rows: Sequence[Sequence[Any]]) -> Array:
    """Rows of images, as many in each, with a bright gap after each image, all on one scale from 0 to 1.  ->  (H', W', C)"""
    images = _four_axes([image for row in rows for image in row])
    return _unit(lay_out(images, len(rows), len(rows[0]), gap=1, fill=1.0, after_last=True))


def lay_out(tiles: Array, rows: int, columns: int, *, gap: int, fill: float = 0.0, after_last: bool = False) -> Array:
    """Tiles (N, H, W, C) row by row from left to right, with a gap between them (and after the last)  ->  (H', W', C)"""
    _, height, width, channels = tiles.shape
    grid = np.full((rows * (height + gap), columns * (width + gap), channels), fill, np.float64)
    for i, tile in enumerate(tiles):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        grid[top : top + height, left : left + width] = tile
    return grid if after_last else grid[: len(grid) - gap, : grid.shape[1] - gap]


def _four_axes(images: Any) -> Array:
    images = floating(images)
    if images.ndim != 4 or not len(images):
        raise ValueError(f"images have shape {images.shape}, but (N, H, W, C) is needed, with N at least 1.")
    return images


def _side(n: int) -> int:
    return math.isqrt(n - 1) + 1  # √n rounded up


def _unit(grid: Array) -> Array:
    low, range_ = grid.min(), np.ptp(grid)
    return (grid - low) / (range_ if range_ > 0 else 1)
