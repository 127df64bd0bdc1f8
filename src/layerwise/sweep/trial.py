"""One fit of a sweep: a setting, once or repeated; and the rows that fits leave behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Row = dict[str, Any]
Key = tuple[int, int, int]

FINISHED, PRUNED, DIVERGED, UNFINISHED = "finished", "pruned", "diverged", "unfinished"
WEIGHTS, ORDER, NOISE = range(3)  # what a stream of random numbers is for


@dataclass(frozen=True)
class Trial:
    """number says which setting; each repeat has its own weights, noise and order of the data, each fold its own parts of it."""

    number: int
    setting: Mapping[str, Any] = field(hash=False)
    repeat: int = 0
    fold: int = 0

    @property
    def key(self) -> Key:
        return self.number, self.repeat, self.fold

    def seed(self, base: int) -> int:
        """The seed of its initial weights; a setting's own "seed" stands for its number."""
        own = self.setting.get("seed")
        words = [base, WEIGHTS, self.repeat, self.fold, *([self.number] if own is None else [int(own), 1])]
        return int(np.random.SeedSequence(words).generate_state(1)[0])

    def stream(self, base: int, what: int) -> np.random.SeedSequence:
        """Order and noise are one stream for all settings of a repeat: how they are cut into chunks changes no result."""
        return np.random.SeedSequence([base, what, self.repeat, self.fold])


def key_of(row: Row) -> Key:
    """The key of the trial that a row is of."""
    return int(row["trial"]), int(row["repeat"]), int(row["fold"])


def rank(row: Row) -> tuple[Any, ...]:
    """Larger is better: a trial that ran to its end before one that did not; the first of equals."""
    value = row["val_acc"]
    return row["status"] == FINISHED, -np.inf if value is None or np.isnan(value) else value, *(-part for part in key_of(row))
