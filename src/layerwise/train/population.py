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

    Weights (D, M) become (P, D, M), stored as (P, M, D). A setting that differs becomes (P,); all else is the
    first model's. Noise is drawn by a copy of its rng, once for all members: a member sees what it would see alone with it.

    >>> from layerwise.models import SoftmaxModel
    >>> population = stack([SoftmaxModel(4, 3, reg=reg) for reg in (0.0, 0.1)])
    >>> population.params["W"].shape, population.reg
    ((2, 4, 3), array([0. , 0.1]))
    """
    if not models:
        raise ValueError("stack: a population needs at least one model")
    for i, model in enumerate(models):
        if difference := _difference(models[0], model):
            raise ValueError(f"stack: models 0 and {i} differ in {difference}. Only models of one class and shape form a population.")
    population = copy.deepcopy(models[0])
    for (_, tree), *others in zip(trees_of(population), *map(trees_of, models), strict=True):
        for name in list(tree):
            tree[name] = members_first(np.stack([other[name] for _, other in others]))
    settings = settings_of(population)
    for name in list(settings):
        settings[name] = together([settings_of(model)[name] for model in models])
    return population


def together(values: Sequence[Any]) -> Any:
    """The members' values of one setting: one number where all are the same, else (P,).

    >>> together([0.1, 0.1]), together([0.1, 0.2])
    (0.1, array([0.1, 0.2]))
    """
    return values[0] if all(value == values[0] for value in values) else np.array(values, np.float64)


def _difference(one: Any, other: Any) -> str:
    """What keeps two models from training together, in words; "" if nothing does."""
    if type(one) is not type(other):
        return f"their class: {type(one).__name__} and {type(other).__name__}"
    for (what, a), (_, b) in zip(trees_of(one), trees_of(other), strict=True):
        if list(a) != list(b):
            return f"the names of their {what}: {', '.join(a)} and {', '.join(b)}"
        for name in a:
            if a[name].shape != b[name].shape or a[name].dtype != b[name].dtype:
                return f"{what}[{name!r}]: {a[name].dtype} {a[name].shape} and {b[name].dtype} {b[name].shape}"
    if list(settings_of(one)) != list(settings_of(other)):
        return f"the names of their settings: {', '.join(settings_of(one))} and {', '.join(settings_of(other))}"
    return ""


def member(tree: Mapping[str, Array], i: int) -> dict[str, Array]:
    """One member's arrays, as copies.  name -> (P, ...)  ->  name -> (...), in C order"""
    return {name: np.array(array[i], order="C") for name, array in tree.items()}


def cut(array: Array, positions: Array) -> Array:
    """(P, ...) -> (len(positions), ...): the members at these positions, in the fast layout."""
    return members_first(array[positions])


def for_each_member(value: Any, w: Array) -> Any:
    """A rule's option for one parameter: a number as it is, (P,) as float64 (P, 1, ..., 1)."""
    return np.reshape(np.asarray(value, np.float64), (-1,) + (1,) * (w.ndim - 1)) if np.ndim(value) else value


class Roster:
    """Which members of a population are in the model, and which of them are frozen. For one model all passes through."""

    def __init__(self) -> None:
        self.is_population = False
        self.members = np.zeros(0, np.intp)  # at each position of the model's leading axis: the member's number
        self.size = 0  # of the population as it began
        self.frozen: dict[int, str] = {}  # number of a member that is no longer trained -> why

    def begin(self, size: int, params: Mapping[str, Array]) -> None:
        """The model is a population of so many."""
        for name, w in params.items():
            if w.shape[:1] != (size,):
                raise ValueError(
                    f"Solver: {size} figures make it a population of {size}, but {name} has shape {w.shape}. "
                    f"The metric must give one model one number, a population one per member."
                )
        self.is_population, self.members, self.size = True, np.arange(size), size

    def keep(self, positions: Array) -> None:
        """The model now holds only the members at these positions."""
        self.members = self.members[positions]

    @property
    def frozen_positions(self) -> list[int]:
        """Where in the model members stand that are no longer trained."""
        return [position for position, member in enumerate(self.members) if member in self.frozen] if self.frozen else []

    def present(self, value: Any) -> Any:
        """A figure of all members (P,)  ->  of those in the model; numbers pass through."""
        return value[self.members] if self.is_population and np.ndim(value) else value

    def all_members(self, value: Any) -> Any:
        """A figure of the members in the model  ->  of all (P,), NaN where one is no longer trained; one model's as a number."""
        if not self.is_population:
            return float(value)
        full = np.full(self.size, np.nan)
        full[self.members] = value
        full[list(self.frozen)] = np.nan
        return full
