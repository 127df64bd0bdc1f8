"""CIFAR-10, in both formats of its authors: binary records, and python pickles."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from layerwise.arrays import Array
from layerwise.data.layout import reading
from layerwise.data.unpickle import DAMAGE, PickledArray, read_pickle
from layerwise.errors import DataError

RECORD = 3073  # one label, then 3 × 32 × 32 pixels
RECORDS_AT_ONCE = 1000
LARGEST_PICKLE = 64 << 20  # bytes; a batch of 10,000 takes 31 MB
CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def read_binary(paths: Mapping[str, Path]) -> Iterator[tuple[str, Array]]:
    """cifar-10-batches-bin by file name, as (name, rows) for X_train, y_train, X_test, y_test: images (N, 3, 32, 32)."""
    for file_name, path in paths.items():
        size = path.stat().st_size
        if not size or size % RECORD:
            raise DataError(f"{path}: has {size} bytes, not a multiple of {RECORD}: it is cut short, or not a CIFAR-10 binary batch")
        with reading(path), path.open("rb") as file:
            for start in range(0, size // RECORD, RECORDS_AT_ONCE):
                records = np.frombuffer(file.read(RECORD * RECORDS_AT_ONCE), np.uint8).reshape(-1, RECORD)
                yield from _named(path, file_name, records[:, 1:], records[:, 0], start)


def read_python(paths: Mapping[str, Path]) -> Iterator[tuple[str, Array]]:
    """cifar-10-batches-py by file name, as read_binary gives it."""
    for file_name, path in paths.items():
        size = path.stat().st_size
        if size > LARGEST_PICKLE:
            raise DataError(f"{path}: has {size} bytes, but a CIFAR-10 batch has about 31 million")
        with reading(path):
            batch = read_pickle(path.read_bytes(), str(path))
        pixels, labels = batch.get("data"), batch.get("labels")
        if not isinstance(pixels, PickledArray) or type(labels) is not list:
            raise DataError(f'{path}: not a CIFAR-10 batch: it needs an array "data" and a list "labels", but has {sorted(batch)}')
        try:
            images = pixels.array()
            if images.shape != (len(labels), RECORD - 1):
                raise ValueError(f"data has shape {images.shape}, but {len(labels)} labels need ({len(labels)}, {RECORD - 1})")
            if not all(type(label) is int and 0 <= label < 256 for label in labels):
                raise TypeError("a label is not a small whole number")
        except DAMAGE as error:
            raise DataError(f"{path}: not a CIFAR-10 batch ({error})") from error
        yield from _named(path, file_name, images, np.array(labels, np.uint8), 0)


def _named(path: Path, file_name: str, images: Array, labels: Array, start: int) -> Iterator[tuple[str, Array]]:
    if labels.max() >= len(CLASS_NAMES):
        row = int(np.argmax(labels >= len(CLASS_NAMES)))
        raise DataError(f"{path}: image {start + row} has label {labels[row]}, but CIFAR-10 has classes 0 to {len(CLASS_NAMES) - 1}")
    part = "test" if file_name.startswith("test") else "train"
    yield f"X_{part}", images.reshape(len(images), 3, 32, 32)
    yield f"y_{part}", labels
