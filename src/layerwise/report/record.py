"""A run, a sweep or a lab as its folder holds it, read for a report."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from layerwise.arrays import Array
from layerwise.errors import DataError, ModelFileError
from layerwise.report.label import printable
from layerwise.storage.array_file import load_arrays
from layerwise.storage.journal import read_journal
from layerwise.storage.run_folder import RunFolder
from layerwise.storage.strict_json import from_json
from layerwise.sweep.result import Result
from layerwise.sweep.study import status

RUN, SWEEP, LAB, EXPERIMENT = "training run", "sweep", "lab", "experiment"
TRIAL = ("trial", "repeat", "fold", "setting", "status", "reason", "curve", "val_acc", "train_acc", "best_epoch", "epochs", "seconds")
CURVE = ("step", "loss", "epoch", "train_acc", "val_acc")

T = TypeVar("T")


class Predictions(NamedTuple):
    """What held-out examples were taken for: counts (K, K), and some mistakes with their images (n, h, w, 3), where they are images."""

    part: str
    class_names: list[str]
    confusion: Array
    mistakes: list[dict[str, Any]]
    images: Array | None


@dataclass
class Record:
    """What a folder tells. notes say what is missing in it or not as it should be; parts are the runs of a lab, by name."""

    name: str
    kind: str
    folder: Path
    config: dict[str, Any]
    environment: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)
    statistics: list[dict[str, Any]] = field(default_factory=list)
    sweep: Result | None = None
    predictions: Predictions | None = None
    lab: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, Record] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def quick(self) -> bool:
        return bool(self.lab.get("quick"))

    @property
    def title(self) -> str:
        """What stands over the report; a quick lab says that it is one."""
        text = printable(self.lab["title"] if self.lab else self.name)
        return f"QUICK: {text}" if self.quick else text


def read_record(path: str | Path) -> Record:
    """All that a report needs of a run's folder. A file that is missing or torn becomes a note, one that is damaged an error."""
    folder = RunFolder.open(path)
    config = folder.read_config()
    kind = SWEEP if "sweep" in config else EXPERIMENT if "experiment" in config and not (folder.path / "model.json").is_file() else RUN
    record = Record(folder.path.resolve().name, kind, folder.path, config, {})
    if folder.env.is_file():
        record.environment = _object(folder.env)
    else:
        record.notes.append("env.json is missing: nothing is known of the versions and the machine")
    if (folder.path / "lab.json").is_file():
        record.kind = LAB
        _read_lab(record)
        return record
    if folder.metrics.is_file():
        rows = _journal(record, folder.metrics)
        record.results = next((row for row in reversed(rows) if row.get("result")), {})
        record.rows = [row for row in rows if _is_history(row)]
    if folder.statistics.is_file():
        record.statistics = [row for row in _journal(record, folder.statistics) if _numbers(row, "epoch", "step")]
    if (folder.path / "trials.jsonl").is_file():
        trials = _journal(record, folder.path / "trials.jsonl")
        for number, row in enumerate(trials, 1):
            _check_trial(folder.path / "trials.jsonl", number, row)
        count = record.results.get("validation_examples")
        record.sweep = Result(trials, num_val=count if isinstance(count, int) else None)
    if folder.predictions.with_suffix(".json").is_file():
        record.predictions = _predictions(record, folder)
    _note_what_is_missing(record, folder)
    return record


def _note_what_is_missing(record: Record, folder: RunFolder) -> None:
    if record.kind == SWEEP:
        noted = status(folder.path)
        if noted.get("state") != "done" and not record.results:
            ended = len(record.sweep.rows) if record.sweep else 0
            record.notes.append(f"This sweep has not come to its end: {ended} fits are known ({noted.get('reason') or noted.get('state')})")
    elif not record.results:
        epochs = [row["epoch"] for row in record.rows if "val_acc" in row or "train_acc" in row]
        record.notes.append(
            f"This run has not come to its end: it stands after epoch {max(epochs):g}" if epochs else "Nothing was trained yet"
        )
    if record.results and record.kind != EXPERIMENT and not folder.model.with_suffix(".json").is_file():
        record.notes.append("The model is missing: there is no model.json in the folder")


def _read_lab(record: Record) -> None:
    file = record.folder / "lab.json"
    lab = _object(file)
    sections = lab.get("sections")
    if not isinstance(sections, list) or not all(isinstance(section, dict) for section in sections) or "title" not in lab:
        raise DataError(f"{file}: it is no lab's table: it needs a title and a list of sections. Run the lab again.")
    record.lab = lab
    home = record.folder.resolve()
    for section in sections:
        for name in section.get("runs", []):
            path = record.folder / str(name)
            if not path.resolve().is_relative_to(home):
                raise DataError(f"{file}: the run {name} is outside of the lab's folder")
            if not (path / "config.toml").is_file():
                record.notes.append(f"The run {printable(name)} is missing")
            elif name not in record.parts:
                record.parts[name] = read_record(path)


def _predictions(record: Record, folder: RunFolder) -> Predictions | None:
    try:
        arrays, document = load_arrays(folder.predictions)
        names, mistakes = [str(name) for name in document["class_names"]], list(document["mistakes"])
        confusion, images = arrays["confusion"], arrays.get("images")
        if confusion.shape != (len(names), len(names)) or not all(_numbers(m, "index", "true", "predicted") for m in mistakes):
            raise KeyError("confusion")
        if images is not None and (len(images) != len(mistakes) or images.ndim != 4 or images.shape[-1] != 3):
            images = None
        return Predictions(str(document["part"]), names, confusion, mistakes, images)
    except ModelFileError as error:
        record.notes.append(f"What was predicted cannot be read: {error}")
    except (KeyError, TypeError) as error:
        record.notes.append(f"What was predicted cannot be read: predictions.json does not fit together ({error})")
    return None


def _object(path: Path) -> dict[str, Any]:
    try:
        found = from_json(path.read_bytes())
        if not isinstance(found, dict):
            raise ValueError("it is no JSON object")
    except ValueError as error:
        raise DataError(f"{path}: {error}. Run it again, or take the file from a copy.") from None
    return found


def _journal(record: Record, path: Path) -> list[dict[str, Any]]:
    return _noting(record, lambda: read_journal(path))


def _noting(record: Record, action: Callable[[], T]) -> T:
    """Do it, and keep what it warns of as notes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = action()
    record.notes += [str(warning.message) for warning in caught]
    return result


def _is_history(row: Mapping[str, Any]) -> bool:
    """Whether a row is one that a history gives; an experiment may write rows of any kind beside them."""
    measured = [row[name] for name in ("loss", "train_acc", "val_acc", "member") if row.get(name) is not None]
    return _numbers(row, "step", "epoch") and all(_is_number(value) for value in measured)


def _numbers(row: Any, *names: str) -> bool:
    return isinstance(row, Mapping) and all(_is_number(row.get(name)) for name in names)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_trial(path: Path, number: int, row: Mapping[str, Any]) -> None:
    missing = [name for name in TRIAL if name not in row]
    curve = row.get("curve")
    if not missing and (not isinstance(curve, dict) or any(not isinstance(curve.get(name), list) for name in CURVE)):
        missing = ["curve"]
    if missing:
        raise DataError(f"{path}, line {number}: it is no trial of a sweep, for it has no {missing[0]}. Remove that line.")
