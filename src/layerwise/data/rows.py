"""Chosen rows of an array that stays where it is: in memory, or mapped from a file."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from layerwise.arrays import Array

CHUNK = 1 << 20  # bytes that a pass over a whole set reads at once


class Rows:
    """Rows `index` of `base`, read-only and without a copy of the set; rows are gathered when they are asked for.

    A slice of the first axis gives Rows again; an integer, a list or a mask gives an array.

    >>> rows = Rows(np.arange(12).reshape(6, 2), [5, 0, 3])
    >>> rows.shape, rows[1:]
    ((3, 2), Rows(2 of 6, shape (2, 2), int64))
    >>> rows[-1]
    array([6, 7])
    """

    def __init__(self, base: "Array | Rows", index: Any) -> None:
        index = np.asarray(index)
        if index.ndim != 1 or (index.size and index.dtype.kind not in "iu"):
            raise TypeError(f"Rows: the index is {index.dtype} of shape {index.shape}, but must be one axis of row numbers")
        if index.size and (index.min() < 0 or index.max() >= len(base)):
            raise ValueError(f"Rows: row numbers run from {index.min()} to {index.max()}, but the array has {len(base)} rows")
        index = index.astype(np.intp)
        self.base: Array = base.base if isinstance(base, Rows) else base.view()
        self.base.flags.writeable = False  # of this view alone: a row that is handed out cannot change the set
        self.index: Array = base.index[index] if isinstance(base, Rows) else index

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.index), *self.base.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.base.dtype

    @property
    def ndim(self) -> int:
        return self.base.ndim

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, key: Any) -> Any:
        first, *rest = key if isinstance(key, tuple) else (key,)
        if first is Ellipsis or first is None:
            return np.asarray(self)[key]
        index = self.index[first]
        if not isinstance(first, slice):
            return self.base[(index, *rest)]
        return self.base[index][(slice(None), *rest)] if rest else Rows(self.base, index)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False:
            raise ValueError("Rows are gathered into a new array: copy=False cannot be")
        return self.base[self.index].astype(dtype or self.dtype, copy=False)

    def __repr__(self) -> str:
        return f"Rows({len(self)} of {len(self.base)}, shape {self.shape}, {self.dtype})"


Examples = Array | Rows  # what holds a set's inputs or targets, one row per example


def select(base: Examples, index: Array) -> Examples:
    """The rows `index` of base: a plain slice where they follow each other, Rows otherwise. Nothing is copied."""
    if len(index) and index[-1] - index[0] == len(index) - 1 and (np.diff(index) == 1).all():
        return base[index[0] : index[-1] + 1]  # of an array an array, of Rows Rows
    return Rows(base, index)


def gather(base: Examples, index: Array, out: Array | None = None) -> Array:
    """base[index] for row numbers known to be in range, into `out` where given."""
    if isinstance(base, Rows):
        return gather(base.base, base.index[index], out)
    if base.flags.c_contiguous:
        return np.take(base, index, axis=0, out=out, mode="clip")  # without "clip", NumPy fills a buffer first
    if out is None:
        return base[index]
    out[...] = base[index]  # np.take would copy the whole set into C order first
    return out


def chunks(X: Examples, size: int = CHUNK) -> Iterator[tuple[int, Array]]:
    """(number of the first row, rows) in order, about so many bytes at a time.

    >>> [(start, len(rows)) for start, rows in chunks(np.zeros((5, 1 << 16)))]
    [(0, 2), (2, 2), (4, 1)]
    """
    step = max(1, size * len(X) // max(1, X.dtype.itemsize * int(np.prod(X.shape))))
    for start in range(0, len(X), step):
        yield start, np.asarray(X[start : start + step])
