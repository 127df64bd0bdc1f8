"""Arrays from .npz files, each member's size checked before memory is taken for it; never a pickle."""

import math
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from layerwise.arrays import Array
from layerwise.data.idx import GZIP_RATIO
from layerwise.data.layout import reading
from layerwise.errors import DataError

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
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
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
        version = np.lib.format.read_magic(file)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read_header(file)
        if dtype.hasobject:
            raise DataError(f"{where}: holds Python objects, which are never unpickled. Save numbers.")
        declared = math.prod(shape) * dtype.itemsize
        if file.tell() + declared != info.file_size or info.file_size > GZIP_RATIO * info.compress_size + 64:
            raise DataError(f"{where}: declares {shape} of {dtype}, {declared} bytes, but the archive has {info.file_size} for it")
        data = file.read(declared)
    a = np.frombuffer(data, dtype)
    return a.reshape(shape[::-1]).T if fortran else a.reshape(shape)
