"""Which colours an image has, wherever they are: a histogram of hue."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.features.cell import reached
from layerwise.features.colour import check_colours, hues, on_the_circle
from layerwise.features.layout import piecewise

MOST = 250  # ranges that are counted in bytes
NEAR = 1e-3  # of a range: more than float32 can be wrong by in a position among so many


def hue_histogram(
    images: Any, *, nbin: int = 10, xmin: float = 0.0, xmax: float = 255.0, normalized: bool = True, layout: str = "NCHW"
) -> Array:
    """The share of an image's pixels in each of nbin equal ranges of hue: (N, nbin), or (nbin,) of one image.

    xmax is the value of white, and the hue at the end of the circle; ranges go from xmin to xmax, and hues outside are
    not counted. normalized=False gives pixels times the width of a range, as CS231n's color_histogram_hsv does, whose
    options these are. An image without a pixel in the ranges has zeros.

    >>> image = np.array([[[255, 0, 0], [0, 255, 0], [0, 250, 0], [9, 9, 9]]], np.uint8)  # two are green, grey counts as red
    >>> hue_histogram(image, nbin=5, layout="HWC")
    array([0.5, 0.5, 0. , 0. , 0. ])
    """
    check_colours("hue_histogram", images, layout, xmax)
    if isinstance(nbin, bool) or not isinstance(nbin, int | np.integer) or nbin < 1:
        raise ValueError(f"hue_histogram: nbin is {nbin!r}, but must be a whole number of ranges from 1")
    if not (np.isfinite(xmin) and xmin < xmax):
        raise ValueError(f"hue_histogram: the ranges go from xmin={xmin} to xmax={xmax}: xmin must be less")
    edges = np.linspace(xmin, xmax, nbin + 1)
    edges[-1] = np.nextafter(xmax, np.inf)  # the last range has both its ends

    whole_numbers = images.dtype == np.uint8 and xmin == 0 and nbin <= MOST

    def counted(piece: Array) -> Array:
        reach = reached_by_bytes(piece, xmax, edges) if whole_numbers else reached(hues(piece, xmax) * xmax, edges)
        place = np.arange(len(piece))[:, None, None] * (nbin + 2) + reach
        counts = np.bincount(place.ravel(), minlength=len(piece) * (nbin + 2)).reshape(len(piece), nbin + 2)[:, 1:-1]
        if normalized:
            return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        return counts * ((xmax - xmin) / nbin)

    return piecewise(counted, images, layout)


def reached_by_bytes(piece: Array, xmax: float, edges: Array) -> Array:
    """How many of the edges, which begin at 0, the hues of bytes (n, 3, H, W) have reached: as `reached` says, in half the time.

    It is told in whole numbers and float32; only a hue so near an edge that rounding may decide is worked out in full.
    """
    top, low, more, less, sixth = on_the_circle(piece)
    spread = top - low
    turn = np.subtract(more, less, dtype=np.int16)
    sixth += ((sixth == 0) & (turn < 0)) * np.uint8(6)  # the red side of purple
    sixth *= spread > 0
    place = np.divide(turn, np.maximum(spread, 1), dtype=np.float32)
    place += sixth
    place *= np.float32((len(edges) - 1) / 6)
    below = place.astype(np.uint8)
    place -= below
    place -= np.float32(0.5)
    found = below + np.uint8(1)
    doubtful = np.flatnonzero((np.abs(place) > 0.5 - NEAR) & (spread > 0))
    image, row, column = np.unravel_index(doubtful, spread.shape)
    colours = piece[image, :, row, column]  # (doubtful, 3)
    found.ravel()[doubtful] = reached(hues(colours[..., None, None], xmax) * xmax, edges)[:, 0, 0]
    return found
