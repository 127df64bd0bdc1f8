"""Convolution as sums over named axes of all windows, in float64; its gradients by moving one number at a time back."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def windows(x, height, width, stride, pad):
    """x (N, C, H, W)  ->  (N, C, OH, OW, HH, WW)"""
    padded = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    return sliding_window_view(padded, (height, width), axis=(2, 3))[:, :, ::stride, ::stride]


def conv(x, w, b, stride, pad):
    return np.einsum("ncijhw,fchw->nfij", windows(x, *w.shape[2:], stride, pad), w) + b[:, None, None]


def conv_gradients(x, w, dout, stride, pad):
    dw = np.einsum("ncijhw,nfij->fchw", windows(x, *w.shape[2:], stride, pad), dout)
    dx = np.zeros(x.shape)
    for (f, c, h, v), weight in np.ndenumerate(w):
        for i, j in np.ndindex(*dout.shape[2:]):
            row, column = i * stride + h - pad, j * stride + v - pad
            if 0 <= row < x.shape[2] and 0 <= column < x.shape[3]:
                dx[:, c, row, column] += weight * dout[:, f, i, j]
    return dx, dw, dout.sum(axis=(0, 2, 3))
