"""Principal components: the directions in which the training examples differ most."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.rows import chunks
from layerwise.data.transform import Transform, floating, mean_of

WIDEST = 4096  # features up to which the covariance matrix is made; of wider examples a sample is decomposed
SAMPLE = 4096
AT_ONCE = 32 << 20  # bytes of a piece in float64: long ones make a fast matrix product


@dataclass(frozen=True, eq=False)
class PCA(Transform):
    """Examples (N, ...) as their coordinates (N, K) along the principal components, the largest variance first.

    components is their number, or the share of the variance that they keep as a float; None keeps all. With whiten each
    coordinate is divided by its standard deviation. invert gives the nearest examples that have these coordinates.
    Examples of more than 4096 features are judged by 4096 rows at even distances, all others by every row.

    >>> X = np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> pca = PCA(1).fit(X)
    >>> pca.apply(X).ravel(), pca.share
    (array([ 3., -3.,  0.,  0.]), 0.9)
    """

    components: int | float | None = None
    whiten: bool = False
    shape: tuple[int, ...] | None = None
    mean: Array | None = None  # (D,)
    directions: Array | None = None  # (K, D), orthonormal rows
    variance: Array | None = None  # (K,), of the training examples along each
    total: Array | None = None  # (), the variance along all
    kind, learned = "pca", ("mean", "directions", "variance", "total")

    def __post_init__(self) -> None:
        count = self.components
        if isinstance(count, bool) or not (
            count is None or (isinstance(count, float) and 0 < count <= 1) or (isinstance(count, int) and count > 0)
        ):
            raise ValueError(f"pca: components is {count!r}, but must be a number of them, or a share of the variance such as 0.95")

    @property
    def share(self) -> float:
        """How much of the training examples' variance the components keep."""
        total = float(self.found("total"))
        return float(self.found("variance").sum()) / total if total else 1.0

    def fit(self, X: Any) -> PCA:
        features = math.prod(X.shape[1:])
        mean, directions, variance = _from_covariance(X) if features <= min(WIDEST, len(X)) else _from_sample(X)
        total = variance.sum()
        count = len(variance)
        if isinstance(self.components, float):
            count = min(count, 1 + int(np.searchsorted(np.cumsum(variance), self.components * total * (1 - 1e-12))))
        elif self.components is not None:
            if self.components > count:
                raise ValueError(
                    f"pca: {self.components} components are asked for, but {len(X)} examples of {features} features have {count}"
                )
            count = self.components
        directions = directions[:count]
        largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
        directions = directions * np.where(largest < 0, -1.0, 1.0)  # one of the two signs, always the same
        return PCA(self.components, self.whiten, tuple(X.shape[1:]), mean, directions, variance[:count], np.asarray(total))

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        features, fitted = math.prod(shape[1:]), len(self.found("mean"))
        if features != fitted:
            raise ValueError(f"pca: fitted on {fitted} features, but the examples have {features}")
        return (shape[0], len(self.found("directions")))

    def apply(self, batch: Array) -> Array:
        mean, directions, deviation = self._cast(batch := floating(batch))
        self.output_shape(batch.shape)  # refuses other features than those that were fitted
        rows = batch.reshape(len(batch), len(mean))
        out = (rows - mean) @ directions.T  # (N, D) @ (D, K) -> (N, K)
        out /= deviation
        return out

    def invert(self, batch: Array) -> Array:
        mean, directions, deviation = self._cast(batch := floating(batch))
        return ((batch * deviation) @ directions + mean).reshape(len(batch), *self.found("shape"))

    def projection(self) -> tuple[Array, Array]:
        """mean (D,) and matrix (D, K), in float64: apply gives (rows - mean) @ matrix."""
        mean, directions, deviation = self._cast(np.empty((0, 0)))
        return mean, directions.T / deviation

    def _cast(self, batch: Array) -> tuple[Array, Array, Array]:
        mean, directions, variance = (self.found(name) for name in ("mean", "directions", "variance"))
        rounding = 8 * np.finfo(np.float64).eps * len(mean) * variance.max(initial=0.0)  # all that a constant direction can show
        deviation = np.where(variance > rounding, np.sqrt(np.maximum(variance, 0)), 1.0) if self.whiten else np.ones(len(variance))
        return mean.astype(batch.dtype, copy=False), directions.astype(batch.dtype, copy=False), deviation.astype(batch.dtype)


def _from_covariance(X: Any) -> tuple[Array, Array, Array]:
    """mean (D,), directions (D, D), variance (D,), in two passes over all rows."""
    mean = mean_of(X).ravel()
    covariance = np.zeros((len(mean), len(mean)))
    for _, rows in chunks(X, AT_ONCE * X.dtype.itemsize // 8):
        moved = rows.reshape(len(rows), -1) - mean
        covariance += moved.T @ moved
    variance, vectors = np.linalg.eigh(covariance / len(X))
    return mean, vectors.T[::-1], np.maximum(variance[::-1], 0)


def _from_sample(X: Any) -> tuple[Array, Array, Array]:
    """The same of at most SAMPLE rows at even distances: as many directions as rows, or features."""
    mean = mean_of(X).ravel()
    picks = np.linspace(0, len(X) - 1, min(len(X), SAMPLE)).astype(np.intp)
    sample = np.stack([np.asarray(X[int(i) : int(i) + 1], np.float64).ravel() for i in picks])
    moved = sample - (mean if len(picks) == len(X) else sample.mean(axis=0))
    _, lengths, directions = np.linalg.svd(moved, full_matrices=False)
    return mean, directions, np.square(lengths) / len(picks)
