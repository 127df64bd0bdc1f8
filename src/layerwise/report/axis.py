"""Axes, their scales, ticks and legends."""

import math
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.report.label import number, printable
from layerwise.report.style import (
    GREY,
    WIDTH,
    FuncFormatter,
    LogLocator,
    LogScale,
    MaxNLocator,
    NullLocator,
    StrMethodFormatter,
    SymmetricalLogScale,
    shortened,
    width_of,
)
from layerwise.report.tile import evenly


def set_scale(axis: Any, values: Array, log: bool) -> None:
    """A logarithmic axis where the values above 0 span a decade, with room for 0 where it is among them; else a linear one."""
    positive = values[np.isfinite(values) & (values > 0)]
    if not log or not positive.size or positive.max() < 10 * positive.min():
        axis.set_major_locator(MaxNLocator(5))
        if positive.size and positive.max() < 1e-3:  # else a power of ten that all ticks share stands apart, where labels are
            axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        return
    scale = SymmetricalLogScale(axis, linthresh=positive.min()) if (values <= 0).any() else LogScale(axis)
    axis.axes.set(**{f"{axis.axis_name}scale": scale})
    if positive.max() < 100 * positive.min() and (values > 0).all():
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axis.set_minor_locator(NullLocator())


def keep_few(axis: Any, most: int = 3) -> None:
    """At most so many ticks with a number, evenly spread, for an axis on which there is little room."""
    low, high = sorted(axis.get_view_interval())
    ticks = [tick for tick in axis.get_majorticklocs() if low <= tick <= high]
    axis.set_ticks([ticks[at] for at in evenly(len(ticks), most)])


def count_along(axis: Any) -> None:
    """Whole numbers at round places, for steps and epochs."""
    axis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def say_nothing_recorded(axes: Any) -> None:
    """In the place of lines that are not there."""
    axes.text(0.5, 0.5, "nothing recorded", transform=axes.transAxes, ha="center", va="center", color=GREY)
    axes.set(xticks=[], yticks=[])


def add_legend(axes: Any) -> None:
    """In a line above the axes, where no data can be; in two columns if they are too long for that."""
    handles, labels = axes.get_legend_handles_labels()
    if not labels:
        return
    fits = sum(width_of(label) + 0.45 for label in labels) < WIDTH - 0.6  # each with its sign and the room about it
    longest = (WIDTH - 0.6) / 2 - 0.45
    texts = labels if fits or len(labels) == 1 else [shortened(label, longest) for label in labels]
    axes.legend(handles, texts, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(labels) if fits else 2, columnspacing=1.0)


def thinned(ticks: Array, labels: list[str], log2: bool) -> tuple[Array, list[str]]:
    """The ticks, with some labels left blank where all would run into each other."""
    at = np.log2(ticks) if log2 else ticks
    room = (WIDTH - 0.7) * np.diff(at).min() / np.ptp(at) if len(at) > 1 else WIDTH
    step = math.ceil((max(map(width_of, labels)) + 0.05) / room)
    return ticks, [label if (len(labels) - 1 - i) % step == 0 else "" for i, label in enumerate(labels)]


def equality(name: str, value: float) -> str:
    """ "lr = 0.1", with spaces at which no line ends."""
    return f"{printable(name)}\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{number(value)}"


def known_figures(values: Any, shape: tuple[int, ...], where: str) -> Array:
    """As float64, with NaN for what is not finite."""
    values = np.asarray(values, np.float64)
    if values.shape != shape:
        raise ValueError(f"{where}: the figures have shape {values.shape}, but the settings need {shape}")
    return np.where(np.isfinite(values), values, np.nan)
