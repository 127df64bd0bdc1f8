"""What a run's model tells of where it comes from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layerwise import __version__
from layerwise.data.dataset import Dataset
from layerwise.data.table import DATASETS
from layerwise.models.provenance import Provenance
from layerwise.storage.run_folder import RunFolder

OF_THE_MACHINE = ("data_folder", "threads")  # settings that say nothing of the model, but something of whose it is


def provenance_of(settings: Mapping[str, Any], data: Dataset, folder: RunFolder) -> Provenance:
    """Of a run's settings, its data, and the folder that knows when it began; of files the name alone, and their SHA-256."""
    path = Path(str(settings["data"])).expanduser()
    known = settings["data"] in DATASETS
    kept = {key: value for key, value in settings.items() if value is not None and key not in OF_THE_MACHINE}
    return Provenance(
        layerwise=__version__,
        started=folder.started,
        data=data.name,
        data_source=data.source if known else path.name,
        data_licence=data.licence,
        data_sha256="" if known or not path.is_file() else _digest(path),
        settings={**kept, "data": settings["data"] if known else path.name},
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
