"""What the data commands do: which data sets there are, where their files lie, what one holds, and what is wrong."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from layerwise.data.archive import extract
from layerwise.data.cache import cache_folder
from layerwise.data.column import Column
from layerwise.data.dataset import Dataset
from layerwise.data.fetch import fetch_all
from layerwise.data.mirror import MIRRORS, RemoteFile
from layerwise.data.profile import Duplicates, Profile, profile
from layerwise.data.table import DATASETS, files_of
from layerwise.errors import MissingDataError, MissingExtraError, look_up
from layerwise.report.label import class_name, printable
from layerwise.storage.atomic import write_text

PARTS = {"train": "training", "val": "validation", "test": "test"}
MOST_NAMED = 5  # pairs of duplicates, and features, that a summary lists
LITTLE_ROOM = 1 << 30  # bytes


@dataclass
class Shown:
    """What `show` wrote: a summary in lines, warnings about the data, and figures, or a note why there are none."""

    folder: Path
    summary: list[str]
    warnings: list[str]
    figures: list[Path] = field(default_factory=list)
    figures_note: str = ""


@dataclass(frozen=True)
class Check:
    """One thing that `doctor` looked at; `fine` is None where it is neither right nor wrong."""

    what: str
    fine: bool | None
    said: str


def list_known() -> list[dict[str, Any]]:
    """A row for each data set: name, number of classes, shape of an example, licence, source, bytes to fetch, where its files are."""
    return [
        {
            "name": name,
            "classes": len(known.class_names),
            "shape": known.example_shape,
            "licence": known.licence,
            "source": known.source,
            "download": sum(file.size or 0 for file in MIRRORS.get(name, ())),
            "found": _found(name),
        }
        for name, known in DATASETS.items()
    ]


def where(name: str, folder: str | Path | None = None) -> list[Path]:
    """The files that a data set is read from; none for one that comes with the package. MissingDataError says what to put where."""
    known = look_up(DATASETS, name, "data set")
    if known.packaged is not None:
        return []
    return list(files_of(name, folder)[1].values())


def get(
    name: str,
    folder: str | Path | None = None,
    *,
    files: Sequence[RemoteFile] | None = None,
    progress: Callable[[str, int, int | None], None] | None = None,
) -> tuple[list[Path], bool]:
    """The files of a data set, and whether they had to be fetched: into the folder, LAYERWISE_DATA, or the package's own.

    files are those to fetch, in place of the published ones: the same formats from elsewhere, under their own checksums.
    """
    try:
        return where(name, folder), False
    except MissingDataError:
        files = MIRRORS[name] if files is None else files
        target = Path(folder or os.environ.get("LAYERWISE_DATA") or cache_folder()).expanduser() / name
        for file, path in zip(files, fetch_all(files, target, progress=progress), strict=True):
            if file.members:
                extract(path, target, file.members)
        return where(name, target), True


def show(name: str, output: str | Path | None = None, *, figures: bool = True, **settings: Any) -> Shown:
    """Look at a data set, a table, an .npz file or a folder of images: a summary and figures in the folder `output`.

    settings are those of a training run that say what is read, and the parts are as it would have them. Files of the same
    names in the folder are replaced, others left alone.
    """
    from layerwise.jobs.build import build_data  # here, as it brings in all the models, and a list of names needs none
    from layerwise.jobs.setting import resolve

    chosen = resolve({"data": name, **settings})
    data = build_data(chosen, np.random.SeedSequence(chosen.seed).spawn(1)[0])
    with threadpool_limits(1):  # its products are small: more threads wait for each other
        found = profile(data)
    shown = Shown(Path(output or f"{data.name}-data"), _summary(data, found), _warnings(found))
    write_text(shown.folder / "summary.txt", "\n".join([*shown.summary, *(f"Warning: {text}" for text in shown.warnings)]) + "\n")
    if figures:
        _draw(shown, data, found)
    return shown


def doctor() -> list[Check]:
    """What a user should know when data does not arrive: folders, room, files, parsed copies, extras."""
    chosen = os.environ.get("LAYERWISE_DATA")
    checks = [_check_cache()]
    if chosen:
        there = Path(chosen).expanduser().is_dir()
        checks.append(Check("LAYERWISE_DATA", there, chosen if there else f"{chosen} is no folder. Make it, or unset the variable."))
    else:
        checks.append(Check("LAYERWISE_DATA", None, "not set: files are looked for in the package's folder, and where others leave them"))
    for name in DATASETS:
        place = _found(name)
        checks.append(Check(name, True if place else None, place or f"not on this machine. Fetch it with: layerwise data get {name}"))
    roots = [cache_folder(), *([Path(chosen).expanduser()] if chosen else [])]
    for part in sorted(path for root in roots if root.is_dir() for path in root.glob("**/*.part")):
        checks.append(Check("cut download", None, f"{part} has {part.stat().st_size:,} bytes; `layerwise data get` goes on from there"))
    for module, what, extra in (("PIL", "image files", "plot"), ("matplotlib", "figures", "plot")):
        installed = find_spec(module) is not None
        checks.append(Check(what, installed or None, "can be read or drawn" if installed else f"need: pip install 'layerwise[{extra}]'"))
    return checks


def _found(name: str) -> str:
    """Where the files of a data set are, in a few words; nothing if they are not there."""
    if DATASETS[name].packaged is not None:
        return "comes with the package"
    try:
        return str(where(name)[0].parent)
    except MissingDataError:
        return ""


def _check_cache() -> Check:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check("cache", False, f"{folder} cannot be written to ({error}). Set LAYERWISE_CACHE to another folder.")
    kept = sum(path.stat().st_size for path in folder.glob("*/*.npy"))
    if free < LITTLE_ROOM:
        return Check("cache", False, f"{folder} has {free / 2**20:.0f} MB of room left. Set LAYERWISE_CACHE to another folder.")
    return Check("cache", True, f"{folder}: {kept / 2**20:.0f} MB of parsed copies, {free / 2**30:.0f} GB of room left")


def _summary(data: Dataset, found: Profile) -> list[str]:
    kind = "features" if len(found.shape) == 1 else data.X_train.dtype
    lines = [f"{data.name}: {' × '.join(map(str, found.shape))} {kind} an example"]
    lines += [f"{text}: {value}" for text, value in (("licence", data.licence), ("source", data.source)) if value]
    lines += [f"{PARTS[part]}: {count:,} examples" for part, count in found.counts.items()]
    lines += list(data.notes)
    if found.class_counts is not None:
        lines.append(f"{len(found.class_names or ())} classes ({', '.join(PARTS[part] for part in found.class_counts)}):")
        counts = np.stack(list(found.class_counts.values()), axis=1)
        lines += [f"  {class_name(found.class_names, k)}: {', '.join(f'{n:,}' for n in row)}" for k, row in enumerate(counts)]
    else:
        y = np.asarray(data.y_train, np.float64)
        lines.append(f"targets: {y.min():.4g} to {y.max():.4g}, mean {y.mean():.4g}, standard deviation {y.std():.4g}")
    if len(found.shape) == 3:
        lines.append(f"pixels of the training part: mean {found.mean.mean():.4g}, of {data.full_scale or 1:g} at most")
    elif data.columns:
        lines += [f"  {printable(column.name)}: {_levels(column)}" for column in data.columns]
    if constant := int((found.spread == 0).sum()):
        lines.append(f"{constant:,} of {found.spread.size:,} features never change in the training part")
    if repeated := {d.part: len(d.pairs) for d in found.duplicates if d.part == d.other}:
        lines.append(
            f"examples that repeat an earlier one of their part: {', '.join(f'{count:,} in {PARTS[part]}' for part, count in repeated.items())}"
        )
    return lines if found.leaks or len(found.counts) < 2 else [*lines, "no example is in two parts"]


def _levels(column: Column) -> str:
    """What a column holds, in a few words."""
    if column.levels is None:
        return "a number"
    few = ", ".join(map(printable, column.levels[:MOST_NAMED])) + (", …" if len(column.levels) > MOST_NAMED else "")
    return f"{len(column.levels)} levels ({few})"


def _warnings(found: Profile) -> list[str]:
    warnings = []
    for leak in found.leaks:
        wrong = f", {leak.contradictions:,} with another label" if leak.contradictions else ""
        warnings.append(
            f"{_count(leak)} of the {PARTS[leak.part]} part {'is' if len(leak.pairs) == 1 else 'are'} in the {PARTS[leak.other]} part, too"
            f"{wrong} (rows {_named(leak)}): what is learned by heart counts as right there"
        )
    for double in found.duplicates:
        if double.part == double.other and double.contradictions:
            warnings.append(
                f"{double.contradictions:,} repeated examples in the {PARTS[double.part]} part have different labels ({_named(double)})"
            )
    if found.class_counts is not None:
        for part, counts in found.class_counts.items():
            if absent := [class_name(found.class_names, k) for k in np.flatnonzero(counts == 0)[:MOST_NAMED]]:
                warnings.append(f"the {PARTS[part]} part has no example of {', '.join(absent)}")
        train = found.class_counts["train"]
        if train.min() and train.max() > 10 * train.min():
            warnings.append(f"the largest class has {train.max() / train.min():.0f} times as many training examples as the smallest")
    return warnings


def _count(found: Duplicates) -> str:
    return f"{len(found.pairs):,} example{'s' if len(found.pairs) > 1 else ''}"


def _named(found: Duplicates) -> str:
    few = ", ".join(f"{row} = {other}" for row, other in found.pairs[:MOST_NAMED].tolist())
    return few + (", …" if len(found.pairs) > MOST_NAMED else "")


def _draw(shown: Shown, data: Dataset, found: Profile) -> None:
    """The figures that fit the data. Without matplotlib, a note instead."""
    try:
        from layerwise.report import data_figure, figure
    except MissingExtraError as error:
        shown.figures_note = str(error)
        return
    drawn, names = {}, found.class_names
    if found.class_counts is not None:
        drawn["class-balance"] = data_figure.class_balance(found.class_counts, names)
    if len(found.shape) == 3 and found.shape[0] in (1, 3):
        white = data.full_scale or 1.0
        if names is not None:
            images: Any = data.X_train  # only what is shown is read
            drawn["samples"] = figure.sample_grid(images, data.y_train, names)
        drawn["mean-images"] = data_figure.mean_images(found.mean, found.class_means, names, full_scale=white)
        if found.pixels is not None:
            drawn["pixels"] = data_figure.pixel_histogram(found.pixels, full_scale=white)
    for name, drawing in drawn.items():
        shown.figures += figure.save(drawing, shown.folder / name)
