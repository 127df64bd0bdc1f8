"""Figures are found where a field says, or the error says what is there instead."""

import pytest

from layerwise.errors import DataError
from layerwise.labs.field import read_figure

ROWS = """{"step": 1, "loss": 2.5}
{"epoch": 1, "val_acc": 0.25, "setting": {"lr": 0.1}}
{"epoch": 2, "val_acc": 0.75, "setting": {"lr": 0.01}}
{"epoch": 3, "val_acc": null, "setting": {"lr": 0.01}}
{"result": true, "test_acc": 0.5, "name": "x", "deep": {"er": 4}}
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "metrics.jsonl").write_text(ROWS)
    (tmp_path / "status.json").write_text('{"seconds": 1.5, "forecast": {"actual": null}}')
    return tmp_path


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("test_acc", 0.5),
        ("epoch", 3.0),
        ("first(epoch)", 1.0),
        ("max(val_acc)", 0.75),
        ("min(val_acc)", 0.25),
        ("val_acc", None),
        ("count(val_acc)", 3.0),
        ("deep.er", 4.0),
        ("max(setting.lr)", 0.1),
        ("max(val_acc) where setting.lr = 0.1", 0.25),
        ("count(val_acc) where setting.lr = 0.01", 2.0),
    ],
)
def test_a_journals_rows(run, field, value):
    assert read_figure(run, "metrics.jsonl", field) == value


def test_a_json_file(run):
    assert read_figure(run, "status.json", "seconds") == 1.5
    assert read_figure(run, "status.json", "forecast.actual") is None


@pytest.mark.parametrize(
    ("file", "field", "said"),
    [
        ("metrics.jsonl", "tset_acc", 'no row has the field "tset_acc"'),
        ("metrics.jsonl", "max(val_acc) where setting.lr = 0.2", "no row has the field"),
        ("metrics.jsonl", "mean(val_acc)", r"must be a name, or one in the words first\(NAME\)"),
        ("metrics.jsonl", "max(val_acc", "must be a name"),
        ("metrics.jsonl", "name", "is 'x', but must be a number"),
        ("trials.jsonl", "val_acc", "there is no such file. Run the experiment again: delete its folder"),
    ],
)
def test_what_is_not_there_is_told(run, file, field, said):
    with pytest.raises(DataError, match=said):
        read_figure(run, file, field)


def test_a_damaged_line_is_told_with_its_number(run):
    (run / "metrics.jsonl").write_text('{"a": 1}\n{"a": NaN}\n')
    with pytest.raises(DataError, match="line 2: it holds NaN"):
        read_figure(run, "metrics.jsonl", "a")
