"""What came of a sweep."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import did_you_mean
from layerwise.sweep.interval import Spread
from layerwise.sweep.trial import DIVERGED, FINISHED, PRUNED, UNFINISHED, Row, rank

FIGURES = (
    "val_acc",
    "train_acc",
    "val_loss",
    "last_val_acc",
    "last_train_acc",
    "best_epoch",
    "epochs",
    "seconds",
)  # of the best epoch, and of the last


class Landscape(NamedTuple):
    """A figure over two settings: z[i, j] belongs to ys[i] and xs[j]; NaN where nothing finite was measured."""

    xs: Array
    ys: Array
    z: Array


class Result:
    """The rows of all trials, and what they say about the settings.

    rows     a dict per trial: its setting, figures, status, and curves
    model    the chosen model; test holds its figures on the test part, measured once, after the choice was made
    checks   what verify found: each of some members retrained alone
    reason   why the sweep stopped before its end; None if it did not
    """

    def __init__(self, rows: Iterable[Row], *, num_val: int | None = None) -> None:
        self.rows = sorted(rows, key=lambda row: (row["trial"], row["repeat"], row["fold"]))
        self.num_val = num_val
        self.model: Any = None
        self.test: dict[str, float] = {}
        self.checks: list[dict[str, Any]] = []
        self.forecast: dict[str, float | None] = {}
        self.reason: str | None = None
        self.refit: str | None = None

    @property
    def best(self) -> dict[str, Any]:
        """The row of table() whose mean validation figure is the highest, of those that ran to their end if there are any."""
        table = self.table()
        if not table or table[0]["val_acc"] is None:
            raise ValueError("no setting of this sweep has a finite validation figure: all diverged, or none was trained")
        return table[0]

    def table(self) -> list[dict[str, Any]]:
        """A dict per setting, the best first: trial, the settings, figures (means over repeats and folds), val_low and val_high,
        not_distinguishable (from the best), status, reason. `pandas.DataFrame(result.table())` makes a frame of it."""
        groups: dict[int, list[Row]] = {}
        for row in self.rows:
            groups.setdefault(row["trial"], []).append(row)
        lines = [_line(rows) for rows in groups.values()]
        lines.sort(key=lambda line: rank({**line, "repeat": 0, "fold": 0}), reverse=True)
        finished = [line for line in lines if line["status"] == FINISHED] or [line for line in lines if line["val_acc"] is not None]
        spread = Spread([_values(groups[line["trial"]]) for line in finished], self.num_val)
        for line in lines:
            line |= {"val_low": None, "val_high": None, "not_distinguishable": False}
        for line, (low, high), same in zip(finished, spread.intervals(), spread.not_distinguishable(), strict=True):
            line |= {"val_low": float(low), "val_high": float(high), "not_distinguishable": bool(same)}
        return lines

    @property
    def not_distinguishable(self) -> list[dict[str, Any]]:
        """The settings whose distance from the best may be chance, the best first."""
        return [line["setting"] for line in self.table() if line["not_distinguishable"]]

    def landscape(self, x: str, y: str, figure: str = "val_acc") -> Landscape:
        """A figure over two settings, such as val_acc (of the best epoch) or last_val_acc; where others vary too, that of the best."""
        table = self.table()
        xs, ys = (sorted({_number(name, line["setting"]) for line in table}) for name in (x, y))
        z = np.full((len(ys), len(xs)), np.nan)
        for line in reversed(table):  # the better ones overwrite the others
            if line[figure] is not None:
                z[ys.index(line["setting"][y]), xs.index(line["setting"][x])] = line[figure]
        return Landscape(np.array(xs, np.float64), np.array(ys, np.float64), z)

    def over(self, name: str) -> list[dict[str, Any]]:
        """For each value of one setting the best line of table(), by value."""
        best: dict[str, dict[str, Any]] = {}
        for line in self.table():
            best.setdefault(json.dumps(line["setting"].get(name), default=str), line)
        lines = list(best.values())
        numbers = all(isinstance(line["setting"].get(name), int | float) for line in lines)
        return sorted(lines, key=lambda line: line["setting"][name]) if numbers else lines

    def history_rows(self) -> list[dict[str, Any]]:
        """Flat rows of the curves of all trials that did not diverge, as `history.rows()` has them; a trial is a member."""
        flat: list[dict[str, Any]] = []
        for at, row in enumerate(self.rows):
            if row["status"] == DIVERGED:
                continue  # losses of 10¹⁰ would leave no room for the others
            curve = row["curve"]
            flat += [{"step": s, "epoch": 0, "member": at, "loss": loss} for s, loss in zip(curve["step"], curve["loss"], strict=True)]
            flat += [
                {"step": 0, "epoch": e, "member": at, "train_acc": a, "val_acc": b}
                for e, a, b in zip(curve["epoch"], curve["train_acc"], curve["val_acc"], strict=True)
            ]
        return flat

    def counts(self) -> dict[str, int]:
        """How many trials ended how."""
        return {status: sum(row["status"] == status for row in self.rows) for status in (FINISHED, PRUNED, DIVERGED, UNFINISHED)}

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {status}" for status, count in self.counts().items() if count)
        return f"<Result of {len(self.rows)} trials: {counts or 'none'}>"


def _line(rows: Sequence[Row]) -> dict[str, Any]:
    """One setting's trials as one line; a setting that diverged in any repeat has diverged."""
    worst = next((s for s in (DIVERGED, UNFINISHED, PRUNED) if any(row["status"] == s for row in rows)), FINISHED)
    figures = {name: _mean([row[name] for row in rows]) for name in FIGURES}
    if worst == DIVERGED:
        figures |= dict.fromkeys(FIGURES[:5])
    reason = next((row["reason"] for row in rows if row["reason"]), None)
    return {"trial": rows[0]["trial"], "setting": rows[0]["setting"], "status": worst, "reason": reason, "runs": len(rows), **figures}


def _values(rows: Sequence[Row]) -> list[float]:
    return [row["val_acc"] for row in rows if row["val_acc"] is not None]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _number(name: str, setting: Mapping[str, Any]) -> float:
    if name not in setting:
        raise ValueError(f'"{name}" was not swept.{did_you_mean(name, setting)}')
    if not isinstance(setting[name], int | float):
        raise ValueError(f"{name} has values such as {setting[name]!r}: a landscape needs numbers on both axes")
    return setting[name]
