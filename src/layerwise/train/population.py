"""Many models of one shape as one model, whose arrays have one more leading axis."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from layerwise.arrays import Array, members_first
from layerwise.train.protocol import settings_of, trees_of


def stack(models: Sequence[Any]) -> Any:
    """A population: a copy of the first model that holds the weights and settings of all, and trains them together.

    models  P models of one class and shape; their settings (reg, keep_prob, ...) may differ  ->  one model

    Weights (D, M) become (P, D, M), stored as (P, M, D). A setting that differs becomes (P,). Noise is drawn by a copy of
    the first model's rng, once for all members: a member sees what it would see alone with that rng.

    >>> from layerwise.models import SoftmaxModel
    >>> population = stack([SoftmaxModel(4, 3, reg=reg) for reg in (0.0, 0.1)])
    >>> population.params["W"].shape, population.reg
    ((2, 4, 3), array([0. , 0.1]))
    """
    if not models:
        raise ValueError("stack: a population needs at least one model")
    population = copy.deepcopy(models[0])
    for (what, tree), *others in zip(trees_of(population), *(trees_of(model) for model in models), strict=True):
        for name in list(tree):
            shapes = [np.shape(other.get(name, ())) for _, other in others]
            if len(set(shapes)) > 1 or any(list(other) != list(tree) for _, other in others):
                raise ValueError(f"stack: the models differ in {what}[{name!r}]: {shapes}. Only models of one shape form a population.")
            tree[name] = members_first(np.stack([other[name] for _, other in others]))
    settings = settings_of(population)
    for name in list(settings):
        values = [settings_of(model)[name] for model in models]
        if any(value != values[0] for value in values):
            settings[name] = np.array(values, np.float64)
    return population


def member(tree: Mapping[str, Array], i: int) -> dict[str, Array]:
    """One member's arrays, as copies.  name -> (P, ...)  ->  name -> (...), in C order"""
    return {name: np.array(array[i], order="C") for name, array in tree.items()}


def cut(array: Array, positions: Array) -> Array:
    """(P, ...) -> (len(positions), ...): the members at these positions, in the fast layout."""
    return members_first(array[positions])


class Roster:
    """Which members of a population are still in the model. For one model there is no such axis, and all passes through."""

    def __init__(self) -> None:
        self.members: Array | None = None  # at each position of the model's leading axis: the member's number
        self.size = 0  # of the population as it began

    def begin(self, size: int) -> None:
        """The model is a population of so many."""
        self.members, self.size = np.arange(size), size

    @property
    def is_population(self) -> bool:
        return self.members is not None

    def member(self, position: Any) -> int:
        """The number of the member at a position of the leading axis."""
        return int(position) if self.members is None else int(self.members[position])

    def present(self, value: Any) -> Any:
        """A figure of all members (P,)  ->  of those in the model; numbers pass through."""
        return value[self.members] if self.members is not None and np.ndim(value) else value

    def all_members(self, value: Any) -> Any:
        """A figure of the members in the model  ->  of all (P,), NaN where one is gone; one model's figure as a number."""
        if self.members is None:
            return float(value) if not np.ndim(value) else np.array(value)
        full = np.full(self.size, np.nan)
        full[self.members] = value
        return full
