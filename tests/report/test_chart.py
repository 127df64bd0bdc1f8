"""Charts as data: what is on them, in how many numbers."""

import json

import numpy as np

from layerwise.report.chart import landscape_chart, statistics_charts, training_charts
from layerwise.sweep.result import Result


def rows(steps):
    epochs = [{"step": 10 * e, "epoch": e, "train_acc": e / 10, "val_acc": None if e == 1 else e / 20} for e in range(4)]
    return [{"step": s, "epoch": 0, "loss": float("inf") if s == 3 else 2.0} for s in range(1, steps + 1)] + epochs


def trial(number, setting, val, status="finished"):
    curve = {"step": [1, 2], "loss": [2.0, None], "epoch": [0, 1], "train_acc": [0.1, 0.2], "val_acc": [0.1, val]}
    figures = dict.fromkeys(("val_loss", "last_val_acc", "last_train_acc"), val)
    own = {"trial": number, "repeat": 0, "fold": 0, "setting": setting, "status": status, "reason": None, "val_acc": val, "train_acc": val}
    return {**own, **figures, "best_epoch": 1, "epochs": 1, "seconds": 0.1, "curve": curve}


def test_training_has_a_chart_of_losses_and_one_of_the_metric_with_gaps_for_what_is_not_finite():
    loss, metric = training_charts(rows(5), metric="accuracy", most=400)
    assert [line["name"] for line in loss["series"]] == ["each", "smoothed"]
    assert loss["series"][0]["y"] == [2.0, 2.0, None, 2.0, 2.0]
    assert (metric["title"], metric["x"]["label"], metric["y"]["label"]) == ("Accuracy after each epoch", "epoch", "accuracy")
    assert metric["series"][1] == {"name": "validation", "x": [0, 1, 2, 3], "y": [0, None, 0.1, 0.15]}


def test_a_long_run_is_thinned_with_both_of_its_ends_kept():
    loss, _ = training_charts(rows(100_000), metric="accuracy", most=400)
    assert {len(line["x"]) for line in loss["series"]} == {400}
    assert [loss["series"][1]["x"][at] for at in (0, -1)] == [1, 100_000]


def test_without_rows_there_are_no_charts():
    assert training_charts([], metric="accuracy", most=400) == []
    assert statistics_charts([{"epoch": 0, "val_acc": 1.0}], 400) == []


def test_a_landscape_has_a_dot_for_each_setting_and_knows_its_curves():
    result = Result(
        [
            trial(0, {"lr": 0.1, "rule": "sgd", "hidden": [5, 5]}, 0.5),
            trial(1, {"lr": 10.0, "rule": "<b>", "hidden": [7]}, None, "diverged"),
        ]
    )
    chart = landscape_chart(result, "accuracy")
    assert chart["axes"] == {"lr": {"log": True}, "rule": {"labels": ["sgd", "<b>"]}, "hidden": {"labels": ["5-5", "7"]}}
    first, second = chart["points"]
    assert (first["at"], first["value"]) == ({"lr": 0.1, "rule": 0, "hidden": 0}, 0.5)
    assert first["text"] == "lr = 0.1, rule = sgd, hidden = 5-5: accuracy 0.5 (0.5 to 0.5)"
    assert (second["value"], second["text"]) == (None, "lr = 10, rule = <b>, hidden = 7: no finite figure, diverged")
    assert chart["fits"]["0"][0]["accuracy"][1]["y"] == [0.1, 0.5]
    assert chart["fits"]["0"][0]["loss"]["y"] == [2.0, None]


def test_a_sweep_of_thousands_of_fits_stays_small():
    curve = {name: np.linspace(0, 1, 200).tolist() for name in ("step", "loss", "epoch", "train_acc", "val_acc")}
    result = Result([{**trial(k, {"lr": 1.0 + k}, 0.5), "curve": curve} for k in range(3000)])
    assert len(json.dumps(landscape_chart(result, "accuracy"))) < 2_500_000
