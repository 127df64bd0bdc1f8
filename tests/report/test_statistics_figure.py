"""What the layers did, out of the rows of training."""

import numpy as np

from layerwise.report.statistics_figure import layer_statistics

ROWS = [
    {"epoch": 0, "step": 0, "val_acc": 0.1},
    *({"epoch": e, "layer": "W1", "spread": 0.5 + e, "dead": 0.1 * e, "update": 10.0**-e if e else None} for e in range(4)),
    *({"epoch": e, "layer": "$W_2$", "spread": 2.0, "dead": None, "update": 1e-3} for e in range(4)),
]


def test_three_panels_with_a_line_per_layer_and_each_layer_named_once():
    figure = layer_statistics(ROWS)
    spread, dead, update = figure.axes
    assert [axes.get_ylabel() for axes in figure.axes] == ["activation spread", "dead units", "update / weight"]
    assert [len(axes.lines) for axes in figure.axes] == [2, 1, 2]
    np.testing.assert_array_equal(update.lines[0].get_ydata(), [np.nan, 0.1, 0.01, 0.001])
    np.testing.assert_allclose(dead.lines[0].get_ydata(), [0, 0.1, 0.2, 0.3])
    assert [text.get_text() for text in spread.get_legend().get_texts()] == ["W1", "$W_2$"]
    assert dead.get_legend() is None
    assert update.get_yscale() == "log"
    assert figure.get_suptitle() == "2 layers over time"


def test_rows_without_statistics_are_said_to_have_none():
    figure = layer_statistics(ROWS[:1])
    assert figure.get_suptitle() == "No layer statistics were recorded"
    assert [axes.texts[0].get_text() for axes in figure.axes] == ["nothing recorded"] * 3
