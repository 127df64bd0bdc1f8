"""What is done to examples before a model sees them; what it takes is learned on the training part alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np

from layerwise.arrays import Array
from layerwise.data.rows import chunks


@dataclass(frozen=True, eq=False)
class Transform:
    """fit returns a fitted copy; apply and invert return new arrays or views and write nothing.

    The fields named in `learned` are arrays that fit finds; the others are settings.
    """

    kind: ClassVar[str]
    learned: ClassVar[tuple[str, ...]] = ()

    def fit(self, X: Any) -> Self:
        return self

    def apply(self, batch: Array) -> Array:
        raise NotImplementedError

    def invert(self, batch: Array) -> Array:
        raise NotImplementedError

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape that apply makes of examples of this shape (N, ...)."""
        return shape

    def config(self) -> dict[str, Any]:
        return {"kind": self.kind, **{f.name: getattr(self, f.name) for f in fields(self) if f.name not in self.learned}}

    def arrays(self) -> dict[str, Array]:
        return {name: self.found(name) for name in self.learned}

    def found(self, name: str) -> Any:
        """The field of that name, which fit has set."""
        value = getattr(self, name)
        if value is None:
            raise ValueError(f"{self.kind}: not fitted. Call fit(X_train), or dataset.with_preprocessing(...), first.")
        return value


class Affine(Transform):
    """(x - center) * factor: `affine` gives the two, each a number or one value per feature."""

    def affine(self) -> tuple[Any, Any]:
        raise NotImplementedError

    def apply(self, batch: Array) -> Array:
        batch = floating(batch)
        center, factor = (self._cast(value, batch) for value in self.affine())
        return (batch - center) * factor

    def invert(self, batch: Array) -> Array:
        batch = floating(batch)
        center, factor = (self._cast(value, batch) for value in self.affine())
        return batch / factor + center

    def _cast(self, value: Any, batch: Array) -> Any:
        if np.ndim(value) and value.shape != batch.shape[1:]:
            raise ValueError(f"{self.kind}: fitted on examples of shape {value.shape}, but got {batch.shape[1:]}")
        return np.asarray(value, batch.dtype)[()]


@dataclass(frozen=True, eq=False)
class Scale(Affine):
    """x / full_scale: 255 for uint8 images, 16 for the digits. Without one, fit takes 255 if the data is uint8.

    >>> Scale(16).apply(np.array([[8.0, 16.0]]))
    array([[0.5, 1. ]])
    """

    full_scale: float | None = None
    kind = "scale"

    def __post_init__(self) -> None:
        if self.full_scale is not None and not (math.isfinite(self.full_scale) and self.full_scale > 0):
            raise ValueError(f"scale: full_scale is {self.full_scale}, but must be a number above 0")

    def fit(self, X: Any) -> Scale:
        if self.full_scale is not None:
            return self
        if X.dtype != np.uint8:
            raise ValueError(f'scale: {X.dtype} data has no full scale of its own. Give one, as in Scale(100), or use "standardize".')
        return Scale(255)

    def affine(self) -> tuple[Any, Any]:
        return 0.0, 1 / self.found("full_scale")


@dataclass(frozen=True, eq=False)
class Center(Affine):
    """x minus the mean of the training examples, feature by feature (the mean image)."""

    mean: Array | None = None
    kind, learned = "center", ("mean",)

    def fit(self, X: Any) -> Center:
        return Center(mean_of(X))

    def affine(self) -> tuple[Any, Any]:
        return self.found("mean"), 1.0


@dataclass(frozen=True, eq=False)
class Standardize(Affine):
    """(x - mean) / standard deviation of the training examples, feature by feature; a constant feature is divided by 1."""

    mean: Array | None = None
    deviation: Array | None = None
    kind, learned = "standardize", ("mean", "deviation")

    def fit(self, X: Any) -> Standardize:
        mean, variance = _moments(X)
        return Standardize(mean, _divisor(variance))

    def affine(self) -> tuple[Any, Any]:
        return self.found("mean"), 1 / self.found("deviation")


@dataclass(frozen=True, eq=False)
class StandardizeChannels(Standardize):
    """(x - mean) / standard deviation of each colour over all pixels of the training images; a constant one is divided by 1."""

    kind = "standardize_channels"

    def fit(self, X: Any) -> StandardizeChannels:
        if len(X.shape) != 4:
            raise ValueError(f'standardize_channels: needs images (N, C, H, W), but got {tuple(X.shape)}. Put it before "flatten".')
        mean, variance = _moments(X)
        level = mean.mean(axis=(1, 2), keepdims=True)  # (C, H, W) -> (C, 1, 1)
        spread = (variance + np.square(mean - level)).mean(axis=(1, 2), keepdims=True)
        level, spread = (np.broadcast_to(v, mean.shape).copy() for v in (level, spread))
        return StandardizeChannels(level, _divisor(spread))


@dataclass(frozen=True, eq=False)
class Flatten(Transform):
    """(N, C, H, W) -> (N, C·H·W), a view; invert needs the shape that fit saw."""

    shape: tuple[int, ...] | None = None
    kind = "flatten"

    def fit(self, X: Any) -> Flatten:
        return Flatten(tuple(X.shape[1:]))

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (shape[0], math.prod(shape[1:]))

    def apply(self, batch: Array) -> Array:
        return batch.reshape(self.output_shape(batch.shape))

    def invert(self, batch: Array) -> Array:
        return batch.reshape(len(batch), *self.found("shape"))


@dataclass(frozen=True, eq=False)
class BiasColumn(Transform):
    """(N, D) -> (N, D + 1): a column of ones, so that the last (or first) row of a weight matrix is the bias.

    >>> BiasColumn("first").apply(np.array([[5.0, 7.0]]))
    array([[1., 5., 7.]])
    """

    position: str = "last"
    kind = "bias_column"

    def __post_init__(self) -> None:
        if self.position not in ("first", "last"):
            raise ValueError(f'bias_column: position is "{self.position}", but must be "first" or "last"')

    @property
    def column(self) -> int:
        """Where the column stands in a row."""
        return 0 if self.position == "first" else -1

    @property
    def features(self) -> slice:
        """Where the features stand in a row that has the column."""
        return slice(1, None) if self.position == "first" else slice(None, -1)

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        if len(shape) != 2:
            raise ValueError(f'bias_column: the examples have shape {shape[1:]}, but must be rows (D,). Put "flatten" before it.')
        return (shape[0], shape[1] + 1)

    def apply(self, batch: Array) -> Array:
        batch = floating(batch)
        out = np.ones(self.output_shape(batch.shape), batch.dtype)  # (N, D) -> (N, D + 1)
        out[:, self.features] = batch
        return out

    def invert(self, batch: Array) -> Array:
        return batch[:, self.features]


def floating(batch: Array) -> Array:
    """The batch itself if it is of floats, else one in float64."""
    return batch if batch.dtype.kind == "f" else batch.astype(np.float64)


def mean_of(X: Any) -> Array:
    """The mean example of a set that is read in pieces, in float64."""
    total = np.zeros(X.shape[1:])
    for _, rows in chunks(X):
        total += rows.sum(axis=0, dtype=np.float64)
    return total / len(X)


def _moments(X: Any) -> tuple[Array, Array]:
    """Mean and variance of each feature, in two passes; a variance that rounding alone explains is 0."""
    mean = mean_of(X)
    rest, squares = np.zeros_like(mean), np.zeros_like(mean)
    for _, rows in chunks(X):
        moved = rows - mean
        rest += moved.sum(axis=0)  # what rounding left in the mean of many rows
        squares += np.square(moved).sum(axis=0)
    rest /= len(X)
    mean += rest
    variance = squares / len(X) - rest**2
    rounding = 8 * np.finfo(np.float64).eps * np.abs(mean)  # all that a constant feature can show
    return mean, np.where(variance > np.square(rounding), variance, 0.0)


def _divisor(variance: Array) -> Array:
    return np.where(variance > 0, np.sqrt(variance), 1.0)
