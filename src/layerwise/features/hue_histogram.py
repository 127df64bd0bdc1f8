"""Which colours an image has, wherever they are: a histogram of hue."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.features.cell import reached
from layerwise.features.colour import check_colours, hues
from layerwise.features.layout import piecewise


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

    def counted(piece: Array) -> Array:
        level = hues(piece, xmax)
        level *= xmax
        counts = counts_between(level, edges)[:, 1:-1]
        if normalized:
            return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        return counts * ((xmax - xmin) / nbin)

    return piecewise(counted, images, layout)


def counts_between(values: Array, edges: Array) -> Array:
    """How many of each image's values (n, H, W) have reached 0, 1, ... of the edges: (n, len(edges) + 1). NaN has reached none.

    >>> counts_between(np.array([[[0.5, 1.0, 1.5, 9.0]]]), np.array([1.0, 2.0]))
    array([[1, 2, 1]])
    """
    classes = len(edges) + 1
    place = np.arange(len(values))[:, None, None] * classes + reached(values, edges)
    return np.bincount(place.ravel(), minlength=len(values) * classes).reshape(len(values), classes)
