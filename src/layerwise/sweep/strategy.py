"""Which settings to try next. A strategy asks for settings, is sent their lines of the table, and asks again."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from layerwise.sweep.space import Setting, Space

Asks = Generator[list[Setting], list[dict[str, Any]], None]


class Strategy(Protocol):
    """asks yields lists of settings and is sent `Result.table()` of all so far; rungs prunes while they train."""

    def asks(self, space: Space, rng: np.random.Generator) -> Asks: ...

    def rungs(self, count: int, epochs: int) -> list[tuple[int, int]]:
        """(epoch, how many of count settings go on after it), ascending; none for a strategy that prunes nothing."""


@dataclass(frozen=True)
class Grid:
    """Every combination."""

    name: ClassVar[str] = "grid"

    def asks(self, space: Space, rng: np.random.Generator) -> Asks:
        yield space.grid()

    def rungs(self, count: int, epochs: int) -> list[tuple[int, int]]:
        return []


@dataclass(frozen=True)
class Random(Grid):
    """Settings drawn at random: of few that matter among many, more different values are tried (Bergstra & Bengio 2012)."""

    trials: int = 20
    name: ClassVar[str] = "random"

    def asks(self, space: Space, rng: np.random.Generator) -> Asks:
        yield space.draw(self.trials, rng)


@dataclass(frozen=True)
class CoarseToFine(Grid):
    """The grid, then the same number of values in the box of all settings that cannot be told from the best; and again."""

    stages: int = 3
    name: ClassVar[str] = "coarse-to-fine"

    def asks(self, space: Space, rng: np.random.Generator) -> Asks:
        seen: list[Setting] = []
        for _ in range(self.stages):
            new = [setting for setting in space.grid() if setting not in seen]
            if not new:
                return
            seen += new
            lines = yield new
            kept = [line["setting"] for line in lines if line["not_distinguishable"]]
            if not kept:
                return
            space = space.zoom(kept)


@dataclass(frozen=True)
class Halving(Grid):
    """Successive halving (Jamieson & Talwalkar 2016): all train a little, the best 1/eta go on eta times as long, and so on.

    levels  so many times some are left behind; the first time after epochs / eta ** levels epochs
    trials  settings drawn at random; None takes the grid
    """

    eta: int = 3
    levels: int = 2
    trials: int | None = None
    name: ClassVar[str] = "halving"

    def __post_init__(self) -> None:
        if self.eta < 2 or self.levels < 1:
            raise ValueError(f"halving: eta is {self.eta} and levels {self.levels}, but eta must be at least 2 and levels at least 1")

    def asks(self, space: Space, rng: np.random.Generator) -> Asks:
        yield space.grid() if self.trials is None else space.draw(self.trials, rng)

    def rungs(self, count: int, epochs: int) -> list[tuple[int, int]]:
        """
        >>> Halving().rungs(27, 18)
        [(2, 9), (6, 3)]
        """
        found: dict[int, int] = {}
        for level in range(self.levels, 0, -1):
            epoch, left = epochs // self.eta**level, math.ceil(count / self.eta ** (self.levels + 1 - level))
            if epoch >= 1 and left < count:
                found[epoch] = left
        return list(found.items())


@dataclass(frozen=True)
class Optuna(Grid):
    """Optuna's sampler (TPE by default), asked for a population at a time and told what came of it."""

    trials: int = 64
    population: int = 16
    sampler: Any = None
    name: ClassVar[str] = "optuna"

    def asks(self, space: Space, rng: np.random.Generator) -> Asks:
        from layerwise.sweep.optuna_search import Search

        search = Search(space, self.sampler, seed=int(rng.integers(2**31)))
        for start in range(0, self.trials, self.population):
            lines = yield search.ask(min(self.population, self.trials - start))
            search.tell(lines)


STRATEGIES: dict[str, type[Grid]] = {
    "grid": Grid,
    "random": Random,
    "coarse-to-fine": CoarseToFine,
    "halving": Halving,
    "optuna": Optuna,
}
