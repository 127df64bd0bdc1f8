"""Initial weights: how wide to draw them, so that signals neither fade nor grow from layer to layer.

Every initializer is `(shape, *, rng, dtype=np.float32) -> array`. It draws in float64 and casts, so that the same seed
gives the same weights in both precisions, up to rounding. Shapes are (D, M) for dense weights and (F, C, H, W) for
convolutions; the weights of a population are drawn member by member, each from its own stream, and stacked.
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import DTypeLike

from layerwise.arrays import Array
from layerwise.errors import look_up


class Initializer(Protocol):
    """The signature that every row of INITIALIZERS has."""

    def __call__(self, shape: Sequence[int], /, *, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> Array: ...


class Undrawn:
    """Stands in for a generator where weights are about to be read from a file: arrays of the right shape that take no memory."""


def _placeholder(shape: Sequence[int], dtype: DTypeLike) -> Array:
    return np.broadcast_to(np.zeros((), dtype), shape)


def normal(shape: Sequence[int], *, rng: np.random.Generator, scale: float = 1e-2, dtype: DTypeLike = np.float32) -> Array:
    """Normal numbers with standard deviation `scale`, whatever the shape.

    >>> np.random.seed(493)
    >>> bool(np.all(normal((3, 2), scale=0.5, rng=np.random, dtype=float) == np.random.RandomState(493).randn(3, 2) * 0.5))
    True
    """
    if isinstance(rng, Undrawn):
        return _placeholder(shape, dtype)
    return (scale * rng.normal(size=shape)).astype(dtype)


def zeros(shape: Sequence[int], *, rng: np.random.Generator | None = None, dtype: DTypeLike = np.float32) -> Array:
    """Nothing but zeros, and no draw from rng: for biases, and for the weights of a single linear layer."""
    return _placeholder(shape, dtype) if isinstance(rng, Undrawn) else np.zeros(shape, dtype)


def ones(shape: Sequence[int], *, rng: np.random.Generator | None = None, dtype: DTypeLike = np.float32) -> Array:
    """Nothing but ones, and no draw from rng: for the gains of normalising layers."""
    return _placeholder(shape, dtype) if isinstance(rng, Undrawn) else np.ones(shape, dtype)


def glorot_uniform(shape: Sequence[int], *, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> Array:
    """Variance 2 / (fan_in + fan_out), uniform: for tanh and sigmoid (Glorot & Bengio 2010, equation 16)."""
    return _uniform(shape, 2 / sum(fans(shape)), rng, dtype)


def glorot_normal(shape: Sequence[int], *, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> Array:
    """Variance 2 / (fan_in + fan_out), normal: for tanh and sigmoid (Glorot & Bengio 2010)."""
    return normal(shape, scale=math.sqrt(2 / sum(fans(shape))), rng=rng, dtype=dtype)


def he_uniform(shape: Sequence[int], *, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> Array:
    """Variance 2 / fan_in, uniform: for relu, which passes half of the signal (He et al. 2015)."""
    return _uniform(shape, 2 / fans(shape)[0], rng, dtype)


def he_normal(shape: Sequence[int], *, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> Array:
    """Variance 2 / fan_in, normal: for relu, which passes half of the signal (He et al. 2015, equation 10)."""
    return normal(shape, scale=math.sqrt(2 / fans(shape)[0]), rng=rng, dtype=dtype)


def lecun_uniform(shape: Sequence[int], *, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> Array:
    """Variance 1 / fan_in, uniform: keeps the variance of a linear layer (LeCun et al. 1998, section 4.6)."""
    return _uniform(shape, 1 / fans(shape)[0], rng, dtype)


def lecun_normal(shape: Sequence[int], *, rng: np.random.Generator, dtype: DTypeLike = np.float32) -> Array:
    """Variance 1 / fan_in, normal: keeps the variance of a linear layer (LeCun et al. 1998, section 4.6)."""
    return normal(shape, scale=math.sqrt(1 / fans(shape)[0]), rng=rng, dtype=dtype)


INITIALIZERS: dict[str, Initializer] = {
    "normal": normal,
    "zeros": zeros,
    "glorot_uniform": glorot_uniform,
    "glorot_normal": glorot_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "lecun_uniform": lecun_uniform,
    "lecun_normal": lecun_normal,
}


def initializer(spec: str | float | Initializer) -> Initializer:
    """The initializer that a user's setting names: a row of INITIALIZERS, a number (the scale of `normal`), or a function.

    >>> initializer("he_normal") is he_normal
    True
    >>> initializer(1e-3)((2, 2), rng=np.random.default_rng(0)).dtype
    dtype('float32')
    """
    if isinstance(spec, str):
        return look_up(INITIALIZERS, spec, "initializer")
    if callable(spec):
        return spec
    if isinstance(spec, bool) or not isinstance(spec, int | float | np.number):
        raise TypeError(f"initializer: got {spec!r}; give a name ({', '.join(INITIALIZERS)}), a number (the scale of normal) or a function")
    if not 0 <= spec < math.inf:
        raise ValueError(f"initializer: a scale of {spec} is not a standard deviation; give a finite number, 0 or above")
    return partial(normal, scale=float(spec))


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """How many inputs feed one output, and how many outputs one input feeds.

    >>> fans((784, 100))
    (784, 100)
    >>> fans((32, 3, 7, 7))  # 32 filters over 3 channels
    (147, 1568)
    """
    match tuple(shape):
        case (d, m):
            fan_in, fan_out = d, m
        case (f, c, height, width):
            fan_in, fan_out = c * height * width, f * height * width
        case other:
            raise ValueError(f"initializer: shape {other} has no fan-in; weights are (D, M) or (F, C, H, W), biases want zeros")
    if not fan_in or not fan_out:
        raise ValueError(f"initializer: shape {tuple(shape)} has an axis of length 0, so no width can be worked out for it")
    return fan_in, fan_out


def _uniform(shape: Sequence[int], variance: float, rng: np.random.Generator, dtype: DTypeLike) -> Array:
    if isinstance(rng, Undrawn):
        return _placeholder(shape, dtype)
    limit = math.sqrt(3 * variance)  # uniform on (-a, a) has variance a² / 3
    return rng.uniform(-limit, limit, size=shape).astype(dtype)
