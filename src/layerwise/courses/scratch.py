"""The folder that a notebook runs in: a fresh one, with the data sets where its cells look for them and the files they name."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from layerwise.courses.table import Course
from layerwise.data.layout import find
from layerwise.data.table import DATASETS
from layerwise.errors import MissingDataError

LARGEST = 256 << 20  # bytes of files beside the notebook that are copied
READING = re.compile(r"""\b(?:imread|open)\(\s*['"]([\w./ -]+\.(?:jpe?g|png))['"]""")
NEVER = ("node_modules", "__pycache__")


def lay_out_data(course: Course, scratch: Path, data: str | Path | None, beside: Path) -> list[str]:
    """Put the course's data sets where notebooks look for them; gives a note for each that is not on this machine.

    They are looked for in the folder `data`; without it, beside the notebook and where Layerwise keeps them.
    """
    notes = []
    for name, places in course.datasets.items():
        try:
            folder = _folder_of(name, [data] if data else [*(beside / place for place in places), None])
        except MissingDataError as error:
            notes.append(str(error))
            continue
        for place in places:
            put(folder, scratch / place)
    return notes


def _folder_of(name: str, candidates: Sequence[str | Path | None]) -> Path:
    *first, last = candidates
    for candidate in first:
        if candidate is not None and Path(candidate).is_dir():
            with suppress(MissingDataError):
                return _folder_of(name, [candidate])
    layouts = DATASETS[name].layouts
    _, files = find(name, layouts[::-1], last)  # the last layout first: of CIFAR-10 the one that a course's own files read
    return next(iter(files.values())).parent


def put(folder: Path, place: Path) -> None:
    """Let the folder's files be found at the place as well: linked where the system allows it, copied elsewhere."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        place.symlink_to(folder.resolve(), target_is_directory=True)
    except OSError:  # Windows has no links for everyone
        place.mkdir(exist_ok=True)
        for path in filter(Path.is_file, folder.iterdir()):
            try:
                os.link(path, place / path.name)
            except OSError:
                shutil.copy2(path, place / path.name)


def copy_beside(notebook: Path, text: str, course: Course, scratch: Path) -> list[str]:
    """Copy the files and folders next to a notebook that its text names, but for the course's own; gives notes on what is left out."""
    notes, room = [], LARGEST
    taken = {*course.packages, *(Path(place).parts[0] for places in course.datasets.values() for place in places)}
    for path in sorted(notebook.parent.iterdir()):
        stem = path.stem if path.suffix == ".py" else path.name
        if path.name.startswith(".") or path.suffix == ".ipynb" or stem in taken or path.name in NEVER or not _named(stem, text):
            continue
        size = sum(one.stat().st_size for one in ([path] if path.is_file() else path.rglob("*")) if one.is_file())
        if size > room:
            notes.append(f"{path.name}, beside the notebook, is not copied for its cells: it has {size / 2**20:.0f} MB")
            continue
        room -= size
        if path.is_dir():
            shutil.copytree(path, scratch / path.name, dirs_exist_ok=True)
        else:
            shutil.copy2(path, scratch / path.name)
    return notes


def _named(stem: str, text: str) -> bool:
    return len(stem) > 1 and re.search(rf"(?<![\w.-]){re.escape(stem)}(?![\w-])", text) is not None


def stand_in_pictures(text: str, scratch: Path) -> list[str]:
    """Draw a picture for each that the cells read and that is not there, so that the cells after them can be run; gives notes."""
    notes = []
    for name in dict.fromkeys(READING.findall(text)):
        place = scratch / name
        if place.exists() or Path(name).is_absolute() or ".." in Path(name).parts:
            continue
        from layerwise.courses.picture import draw_card

        place.parent.mkdir(parents=True, exist_ok=True)
        draw_card(place)
        notes.append(f"{name} is not beside the notebook: a test card stands in for it")
    return notes


def copy_mine(course: Course, root: Path, scratch: Path) -> Path:
    """Copy a learner's modules into the scratch folder, so that what they write beside them is not written into theirs."""
    for package in course.packages:
        if (root / f"{package}.py").is_file():
            shutil.copy2(root / f"{package}.py", scratch)
        if (root / package).is_dir():
            shutil.copytree(
                root / package,
                scratch / package,
                ignore=lambda folder, names: [
                    n for n in names if not (n.endswith(".py") or (Path(folder) / n).is_dir()) or n in ("datasets", "build", *NEVER)
                ],
                dirs_exist_ok=True,
            )
            (scratch / package / "saved").mkdir(exist_ok=True)  # where the later years' models write; git keeps no empty folder
    return scratch
