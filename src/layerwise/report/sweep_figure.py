"""Figures of sweeps, beside those of `layerwise.report.figure`: rows of settings in, a matplotlib Figure out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.report.axis import equality, set_scale
from layerwise.report.label import number, printable
from layerwise.report.style import BLUE, GREY, ORANGE, VALUE_COLOURS, Figure, panels, set_title, shortened, styled

MOST_TICKS = 8  # values of one axis that are written beside it
LONGEST = 0.6  # inches of such a value


@styled
def accuracy_over_decades(lines: Sequence[Mapping[str, Any]], name: str) -> Figure:
    """Validation figures with their intervals over a setting that spans decades: lines of `Result.table()`, one per value."""
    figure, (axes,) = panels(2.3, 1)
    values = np.array([line["setting"][name] for line in lines], np.float64)
    means, low, high = (np.array([line[key] for line in lines], np.float64) for key in ("val_acc", "val_low", "val_high"))
    axes.plot(values, means, "o-", color=BLUE)
    axes.fill_between(values, low, high, color=BLUE, alpha=0.18, linewidth=0)
    set_scale(axes.xaxis, values, log=True)
    axes.set(xlabel=printable(name), ylabel="validation accuracy")
    best = int(np.nanargmax(means)) if len(means) else None
    set_title(
        figure, "No accuracy was measured" if best is None else f"Highest accuracy {number(means[best])} at {equality(name, values[best])}"
    )
    return figure


@styled
def parallel_coordinates(table: Sequence[Mapping[str, Any]], names: Sequence[str], figure_name: str = "val_acc") -> Figure:
    """A line per setting across one axis per name, coloured by its validation figure; those not distinguishable from the best in
    front, and crosses for settings that diverged. Numbers that span a decade are spread by their logarithms."""
    known = [line for line in table if line[figure_name] is not None]
    figure, (axes,) = panels(2.8, 1)
    places = {name: _places([line["setting"][name] for line in table]) for name in names}
    at = {id(line): row for row, line in enumerate(table)}
    figures = np.array([line[figure_name] for line in known], np.float64)
    low, high = (float(figures.min()), float(figures.max())) if len(figures) else (0.0, 1.0)
    for line in (line for line in table if line[figure_name] is None):
        axes.plot(range(len(names)), [places[name][0][at[id(line)]] for name in names], color=GREY, linewidth=0.4, linestyle=":")
    for line in reversed(known):  # the best on top
        share = (line[figure_name] - low) / (high - low) if high > low else 1.0
        front = line.get("not_distinguishable", False)
        ys = [places[name][0][at[id(line)]] for name in names]
        axes.plot(range(len(names)), ys, color=VALUE_COLOURS(share), linewidth=1.6 if front else 0.6, alpha=1.0 if front else 0.6)
    for x, name in enumerate(names):
        axes.axvline(x, color="black", linewidth=0.6)
        for place, text in places[name][1]:
            axes.text(x + 0.03, place, text, va="center", fontsize=7, bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.4})
    axes.set_xticks(range(len(names)), [printable(name) for name in names])
    axes.set(xlim=(-0.1, len(names) - 0.55), ylim=(-0.06, 1.06), yticks=[])
    axes.spines[:].set_visible(False)
    axes.grid(False)
    if len(figures):
        scatter = axes.scatter(np.zeros(len(figures)), np.full(len(figures), np.nan), c=figures, cmap=VALUE_COLOURS, vmin=low, vmax=high)
        figure.colorbar(scatter, ax=axes, label="validation accuracy")
    same = sum(bool(line.get("not_distinguishable")) for line in known)
    text = "No finite accuracy" if not known else f"Highest accuracy {number(high)}; thick: {same} of {len(table)} not told apart from it"
    set_title(figure, text)
    return figure


@styled
def rungs(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Successive halving: each trial's validation curve up to where it was left behind, those that went to the end in front."""
    figure, (axes,) = panels(2.5, 1)
    ends = sorted({row["epochs"] for row in rows if row["status"] == "pruned"})
    for row in sorted(rows, key=lambda row: row["status"] == "finished"):
        finished = row["status"] == "finished"
        values = np.array([np.nan if v is None else v for v in row["curve"]["val_acc"]], np.float64)
        style = {"color": BLUE, "linewidth": 1.3} if finished else {"color": GREY, "linewidth": 0.5, "alpha": 0.7}
        axes.plot(row["curve"]["epoch"], values, **style)
        if row["status"] == "pruned":
            axes.plot(row["curve"]["epoch"][-1], values[-1], "o", color=GREY, markersize=2)
    for end in ends:
        axes.axvline(end, color=ORANGE, linewidth=0.8, linestyle="--")
    axes.set(xlabel="epoch", ylabel="validation accuracy")
    left = [sum(row["epochs"] > end for row in rows) for end in ends]
    steps = ", ".join(f"{count} after epoch {end}" for count, end in zip(left, ends, strict=True))
    set_title(figure, f"{len(rows)} fits" + (f"; went on: {steps}" if steps else ", none left behind"))
    return figure


def _places(values: Sequence[Any]) -> tuple[Array, list[tuple[float, str]]]:
    """Where values stand between 0 and 1, and what is written beside which places."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        raw = np.array(values, np.float64)
        positive = raw[raw > 0]
        if positive.size and positive.max() >= 10 * positive.min():
            floor = np.log10(positive.min()) - (0.5 if (raw <= 0).any() else 0.0)
            raw = np.where(raw > 0, np.log10(np.maximum(raw, positive.min())), floor)
        span = np.ptp(raw)
        places = (raw - raw.min()) / span if span else np.full(len(raw), 0.5)
        marks = dict(sorted({float(p): number(v) for p, v in zip(places, values, strict=True)}.items()))
    else:
        texts = [shortened(printable("-".join(map(str, value)) if isinstance(value, list) else value), LONGEST) for value in values]
        names = list(dict.fromkeys(texts))
        places = np.array([names.index(text) for text in texts], np.float64) / max(1, len(names) - 1)
        marks = {names.index(name) / max(1, len(names) - 1): name for name in names}
    step = -(-len(marks) // MOST_TICKS)
    return places, list(marks.items())[::step]
