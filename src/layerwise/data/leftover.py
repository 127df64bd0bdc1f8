"""Reading what other libraries left on the machine: Keras' .npz, OpenML's tables, whole archives, and the public files."""

import gzip
import math
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import numpy as np

from layerwise.arrays import Array
from layerwise.data import cifar10
from layerwise.data.archive import extract
from layerwise.data.cache import cache_folder
from layerwise.data.idx import read_mnist
from layerwise.data.layout import reading
from layerwise.data.mirror import MIRRORS
from layerwise.data.npz import read_npz
from layerwise.data.svhn import read_svhn
from layerwise.errors import DataError

Pieces = Iterable[tuple[str, Array]]  # (name, rows), as every parser gives them

NUM_TEST = 10_000  # OpenML has the test part of each set after the training part, in one table
LINES_AT_ONCE = 500
LONGEST_LINE = 1 << 16


def read_keras(paths: Mapping[str, Path]) -> Iterator[tuple[str, Array]]:
    """Keras' mnist.npz: images (N, 28, 28) get their channel."""
    for name, a in read_npz(paths["arrays"]).items():
        if name[2:] in ("train", "test"):
            if a.dtype != np.uint8:
                raise DataError(f'{paths["arrays"]}: "{name}" is {a.dtype}, but must be bytes')
            yield name, a[:, None] if name[0] == "X" else a


def read_openml(paths: Mapping[str, Path]) -> Iterator[tuple[str, Array]]:
    """A table as scikit-learn's fetch_openml keeps it: an ARFF file, gzipped, of pixels and the class in each row."""
    path = paths["table"]
    with reading(path), gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
        while (line := file.readline(LONGEST_LINE)).strip().lower() != "@data":
            if not line:
                raise DataError(f"{path}: has no @data")
        images: list[Array] = []
        while lines := [line.replace("'", "") for line in islice(file, LINES_AT_ONCE) if line.strip()]:
            try:
                images.append(np.loadtxt(lines, np.uint8, delimiter=",", ndmin=2, comments=None))
            except (ValueError, OverflowError) as error:
                raise DataError(f"{path}: is not a table of bytes ({error})") from error
            if images[-1].shape[1] != images[0].shape[1]:
                raise DataError(f"{path}: has rows of {images[0].shape[1]} and of {images[-1].shape[1]} numbers")
    table = np.concatenate(images) if images else np.empty((0, 1), np.uint8)
    channels = 3 if (table.shape[1] - 1) % 3 == 0 else 1
    side = math.isqrt((table.shape[1] - 1) // channels)
    if len(table) <= NUM_TEST or channels * side * side != table.shape[1] - 1 or not side:
        raise DataError(f"{path}: has {len(table)} rows of {table.shape[1]} numbers, which are not square images and their classes")
    for part, rows in (("train", table[:-NUM_TEST]), ("test", table[-NUM_TEST:])):
        yield f"X_{part}", rows[:, :-1].reshape(-1, channels, side, side)
        yield f"y_{part}", rows[:, -1]


def read_archive(paths: Mapping[str, Path]) -> Iterator[tuple[str, Array]]:
    """CIFAR-10's archives, binary or python, unpacked for the time of reading."""
    for name, path in paths.items():
        members = next(file.members for files in MIRRORS.values() for file in files if file.name == name)
        cache_folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
            batches = {batch.stem: batch for batch in extract(path, folder, members)}
            yield from (cifar10.read_binary if "binary" in name else cifar10.read_python)(batches)


READERS: dict[str, Callable[[Mapping[str, Path]], Pieces]] = {
    "idx": read_mnist,
    "binary": cifar10.read_binary,
    "python": cifar10.read_python,
    "mat": read_svhn,
    "keras": read_keras,
    "openml": read_openml,
    "archive": read_archive,
}
