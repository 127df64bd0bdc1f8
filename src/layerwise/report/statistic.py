"""The statistics of layers, out of the rows that training leaves."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from layerwise.arrays import Array


class Statistic(NamedTuple):
    """One thing that is measured of each layer: its name in the rows, on an axis and over a chart, and whether it spans decades."""

    key: str
    label: str
    title: str
    log: bool


STATISTICS = (
    Statistic("spread", "activation spread", "spread of the outputs of each layer", True),
    Statistic("dead", "dead units", "share of units that are 0 for all examples", False),
    Statistic("update", "update / weight", "length of an update, as a share of the weights'", True),
)


def layer_lines(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Array]]:
    """For each layer its epochs and what was measured at their ends, NaN where that is nothing.

    >>> rows = [{"epoch": 0, "loss": 2.3}, {"epoch": 0, "layer": "W1", "spread": 0.5, "dead": 0.0, "update": None}]
    >>> {name: values.tolist() for name, values in layer_lines(rows)["W1"].items()}
    {'epoch': [0.0], 'spread': [0.5], 'dead': [0.0], 'update': [nan]}
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if "layer" in row:
            found.setdefault(str(row["layer"]), []).append(row)
    return {name: {key: _values(own, key) for key in ("epoch", *(s.key for s in STATISTICS))} for name, own in found.items()}


def _values(rows: Iterable[Mapping[str, Any]], key: str) -> Array:
    return np.array([np.nan if row.get(key) is None else row[key] for row in rows], np.float64)
