"""What the layers did in training: how far activations spread, how many units are dead, how large the updates are."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from layerwise.report.axis import add_legend, count_along, say_nothing_recorded, set_scale
from layerwise.report.label import printable
from layerwise.report.statistic import STATISTICS, layer_lines
from layerwise.report.style import LINES, OKABE_ITO, Figure, panels, set_title, styled


@styled
def layer_statistics(rows: Iterable[Mapping[str, Any]]) -> Figure:
    """Activation spread, share of dead units and update ratio over the epochs, a line per layer.

    rows are those that the callback "statistics" leaves in metrics.jsonl; others are passed over.
    """
    lines = layer_lines(rows)
    figure, all_axes = panels(4.9, len(STATISTICS))
    named: set[str] = set()
    epochs = np.concatenate([layer["epoch"] for layer in lines.values()] or [np.zeros(1)])
    margin = 0.04 * max(float(np.ptp(epochs)), 1.0)
    for axes, statistic in zip(all_axes, STATISTICS, strict=True):
        drawn = [values for values in (layer[statistic.key] for layer in lines.values()) if np.isfinite(values).any()]
        for at, (name, layer) in enumerate(lines.items()):
            values = layer[statistic.key]
            if np.isfinite(values).any():
                look = {"color": OKABE_ITO[at % len(OKABE_ITO)], "linestyle": LINES[at // len(OKABE_ITO) % len(LINES)]}
                label = None if name in named else printable(name)
                axes.plot(layer["epoch"], values, label=label, **look)
                named.add(name)
        axes.set(xlabel="epoch", ylabel=statistic.label, xlim=(epochs.min() - margin, epochs.max() + margin))
        count_along(axes.xaxis)
        if not drawn:
            say_nothing_recorded(axes)
        elif statistic.log:
            set_scale(axes.yaxis, np.concatenate(drawn), log=True)
        add_legend(axes)
    figure.align_ylabels()
    set_title(figure, f"{len(lines)} layers over time" if lines else "No layer statistics were recorded")
    return figure
