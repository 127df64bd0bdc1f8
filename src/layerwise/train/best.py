"""The parameters of the best epoch, kept per member of a population."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.train.population import Roster
from layerwise.train.protocol import trees_of


class Best:
    """Copies of params and buffers from when the validation figure was highest; a member's own best in a population.

    Arrays and value are of all members, those that have left the model included.
    """

    def __init__(self) -> None:
        self.value: Any = -np.inf
        self.params: dict[str, Array] = {}
        self.buffers: dict[str, Array] = {}

    def update(self, model: Any, value: Any, roster: Roster, *, newest: bool) -> None:
        """Copy where value, a number or (P,), has risen; everywhere if the newest counts. NaN is no rise."""
        first = not self.params
        if first:
            self.params, self.buffers = ({name: np.copy(w) for name, w in tree.items()} for _, tree in trees_of(model))
        better = np.logical_or(newest, value > self.value)
        risen = np.where(better, value, self.value)
        self.value = risen if risen.ndim else float(risen)
        if first or not better.any():
            return
        for (_, tree), best in zip(trees_of(model), (self.params, self.buffers), strict=True):
            for name, w in tree.items():
                if not roster.is_population:
                    np.copyto(best[name], w)
                else:
                    for position, member in enumerate(roster.members):
                        if better[member]:
                            best[name][member] = w[position]

    def restore(self, model: Any, roster: Roster, positions: Iterable[int] | None = None) -> None:
        """Write the best back into the model: all of it, or the members at these positions."""
        for (_, tree), best in zip(trees_of(model), (self.params, self.buffers), strict=True):
            for name, w in tree.items():
                if positions is None:
                    np.copyto(w, roster.present(best[name]))
                else:
                    for position in positions:
                        w[position] = best[name][roster.members[position]]
