"""A run's model in another format, proved on the run's own examples where they are at hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import DataError, look_up
from layerwise.export.proof import EXAMPLES, Proof
from layerwise.export.table import FORMATS, save
from layerwise.jobs.build import build_data
from layerwise.jobs.predict import open_model
from layerwise.jobs.setting import checked
from layerwise.models.network import Network
from layerwise.storage.run_folder import RunFolder

PARTS = {"test": "test", "val": "validation", "train": "training"}


@dataclass(frozen=True)
class Exported:
    """A file, its format, how it was proved, and on which examples."""

    path: Path
    to: str
    proof: Proof
    examples: str  # "test examples of digits", or "examples drawn at random, as ..."

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "format": self.to,
            "file": str(self.path),
            "examples": self.proof.examples,
            "examples_are": self.examples,
            "largest_difference": self.proof.difference,
        }


def export(
    run: str | Path, to: str, output: str | Path | None = None, *, overwrite: bool = False, data_folder: str | None = None
) -> Exported:
    """Write the model of a run to a file in one of FORMATS: `output`, or beside the model. It is kept only if it predicts the same.

    run is a run's folder, or the stem of a saved model. data_folder is where the files of the run's data set are, if not
    where they were.
    """
    model = open_model(run)
    path = _path(Path(run), look_up(FORMATS, to, "format").ending) if output is None else Path(output)
    if path.is_dir():
        raise ValueError(f"--output {path}: is a folder. Name a file, such as {path / ('model' + FORMATS[to].ending)}")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} is there already. Name another file, or replace it with --overwrite.")
    X, examples = _examples(Path(run), model, data_folder)
    return Exported(path, to, save(model, path, to, examples=X), examples)


def _path(run: Path, ending: str) -> Path:
    stem = run / "model" if run.is_dir() else run
    return stem.with_name(stem.name.removesuffix(".json").removesuffix(".safetensors") + ending)


def _examples(run: Path, model: Network, data_folder: str | None) -> tuple[Array | None, str]:
    """A hundred raw examples of a run, of its test part as far as it goes; None where its data is not at hand, and why."""
    try:
        kept = RunFolder.open(run if run.is_dir() else run.parent).read_config()
        settings = checked({key: value for key, value in kept.items() if key != "sweep"})
        if data_folder is not None:
            settings = replace(settings, data_folder=data_folder)
        data = build_data(settings, np.random.SeedSequence(settings.seed).spawn(3)[0])
        if model.inputs is None or data.X_train.shape[1:] != model.inputs.example_shape:
            raise DataError(f"{settings.data} has examples of another shape")
        found: dict[str, Array] = {}
        for part, name in PARTS.items():
            room = EXAMPLES - sum(map(len, found.values()))
            if data[f"X_{part}"] is not None and room:
                found[name] = np.asarray(data[f"X_{part}"][:room])
    except (ValueError, TypeError, OSError) as error:
        if data_folder is not None:
            raise
        return None, f"examples drawn at random, as {_why(error)}"
    return np.concatenate(list(found.values())), f"{' and '.join(found)} examples of {data.name}"


def _why(error: Exception) -> str:
    """The first sentence of an error."""
    return str(error).partition(". ")[0].rstrip(".")
