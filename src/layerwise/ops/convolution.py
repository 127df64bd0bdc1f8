"""Convolution of images with F filters, by matrix products over a few images at a time.

Forward: a column holds the pixels that one window sees, and a 1 that meets the bias: out = w (F, K) @ columns (K, OH·OW), where
K = HH·C·WW + 1. The columns of a whole batch would fill memory HH·WW times over; those of a few images stay in the L2 cache, so
backward makes them again for dw = columns @ doutᵀ. They are made in two steps: WW copies of each image, shifted sideways, whose
rows are then copied HH times. That way copies run over long stretches of memory, and no part of a product is thrown away.

Backward to the pixels: dout, stacked as each of the HH rows of a window meets it, gives in one product what each of the WW
columns of a window says about each pixel. Shifted back sideways, these add up to dx.
"""

import math
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.check import floating, like
from layerwise.ops.window import Size, images_needed, laid_out_like, meetings, pieces, window_counts


def conv_forward(x: Array, w: Array, b: Array | None = None, *, stride: int = 1, pad: int = 0) -> tuple[Array, Any]:
    """Each filter's products with every window of each image, summed, plus its bias.

    x (N, C, H, W), w (F, C, HH, WW), b (F,) or None; pad rows and columns of zeros are put around every image
    ->  out (N, F, OH, OW) with OH = (H + 2·pad - HH) / stride + 1, OW alike, cache

    Filters are not flipped, as everywhere in networks. Sizes that the windows do not tile are refused.

    >>> conv_forward(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.array([0.5]), pad=1)[0][0, 0]
    array([[4.5, 6.5, 4.5],
           [6.5, 9.5, 6.5],
           [4.5, 6.5, 4.5]])
    """
    x = floating(x)
    (w,) = like(x, w)
    _check_shapes(x, w, b)
    (filters, _, *window), n = w.shape, len(x)
    counts = window_counts("conv", x.shape, (window[0], window[1]), stride=stride, pad=pad)
    rows = np.zeros((filters, math.prod(w.shape[1:]) + 1), x.dtype)
    rows[:, :-1] = w.transpose(0, 2, 1, 3).reshape(filters, -1)  # (F, C, HH, WW) -> (F, HH·C·WW)
    rows[:, -1] = 0 if b is None else b
    out = np.empty((n, filters, *counts), x.dtype)
    for piece in pieces(n, rows[:1].nbytes * math.prod(counts)):
        columns = _columns(x[piece], w.shape, counts, stride, pad)
        np.matmul(rows, columns, out=out[piece].reshape(len(columns), filters, -1))  # (F, K) @ (n, K, OH·OW) -> (n, F, OH·OW)
    return laid_out_like(x, out), (x, w, b, stride, pad)


def conv_backward(dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """dout (N, F, OH, OW), cache  ->  dx (N, C, H, W; None without need_dx), dw (F, C, HH, WW), db (F,) (None without b)"""
    x, w, b, stride, pad = cache
    (filters, channels, height, width), counts = w.shape, (dout.shape[2], dout.shape[3])
    total = np.zeros((math.prod(w.shape[1:]) + 1, filters), x.dtype)
    for piece in pieces(len(x), total[:, :1].nbytes * math.prod(counts)):
        columns = _columns(x[piece], w.shape, counts, stride, pad)
        share = dout[piece].reshape(len(columns), filters, -1)
        total += np.matmul(columns, share.swapaxes(-1, -2)).sum(axis=0)  # (n, K, OH·OW) @ (n, OH·OW, F) -> (n, K, F)
    dw = total[:-1].reshape(height, channels, width, filters).transpose(3, 1, 0, 2)  # (HH·C·WW, F) -> (F, C, HH, WW)
    dx = _pixel_gradient(dout, x, w, stride, pad) if need_dx else None
    return dx, np.ascontiguousarray(dw), None if b is None else total[-1].copy()


def _columns(x: Array, filters: tuple[int, ...], counts: Size, stride: int, pad: int) -> Array:
    """What each window sees, as a column, in the order HH, C, WW, and a 1.  x (n, C, H, W)  ->  (n, K, OH·OW)"""
    n, channels, size, across = x.shape
    _, _, height, width = filters
    shifted = np.zeros((n, channels, width, size + 2 * pad, counts[1]), x.dtype)
    for j, windows, pixels in meetings(across, width, counts[1], stride=stride, pad=pad):
        shifted[:, :, j, pad : pad + size, windows] = x[..., pixels]
    columns = np.empty((n, height * channels * width + 1, *counts), x.dtype)
    columns[:, -1] = 1
    by_row = columns[:, :-1].reshape(n, height, channels, width, *counts)
    for i in range(height):
        by_row[:, i] = shifted[:, :, :, i : i + stride * (counts[0] - 1) + 1 : stride]
    return columns.reshape(n, -1, math.prod(counts))


def _pixel_gradient(dout: Array, x: Array, w: Array, stride: int, pad: int) -> Array:
    """dout (N, F, OH, OW)  ->  dx (N, C, H, W)"""
    (n, filters, *counts), (_, channels, size, across), (height, width) = dout.shape, x.shape, w.shape[2:]
    rows = w.transpose(1, 3, 2, 0).reshape(channels * width, height * filters)  # (F, C, HH, WW) -> (C·WW, HH·F)
    below = list(meetings(size, height, counts[0], stride=stride, pad=pad))
    beside = list(meetings(across, width, counts[1], stride=stride, pad=pad))
    dx = np.zeros(x.shape, x.dtype)
    cuts = pieces(n, rows[:1].nbytes * size * counts[1])
    stack = np.zeros((cuts[0].stop if cuts else 0, height, filters, size, counts[1]), x.dtype)
    for piece in cuts:
        share = dout[piece]
        stacked = stack[: len(share)]  # each piece overwrites the same places; where no window meets a row of pixels it stays 0
        for i, windows, pixels in below:
            stacked[:, i, :, pixels] = share[:, :, windows]
        # (C·WW, HH·F) @ (n, HH·F, H·OW) -> (n, C·WW, H·OW)
        shifted = (rows @ stacked.reshape(len(share), height * filters, -1)).reshape(-1, channels, width, size, counts[1])
        for j, windows, pixels in beside:
            dx[piece, ..., pixels] += shifted[:, :, j, :, windows]
    return laid_out_like(x, dx)


def _check_shapes(x: Array, w: Array, b: Array | None) -> None:
    images_needed(x, "conv")
    if w.ndim != 4 or w.shape[1] != x.shape[1]:
        raise ValueError(
            f"conv: w has shape {w.shape}, but x {x.shape} needs filters of its {x.shape[1]} channels: (F, {x.shape[1]}, HH, WW). "
            "Channels come before height and width."
        )
    if b is not None and np.shape(b) != (len(w),):
        raise ValueError(f"conv: b has shape {np.shape(b)}, but w {w.shape} needs one bias per filter: ({len(w)},).")
