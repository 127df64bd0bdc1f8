"""What is to be tried: for each setting the values that it may take, and all of them together."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Setting = dict[str, Any]
MOST_DRAWS = 1000  # tries for one setting that meets the constraints
DIGITS = 12  # of a value between two ends: 0.1, rather than 0.09999999999999999


@dataclass(frozen=True)
class Range:
    """Numbers from low to high, evenly apart, or evenly apart in their logarithms; count of them make a grid.

    >>> log(1e-3, 1e-1, 3).grid()
    [0.001, 0.01, 0.1]
    >>> integers(2, 16, 4, log=True).grid()
    [2, 4, 8, 16]
    """

    low: float
    high: float
    count: int | None = None
    log: bool = False
    whole: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low <= self.high):
            raise ValueError(f"a range goes from a number up to another, but this one from {self.low} to {self.high}")
        if self.log and not self.low > 0:
            raise ValueError(f"a range over logarithms needs ends above 0, but begins at {self.low:g}: begin at 1e-8, say, or use linear")
        if self.whole and not (float(self.low).is_integer() and float(self.high).is_integer()):
            raise ValueError(f"integers go from a whole number to another, but these from {self.low:g} to {self.high:g}")
        if self.count is not None and self.count < 1:
            raise ValueError(f"a range has {self.count} values, but needs at least 1")

    def grid(self) -> list[Any]:
        """The count values, ends included."""
        if self.count is None and not self.whole:
            raise ValueError(f"the range from {self.low:g} to {self.high:g} has no count: a grid needs one, such as log(1e-5, 1e-1, 9)")
        count = self.count or int(self.high - self.low) + 1
        places = np.linspace(*self._ends, count).tolist() if count > 1 else [sum(self._ends) / 2]
        return list(dict.fromkeys(self._value(place) for place in places))  # integers may fall together

    def draw(self, rng: np.random.Generator) -> Any:
        """One value at random."""
        if self.whole and not self.log:
            return int(rng.integers(int(self.low), int(self.high), endpoint=True))
        return self._value(float(rng.uniform(*self._ends)))

    def zoom(self, kept: Sequence[Any]) -> Range:
        """The range that holds the kept values, and half a step of the grid on either side."""
        low, high = self._ends
        places = [self._place(value) for value in kept]
        half = (high - low) / (2 * max(1, len(self.grid()) - 1) if self.count or self.whole else 8)
        ends = max(low, min(places) - half), min(high, max(places) + half)
        if self.whole:
            values = (math.floor(self._number(ends[0])), math.ceil(self._number(ends[1])))
            return replace(self, low=max(self.low, values[0]), high=min(self.high, values[1]))
        return replace(self, low=self._value(ends[0]), high=self._value(ends[1]))

    @property
    def _ends(self) -> tuple[float, float]:
        return self._place(self.low), self._place(self.high)

    def _place(self, value: float) -> float:
        return math.log(value) if self.log else float(value)

    def _number(self, place: float) -> float:
        return math.exp(place) if self.log else place

    def _value(self, place: float) -> Any:
        number = self._number(place)
        rounded = round(number) if self.whole else float(f"{number:.{DIGITS}g}")
        return min(max(rounded, self.low), self.high)


@dataclass(frozen=True)
class Values:
    """These values and no others; ordered where those between two good ones are worth a look."""

    values: tuple[Any, ...]
    ordered: bool = False

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("a setting needs at least one value to take")

    def grid(self) -> list[Any]:
        """All values."""
        return list(self.values)

    def draw(self, rng: np.random.Generator) -> Any:
        """One of the values."""
        return self.values[int(rng.integers(len(self.values)))]

    def zoom(self, kept: Sequence[Any]) -> Values:
        """The kept values, with those between them where there is an order."""
        if not self.ordered:
            return replace(self, values=tuple(value for value in self.values if value in kept))
        at = [self.values.index(value) for value in kept]
        return replace(self, values=self.values[min(at) : max(at) + 1])


Axis = Range | Values


def log(low: float, high: float, count: int | None = None) -> Range:
    """Numbers evenly apart in their logarithms: learning rates, penalties."""
    return Range(low, high, count, log=True)


def linear(low: float, high: float, count: int | None = None) -> Range:
    """Numbers evenly apart."""
    return Range(low, high, count)


def integers(low: int, high: int, count: int | None = None, *, log: bool = False) -> Range:
    """Whole numbers, all of them or count; with log=True such as double from one to the next: widths."""
    return Range(low, high, count, log=log, whole=True)


def choice(*values: Any) -> Values:
    """Any values, in no order: names of rules, lists of widths."""
    return Values(tuple(values))


def grid(*values: float) -> Values:
    """Exactly these numbers, in their order."""
    return Values(tuple(sorted(values)), ordered=True)


class Space:
    """Axes by the name of the setting, and constraints: functions of a setting that say whether to try it.

    >>> space = Space({"lr": log(1e-3, 1e-1, 3), "reg": [0.0, 1.0]}, [lambda s: s["lr"] < 0.1 or s["reg"] == 0])
    >>> space.grid()[-1], len(space.grid())
    ({'lr': 0.1, 'reg': 0.0}, 5)
    """

    def __init__(self, axes: Mapping[str, Axis | Sequence[Any]], constraints: Iterable[Callable[[Setting], bool]] = ()) -> None:
        self.axes = {name: axis if isinstance(axis, Range | Values) else _values(name, axis) for name, axis in axes.items()}
        self.constraints = tuple(constraints)
        if not self.axes:
            raise ValueError("a sweep needs at least one setting with several values, such as lr=log(1e-5, 1e-1, 9)")

    def grid(self) -> list[Setting]:
        """Every combination that meets the constraints; the first axis changes slowest."""
        product = itertools.product(*(axis.grid() for axis in self.axes.values()))
        settings = [setting for values in product if self._meets(setting := dict(zip(self.axes, values, strict=True)))]
        if not settings:
            raise ValueError("no setting of the grid meets the constraints")
        return settings

    def draw(self, count: int, rng: np.random.Generator) -> list[Setting]:
        """So many settings at random."""
        return [self._one(rng) for _ in range(count)]

    def zoom(self, kept: Sequence[Setting]) -> Space:
        """The smallest box around the kept settings, half a step wider on each side."""
        return Space({name: axis.zoom([setting[name] for setting in kept]) for name, axis in self.axes.items()}, self.constraints)

    def _one(self, rng: np.random.Generator) -> Setting:
        for _ in range(MOST_DRAWS):
            if self._meets(setting := {name: axis.draw(rng) for name, axis in self.axes.items()}):
                return setting
        raise ValueError(f"none of {MOST_DRAWS} settings drawn at random meets the constraints: loosen them")

    def _meets(self, setting: Setting) -> bool:
        return all(constraint(setting) for constraint in self.constraints)


def _values(name: str, values: Any) -> Values:
    if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray):
        raise TypeError(f"{name} is {values!r}, but a setting that is swept needs a list of values, or a range such as log(1e-5, 1e-1, 9)")
    values = list(values)
    ordered = all(isinstance(value, int | float | np.number) and not isinstance(value, bool) for value in values)
    return grid(*(value.item() if isinstance(value, np.generic) else value for value in values)) if ordered else choice(*values)


def parse_range(text: str, *, whole: bool = False) -> Range | None:
    """A range as a command line has it, LOW:HIGH:SCALE[:COUNT] with the scale log, linear or integers; None for any other text.

    >>> parse_range("1e-5:1e-1:log:9")
    Range(low=1e-05, high=0.1, count=9, log=True, whole=False)
    >>> parse_range("0.1") is None
    True
    """
    low, *rest = text.strip().split(":")
    if not rest:
        return None
    try:
        ends, scale, count = (float(low), float(rest[0])), rest[1], int(rest[2]) if len(rest) > 2 else None
        if len(rest) > 3 or scale not in ("log", "linear", "integers"):
            raise ValueError
    except (ValueError, IndexError):
        raise ValueError(
            f'"{text}" is no range: write LOW:HIGH:SCALE:COUNT with the scale log, linear or integers, such as 1e-5:1e-1:log:9'
        ) from None
    whole = whole or scale == "integers"
    low_end, high_end = (int(end) if whole and end.is_integer() else end for end in ends)
    return Range(low_end, high_end, count, log=scale == "log", whole=whole)
