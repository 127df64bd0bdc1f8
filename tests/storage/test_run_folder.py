"""Runs get folders of their own, and nothing is replaced that the user did not name as a run."""

import json
import os
import platform
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.errors import DataError
from layerwise.storage import RunFolder, file_name


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "Übungen und Läufe 実験"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def finished(home):
    run = RunFolder.create("first", output=home / "out")
    run.write_config({"seed": 1})
    run.write_env()
    (run.path / "figures").mkdir()
    (run.path / "figures" / "loss.png").write_bytes(b"x")
    return run


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_run_without_output_has_a_dated_folder_of_its_own(home):
    runs = [RunFolder.create("mnist two-layer") for _ in range(3)]
    assert len({run.path for run in runs}) == 3
    for run in runs:
        assert run.path.parent.name == "runs"
        assert re.fullmatch(r"\d{8}T\d{6}Z-mnist two-layer-[0-9a-f]{6}", run.path.name)
        assert run.path.is_dir()
        assert not any(run.path.iterdir())


def test_each_file_has_its_name(home):
    run = RunFolder.create("x", output="out")
    names = [run.config, run.env, run.metrics, run.model, run.checkpoint, run.figures, run.report]
    assert [path.name for path in names] == ["config.toml", "env.json", "metrics.jsonl", "model", "checkpoint", "figures", "report.html"]
    assert all(path.parent == run.path for path in names)


def test_settings_come_back(finished):
    settings = {"data": "mnist", "hidden": [100, 50], "solver": {"lr": 1e-3, "note": "naïve ✓"}, "absent": None}
    finished.write_config(settings)
    again = RunFolder.open(finished.path).read_config()
    assert again == {"data": "mnist", "hidden": [100, 50], "solver": {"lr": 1e-3, "note": "naïve ✓"}}


def test_a_damaged_config_names_its_file(finished):
    finished.config.write_text(finished.config.read_text(encoding="utf-8") + "seed = = 1\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"config.toml: .*line 3"):
        finished.read_config()


def test_the_environment_says_what_numbers_depend_on_and_nothing_about_whose_machine_it_is(finished):
    text = finished.env.read_text(encoding="utf-8")
    env = json.loads(text)
    assert {"layerwise", "python", "numpy", "system", "machine", "cpu_count", "libraries"} <= env.keys()
    blas = next(library for library in env["libraries"] if library["user_api"] == "blas")
    assert blas["num_threads"] >= 1
    assert "filepath" not in blas
    assert not [secret for secret in (platform.node(), os.getcwd(), str(Path.home())) if len(secret) > 3 and secret in text]
    assert Path.home().name not in {str(value) for value in env.values()}
    assert "/" not in text
    assert "\\" not in text


def test_an_empty_or_missing_output_is_taken(home):
    (home / "empty").mkdir()
    assert RunFolder.create("x", output="empty").path.is_dir()
    assert RunFolder.create("x", output=home / "new" / "deep").path.is_dir()


def test_an_earlier_run_is_kept_unless_it_may_be_replaced(finished):
    before = contents(finished.path)
    with pytest.raises(FileExistsError, match=r"holds an earlier run\. Name another folder, or replace that run with --overwrite"):
        RunFolder.create("second", output=finished.path)
    assert contents(finished.path) == before
    again = RunFolder.create("second", output=finished.path, overwrite=True)
    assert contents(again.path) == {}
    assert [path.name for path in again.path.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("file", ["notes.txt", "config.toml"])
def test_a_folder_that_is_no_run_is_never_replaced(home, file):
    (home / file).write_text("title = 'my own'\n", encoding="utf-8")
    for overwrite in (False, True):
        with pytest.raises(FileExistsError, match="holds files that are no run of ours, and is left as it is"):
            RunFolder.create("x", output=home, overwrite=overwrite)
    assert contents(home) == {file: b"title = 'my own'\n"}


def test_a_file_is_never_replaced(home):
    (home / "file").write_bytes(b"x")
    with pytest.raises(FileExistsError, match=r"file is a file\. Name a folder"):
        RunFolder.create("x", output="file", overwrite=True)


def test_an_overwrite_that_cannot_begin_changes_nothing(finished, monkeypatch):
    def refuses(self, target):
        raise PermissionError("a file in it is open")

    before = contents(finished.path)
    monkeypatch.setattr(type(finished.path), "rename", refuses)
    with pytest.raises(PermissionError):
        RunFolder.create("x", output=finished.path, overwrite=True)
    assert contents(finished.path) == before


def test_a_folder_that_is_no_run_is_not_opened(home):
    with pytest.raises(DataError, match=r"is not the folder of a run: it has no config\.toml of ours"):
        RunFolder.open(home)


@given(st.text())
def test_any_text_becomes_a_name_that_windows_takes(text):
    name = file_name(text)
    assert name
    assert len(name.encode()) <= 121
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
    assert not name.endswith((" ", "."))
    assert name.split(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt9"}


def test_names_by_hand():
    assert file_name("größe 3×3") == "größe 3×3"
    assert file_name("CON") == "_CON"
    assert file_name("../../etc") == "-..-etc"
    assert file_name("con .txt") == "_con .txt"
    assert len(file_name("実" * 100).encode()) == 120


@pytest.mark.parametrize(
    ("config", "command"),
    [
        ({"data": "digits"}, "layerwise train --resume 'a run'"),
        ({"data": "digits", "sweep": {"strategy": "grid"}}, "layerwise sweep resume 'a run'"),
        ({"lab": "tiny", "quick": False, "data": "digits"}, "layerwise lab run tiny --output 'a run'"),
        (
            {"lab": "tiny", "quick": True, "data": "digits", "data_folder": "/my data"},
            "layerwise lab run tiny --quick --data '/my data' --output 'a run'",
        ),
    ],
)
def test_the_way_on_is_that_of_the_kind_of_run(home, config, command):
    run = RunFolder.create("x", "a run")
    run.write_config(config)
    assert run.way_on() == command
