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
    places = _places("max_pool", x, pool_height, pool_width, stride)
    out = _merged(np.maximum, x, places)
    return out, (x, out, places, stride)


def max_pool_backward(dout: Array, cache: Any) -> Array:
    """dout (N, C, OH, OW), cache  ->  dx (N, C, H, W)

    The largest pixel of a window gets all of its gradient; of equal ones, the first, row by row.
    """
    x, out, places, stride = cache
    below, beside = places
    dx, apart = np.zeros_like(x), stride >= max(len(below), len(beside))
    for piece in pieces(len(x), x[:1].nbytes):
        free = np.ones(out[piece].shape, bool)  # windows that have not found their largest pixel yet
        for rows in below:
            for columns in beside:
                last = rows is below[-1] and columns is beside[-1]  # what is still free, NaN too, belongs here
                hit = free if last else (x[piece, :, rows, columns] == out[piece]) & free
                target = dx[piece, :, rows, columns]
                if apart:
                    np.multiply(dout[piece], hit, out=target)
                else:
                    target += dout[piece] * hit
                free = free ^ hit
    return dx


def average_pool_forward(x: Array, *, pool_height: int = 2, pool_width: int = 2, stride: int = 2) -> tuple[Array, Any]:
    """The mean of each window.  x (N, C, H, W)  ->  out (N, C, OH, OW) with OH = (H - pool_height) / stride + 1, OW alike, cache"""
    x = floating(x)
    places = _places("average_pool", x, pool_height, pool_width, stride)
    out = _merged(np.add, x, places)
    out /= x.dtype.type(pool_height * pool_width)
    return out, (x, places)


def average_pool_backward(dout: Array, cache: Any) -> Array:
    """dout (N, C, OH, OW), cache  ->  dx (N, C, H, W): each pixel of a window gets an equal share"""
    x, (below, beside) = cache
    share, dx = dout / x.dtype.type(len(below) * len(beside)), np.zeros_like(x)
    for rows in below:
        for columns in beside:
            dx[:, :, rows, columns] += share
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


Places = tuple[list[slice], list[slice]]


def _places(op: str, x: Array, height: int, width: int, stride: int) -> Places:
    """For each row and each column of a window: the rows and columns of the image that meet it."""
    images_needed(x, op)
    counts = window_counts(op, x.shape, (height, width), stride=stride)
    below, beside = (
        [slice(place, place + stride * (count - 1) + 1, stride) for place in range(side)]
        for side, count in zip((height, width), counts, strict=True)
    )
    return below, beside


def _merged(combine: Callable[[Array, Array], Array], x: Array, places: Places) -> Array:
    """All pixels of each window combined: first side by side, then row by row, which reads the image once."""
    below, beside = places
    wide = reduce(combine, [x[..., columns] for columns in beside])  # (N, C, H, W) -> (N, C, H, OW)
    out = reduce(combine, [wide[:, :, rows] for rows in below])  # (N, C, H, OW) -> (N, C, OH, OW)
    return out.copy(order="K") if len(below) == 1 else out
