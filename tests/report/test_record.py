"""What is read of a folder, and what is said of one that is torn, damaged or not complete."""

import json

import numpy as np
import pytest
from tests.contract import refusal
from tests.report.folder import lab_folder, run_folder

from layerwise.errors import DataError
from layerwise.report.record import EXPERIMENT, LAB, RUN, SWEEP, read_record
from layerwise.storage import RunFolder


def edit(path, change):
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_a_run_is_read_with_its_rows_results_statistics_and_predictions(tmp_path):
    record = read_record(run_folder(tmp_path))
    assert (record.name, record.kind, record.notes) == ("train", RUN, [])
    assert [row["epoch"] for row in record.rows if "val_acc" in row] == [0, 1, 2, 3]
    assert record.results["epochs"] == 3
    assert {row["layer"] for row in record.statistics} == {"1 dense", "2 activation", "3 dense", "W1", "W2"}
    assert record.predictions.confusion.sum() == 300
    assert len(record.predictions.images) == len(record.predictions.mistakes) > 0


def test_a_sweep_is_read_with_its_trials_and_the_number_of_its_validation_examples(tmp_path):
    record = read_record(run_folder(tmp_path, "sweep"))
    assert (record.kind, len(record.sweep.rows), record.sweep.num_val) == (SWEEP, 6, 300)
    assert record.results["test_acc"] == pytest.approx(np.trace(record.predictions.confusion) / 300)


def test_a_lab_is_read_with_its_runs(tmp_path):
    record = read_record(lab_folder(tmp_path))
    assert (record.kind, record.quick, record.title) == (LAB, True, "QUICK: A tiny lab")
    assert {name: part.kind for name, part in record.parts.items()} == {"train": RUN, "softmax": RUN}
    assert read_record(tmp_path / "lab" / "train").name == "train"


def test_an_experiment_of_its_own_kind_may_write_rows_of_any_kind(tmp_path):
    folder = RunFolder.create("odd", tmp_path / "odd")
    folder.write_config({"lab": "tiny", "experiment": "odd"})
    folder.write_env()
    folder.metrics.write_text('{"loss": "none"}\n{"depth": 3, "loss": 1}\n{"result": true, "ratio": 20.5}\n')
    record = read_record(folder.path)
    assert (record.kind, record.rows, record.notes) == (EXPERIMENT, [], [])
    assert record.results["ratio"] == 20.5


def test_a_torn_last_line_and_a_run_without_an_end_are_notes(tmp_path):
    run = run_folder(tmp_path)
    edit(run / "metrics.jsonl", lambda text: text[: text.index('{"result"') + 12])
    record = read_record(run)
    assert any("the last line was cut off" in note for note in record.notes)
    assert "This run has not come to its end: it stands after epoch 3" in record.notes


def test_a_run_that_has_only_begun_says_so(tmp_path):
    run = run_folder(tmp_path)
    for name in ("metrics.jsonl", "statistics.jsonl", "predictions.json", "model.json", "env.json"):
        (run / name).unlink()
    notes = read_record(run).notes
    assert "Nothing was trained yet" in notes
    assert any(note.startswith("env.json is missing") for note in notes)


def test_a_sweep_that_was_killed_says_how_many_fits_are_known(tmp_path):
    run = run_folder(tmp_path, "sweep")
    (run / "metrics.jsonl").unlink()
    edit(run / "status.json", lambda text: text.replace('"done"', '"running"'))
    edit(run / "trials.jsonl", lambda text: "".join(text.splitlines(keepends=True)[:4]))
    assert read_record(run).notes == ["This sweep has not come to its end: 4 fits are known (running)"]


def test_a_missing_model_and_spoilt_predictions_are_notes(tmp_path):
    run = run_folder(tmp_path)
    (run / "model.json").unlink()
    (run / "predictions.safetensors").write_bytes(b"x")
    record = read_record(run)
    assert record.predictions is None
    assert any(note.startswith("What was predicted cannot be read: ") for note in record.notes)
    assert "The model is missing: there is no model.json in the folder" in record.notes


@pytest.mark.parametrize(
    ("kind", "name", "line", "text"),
    [
        ("train", "metrics.jsonl", "{nonsense}", "metrics.jsonl, line 2: it is not JSON"),
        ("train", "statistics.jsonl", "[1]", "statistics.jsonl, line 2: a row must be a JSON object, but it is a list"),
        (
            "sweep",
            "trials.jsonl",
            '{"trial": 0}',
            "trials.jsonl, line 2: it is no trial of a sweep, for it has no repeat. Remove that line.",
        ),
        ("train", "config.toml", "= =", "config.toml: "),
        ("train", "env.json", ",", "env.json: it is not JSON"),
    ],
)
def test_a_damaged_file_is_named_with_the_line(tmp_path, kind, name, line, text):
    run = run_folder(tmp_path, kind)
    edit(run / name, lambda old: "\n".join([old.splitlines()[0], line, *old.splitlines()[1:]]) + "\n")
    assert text in refusal(DataError, read_record, run)


def test_what_is_no_run_and_a_lab_that_reaches_out_of_its_folder_are_refused(tmp_path):
    assert "is not the folder of a run" in refusal(DataError, read_record, tmp_path)
    lab = lab_folder(tmp_path)
    content = json.loads((lab / "lab.json").read_text())
    content["sections"][0]["runs"] = ["../../secret"]
    (lab / "lab.json").write_text(json.dumps(content))
    assert "is outside of the lab's folder" in refusal(DataError, read_record, lab)
    (lab / "lab.json").write_text("[]")
    assert "it is no JSON object" in refusal(DataError, read_record, lab)


def test_a_run_that_a_lab_lost_is_a_note(tmp_path):
    lab = lab_folder(tmp_path)
    (lab / "softmax" / "config.toml").unlink()
    assert read_record(lab).notes == ["The run softmax is missing"]
