"""The report of a run, a sweep or a lab, or of several compared: from their folders to one HTML file."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerwise.errors import MissingExtraError
from layerwise.jobs.setting import TrainSettings, flag
from layerwise.storage.atomic import write_text
from layerwise.storage.run_folder import RunFolder

if TYPE_CHECKING:
    from layerwise.report.record import Record

COMPARISON = "report.html"  # of several runs, in the folder where the command is given
SWEEPING = ("strategy", "trials", "repeats", "folds", "splits", "verify", "refit", "train_size")  # that decide what a sweep computes
USUAL = {"strategy": "grid", "repeats": 1, "folds": 0, "splits": 0, "verify": 0, "refit": "train"}


@dataclass
class Outcome:
    """Where the report is, and what is not as it should be in the folders."""

    path: Path
    notes: list[str]


def report(runs: Sequence[str | Path], *, output: str | Path | None = None) -> Outcome:
    """Write the report of one folder (into it, as report.html), or a comparison of several (here); output names another file.

    A file that is no report of ours is never replaced.
    """
    from layerwise.report.page import MARK, page
    from layerwise.report.record import read_record

    if not runs:
        raise ValueError("a report needs at least one run: give the folder that `layerwise train` named")
    records = [read_record(run) for run in runs]
    path = Path(output) if output is not None else RunFolder(records[0].folder).report if len(records) == 1 else Path(COMPARISON)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder. Name a file for the report, such as {path / 'report.html'}")
    if path.exists() and not path.read_bytes().startswith(MARK.encode()):
        raise FileExistsError(f"{path} is no report of ours, and is left as it is. Name another file with --output.")
    write_text(path, page(records, commands_of(records)))
    return Outcome(path, [note for record in records for note in record.notes])


def write_report(folder: Path) -> tuple[Path | None, str]:
    """The report of a run that has just ended: its path, or None and why there is none."""
    try:
        return report([folder]).path, ""
    except MissingExtraError as error:
        return None, str(error)


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def commands_of(records: Sequence[Record]) -> dict[str, str]:
    """For each folder the command that does its run again."""
    found = {}
    for record in records:
        found[str(record.folder)] = command_of(record.config, record.lab)
        found |= {str(part.folder): command_of(part.config) for part in record.parts.values()}
    return found


def command_of(config: Mapping[str, Any], lab: Mapping[str, Any] | None = None) -> str:
    """The command line of a run's settings, as a shell takes it; "" for an experiment that is a part of a lab alone.

    >>> command_of({"data": "digits", "rule": "adam", "lr": 0.01, "hidden": [50, 20], "rule_options": {"beta1": 0.8}})
    'layerwise train digits --hidden 50,20 --lr 0.01 --set rule_options.beta1=0.8'
    >>> command_of({"data": "digits", "lr": 0.001, "sweep": {"space": {"lr": "1e-3:1:log:4"}, "strategy": "grid"}})
    'layerwise sweep digits --lr 1e-3:1:log:4'
    >>> command_of({}, {"name": "mnist-networks", "quick": True})
    'layerwise lab run mnist-networks --quick'
    """
    if lab:
        return shlex.join(["layerwise", "lab", "run", str(lab.get("name", "")), *(["--quick"] if lab.get("quick") else [])])
    if "data" not in config or "experiment" in config:
        return ""
    sweep = config.get("sweep", {})
    space = sweep.get("space", {})
    words = ["layerwise", "sweep" if sweep else "train", str(config["data"])]
    for setting in fields(TrainSettings):
        name = setting.name
        if name == "data" or (name not in config and name not in space):
            continue
        if name in space:
            words += _given(name, str(space[name]))
        elif isinstance(config[name], Mapping):
            kept = {key: value for key, value in config[name].items() if key not in space}
            words += [word for key, value in kept.items() for word in ("--set", f"{name}.{key}={_text(value)}")]
        elif config[name] != setting.default and not (name == "steps" and "epochs" in config and config["steps"] is None):
            words += _given(name, _text(config[name]))
    options = {name for name in space if name not in {setting.name for setting in fields(TrainSettings)}}
    words += [word for name in sorted(options) for word in ("--set", f"rule_options.{name}={space[name]}")]
    for name in SWEEPING:
        if sweep.get(name) is not None and sweep[name] != USUAL.get(name):
            words += [f"--{name.replace('_', '-')}", str(sweep[name])]
    return shlex.join(words)


def _given(name: str, text: str) -> list[str]:
    spelling = flag(name)
    return ["--set", f"{name}={text}"] if spelling.startswith("--set ") else [spelling, text]


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
