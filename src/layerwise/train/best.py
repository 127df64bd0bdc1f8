"""The parameters of the best epoch, kept per member of a population."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.train.population import Roster
from layerwise.train.protocol import trees_of


class Best:
    """Copies of params and buffers from when the validation figure was highest; a member's own best in a population."""

    def __init__(self) -> None:
        self.value: Any = -np.inf
        self.params: dict[str, Array] = {}
        self.buffers: dict[str, Array] = {}

    def update(self, model: Any, value: Any, roster: Roster, *, newest: bool) -> None:
        """Copy where value, a number or that of each member in the model, has risen; everywhere if the newest counts."""
        if not np.ndim(self.value) and roster.is_population:
            self.value = np.full(roster.size, -np.inf)
        better = np.logical_or(newest, value > roster.present(self.value))
        for (_, tree), best in zip(trees_of(model), (self.params, self.buffers), strict=True):
            for name, w in tree.items():
                if name not in best:
                    best[name] = np.copy(w)
                elif not roster.is_population:
                    if better:
                        np.copyto(best[name], w)
                else:
                    for position in np.flatnonzero(better):
                        best[name][roster.member(position)] = w[position]
        if not roster.is_population:
            self.value = float(value) if better else self.value
        else:
            self.value[roster.members] = np.where(better, value, self.value[roster.members])

    def restore(self, model: Any, roster: Roster) -> None:
        """Write the best back into the model."""
        for (_, tree), best in zip(trees_of(model), (self.params, self.buffers), strict=True):
            for name, w in tree.items():
                np.copyto(w, roster.present(best[name]))
