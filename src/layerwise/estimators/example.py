"""What an estimator trains on: examples that were checked, with the part that is held out to choose by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.estimators.base import train_test_split


@dataclass(frozen=True)
class Examples:
    """X (N, ...), y as the loss takes it, and weights (N,) or None; the same of the validation part, None where there is none."""

    X: Array
    y: Array
    weights: Array | None = None
    X_val: Array | None = None
    y_val: Array | None = None
    weights_val: Array | None = None

    def held_out(self, share: float, random_state: Any) -> Examples:
        """With this share of the examples, of each class where y are classes, to validate on."""
        kept, held = train_test_split(
            np.arange(len(self.X)), test_size=share, random_state=random_state, stratify=self.y if self.y.dtype.kind in "iu" else None
        )
        own, other = ((self.X[rows], self.y[rows], None if self.weights is None else self.weights[rows]) for rows in (kept, held))
        return Examples(*own, *other)

    def weighing_something(self) -> Examples:
        """Without the training examples whose weight is 0: they change nothing, and a batch of them could not be averaged."""
        if self.weights is None or self.weights.all():
            return self
        kept = self.weights > 0
        return Examples(self.X[kept], self.y[kept], self.weights[kept], self.X_val, self.y_val, self.weights_val)

    @property
    def mean_weight(self) -> float:
        """1 where the examples have no weights."""
        return 1.0 if self.weights is None else float(self.weights.mean())

    def for_solver(self) -> dict[str, Any]:
        """As a Solver takes its data."""
        return {"X_train": self.X, "y_train": self.y, "X_val": self.X_val, "y_val": self.y_val}
