"""Pooling: one value for each window of each channel. Strided slices of whole images take the place of loops over windows."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.check import floating
from layerwise.ops.window import images_needed, pieces, window_counts


def max_pool_forward(x: Array, *, pool_height: int = 2, pool_width: int = 2, stride: int = 2) -> tuple[Array, Any]:
    """The largest value of each window; NaN where the window holds one.

    x (N, C, H, W)  ->  out (N, C, OH, OW) with OH = (H - pool_height) / stride + 1, OW alike, cache

    >>> max_pool_forward(np.arange(16.0).reshape(1, 1, 4, 4))[0][0, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    x = floating(x)
    below, beside = _places("max_pool", x, pool_height, pool_width, stride)
    wide = _merged(np.maximum, x, beside)  # (N, C, H, W) -> (N, C, H, OW)
    out = _merged(np.maximum, wide, below)  # (N, C, H, OW) -> (N, C, OH, OW)
    return out, (x, wide, out, below, beside, stride)


def max_pool_backward(dout: Array, cache: Any) -> Array:
    """dout (N, C, OH, OW), cache  ->  dx (N, C, H, W)

    The largest pixel of a window gets all of its gradient; of equal ones, the first, row by row.
    """
    x, wide, out, below, beside, stride = cache
    fresh = np.empty_like if stride == len(below) == len(beside) else np.zeros_like  # windows side by side reach every pixel
    dx = fresh(x)
    for piece in pieces(len(x), x[:1].nbytes):
        dwide = fresh(wide[piece])
        _give_to_first(dwide, dout[piece], wide[piece], out[piece], below, apart=stride >= len(below))
        _give_to_first(dx[piece], dwide, x[piece], wide[piece], beside, apart=stride >= len(beside))
    return dx


def average_pool_forward(x: Array, *, pool_height: int = 2, pool_width: int = 2, stride: int = 2) -> tuple[Array, Any]:
    """The mean of each window.  x (N, C, H, W)  ->  out (N, C, OH, OW) with OH = (H - pool_height) / stride + 1, OW alike, cache"""
    x = floating(x)
    below, beside = _places("average_pool", x, pool_height, pool_width, stride)
    out = _merged(np.add, _merged(np.add, x, beside), below)
    out /= x.dtype.type(pool_height * pool_width)
    return out, (x, below, beside)


def average_pool_backward(dout: Array, cache: Any) -> Array:
    """dout (N, C, OH, OW), cache  ->  dx (N, C, H, W): each pixel of a window gets an equal share"""
    x, below, beside = cache
    share, dx = dout / x.dtype.type(len(below) * len(beside)), np.zeros_like(x)
    for rows in below:
        for columns in beside:
            dx[rows][columns] += share
    return dx


def global_average_pool_forward(x: Array) -> tuple[Array, Any]:
    """The mean of each channel over all places.  x (N, C, H, W)  ->  out (N, C), cache"""
    x = floating(x)
    images_needed(x, "global_average_pool")
    if not x.shape[2] * x.shape[3]:
        raise ValueError(f"global_average_pool: x has shape {x.shape}: images without pixels have no mean.")
    return x.mean(axis=(2, 3)), x


def global_average_pool_backward(dout: Array, cache: Any) -> Array:
    """dout (N, C), cache  ->  dx (N, C, H, W): each pixel gets an equal share"""
    x = cache
    dx = np.empty_like(x)
    dx[...] = (dout / x.dtype.type(x.shape[2] * x.shape[3]))[:, :, None, None]
    return dx


Places = list[tuple[Any, ...]]  # indexes of an array's last two axes, one for each row or column of a window


def _places(op: str, x: Array, height: int, width: int, stride: int) -> tuple[Places, Places]:
    """For each row and each column of a window: the rows and columns of the image that meet it."""
    images_needed(x, op)
    counts = window_counts(op, x.shape, (height, width), stride=stride)
    below, beside = (
        [slice(place, place + stride * (count - 1) + 1, stride) for place in range(side)]
        for side, count in zip((height, width), counts, strict=True)
    )
    return [(..., rows, slice(None)) for rows in below], [(..., columns) for columns in beside]


def _merged(combine: Callable[[Array, Array], Array], x: Array, places: Places) -> Array:
    """A fresh array: what meets the windows' places along one axis, combined."""
    return reduce(combine, [x[place] for place in places]) if len(places) > 1 else x[places[0]].copy(order="K")


def _give_to_first(dx: Array, dlargest: Array, x: Array, largest: Array, places: Places, *, apart: bool) -> None:
    """Add dlargest to the first of the places along one axis at which x is the largest, in place; where places stand apart, set it."""
    share: Any = 0
    for i, place in enumerate(places[:-1]):
        dlargest = dlargest - share if i else dlargest  # 0 where it has been given
        share = dlargest * (x[place] == largest)
        if apart:
            dx[place] = share
        else:
            dx[place] += share
    if apart:
        np.subtract(dlargest, share, out=dx[places[-1]])  # the last takes what no other took, a NaN's too
    else:
        dx[places[-1]] += dlargest - share
