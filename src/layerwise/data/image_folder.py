"""Folders of images, one folder per class: its name is the class. Parsed once to one size, in uint8."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.cache import cached
from layerwise.data.dataset import Dataset
from layerwise.data.rows import CHUNK
from layerwise.errors import DataError

PARTS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test", "testing": "test"}
LARGEST = 4 << 30  # bytes of all images together
LONGEST_SIDE = 10_000
MOST_NAMED = 5  # files that a note names one by one


@dataclass(frozen=True)
class Found:
    """An image file: its part ("train" where the folder has no parts) and the number of its class."""

    path: Path
    part: str
    label: int


def load_folder(
    path: str | Path,
    *,
    image_size: int | tuple[int, int] | None = None,
    channels: int | None = None,
    validation: int | float = 0.15,
    test: int | float = 0.15,
    split: str | None = None,
    seed: Any = 0,
) -> Dataset:
    """FOLDER/class/image, or FOLDER/train/class/image with folders val and test beside train.

    Every image is stretched to image_size (a side, or height and width), by default the size that most have. channels is
    1 for grey, 3 for colours; by default grey if all are. validation and test are held out, stratified unless split
    says "random" or "last", where the folder has no such part. What cannot be read is left out, and named in the data's notes.
    """
    path = Path(path)
    if channels not in (None, 1, 3):
        raise ValueError(f"channels is {channels}, but must be 1 (grey) or 3 (colours)")
    files, names = _files(path)
    size = _size(image_size)
    arrays = cached(
        re.sub(r"[^\w-]+", "_", path.resolve().name)[:40] or "folder",
        {str(file.path): file.path for file in files},
        lambda: _read(path, files, names, size, channels),
        root=path,
        settings=f"{size} {channels} {names}",
    )
    notes = tuple(bytes(arrays.pop("notes")).decode().splitlines()) if "notes" in arrays else ()
    rest = {name: a for name, a in arrays.items() if not name.endswith("train")}
    data = Dataset.from_arrays(
        arrays["X_train"],
        arrays["y_train"],
        validation=0 if "X_val" in rest else validation,
        test=0 if "X_test" in rest else test,
        split=split,
        seed=seed,
        class_names=names,
    )
    parts: dict[str, Any] = {**data, **rest}
    return Dataset(**parts, class_names=tuple(names), name=path.resolve().name, source=str(path), notes=notes)


def _files(path: Path) -> tuple[list[Found], list[str]]:
    """The images of each class in the order of their names, and the names of the classes: in numeric order if all are numbers."""
    folders = _folders(path)
    parts = {PARTS[folder.name.lower()]: folder for folder in folders if folder.name.lower() in PARTS}
    if "train" not in parts or len(parts) < len(folders):
        parts = {"train": path}
    classes = {part: {folder.name: _images(folder) for folder in _folders(root)} for part, root in parts.items()}
    names = [name for name, images in classes["train"].items() if images]
    names.sort(key=lambda name: (0, int(name), name) if name.isdecimal() and name.isascii() else (1, 0, name))
    if len(names) < 2:
        has = f"has images in {len(names)} folder" if names else "has no folders with images"
        raise DataError(f"{parts['train']}: {has}. Put the images of each class into a folder that is named after it: at least two.")
    for part, found in classes.items():
        if unknown := sorted(name for name, images in found.items() if images and name not in names):
            raise DataError(f'{parts[part]}: has a class "{unknown[0]}", of which there is no image in {parts["train"]}')
    return [
        Found(image, part, label) for part, found in classes.items() for label, name in enumerate(names) for image in found.get(name, [])
    ], names


def _folders(path: Path) -> list[Path]:
    return sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith((".", "__MACOSX")))


def _images(folder: Path) -> list[Path]:
    from layerwise.data.image import ENDINGS  # here, as other data needs no Pillow

    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS and not p.name.startswith(".") and p.is_file())


def _size(image_size: int | tuple[int, int] | None) -> tuple[int, int] | None:
    sides = image_size if image_size is None or isinstance(image_size, tuple) else (image_size, image_size)
    if sides is not None and (len(sides) != 2 or not all(type(side) is int and 1 <= side <= LONGEST_SIDE for side in sides)):
        raise ValueError(f"image_size is {image_size!r}, but must be a side in pixels, or (height, width): 1 to {LONGEST_SIDE:,}")
    return sides


def _read(
    path: Path, files: list[Found], names: list[str], size: tuple[int, int] | None, channels: int | None
) -> Iterator[tuple[str, Array]]:
    """X and y of each part some rows at a time, and then the notes as one array of bytes."""
    from layerwise.data.image import image_shape, read_image

    shapes: dict[Path, tuple[int, int, int]] = {}
    unreadable: dict[Path, str] = {}
    for file in files:
        try:
            shapes[file.path] = image_shape(file.path)
        except DataError as error:
            unreadable[file.path] = str(error)
    sizes = Counter(shape[1:] for shape in shapes.values())
    height, width = size or max(sizes, key=lambda s: (sizes[s], -s[0] * s[1]), default=(1, 1))
    shape = (channels or max((s[0] for s in shapes.values()), default=1), height, width)
    _check_room(path, len(shapes), shape)
    step = max(1, CHUNK // int(np.prod(shape)))
    counts: Counter[tuple[str, int]] = Counter()
    images: list[Array] = []
    labels: list[int] = []
    for file, following in zip(files, [*files[1:], None], strict=True):
        if file.path in shapes:
            try:
                images.append(read_image(file.path, shape).pixels)
                labels.append(file.label)
                counts[file.part, file.label] += 1
            except DataError as error:
                unreadable[file.path] = str(error)
        if images and (len(images) == step or following is None or following.part != file.part):
            yield f"X_{file.part}", np.stack(images)
            yield f"y_{file.part}", np.array(labels, np.int64)
            images, labels = [], []
    for label, name in enumerate(names):
        if not counts["train", label]:
            raise DataError(f'{path}: no image of the class "{name}" can be read: {next(iter(unreadable.values()))}')
    stretched = sum(count for found, count in sizes.items() if found != (height, width))
    if notes := _notes(path, unreadable, stretched, f"{height} × {width}"):
        yield "notes", np.frombuffer("\n".join(notes).encode("utf-8", "replace"), np.uint8)


def _check_room(path: Path, count: int, shape: tuple[int, int, int]) -> None:
    if count * int(np.prod(shape)) > LARGEST:
        raise DataError(
            f"{path}: {count:,} images of {shape[1]} × {shape[2]} pixels take {count * int(np.prod(shape)) / 2**30:.0f} GB. "
            "Choose a smaller size: image_size=64 (on the command line, --image-size 64)."
        )


def _notes(path: Path, unreadable: Mapping[Path, str], stretched: int, size: str) -> list[str]:
    notes = []
    if unreadable:
        few = "; ".join(" ".join(text.split()) for text in list(unreadable.values())[:MOST_NAMED])
        more = f"; and {len(unreadable) - MOST_NAMED} more" if len(unreadable) > MOST_NAMED else ""
        count = f"{len(unreadable)} files" if len(unreadable) > 1 else "1 file"
        notes.append(f"{count} in {path} left out: {few}{more}")
    if stretched:
        notes.append(f"{stretched} of another size stretched to {size} pixels")
    return notes
