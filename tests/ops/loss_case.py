"""How the contract tests call a row of LOSSES: one model, a population, a population that shares its targets; in both dtypes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from tests.drawing import POPULATION, TOLERANCE

N, K = 5, 4


@dataclass(frozen=True)
class LossCase:
    row: Any
    rng: np.random.Generator
    dtype: type
    population: str = ""  # or "members", where y has their axis, or "shared y"

    def __str__(self):
        return f"{self.name}, {self.dtype.__name__}{self.population and ', '}{self.population}"

    @property
    def name(self):
        return self.row.function.__name__

    @property
    def tolerance(self):
        return TOLERANCE[self.dtype]

    def loss(self, x, y, weights=None):
        """Copies of the loss and of dx."""
        loss, dx = self.row.function(x, y, weights=weights)
        return np.copy(loss), np.copy(dx)

    def lead(self, of_targets=False):
        return (POPULATION,) if self.population == "members" or (self.population and not of_targets) else ()

    def scores(self, n=N, k=K):
        """Whole steps of 0.4 apart, give or take: differences stay 0.08 away from 0 and from ±1, the kinks of hinge, |d| and Huber."""
        shape = (*self.lead(), n, k)
        return (0.4 * self.rng.integers(-5, 6, shape) + self.rng.uniform(-0.01, 0.01, shape)).astype(self.dtype)

    def targets(self, n=N, k=K):
        lead = self.lead(of_targets=True)
        if self.row.targets == "labels":
            return self.rng.integers(0, k, (*lead, n))
        if self.row.targets == "shares":
            return self.rng.uniform(0.05, 0.95, (*lead, n, k))
        return 0.4 * self.rng.integers(-5, 6, (*lead, n, k)) + 0.1

    def weights(self, n=N):
        return self.rng.uniform(0.5, 2, (*self.lead(of_targets=True), n))


def cases(row, rng):
    for dtype in (np.float64, np.float32):
        for population in ("", "members", "shared y"):
            yield LossCase(row, rng, dtype, population)
