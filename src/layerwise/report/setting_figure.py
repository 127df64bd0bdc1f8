"""Accuracy over the values of one setting."""

from collections.abc import Mapping

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import did_you_mean
from layerwise.report.axis import add_legend, equality, known_figures, set_scale, thinned
from layerwise.report.label import number, printable
from layerwise.report.style import MARKED_LINES, OKABE_ITO, Figure, LogScale, NullLocator, panels, set_title, styled
from layerwise.report.tile import evenly


@styled
def accuracy_over(
    values: Array,
    accuracies: Array | Mapping[str, Array],
    xlabel: str,
    log2: bool = False,
    intervals: Array | Mapping[str, Array] | None = None,
    *,
    log: bool = False,
    ylabel: str = "accuracy",
) -> Figure:
    """Accuracies (n,) over the n values of one setting, or several such lines by name, such as one per depth.

    intervals (n, 2), by the same names where there are several lines, are bands around them. log2 is for sizes that double, log
    for values that span decades, such as initial scales.
    """
    lines = accuracies if isinstance(accuracies, Mapping) else {"": accuracies}
    values = np.asarray(values, np.float64)
    if log2 and not (values > 0).all():
        raise ValueError(f"accuracy_over: a log₂ axis needs values above 0, but the smallest is {values.min():g}")
    figure, (axes,) = panels(2.3, 1)
    order = values.argsort(kind="stable")
    points = []
    for at, (name, line) in enumerate(lines.items()):
        line = known_figures(line, values.shape, "accuracy_over")
        axes.plot(values[order], line[order], MARKED_LINES[at % 4], color=OKABE_ITO[at % 8], label=printable(name))
        points += [(y, x) for x, y in zip(values, line, strict=True) if not np.isnan(y)]
    for name, band in (intervals if isinstance(intervals, Mapping) else {next(iter(lines)): intervals}).items():
        if name not in lines:
            raise ValueError(f'accuracy_over: there are intervals for "{name}", but no line of that name.{did_you_mean(name, lines)}')
        if band is not None:
            low, high = known_figures(band, (*values.shape, 2), "accuracy_over").T
            colour = OKABE_ITO[list(lines).index(name) % 8]
            axes.fill_between(values[order], low[order], high[order], color=colour, alpha=0.18, linewidth=0)
    if len(lines) > 1:
        add_legend(axes)
    if log2 and len(values):
        axes.set_xscale(LogScale(axes.xaxis, base=2))
        axes.xaxis.set_minor_locator(NullLocator())
    ticks = np.unique(values)
    if log2 and len(ticks) > 12:
        ticks = ticks[evenly(len(ticks), 5)]
    if log:
        set_scale(axes.xaxis, values, log=True)
    elif 0 < len(ticks) <= 12:
        axes.set_xticks(*thinned(ticks, [number(tick) for tick in ticks], log2))
    axes.set(xlabel=printable(xlabel) + (" (log₂ scale)" if log2 else ""), ylabel=printable(ylabel))
    best = max(points, default=None, key=lambda point: point[0])
    set_title(
        figure, f"Highest {printable(ylabel)} {number(best[0])} at {equality(xlabel, best[1])}" if best else "No accuracy was measured"
    )
    return figure
