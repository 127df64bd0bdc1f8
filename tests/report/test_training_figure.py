"""Several runs on the same axes."""

import numpy as np

from layerwise.report.training_figure import compared_curves


def history(level):
    rows = [{"step": step, "epoch": 0, "loss": level / step} for step in range(1, 21)]
    return rows + [{"step": 10 * e, "epoch": e, "train_acc": level * e / 10, "val_acc": level * e / 20} for e in range(3)]


def test_rules_are_compared_in_three_panels_each_in_its_colour_and_dash():
    figure = compared_curves({"sgd": history(1.0), "adam": history(2.0)})
    loss, train, val = figure.axes
    assert [axes.get_ylabel() for axes in figure.axes] == ["training loss", "training accuracy", "validation accuracy"]
    assert [text.get_text() for text in loss.get_legend().get_texts()] == ["sgd", "adam"]
    for axes in figure.axes:
        assert len({(line.get_color(), line.get_linestyle()) for line in axes.lines}) == 2
    np.testing.assert_allclose(train.lines[1].get_ydata(), [0, 0.2, 0.4])
    np.testing.assert_allclose(val.lines[1].get_ydata(), [0, 0.1, 0.2])
    assert figure.get_suptitle() == "Best validation accuracy 0.2: adam"


def test_a_run_without_rows_is_compared_with_one_that_has_some():
    figure = compared_curves({"$empty$": [], "adam": history(1.0)})
    assert figure.get_suptitle() == "Best validation accuracy 0.1: adam"
    assert [len(axes.lines) for axes in figure.axes] == [2, 2, 2]


def test_nothing_at_all_is_said_to_be_nothing():
    figure = compared_curves({})
    assert figure.get_suptitle() == "0 runs"
    assert [axes.texts[0].get_text() for axes in figure.axes] == ["nothing recorded"] * 3
