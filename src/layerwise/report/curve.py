"""The lines of a run, out of the flat rows that a history gives."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from layerwise.arrays import Array

LARGEST = 1e100  # matplotlib's logarithmic axes overflow at 1e290 or so


class Curve(NamedTuple):
    """What one model's rows hold; NaN stands for what is missing, not finite, or too large for an axis."""

    steps: Array
    losses: Array
    epochs: Array
    train: Array
    val: Array

    @property
    def best(self) -> tuple[float, float]:
        """The epoch of the highest validation figure, and the figure; NaN for both where there is none."""
        if np.isnan(self.val).all():
            return np.nan, np.nan
        at = np.nanargmax(self.val)
        return float(self.epochs[at]), float(self.val[at])


def curves(rows: Iterable[Mapping[str, Any]]) -> dict[int, Curve]:
    """One curve per member of a population, in their order; a single model is member 0.

    >>> rows = [{"step": 0, "epoch": 0, "val_acc": 0.1, "train_acc": 0.1}, {"step": 1, "epoch": 0, "loss": 2.3}]
    >>> curves(rows)[0].losses
    array([2.3])
    """
    steps: dict[int, list[tuple[float, ...]]] = {}
    epochs: dict[int, list[tuple[float, ...]]] = {}
    for row in rows:
        member = int(row.get("member", 0))
        if "loss" in row:
            steps.setdefault(member, []).append((row["step"], _finite(row["loss"])))
        if "val_acc" in row or "train_acc" in row:
            epochs.setdefault(member, []).append((row["epoch"], _finite(row.get("train_acc")), _finite(row.get("val_acc"))))
    return {
        member: Curve(*_columns(steps.get(member, []), 2), *_columns(epochs.get(member, []), 3)) for member in sorted(steps.keys() | epochs)
    }


def best_member(lines: Mapping[int, Curve]) -> int:
    """The member with the highest validation figure; without any, the one whose last loss is the lowest. The first of equals."""

    def rank(member: int) -> tuple[float, float]:
        _, val = lines[member].best
        last = lines[member].losses[-1:]
        return -np.inf if np.isnan(val) else val, -last[0] if np.isfinite(last).all() and len(last) else -np.inf

    return max(lines, key=rank)


def smooth(values: Array, radius: int) -> Array:
    """The mean of each value and its neighbours up to `radius` away, of those that are known; gaps stay gaps.

    The window shrinks towards the start, where losses fall fastest: the first value stays what it is.

    >>> smooth(np.array([1.0, 3.0, np.nan, 4.0, 8.0, 9.0]), 1)
    array([1. , 2. , nan, 6. , 7. , 8.5])
    """
    if not len(values):
        return values
    known = ~np.isnan(values)
    at = np.arange(len(values))
    before = np.minimum(radius, at)
    spans = np.stack([at - before, at + np.minimum(before, at[::-1]) + 1], axis=1).ravel()
    padded = (np.append(part, 0.0) for part in (np.where(known, values, 0.0), known))  # reduceat wants every end within
    sums, counts = (np.add.reduceat(part, spans)[::2] for part in padded)  # not by cumsum: one huge loss would drown all after it
    return np.where(known, sums / np.maximum(counts, 1.0), np.nan)


def _finite(value: Any) -> float:
    value = np.nan if value is None else float(value)
    return value if abs(value) < LARGEST else np.nan


def _columns(rows: list[tuple[float, ...]], width: int) -> Array:
    return np.array(rows, np.float64).reshape(-1, width).T
