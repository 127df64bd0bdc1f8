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
        if index.size and not (0 <= index.min() and index.max() < len(base)):
            raise ValueError(f"Rows: row numbers run from {index.min()} to {index.max()}, but the array has {len(base)} rows")
        index = index.astype(np.intp)
        self.base: Array = base.base if isinstance(base, Rows) else base
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
        if isinstance(first, slice) and not rest:
            return Rows(self.base, self.index[first])
        chosen = self.base[self.index[first]]
        return chosen[(..., *rest)] if np.ndim(self.index[first]) == 0 and not rest else chosen[self._after(first, rest)] if rest else chosen

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if copy is False:
            raise ValueError("Rows are gathered into a new array: copy=False cannot be")
        return self.base[self.index].astype(dtype or self.dtype, copy=False)

    def __repr__(self) -> str:
        return f"Rows({len(self)} of {len(self.base)}, shape {self.shape}, {self.dtype})"
