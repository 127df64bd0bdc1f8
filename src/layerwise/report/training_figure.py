"""Figures of training over time: the curves of one run, and of several on the same axes."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.report.axis import add_legend, count_along, say_nothing_recorded, set_scale
from layerwise.report.curve import Curve, best_member, curves, smooth
from layerwise.report.label import number, printable
from layerwise.report.style import BLUE, GREY, LINES, OKABE_ITO, ORANGE, Figure, panels, set_title, styled


@styled
def training_curves(rows: Iterable[Mapping[str, Any]], *, metric: str = "accuracy") -> Figure:
    """Loss per step, raw and smoothed, and the metric per epoch, out of `history.rows()`.

    Of a population each member is a thin line, with the best in front. A loss that is not finite is a gap.
    """
    lines = curves(rows)
    best = best_member(lines) if lines else 0
    figure, (above, below) = panels(3.7, 2)
    for member, curve in lines.items():
        if member != best:
            _loss_line(above, curve, color=GREY, linewidth=0.5, alpha=0.5)
            below.plot(curve.epochs, curve.val, color=GREY, linewidth=0.5, alpha=0.5)
    front = lines.get(best, Curve(*np.empty((5, 0))))
    above.plot(front.steps, front.losses, color=BLUE, linewidth=0.5, alpha=0.3)
    _loss_line(above, front, color=BLUE)
    marker = "o" if len(front.epochs) <= 30 else None
    for values, name, colour, style in ((front.train, "training", BLUE, "-"), (front.val, "validation", ORANGE, "--")):
        if not np.isnan(values).all():
            below.plot(front.epochs, values, style, color=colour, marker=marker, label=name)
    add_legend(below)
    _loss_scale(above, front.losses)
    above.set(xlabel="step", ylabel="batch loss")
    below.set(xlabel="epoch", ylabel=metric)
    figure.align_ylabels()
    for axes, values in ((above, front.steps), (below, front.epochs)):
        count_along(axes.xaxis)
        if not len(values):
            say_nothing_recorded(axes)
    set_title(figure, _training_title(lines, best, metric))
    return figure


@styled
def compared_curves(runs: Mapping[str, Iterable[Mapping[str, Any]]], *, metric: str = "accuracy") -> Figure:
    """Several runs by name, such as one per update rule, in three panels: training loss (smoothed), training and validation metric.

    A run is the rows of its history; of a population its best member is drawn.
    """
    lines = {}
    for name, rows in runs.items():
        members = curves(rows)
        lines[name] = members[best_member(members)] if members else Curve(*np.empty((5, 0)))
    figure, (loss, train, val) = panels(4.9, 3)
    for at, (name, curve) in enumerate(lines.items()):
        style, colour = LINES[at % len(LINES)], OKABE_ITO[at % len(OKABE_ITO)]
        _loss_line(loss, curve, color=colour, linestyle=style, label=printable(name))
        train.plot(curve.epochs, curve.train, style, color=colour)
        val.plot(curve.epochs, curve.val, style, color=colour)
    add_legend(loss)
    _loss_scale(loss, np.concatenate([curve.losses for curve in lines.values()] or [np.empty(0)]))
    loss.set(xlabel="step", ylabel="training loss")
    train.set(xlabel="epoch", ylabel=f"training {metric}")
    val.set(xlabel="epoch", ylabel=f"validation {metric}")
    figure.align_ylabels()
    for axes, field in ((loss, "losses"), (train, "train"), (val, "val")):
        count_along(axes.xaxis)
        if all(np.isnan(getattr(curve, field)).all() for curve in lines.values()):
            say_nothing_recorded(axes)
    best = max(lines, default="", key=lambda name: np.nan_to_num(lines[name].best[1], nan=-np.inf))
    value = lines[best].best[1] if lines else np.nan
    title = f"{len(runs)} runs" if np.isnan(value) else f"Best validation {printable(metric)} {number(value)}: {printable(best)}"
    set_title(figure, title)
    return figure


def _loss_line(axes: Any, curve: Curve, **look: Any) -> None:
    axes.plot(curve.steps, smooth(curve.losses, math.isqrt(len(curve.losses)) // 2), **look)


def _loss_scale(axes: Any, losses: Array) -> None:
    known = losses[~np.isnan(losses)]
    if known.size and known.min() > 0 and known.max() > 50 * known.min():
        set_scale(axes.yaxis, known, log=True)


def _training_title(lines: Mapping[int, Curve], best: int, metric: str) -> str:
    epoch, value = lines[best].best if lines else (np.nan, np.nan)
    who = f": member {best} of {len(lines)}" if len(lines) > 1 else ""
    title = "Training" if np.isnan(value) else f"Best validation {printable(metric)} {number(value)} at epoch {epoch:g}{who}"
    gaps = [int(np.isnan(curve.losses).sum()) for curve in lines.values()]
    if not any(gaps):
        return title
    if len(lines) > 1:
        return f"{title}; {sum(map(bool, gaps))} with gaps"
    return f"{title}; {gaps[0]:,} {'loss is' if gaps[0] == 1 else 'losses are'} not finite"
