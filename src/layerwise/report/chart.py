"""The charts of a report that answer to the mouse, as plain data; the page's own script draws them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.report.curve import Curve, best_member, curves, smooth
from layerwise.report.label import number, printable
from layerwise.report.statistic import STATISTICS, layer_lines
from layerwise.report.tile import evenly
from layerwise.sweep.result import Result
from layerwise.sweep.trial import Row

Chart = dict[str, Any]

MOST_TRIAL_NUMBERS = 60_000  # of all curves of a sweep


def lines(title: str, x: str, y: str, series: Iterable[Mapping[str, Any]], *, log: bool = False) -> Chart:
    """A chart of lines; a series has a name, x and y, and may be faint."""
    kept = [dict(one) for one in series if any(value is not None for value in one["y"])]
    return {"kind": "lines", "title": title, "x": {"label": x}, "y": {"label": y, "log": log}, "series": kept}


def series(name: str, x: Array, y: Array, most: int, **look: Any) -> dict[str, Any]:
    """A line of at most so many points, in five figures; what is not finite is None.

    >>> series("loss", np.arange(5.0), np.array([1, 2, np.nan, 4, 1 / 3]), 3)
    {'name': 'loss', 'x': [0.0, 2.0, 4.0], 'y': [1.0, None, 0.33333]}
    """
    at = evenly(len(x), most)
    return {"name": printable(name), "x": [_short(v) for v in x[at]], "y": [_short(v) for v in y[at]], **look}


def training_charts(rows: Iterable[Mapping[str, Any]], *, metric: str, most: int) -> list[Chart]:
    """Loss over steps and the metric over epochs; of a population its best member's."""
    found = curves(rows)
    if not found:
        return []
    curve = found[best_member(found)]
    smoothed = smooth(curve.losses, math.isqrt(len(curve.losses)) // 2)
    known = curve.losses[np.isfinite(curve.losses)]
    wide = bool(known.size and known.min() > 0 and known.max() > 50 * known.min())
    loss = [series("each", curve.steps, curve.losses, most, faint=True), series("smoothed", curve.steps, smoothed, most)]
    measured = [series("training", curve.epochs, curve.train, most), series("validation", curve.epochs, curve.val, most)]
    charts = [
        lines("Loss of the batches", "step", "loss", loss, log=wide),
        lines(f"{_capital(metric)} after each epoch", "epoch", metric, measured),
    ]
    return [chart for chart in charts if chart["series"]]


def statistics_charts(rows: Iterable[Mapping[str, Any]], most: int) -> list[Chart]:
    """Activation spread, share of dead units and update ratio over the epochs, a line per layer."""
    layers = layer_lines(rows)
    charts = [
        lines(
            _capital(statistic.title),
            "epoch",
            statistic.label,
            [series(name, layer["epoch"], layer[statistic.key], most) for name, layer in layers.items()],
            log=statistic.log,
        )
        for statistic in STATISTICS
    ]
    return [chart for chart in charts if chart["series"]]


def comparison_charts(runs: Mapping[str, Iterable[Mapping[str, Any]]], *, metric: str, most: int) -> list[Chart]:
    """Several runs on the same axes: smoothed loss, training and validation metric."""
    found: dict[str, Curve] = {}
    for name, rows in runs.items():
        members = curves(rows)
        if members:
            found[name] = members[best_member(members)]
    loss = [series(name, c.steps, smooth(c.losses, math.isqrt(len(c.losses)) // 2), most) for name, c in found.items()]
    train = [series(name, c.epochs, c.train, most) for name, c in found.items()]
    val = [series(name, c.epochs, c.val, most) for name, c in found.items()]
    charts = [
        lines(f"Validation {metric} after each epoch", "epoch", metric, val),
        lines(f"Training {metric} after each epoch", "epoch", metric, train),
        lines("Loss of the batches, smoothed", "step", "loss", loss),
    ]
    return [chart for chart in charts if chart["series"]]


def landscape_chart(result: Result, metric: str) -> Chart | None:
    """A dot per setting over any two of what was swept, coloured by its validation figure; each knows the curves of its fits."""
    table = result.table()
    if not table:
        return None
    names = list(table[0]["setting"])
    known = [line["val_acc"] for line in table if line["val_acc"] is not None]
    axes = {printable(name): _axis([line["setting"].get(name) for line in table]) for name in names}
    points = []
    for line in table:
        settings = {printable(name): line["setting"].get(name) for name in names}
        figure = "no finite figure" if line["val_acc"] is None else f"{metric} {number(line['val_acc'])}"
        between = "" if line["val_low"] is None else f" ({number(line['val_low'])} to {number(line['val_high'])})"
        text = ", ".join(f"{name} = {value_text(value)}" for name, value in settings.items())
        points.append(
            {
                "trial": line["trial"],
                "at": {name: _place(axes[name], value) for name, value in settings.items()},
                "value": _short(line["val_acc"]),
                "same": line["not_distinguishable"],
                "text": f"{text}: {figure}{between}" + ("" if line["status"] == "finished" else f", {line['status']}"),
            }
        )
    fits: dict[str, list[dict[str, Any]]] = {}
    each = max(8, MOST_TRIAL_NUMBERS // (5 * max(1, len(result.rows))))
    for row in result.rows:
        fits.setdefault(str(row["trial"]), []).append(_fit(row, each))
    limits = [_short(min(known)), _short(max(known))] if known else [0, 1]
    return {"kind": "dots", "title": "Settings", "metric": metric, "axes": axes, "points": points, "limits": limits, "fits": fits}


def value_text(value: Any) -> str:
    """The value of a setting as people write it.

    >>> value_text(1e-4), value_text([50, 20]), value_text("adam")
    ('10⁻⁴', '50-20', 'adam')
    """
    if isinstance(value, list | tuple):
        return "-".join(printable(part) for part in value)
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else printable(value)


def _fit(row: Row, most: int) -> dict[str, Any]:
    curve = {name: np.array([np.nan if v is None else v for v in row["curve"][name]], np.float64) for name in row["curve"]}
    which = "".join(f", {name} {row[name]}" for name in ("repeat", "fold") if row[name])
    loss, train, val = (
        series(name, curve[x], curve[y], most)
        for name, x, y in (("loss", "step", "loss"), ("training", "epoch", "train_acc"), ("validation", "epoch", "val_acc"))
    )
    return {"name": f"fit {row['trial']}{which}", "loss": loss, "accuracy": [train, val]}


def _axis(values: Sequence[Any]) -> dict[str, Any]:
    """Numbers, logarithmic where they span a decade; or names side by side."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        positive = [value for value in values if value > 0]
        return {"log": bool(positive) and max(positive) >= 10 * min(positive)}
    return {"labels": list(dict.fromkeys(value_text(value) for value in values))}


def _place(axis: Mapping[str, Any], value: Any) -> float | int | None:
    return axis["labels"].index(value_text(value)) if "labels" in axis else _short(value)


def _short(value: Any) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.5g}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
