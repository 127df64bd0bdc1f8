"""MATLAB files of level 5 (.mat as savemat and MATLAB up to 7 write them): arrays of numbers, streamed.

Nothing that a file claims is believed before it is held against the bytes that are there: memory is taken for what is
read, piece by piece. Texts, cells, structures and objects are passed over.
"""

import math
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from layerwise.arrays import Array
from layerwise.data.idx import GZIP_RATIO
from layerwise.data.layout import reading
from layerwise.data.rows import CHUNK
from layerwise.errors import DataError

HEADER = 128
MATRIX, COMPRESSED = 14, 15  # kinds of elements that hold a variable
NUMERIC = range(6, 16)  # classes of matrices: double to uint64
COMPLEX = 0x08  # a flag of a matrix
DTYPES = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8", 12: "<i8", 13: "<u8"}  # of stored numbers
MOST_AXES = 8
LONGEST_NAME = 63  # what MATLAB allows

Read = Callable[[int], bytes]  # the next so many bytes, or fewer at the end


@dataclass(frozen=True, eq=False)
class Variable:
    """One array in a file, valid until the next is taken; a column is (N,), not (N, 1).

    The last axis goes slowest, as MATLAB stores it.
    """

    path: Path
    where: str  # the path and the name, for errors
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    read: Read

    def rows(self) -> Iterator[Array]:
        """The array along its last axis, (count, ..., shape[1], shape[0]) at a time, with count rows of about CHUNK bytes."""
        *rest, num_rows = self.shape
        width = math.prod(rest) * self.dtype.itemsize
        step = max(1, CHUNK // width)
        for start in range(0, num_rows, step):
            count = min(step, num_rows - start)
            with reading(self.path):
                data = self.read(count * width)
            if len(data) != count * width:
                raise DataError(f"{self.where}: ends after {start * width + len(data)} of {num_rows * width} bytes. Fetch the file again.")
            yield np.frombuffer(data, self.dtype).reshape(count, *rest[::-1])


def variables(path: Path) -> Iterator[Variable]:
    """The arrays of numbers in a file, one after the other."""
    with reading(path), path.open("rb") as file:
        header, length = file.read(HEADER), path.stat().st_size
        if header[124:] != b"\0\x01IM":
            newer = " It is of MATLAB 7.3, which is another format: save it with -v7." if header[124:] == b"\0\x02IM" else ""
            raise DataError(f"{path}: not a MATLAB file of level 5 (little-endian).{newer}")
        at = HEADER
        while at < length:
            file.seek(at)
            tag = file.read(8)
            if len(tag) < 8:
                raise DataError(f"{path}: ends within the tag of an element. Fetch the file again.")
            kind, size = struct.unpack("<II", tag)
            at += 8 + size
            if kind not in (MATRIX, COMPRESSED) or at > length:
                raise DataError(f"{path}: an element of kind {kind} declares {size} bytes, where {length - at + size} are left")
            variable = _variable(path, _inflated(file, size) if kind == COMPRESSED else _plain(file, size), size, kind == COMPRESSED)
            if variable is not None:
                yield variable


def _variable(path: Path, read: Read, size: int, packed: bool) -> Variable | None:
    """The variable whose element begins here; None if it is not an array of numbers."""
    if packed:
        kind, declared = struct.unpack("<II", _exactly(path, read, 8))
        if kind != MATRIX or declared > size * GZIP_RATIO:
            raise DataError(f"{path}: a packed element of kind {kind} declares {declared} bytes, but {size} cannot hold them")
        size = declared
    left = _Budget(path, read, size)
    flags = left.part(6, most=8)
    if len(flags) != 8:
        raise DataError(f"{path}: a matrix has {len(flags)} bytes of flags, not 8")
    if flags[0] not in NUMERIC or flags[1] & COMPLEX:
        return None
    dimensions, name = left.part(5, most=4 * MOST_AXES), left.part(1, most=LONGEST_NAME)
    shape = tuple(np.frombuffer(dimensions, "<i4").tolist()) if len(dimensions) % 4 == 0 else ()
    where = f'{path}, array "{name.decode("ascii", "replace")}"'
    kind, stored, read = left.open()
    dtype = np.dtype(DTYPES[kind]) if kind in DTYPES else None
    if dtype is None or len(shape) < 2 or min(shape) < 0 or math.prod(shape) * dtype.itemsize != stored:
        raise DataError(f"{where}: declares {shape} of kind {kind}, which are not the {stored} bytes that it has")
    while len(shape) > 1 and shape[-1] == 1:
        shape = shape[:-1]
    return Variable(path, where, name.decode("ascii", "replace"), shape, dtype, read) if stored else None


class _Budget:
    """The parts of a matrix: each must fit into what the matrix declared of itself."""

    def __init__(self, path: Path, read: Read, size: int) -> None:
        self.path, self.read, self.size = path, read, size

    def open(self) -> tuple[int, int, Read]:
        """The kind and size of the next part, and what reads it."""
        tag = self._take(8)
        kind, size = struct.unpack("<II", tag)
        if kind >> 16:  # up to four bytes, in the tag itself
            kind, size = kind & 0xFFFF, kind >> 16
            if size > 4:
                raise DataError(f"{self.path}: a small element declares {size} bytes, but holds at most 4")
            return kind, size, lambda count: tag[4 : 4 + min(size, count)]
        if size > self.size:
            raise DataError(f"{self.path}: a part of a matrix declares {size} bytes, where {self.size} are left")
        return kind, size, self._take

    def part(self, kind: int, most: int) -> bytes:
        """The next part whole, of at most so many bytes, with what pads it to eight."""
        found, size, read = self.open()
        if found != kind or size > most:
            raise DataError(f"{self.path}: a part of kind {found} and {size} bytes stands where kind {kind} of at most {most} must")
        data = read(size)
        if read == self._take:
            self._take(-size % 8)
        return data

    def _take(self, count: int) -> bytes:
        self.size -= count
        return _exactly(self.path, self.read, count)


def _exactly(path: Path, read: Read, count: int) -> bytes:
    data = read(count)
    if len(data) != count:
        raise DataError(f"{path}: ends within a matrix. Fetch the file again.")
    return data


def _plain(file: IO[bytes], size: int) -> Read:
    """Reads up to `size` bytes from here on."""
    left = size

    def read(count: int) -> bytes:
        nonlocal left
        data = file.read(min(count, left))
        left -= len(data)
        return data

    return read


def _inflated(file: IO[bytes], size: int) -> Read:
    """Reads what `size` bytes from here on unpack to."""
    packed, inflate = _plain(file, size), zlib.decompressobj()

    def read(count: int) -> bytes:
        pieces = []
        while count and not inflate.eof:
            data = inflate.unconsumed_tail or packed(1 << 16)
            piece = inflate.decompress(data, count)
            if not data and not piece:
                break
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    return read
