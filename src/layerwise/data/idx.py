"""IDX files (MNIST, Fashion-MNIST): four bytes of magic, the sizes, the bytes; plain or gzipped.

A file is accepted by its format alone: Debian, for one, compresses the same bytes anew.
"""

import gzip
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

import numpy as np

from layerwise.arrays import Array
from layerwise.data.layout import reading
from layerwise.data.rows import CHUNK
from layerwise.errors import DataError

GZIP_RATIO = 1032  # deflate cannot hold more bytes than this in one


def idx_shape(path: Path) -> tuple[int, ...]:
    """The sizes that the header declares, once they are seen to be possible for a file of this length."""
    with _opened(path) as file:
        return _header(path, file)


def idx_rows(path: Path) -> Iterator[Array]:
    """The file's rows, some at a time: at no moment is more than about CHUNK bytes of it in memory."""
    with _opened(path) as file:
        num_rows, *rest = _header(path, file)
        width = math.prod(rest)
        step = max(1, CHUNK // width)
        for start in range(0, num_rows, step):
            count = min(step, num_rows - start)
            data = file.read(count * width)
            if len(data) != count * width:
                raise DataError(f"{path}: ends after {start * width + len(data)} of {num_rows * width} bytes. Fetch the file again.")
            yield np.frombuffer(data, np.uint8).reshape(count, *rest)
        if file.read(1):
            raise DataError(f"{path}: goes on after the {num_rows * width} bytes that its header declares. Is it the right file?")


def read_idx(path: str | Path) -> Array:
    """The whole file as one uint8 array, such as (60000, 28, 28) or (60000,)."""
    return np.concatenate(list(idx_rows(Path(path))))


def read_mnist(paths: Mapping[str, Path]) -> Iterator[tuple[str, Array]]:
    """MNIST's four files, by the names X_train, y_train, X_test, y_test, as (name, rows): images (N, 1, 28, 28), labels (N,)."""
    for part in ("train", "test"):
        images, labels = paths[f"X_{part}"], paths[f"y_{part}"]
        shape, count = idx_shape(images), idx_shape(labels)
        if len(shape) != 3 or len(count) != 1 or shape[0] != count[0]:
            raise DataError(f"{images} has shape {shape} and {labels} {count}: they must be (N, H, W) images and their N labels")
        for rows in idx_rows(images):
            yield f"X_{part}", rows[:, None]  # (N, H, W) -> (N, 1, H, W)
        for rows in idx_rows(labels):
            yield f"y_{part}", rows


def _header(path: Path, file: gzip.GzipFile | BufferedReader) -> tuple[int, ...]:
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or not 1 <= magic[3] <= 4:
        raise DataError(f"{path}: not an IDX file. It starts with {magic!r}, but must with two zero bytes, a type and a number of axes.")
    if magic[2] != 8:
        raise DataError(f"{path}: holds values of IDX type 0x{magic[2]:02x}, but only unsigned bytes (0x08) are read")
    sizes = file.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise DataError(f"{path}: ends within its header. Fetch the file again.")
    shape = tuple(np.frombuffer(sizes, ">u4").tolist())
    length = path.stat().st_size
    most = length * GZIP_RATIO if isinstance(file, gzip.GzipFile) else length - 4 - len(sizes)
    if not 0 < math.prod(shape) <= most:
        raise DataError(f"{path}: its header declares {shape}, {math.prod(shape)} bytes, but a file of {length} bytes holds at most {most}")
    return shape


@contextmanager
def _opened(path: Path) -> Iterator[gzip.GzipFile | BufferedReader]:
    """The file's content, unpacked if it is gzip whatever its name."""
    with reading(path), path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if packed:
            with gzip.GzipFile(fileobj=raw) as file:
                yield file
        else:
            yield raw
