"""An experiment is done once, whatever stops the lab, and its figures are read from its files."""

import json
import os
import shutil
import signal
from dataclasses import replace

import numpy as np
import pytest
from tests.labs.contract import amiss
from tests.labs.tiny import TINY, run_tiny, tiny

from layerwise.data import load_digits
from layerwise.errors import DataError
from layerwise.labs.lab import read_lab
from layerwise.models import SoftmaxModel


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("labs") / "tiny"
    run_tiny(path)
    return path


def test_a_lab_keeps_its_promises(folder):
    assert amiss(folder) == []


def test_its_table_is_read_from_its_runs(folder):
    rows = {row["name"]: row for section in read_lab(folder)["sections"] for row in section["rows"]}
    result = json.loads((folder / "softmax" / "metrics.jsonl").read_text().splitlines()[-1])
    assert rows["steps"]["measured"] == result["steps"] == 11  # 1,197 images in batches of 100
    assert rows["steps"]["verdict"] == "exact"
    assert rows["test accuracy"]["measured"] == result["test_acc"]
    assert rows["sum"] | {"measured": 3.0, "verdict": "exact", "run": "sums", "file": "metrics.jsonl", "field": "sum"} == rows["sum"]
    assert rows["parts"]["verdict"] == "told"


def test_its_time_is_that_of_its_runs(folder):
    seconds = [json.loads((folder / run / "metrics.jsonl").read_text().splitlines()[-1])["seconds"] for run in ("softmax", "sums")]
    assert read_lab(folder)["seconds"] == pytest.approx(sum(seconds))


def test_what_is_done_is_not_done_again(folder):
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*/metrics.jsonl")}
    said = []
    run_tiny(folder, said=said)
    assert {path: path.stat().st_mtime_ns for path in folder.glob("*/metrics.jsonl")} == before
    assert [line for line in said if "done already" in line] == ["softmax: done already", "sums: done already"]


def test_a_quick_run_gives_no_verdict_but_where_it_always_holds(tmp_path):
    lab = run_tiny(tmp_path / "quick", quick=True)
    rows = {row["name"]: row["verdict"] for section in lab.sections for row in section["rows"]}
    assert rows == {"steps": "QUICK", "test accuracy": "QUICK", "sum": "exact", "parts": "QUICK"}
    assert read_lab(tmp_path / "quick")["quick"] is True


def test_after_ctrl_c_it_goes_on_where_it_was(tmp_path):
    def stopped(notes):
        notes.row(part=1)
        raise KeyboardInterrupt

    def first(lab):
        lab.section("Training", "A softmax for one epoch.")
        lab.train("softmax", model="softmax", lr=0.1, epochs=1)
        lab.section("By hand", "Nothing is trained.")
        lab.record("sums", {}, stopped)

    with pytest.raises(KeyboardInterrupt):
        run_tiny(tmp_path / "lab", replace(TINY, run=first))
    model = (tmp_path / "lab" / "softmax" / "model.safetensors").stat().st_mtime_ns
    run_tiny(tmp_path / "lab")
    assert amiss(tmp_path / "lab") == []
    assert (tmp_path / "lab" / "softmax" / "model.safetensors").stat().st_mtime_ns == model
    parts = [json.loads(line) for line in (tmp_path / "lab" / "sums" / "metrics.jsonl").read_text().splitlines()]
    assert [row for row in parts if "part" in row] == [{"part": 1}]  # not that of the run before, too


class Interrupting:
    """Presses Ctrl-C in the fifth step, as a terminal would."""

    def step_end(self, state):
        if state.step == 5:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def ctrl_c():
    """Ctrl-C reaches this process, even if whoever started the tests ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_fit_that_was_stopped_goes_on_to_the_same_bits(ctrl_c, tmp_path):
    data = load_digits().with_preprocessing("scale", "flatten")

    def fitting(lab):
        lab.section("Fit", "A softmax.")
        lab.fit("fit", data, SoftmaxModel(64, 10, rng=1), rule="sgd", lr=0.1, epochs=2, batch=100, seed=3)

    sheet = replace(TINY, run=fitting)
    whole = run_tiny(tmp_path / "whole", sheet)
    lab = run_tiny(tmp_path / "stopped", replace(TINY, run=lambda lab: None))

    lab.screen.callbacks = lambda: [Interrupting()]
    with pytest.raises(KeyboardInterrupt):
        fitting(lab)
    assert (tmp_path / "stopped" / "fit" / "checkpoint").is_dir()
    run_tiny(tmp_path / "stopped", sheet)
    first, second = ((tmp_path / name / "fit" / "model.safetensors").read_bytes() for name in ("whole", "stopped"))
    assert first == second
    assert whole.sections[0]["runs"] == ["fit"]


def test_a_sweep_is_kept_with_its_test_figures(tmp_path):
    def sweeping(lab):
        lab.section("Sweep", "Two rates.")
        run = lab.sweep("rates", {"lr": "0.01,0.1"}, model="softmax", epochs=1, rule="sgd")
        lab.row("best", run, "max(val_acc)", file="trials.jsonl")
        lab.row("rate 0.01", run, "val_acc where setting.lr = 0.01", file="trials.jsonl")
        lab.row("test", run, "test_acc")

    run_tiny(tmp_path / "lab", replace(TINY, run=sweeping))
    assert amiss(tmp_path / "lab") == []
    best, one, test = (row["measured"] for row in read_lab(tmp_path / "lab")["sections"][0]["rows"])
    trials = [json.loads(line) for line in (tmp_path / "lab" / "rates" / "trials.jsonl").read_text().splitlines()]
    assert best == max(trial["val_acc"] for trial in trials)
    assert one == next(trial["val_acc"] for trial in trials if trial["setting"]["lr"] == 0.01)
    assert 0 < test < 1


def test_a_figure_that_is_not_finite_is_short_and_null(tmp_path):
    def diverging(lab):
        lab.section("Diverging", "On purpose.")
        run = lab.record("nan", {}, lambda notes: {"loss": np.nan})
        lab.row("loss", run, "loss", goal="at most 1")

    run_tiny(tmp_path / "lab", replace(TINY, run=diverging))
    row = read_lab(tmp_path / "lab")["sections"][0]["rows"][0]
    assert (row["measured"], row["verdict"]) == (None, "short")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lab: lab["sections"][0].update(text=""), "Training: tells or shows nothing"),
        (lambda lab: lab["sections"][0]["figures"].append("figures/none.svg"), "figures/none.svg: is not there"),
        (lambda lab: lab["sections"][0]["rows"][0].update(verdict="good"), "steps: a verdict good in a full run"),
        (lambda lab: lab["sections"][0]["rows"][0].update(verdict="QUICK"), "steps: a verdict QUICK in a full run"),
        (lambda lab: lab["sections"][0]["rows"][0].update(measured=12.0), "steps: reads differently now"),
        (
            lambda lab: lab["sections"][0]["rows"][0].update(run="sums", field="sum"),
            "steps: read from sums, which is no run of its section",
        ),
        (lambda lab: lab["sections"][0]["rows"][0].update(name="sum"), "sum: named twice"),
    ],
)
def test_a_lab_that_breaks_one_promise_is_named(folder, tmp_path, change, said):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    lab = json.loads((copy / "lab.json").read_text())
    change(lab)
    (copy / "lab.json").write_text(json.dumps(lab))
    assert said in amiss(copy)


def test_what_is_no_lab_is_told(tmp_path):
    with pytest.raises(
        DataError, match=r"is not the folder of a lab: it has no lab\.json\. Give the folder that `layerwise lab run` named"
    ):
        read_lab(tmp_path)
    (tmp_path / "lab.json").write_text('{"name": 1')
    with pytest.raises(DataError, match=r"lab.json: it is not JSON.*what is done is not done anew"):
        read_lab(tmp_path)
    (tmp_path / "lab.json").write_text("[1]")
    with pytest.raises(DataError, match="it is no lab's table"):
        read_lab(tmp_path)


def test_a_goal_is_looked_at_before_anything_is_read(tmp_path):
    def wrong(lab):
        tiny(lab)
        lab.row("steps again", lab.folder.path / "softmax", "steps", goal="11")

    with pytest.raises(ValueError, match='a goal is "11"'):
        run_tiny(tmp_path / "lab", replace(TINY, run=wrong))
