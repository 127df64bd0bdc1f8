"""Arrays from .npz files, each member's size checked before memory is taken for it; never a pickle."""

import math
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.idx import GZIP_RATIO
from layerwise.data.layout import reading
from layerwise.errors import DataError

LONGEST_HEADER = 10_000  # bytes; NumPy itself reads no more
FIELDS = [
    re.compile(r"""["']descr["']\s*:\s*["']([<>|=]?[a-zA-Z]\d*)["']"""),  # a plain type: one of several fields has a list here
    re.compile(r"""["']fortran_order["']\s*:\s*(True|False)"""),
    re.compile(r"""["']shape["']\s*:\s*\(([\d\s,]*)\)"""),
]
PARTS = ("X_train", "y_train", "X_val", "y_val", "X_test", "y_test", "X", "y", "class_names")


def read_npz(path: str | Path, *, needed: Sequence[tuple[str, ...]] = (("X", "y"), ("X_train", "y_train"))) -> dict[str, Array]:
    """The arrays called X, y, X_train, y_train, X_val, ... (x_train as in Keras's mnist.npz, too) and class_names.

    All of one of the groups `needed` must be there; other members are left alone.
    """
    path = Path(path)
    arrays: dict[str, Array] = {}
    with reading(path):
        try:
            with zipfile.ZipFile(path) as archive:
                for info in archive.infolist():
                    member = info.filename.removesuffix(".npy")
                    name = f"X{member[1:]}" if member == "x" or member.startswith("x_") else member
                    if name in PARTS:
                        arrays[name] = _member(path, archive, info)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, TypeError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"{path}: is not an .npz file that NumPy wrote ({error})") from error
    if not any(arrays.keys() >= set(group) for group in needed):
        groups = ", or ".join(" and ".join(group) for group in needed)
        raise DataError(f"{path}: needs the arrays {groups}, but has {sorted(arrays) or 'none of them'}")
    return arrays


def _member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    where = f'{path}, array "{info.filename}"'
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(f"{where}: is compressed in a way that NumPy does not write")
    with archive.open(info) as file:
        shape, fortran, dtype = _header(file)
        if dtype.hasobject:
            raise DataError(f"{where}: holds Python objects, which are never unpickled. Save numbers.")
        declared = math.prod(shape) * dtype.itemsize
        if file.tell() + declared != info.file_size or info.file_size > GZIP_RATIO * info.compress_size + 64:
            raise DataError(f"{where}: declares {shape} of {dtype}, {declared} bytes, but the archive has {info.file_size} for it")
        data = file.read(declared)
    a = np.frombuffer(data, dtype)
    return a.reshape(shape[::-1]).T if fortran else a.reshape(shape)


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, Fortran order and dtype of an .npy file: three fields are looked for, nothing is evaluated."""
    magic = file.read(8)
    if magic[:6] != b"\x93NUMPY" or magic[6:7] not in (b"\1", b"\2", b"\3"):
        raise ValueError(f"an array begins with {magic!r}")
    length = int.from_bytes(file.read(2 if magic[6] == 1 else 4), "little")
    if length > LONGEST_HEADER:
        raise ValueError(f"an array's header declares {length} bytes")
    text = file.read(length).decode("latin1")
    found = [field.search(text) for field in FIELDS]
    if len(text) < length or not all(found):
        raise ValueError(f"an array's header is {text[:80]!r}")
    descr, order, shape = (match[1] for match in found if match)
    return tuple(int(n) for n in shape.replace(",", " ").split()), order == "True", np.dtype(descr)
