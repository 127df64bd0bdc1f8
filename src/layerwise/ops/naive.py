"""The same mathematics as loops that can be read aloud: one example, one class, one weight at a time.

Slow on purpose, and public, so that a page or a lab can put loop and matrix product side by side.
"""

import math
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.window import window_counts


def affine_forward_naive(x: Array, w: Array, b: Array) -> tuple[Array, Any]:
    """x (N, D), w (D, M), b (M,)  ->  out (N, M), cache"""
    out = np.zeros((len(x), len(b)), x.dtype)
    for n in range(len(x)):
        for m in range(len(b)):
            out[n, m] = b[m]
            for d in range(len(w)):
                out[n, m] += x[n, d] * w[d, m]
    return out, (x, w, b)


def affine_backward_naive(dout: Array, cache: Any) -> tuple[Array, Array, Array]:
    """dout (N, M), cache  ->  dx (N, D), dw (D, M), db (M,)"""
    x, w, b = cache
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros_like(b)
    for n in range(len(x)):
        for m in range(len(b)):
            db[m] += dout[n, m]
            for d in range(len(w)):
                dx[n, d] += dout[n, m] * w[d, m]
                dw[d, m] += dout[n, m] * x[n, d]
    return dx, dw, db


def conv_forward_naive(x: Array, w: Array, b: Array, *, stride: int = 1, pad: int = 0) -> tuple[Array, Any]:
    """x (N, C, H, W), w (F, C, HH, WW), b (F,)  ->  out (N, F, OH, OW), cache"""
    height, width = w.shape[2:]
    counts = window_counts("conv", x.shape, (height, width), stride=stride, pad=pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((len(x), len(w), *counts), x.dtype)
    for n, f, i, j in np.ndindex(*out.shape):
        top, left = i * stride, j * stride
        window = padded[n, :, top : top + height, left : left + width]
        out[n, f, i, j] = (window * w[f]).sum() + b[f]
    return out, (x, w, b, stride, pad)


def conv_backward_naive(dout: Array, cache: Any) -> tuple[Array, Array, Array]:
    """dout (N, F, OH, OW), cache  ->  dx (N, C, H, W), dw (F, C, HH, WW), db (F,)"""
    x, w, b, stride, pad = cache
    height, width = w.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded, dw, db = np.zeros_like(padded), np.zeros(w.shape, x.dtype), np.zeros(b.shape, x.dtype)
    for n, f, i, j in np.ndindex(*dout.shape):
        top, left = i * stride, j * stride
        window = (n, slice(None), slice(top, top + height), slice(left, left + width))
        dpadded[window] += dout[n, f, i, j] * w[f]
        dw[f] += dout[n, f, i, j] * padded[window]
        db[f] += dout[n, f, i, j]
    return dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw, db


def max_pool_forward_naive(x: Array, *, pool_height: int = 2, pool_width: int = 2, stride: int = 2) -> tuple[Array, Any]:
    """x (N, C, H, W)  ->  out (N, C, OH, OW), cache"""
    counts = window_counts("max_pool", x.shape, (pool_height, pool_width), stride=stride)
    out = np.zeros((*x.shape[:2], *counts), x.dtype)
    for n, c, i, j in np.ndindex(*out.shape):
        top, left = i * stride, j * stride
        out[n, c, i, j] = x[n, c, top : top + pool_height, left : left + pool_width].max()
    return out, (x, pool_height, pool_width, stride)


def max_pool_backward_naive(dout: Array, cache: Any) -> Array:
    """dout (N, C, OH, OW), cache  ->  dx (N, C, H, W); of equal pixels in a window the first gets the gradient, row by row"""
    x, pool_height, pool_width, stride = cache
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + pool_height, left : left + pool_width]
        row, column = divmod(int(window.argmax()), pool_width)
        dx[n, c, top + row, left + column] += dout[n, c, i, j]
    return dx


def softmax_loss_naive(W: Array, X: Array, y: Array, *, reg: float = 0.0) -> tuple[float, Array]:
    """Cross-entropy of the softmax of X @ W, plus ½ · reg · ΣW².  W (D, K), X (N, D), y (N,)  ->  loss, dW (D, K)"""
    loss, dW = 0.0, np.zeros_like(W)
    for x, label in zip(X, y, strict=True):
        scores = [float(x @ W[:, k]) for k in range(W.shape[1])]
        highest = max(scores)
        total = sum(math.exp(score - highest) for score in scores)
        loss += math.log(total) - (scores[label] - highest)
        for k, score in enumerate(scores):
            probability = math.exp(score - highest) / total
            dW[:, k] += (probability - (k == label)) * x
    return _mean_with_penalty(loss, dW, W, len(X), reg)


def svm_loss_naive(W: Array, X: Array, y: Array, *, reg: float = 0.0) -> tuple[float, Array]:
    """The multiclass hinge loss of X @ W, plus ½ · reg · ΣW².  W (D, K), X (N, D), y (N,)  ->  loss, dW (D, K)"""
    loss, dW = 0.0, np.zeros_like(W)
    for x, label in zip(X, y, strict=True):
        correct = float(x @ W[:, label])
        for k in range(W.shape[1]):
            margin = float(x @ W[:, k]) - correct + 1
            if k != label and margin > 0:
                loss += margin
                dW[:, k] += x
                dW[:, label] -= x
    return _mean_with_penalty(loss, dW, W, len(X), reg)


def _mean_with_penalty(loss: float, dW: Array, W: Array, n: int, reg: float) -> tuple[float, Array]:
    penalty = sum(0.5 * reg * float(w) ** 2 for w in W.flat)
    return loss / n + penalty, dW / n + reg * W
