"""What a sweep leaves behind when it is stopped, and how it goes on."""

import functools
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from tests.sweep.case import study, without_times
from tests.sweep.run import slow_study, table

from layerwise.errors import DataError
from layerwise.storage import read_journal
from layerwise.sweep import Plan, log, population

ROOT = Path(__file__).parents[2]


@functools.cache
def undisturbed(strategy="grid"):
    """The table of the sweep that nothing stopped."""
    return table(slow_study(None, strategy).run())


def rows_on_disk(folder):
    path = folder / "trials.jsonl"
    return read_journal(path) if path.is_file() else []


def key(row):
    return row["trial"], row["repeat"], row["fold"]


def killed_again_and_again(folder, strategy, times, rng):
    """Run the sweep, kill it at a random moment, and start it again, so many times; then let it end. Rows may only be added."""
    before, caught = [], 0
    for _ in range(times):
        process = subprocess.Popen([sys.executable, "-m", "tests.sweep.run", str(folder), strategy], cwd=ROOT)
        wait_until_it_runs(folder / "status.json", process)
        time.sleep(rng.uniform(0.0, 0.7))
        caught += process.poll() is None
        process.kill()
        process.wait()
        after = whole_lines(folder)
        assert after[: len(before)] == before
        assert len({key(row) for row in after}) == len(after)
        before = after
    assert caught
    return slow_study(folder, strategy).run()


def wait_until_it_runs(status, process):
    """It notes so when it starts, anew each time."""
    was = status.stat().st_mtime_ns if status.is_file() else 0
    while process.poll() is None and (not status.is_file() or status.stat().st_mtime_ns == was):
        time.sleep(0.01)


def whole_lines(folder):
    path = folder / "trials.jsonl"
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]] if path.is_file() else []


def check_kills(folder, strategy, times, seed):
    result = killed_again_and_again(folder, strategy, times, np.random.default_rng(seed))
    assert table(result) == undisturbed(strategy)
    rows = rows_on_disk(folder)
    assert len(rows) == len({key(row) for row in rows}) == len(result.rows)
    assert not (folder / "checkpoint").exists()


def test_a_killed_sweep_goes_on_to_the_table_it_would_have_had(tmp_path):
    check_kills(tmp_path, "grid", 8, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["grid", "halving"])
def test_fifty_kills_lose_no_trial_and_repeat_none(tmp_path, strategy):
    for seed in range(5):
        check_kills(tmp_path / str(seed), strategy, 5, seed)


def test_a_killed_halving_goes_on_to_the_table_it_would_have_had(tmp_path):
    check_kills(tmp_path, "halving", 2, seed=1)


class Interrupting:
    """A watcher that presses Ctrl-C once some trials have ended."""

    def __init__(self, after):
        self.after = after

    def __call__(self, moment):
        if moment.ended >= self.after:
            raise KeyboardInterrupt


def test_ctrl_c_keeps_what_was_trained_and_says_why_it_stopped(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        slow_study(tmp_path).run(watch=Interrupting(4))
    ended = rows_on_disk(tmp_path)
    assert 4 <= len(ended) < 32
    status = json.loads((tmp_path / "status.json").read_text())
    assert (status["state"], status["reason"], status["trials_ended"]) == ("stopped", "interrupted", len(ended))
    one = slow_study(tmp_path)
    assert table(one.run()) == undisturbed()
    assert rows_on_disk(tmp_path)[: len(ended)] == ended
    assert json.loads((tmp_path / "status.json").read_text())["state"] == "done"


def test_a_budget_of_time_ends_a_sweep_that_can_go_on(tmp_path):
    result = slow_study(tmp_path).run(budget=0.01)  # less than any machine needs
    assert result.reason == "the budget of time is used up"
    assert len(rows_on_disk(tmp_path)) < 32
    assert json.loads((tmp_path / "status.json").read_text())["reason"] == "the budget of time is used up"
    assert "unfinished" not in {row["status"] for row in rows_on_disk(tmp_path)}
    assert table(slow_study(tmp_path).run()) == undisturbed()


def test_a_sweep_that_is_stopped_before_any_trial_ends_still_has_a_best(tmp_path):
    result = study({"lr": [0.05, 0.1]}, base={"epochs": 10**6}, folder=tmp_path).run(budget=2.0)
    assert result.counts()["unfinished"] == 2
    assert result.best["status"] == "unfinished"
    assert result.test["test_acc"] > 0.4


def test_a_finished_sweep_trains_nothing_again(tmp_path, monkeypatch):
    first = study(folder=tmp_path).run()
    monkeypatch.setattr(population.Engine, "solver", None)  # nothing can train without one
    again = study(folder=tmp_path).run()
    assert without_times(again.rows) == without_times(first.rows)
    assert again.test == first.test
    assert len(rows_on_disk(tmp_path)) == 8


def test_a_torn_last_line_is_dropped_with_a_warning(tmp_path):
    whole = study(folder=tmp_path).run()
    path = tmp_path / "trials.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.warns(UserWarning, match="the last line was cut off in the middle and is left out; 7 lines before it are whole"):
        again = study(folder=tmp_path)
    assert without_times(again.run().rows) == without_times(whole.rows)
    assert len(rows_on_disk(tmp_path)) == 8


def test_a_best_model_that_was_lost_is_trained_again(tmp_path):
    first = study(folder=tmp_path).run()
    for path in tmp_path.glob("leader.*"):
        path.unlink()
    again = study(folder=tmp_path).run()
    assert again.refit == "trained again alone on the training part"
    assert again.test["test_acc"] == first.test["test_acc"]


def test_the_journal_of_another_sweep_is_refused(tmp_path):
    study(folder=tmp_path).run()
    with pytest.raises(DataError, match=r"trial 0 of the journal has the setting .* Give another folder"):
        study({"lr": log(1e-2, 1.0, 4), "reg": [0.0, 0.1]}, folder=tmp_path).run()


def test_members_that_left_between_checkpoint_and_journal_get_their_rows(tmp_path, monkeypatch):
    """A crash at the worst moment: the checkpoint is without them, and so is the journal."""
    monkeypatch.setattr(population, "SETTLED", 0.0)
    options = {"axes": {"epochs": [1, 3], "lr": [0.1]}, "plan": Plan(workers=1)}
    one = study(folder=tmp_path, **options)
    emit = one.engine.emit
    calls = []

    def crash(rows, best):
        calls.append(rows)
        if len(calls) == 1:
            raise SystemExit("killed")
        emit(rows, best)

    one.engine.emit = crash
    with pytest.raises(SystemExit):
        one.run()
    assert rows_on_disk(tmp_path) == []
    assert without_times(study(folder=tmp_path, **options).run().rows) == without_times(study(**options).run().rows)


def test_running_chunks_are_saved_at_intervals(tmp_path, monkeypatch):
    monkeypatch.setattr(population, "SECONDS", 0.0)
    saved = []
    save = population.Watch.save
    monkeypatch.setattr(population.Watch, "save", lambda watch: (saved.append(threading.current_thread().name), save(watch)))
    study(folder=tmp_path).run()
    assert len(saved) > 10
    assert not (tmp_path / "checkpoint").exists()
