"""The operations of a net in prediction, in plain NumPy: what a script holds of them is their text here.

Each takes a batch x (N, ...), then its arrays, then its options, and uses nothing but `math`, `np`, `Array` and HELPERS.
"""

import math
from collections.abc import Callable

import numpy as np

from layerwise.arrays import Array


def center_and_scale(x: Array, center: Array, factor: Array) -> Array:
    """(x - center) * factor, feature by feature"""
    return (x - center) * factor


def project(x: Array, mean: Array, matrix: Array) -> Array:
    """Rows (N, D) as their coordinates (N, K) along principal components."""
    return (x - mean) @ matrix


def bias_column(x: Array, position: str) -> Array:
    """(N, D) -> (N, D + 1): a column of ones."""
    ones = np.ones((len(x), 1), x.dtype)
    return np.concatenate([ones, x] if position == "first" else [x, ones], axis=1)


def flatten(x: Array) -> Array:
    """(N, C, H, W) -> (N, C * H * W)"""
    return x.reshape(len(x), math.prod(x.shape[1:]))


def dense(x: Array, w: Array, b: Array | float = 0.0) -> Array:
    """(N, D) @ (D, M) + (M,) -> (N, M)"""
    return x @ w + b


def conv(x: Array, w: Array, b: Array | float = 0.0, stride: int = 1, pad: int = 0) -> Array:
    """Images (N, C, H, W), filters (F, C, HH, WW) -> (N, F, OH, OW)"""
    x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    out = np.einsum("ncijkl,fckl->nfij", windows(x, w.shape[2], w.shape[3], stride), w, optimize=True)
    return out + np.reshape(b, (-1, 1, 1))


def windows(x: Array, height: int, width: int, stride: int) -> Array:
    """Each window of each image: (N, C, H, W) -> (N, C, OH, OW, height, width)"""
    every = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))
    return every[:, :, ::stride, ::stride]


def max_pool(x: Array, size: int, stride: int) -> Array:
    """The largest value of each window."""
    return windows(x, size, size, stride).max(axis=(4, 5))


def average_pool(x: Array, size: int, stride: int) -> Array:
    """The mean of each window."""
    return windows(x, size, size, stride).mean(axis=(4, 5))


def global_average_pool(x: Array) -> Array:
    """The mean of each channel: (N, C, H, W) -> (N, C)"""
    return x.mean(axis=(2, 3))


def batchnorm(x: Array, gamma: Array, beta: Array, mean: Array, var: Array, eps: float) -> Array:
    """Each feature or channel by the mean and variance that training saw, then times gamma plus beta."""
    each = (1, -1) + (1,) * (x.ndim - 2)
    factor = gamma / np.sqrt(var + x.dtype.type(eps))
    return (x - mean.reshape(each)) * factor.reshape(each) + beta.reshape(each)


def layernorm(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Each row to mean 0 and variance 1, then each feature times gamma plus beta."""
    mean, var = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(var + x.dtype.type(eps)) * gamma + beta


def groupnorm(x: Array, gamma: Array, beta: Array, groups: int, eps: float) -> Array:
    """Each image's channels, in groups, to mean 0 and variance 1, then each channel times gamma plus beta."""
    grouped = x.reshape(len(x), groups, -1)
    mean, var = grouped.mean(axis=2, keepdims=True), grouped.var(axis=2, keepdims=True)
    normal = (grouped - mean) / np.sqrt(var + x.dtype.type(eps))
    return normal.reshape(x.shape) * gamma.reshape(-1, 1, 1) + beta.reshape(-1, 1, 1)


def relu(x: Array) -> Array:
    """max(x, 0)"""
    return np.maximum(x, 0)


def leaky_relu(x: Array, negative_slope: float) -> Array:
    """x where it is positive, negative_slope * x elsewhere"""
    return np.where(x > 0, x, x * x.dtype.type(negative_slope))


def elu(x: Array, alpha: float) -> Array:
    """x where it is positive, alpha * (e^x - 1) elsewhere"""
    return np.where(x > 0, x, x.dtype.type(alpha) * np.expm1(np.minimum(x, 0)))


def gelu(x: Array) -> Array:
    """x times the share of a normal distribution that lies below it"""
    erf = np.vectorize(math.erf, otypes=[float])
    return (x * (1 + erf(x / math.sqrt(2))) / 2).astype(x.dtype)


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x)"""
    small = np.exp(-np.abs(x))  # never overflows
    return np.where(x >= 0, 1, small) / (1 + small)


def tanh(x: Array) -> Array:
    """The hyperbolic tangent."""
    return np.tanh(x)


def softplus(x: Array) -> Array:
    """log(1 + e^x)"""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def softmax(x: Array) -> Array:
    """e^x over its sum along the last axis: scores become probabilities."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def log_softmax(x: Array) -> Array:
    """The logarithm of softmax."""
    x = x - x.max(axis=-1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def step(x: Array) -> Array:
    """1 where x >= 0, else 0"""
    return (x >= 0).astype(x.dtype)


OPERATIONS: dict[str, Callable[..., Array]] = {
    operation.__name__: operation
    for operation in (
        center_and_scale,
        project,
        bias_column,
        flatten,
        dense,
        conv,
        max_pool,
        average_pool,
        global_average_pool,
        batchnorm,
        layernorm,
        groupnorm,
        relu,
        leaky_relu,
        elu,
        gelu,
        sigmoid,
        tanh,
        softplus,
        softmax,
        log_softmax,
        step,
    )
}
HELPERS: dict[str, tuple[set[str], Callable[..., Array]]] = {"windows": ({"conv", "max_pool", "average_pool"}, windows)}  # who calls it
