"""The folder of a run: where each of its files is, and when it may be replaced."""

import os
import platform
import re
import secrets
import shlex
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.errors import DataError
from layerwise.storage.atomic import write_text
from layerwise.storage.strict_json import from_json, to_json
from layerwise.storage.toml import to_toml

HEADING = "# The settings of a run of layerwise, as they were resolved.\n"  # also what tells a run's folder from another
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(1, 10))}


@dataclass(frozen=True)
class RunFolder:
    """The files of one run: plain, safe to copy, and enough to rebuild anything else from.

    >>> run = RunFolder(Path("runs/first"))
    >>> run.metrics.name, run.model.name, run.figures.name
    ('metrics.jsonl', 'model', 'figures')
    """

    path: Path

    @classmethod
    def create(cls, name: str, output: str | os.PathLike[str] | None = None, overwrite: bool = False, root: str = "runs") -> "RunFolder":
        """A new, empty folder: `output`, or `root/<UTC>-<name>-<six random digits>`.

        An `output` that holds anything is refused; with `overwrite`, a run in it is replaced, and anything else still refused.
        """
        if output is None:
            now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
            path = Path(root, f"{now}-{file_name(name)}-{secrets.token_hex(3)}")
            path.mkdir(parents=True)
            return cls(path)
        path = Path(output)
        if path.exists() and not path.is_dir():
            raise FileExistsError(f"{path} is a file. Name a folder for the run.")
        if path.is_dir() and any(path.iterdir()):
            if not is_run(path):
                raise FileExistsError(
                    f"{path} holds files that are no run of ours, and is left as it is. Name another folder, or an empty one."
                )
            if not overwrite:
                raise FileExistsError(f"{path} holds an earlier run. Name another folder, or replace that run with --overwrite.")
            old = path.resolve()
            aside = old.with_name(f".{old.name}-{secrets.token_hex(3)}")
            old.rename(aside)  # first, for it either succeeds whole or changes nothing
            old.mkdir()
            shutil.rmtree(aside)
        path.mkdir(parents=True, exist_ok=True)
        return cls(path)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> "RunFolder":
        """The folder of an earlier run."""
        if not is_run(Path(path)):
            raise DataError(
                f"{path} is not the folder of a run: it has no config.toml of ours. Give the folder that `layerwise train` named."
            )
        return cls(Path(path))

    @property
    def config(self) -> Path:
        return self.path / "config.toml"

    @property
    def env(self) -> Path:
        return self.path / "env.json"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.jsonl"

    @property
    def statistics(self) -> Path:
        return self.path / "statistics.jsonl"

    @property
    def predictions(self) -> Path:
        """The stem of predictions.safetensors and predictions.json."""
        return self.path / "predictions"

    @property
    def model(self) -> Path:
        """The stem of model.safetensors and model.json, as save_arrays takes it."""
        return self.path / "model"

    @property
    def checkpoint(self) -> Path:
        return self.path / "checkpoint"

    @property
    def figures(self) -> Path:
        return self.path / "figures"

    @property
    def report(self) -> Path:
        return self.path / "report.html"

    def way_on(self) -> str:
        """The command that goes on with this run: of training, of a sweep or of a lab.

        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     run = RunFolder(Path(folder))
        ...     run.write_config({"data": "digits", "sweep": {"strategy": "grid"}})
        ...     run.way_on().replace(folder, "FOLDER")
        'layerwise sweep resume FOLDER'
        """
        config, path = self.read_config(), str(self.path)
        if "lab" in config:
            flags = ["--quick"] if config.get("quick") else []
            place = ["--data", str(config["data_folder"])] if config.get("data_folder") else []
            return shlex.join(["layerwise", "lab", "run", str(config["lab"]), *flags, *place, "--output", path])
        return shlex.join(["layerwise", *(["sweep", "resume"] if "sweep" in config else ["train", "--resume"]), path])

    def write_config(self, settings: Mapping[str, Any]) -> None:
        """Settings, nested or flat; those that are None are left out."""
        write_text(self.config, HEADING + to_toml(settings))

    def read_config(self) -> dict[str, Any]:
        """The settings that write_config wrote."""
        try:
            return tomllib.loads(self.config.read_text(encoding="utf-8"))
        except ValueError as error:
            raise DataError(f"{self.config}: {error}. Mend that line, or train again.") from None

    def write_env(self) -> None:
        """When the run began, and what its numbers and speed may depend on; nothing that tells whose machine it is."""
        started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        write_text(self.env, to_json({"started": started, **environment()}, indent=2) + "\n")

    @property
    def started(self) -> str:
        """When the run began, in UTC: "2026-01-31T12:00:00Z"; empty where the folder does not say."""
        try:
            found = from_json(self.env.read_bytes())
        except (OSError, ValueError):
            return ""
        started = found.get("started", "") if isinstance(found, dict) else ""
        return started if isinstance(started, str) else ""


def environment() -> dict[str, Any]:
    """Versions, processor and linear algebra: no names of users, hosts or folders."""
    from threadpoolctl import threadpool_info

    kept = ("user_api", "internal_api", "version", "num_threads", "threading_layer", "architecture")
    return {
        "layerwise": version("layerwise"),
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "numpy": np.__version__,
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu_count": os.cpu_count(),
        "libraries": [{key: library[key] for key in kept if key in library} for library in threadpool_info()],
    }


def file_name(text: str) -> str:
    """The text as a name that every system takes for a file or a folder: Windows' rules, at most 120 bytes.

    >>> file_name("lr: 1e-3 / 2 layers?")
    'lr- 1e-3 - 2 layers-'
    >>> file_name("nul.txt"), file_name(" ... ")
    ('_nul.txt', 'run')
    """
    text = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]', "-", text)
    text = text.encode()[:120].decode(errors="ignore").strip(" .")
    return f"_{text}" if text.split(".")[0].strip().lower() in DEVICES else text or "run"


def is_run(path: Path) -> bool:
    """Whether a folder has the settings that a run of ours writes first."""
    config = path / "config.toml"
    return config.is_file() and config.read_bytes().startswith(HEADING.strip().encode())
