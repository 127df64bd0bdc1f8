"""Tables show what they are given, as it is."""

import io
import subprocess
import sys

import numpy as np
import pytest
from rich.console import Console

from layerwise.report import classes_table, history_table, results_table
from layerwise.report.text import lab_table

HOSTILE = "[red]x[/red] [/] \\"


def printed(table, width=100):
    file = io.StringIO()
    Console(file=file, width=width).print(table)
    return file.getvalue()


def cells(table):
    return [line.split() for line in printed(table).splitlines() if line.strip()]


def test_results_are_two_columns_under_a_title():
    assert cells(results_table([("accuracy", 0.97531), ("steps", 10_000), ("best", None), ("rule", "adam")], title="digits")) == [
        ["digits"],
        ["accuracy", "0.9753"],
        ["steps", "10000"],
        ["best", "–"],
        ["rule", "adam"],
    ]
    assert printed(results_table({"a": 1})) == printed(results_table([("a", 1)]))


@pytest.mark.parametrize(
    "table",
    [
        results_table({HOSTILE: HOSTILE}, title=HOSTILE),
        history_table([{"epoch": 0, "step": 0, "val_acc": 0.5, "lr": HOSTILE}]),
        classes_table([0.5], [0.5], [0.5], [3], [HOSTILE]),
    ],
)
def test_markup_is_shown_as_it_is(table):
    assert HOSTILE in printed(table)


def test_what_a_terminal_would_obey_is_not_sent():
    text = printed(classes_table([0.5], [0.5], [0.5], [3], ["a\x1b[2J\nb\r"]))
    assert "\x1b" not in text
    assert "a�[2J b" in text


def test_off_a_terminal_there_are_no_colours():
    assert "\x1b" not in printed(results_table({"accuracy": 0.5}, title="x"))


def epochs(count, **which):
    return [
        {"epoch": i, "step": 10 * i, **which, "train_acc": 0.5, "val_acc": i / 1000, "val_loss": 1.25, "lr": 1e-3} for i in range(count)
    ]


def test_a_history_has_a_line_an_evaluation_and_leaves_steps_out():
    title, heading, _, first, *rest = cells(history_table([{"step": 1, "epoch": 0, "loss": 2.3}, *epochs(3)]))
    assert title == ["Training"]
    assert heading == ["epoch", "step", "train", "validation", "validation", "loss", "rate"]
    assert first == ["0", "0", "0.5", "0", "1.25", "0.001"]
    assert len(rest) == 2


def test_a_long_history_is_thinned_and_ends_with_the_last_epoch():
    lines = cells(history_table(epochs(201)))[3:]
    assert len(lines) == 25
    assert lines[-1][0] == "200"


def test_a_population_has_a_line_a_member():
    lines = cells(history_table([*epochs(3, member=0), *epochs(2, member=1)]))[3:]
    assert [line[:2] for line in lines] == [["0", "2"], ["1", "1"]]


def test_an_empty_history_and_missing_figures_print():
    assert "Training" in printed(history_table([]))
    assert cells(history_table([{"epoch": 1, "step": 2, "val_acc": float("nan")}]))[-1] == ["1", "2", "–", "–", "–", "–"]


def test_classes_have_three_figures_and_a_count_each():
    ones = np.array([1.0, 0.5])
    table = classes_table(ones, ones, ones, np.array([1000, 2]), ["cat", "dog"])
    assert cells(table)[3:] == [["cat", "1.000", "1.000", "1.000", "1,000"], ["dog", "0.500", "0.500", "0.500", "2"]]


def test_importing_the_tables_brings_in_neither_rich_nor_matplotlib():
    code = "import sys, layerwise.report; print([name for name in ('rich', 'matplotlib') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"


def test_a_lab_shows_where_a_goal_was_missed_and_fits_a_narrow_terminal():
    rows = [
        {"name": "accuracy", "published": 0.9851, "goal": "at least 0.983", "measured": 0.97, "verdict": "short", "run": "a", "field": "b"},
        {"name": HOSTILE, "published": None, "goal": "", "measured": 1.42109e-14, "verdict": "within tolerance", "run": "a", "field": "b"},
    ]
    assert cells(lab_table(rows, "x"))[3] == ["accuracy", "0.9851", "0.97", "short:", "at", "least", "0.983"]
    narrow = printed(lab_table(rows, "x"), width=60)
    assert HOSTILE in printed(lab_table(rows, "x"))
    assert "1.42109e-14" in narrow
    assert max(map(len, narrow.splitlines())) <= 60
