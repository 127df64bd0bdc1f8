"""Targets that are numbers: brought to a common scale for training, and the scale put into the trained net's last layer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.dataset import Dataset
from layerwise.layers.dense import Dense
from layerwise.models.network import Network


@dataclass(frozen=True)
class TargetScale:
    """Mean and standard deviation of the training targets, (1,) or (K,); prices in the thousands are as easy to learn as shares.

    >>> scale = TargetScale.of(np.array([100.0, 300.0]))
    >>> scale.apply(np.array([100.0, 200.0, 500.0])).tolist()
    [-1.0, 0.0, 3.0]
    """

    mean: Array
    deviation: Array

    @classmethod
    def of(cls, y: Array) -> TargetScale:
        y = y.reshape(len(y), -1).astype(np.float64)
        deviation = y.std(axis=0)
        return cls(y.mean(axis=0), np.where(deviation > 0, deviation, 1.0))

    def apply(self, y: Array) -> Array:
        """Targets (N,) or (N, K) with mean 0 and deviation 1 over the training part, in their own shape."""
        return ((y.reshape(len(y), -1) - self.mean) / self.deviation).reshape(y.shape)

    def over(self, data: Dataset) -> Dataset:
        """The data with all its targets on this scale."""
        scaled: dict[str, Any] = {key: self.apply(data[key]) for key in ("y_train", "y_val", "y_test") if data[key] is not None}
        return replace(data, **scaled)

    def fold_into(self, model: Network) -> None:
        """Let a net that was trained on this scale put out values in the targets' own units: w σ, b σ + μ in its last layer."""
        last = model.layers[-1]
        if not isinstance(last, Dense):
            raise TypeError(f"the last layer is a {last.kind}, but only a dense one can take over the targets' scale")
        last.params["w"] = (last.params["w"] * self.deviation).astype(model.dtype)
        last.params["b"] = (last.params["b"] * self.deviation + self.mean).astype(model.dtype)


def share_explained(scores: Array, y: Array) -> Any:
    """R² of values (..., N, K) against standardised targets (N,) or (N, K): 1 − their mean squared error, as their variance is 1."""
    return 1 - np.mean((scores - y.reshape(len(y), -1)) ** 2, axis=(-2, -1))


def errors_of(values: Array, y: Array) -> dict[str, float]:
    """How far values (N, K) are from y (N,) or (N, K), in y's units: root mean square, mean absolute, and R².

    >>> {name: round(error, 3) for name, error in errors_of(np.array([[1.0], [2.0]]), np.array([1.0, 4.0])).items()}
    {'rmse': 1.414, 'mae': 1.0, 'r2': 0.111}
    """
    gap = values.reshape(len(y), -1).astype(np.float64) - y.reshape(len(y), -1)
    spread = np.square(y.reshape(len(y), -1) - y.reshape(len(y), -1).mean(axis=0)).mean()
    figures = {"rmse": float(np.sqrt(np.square(gap).mean())), "mae": float(np.abs(gap).mean())}
    return figures if spread == 0 else {**figures, "r2": float(1 - np.square(gap).mean() / spread)}
