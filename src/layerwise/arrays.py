"""The type of an array, and how the arrays of a population of models lie in memory.

A population of P models is one model whose arrays have one more leading axis. Its weights are seen as (P, D, M) and
stored as (P, M, D): each member is one block of memory, and its columns are the rows of one matrix product.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def per_member(value: Any, like: Array) -> Any:
    """A number as it is, or (P,) as (P, 1, ..., 1), in like's dtype: one value per member against (P, ...).

    >>> per_member([0.0, 0.1], np.zeros((2, 3, 4))).shape
    (2, 1, 1)
    >>> per_member(0.5, np.zeros((2, 3), np.float32))
    np.float32(0.5)
    """
    value = np.asarray(value, like.dtype)
    if not value.ndim:
        return value[()]
    if value.ndim != 1 or like.ndim < 2 or len(value) not in (1, len(like)):
        raise ValueError(
            f"a per-member setting has shape {value.shape}, but the population's array has shape {like.shape}: give a number or ({len(like)},)"
        )
    return value.reshape(value.shape + (1,) * (like.ndim - 1))


def members_first(a: Array) -> Array:
    """The same (P, D, M), stored as (P, M, D), the fast layout for stacked weights; other numbers of axes in C order."""
    return np.ascontiguousarray(a.swapaxes(-1, -2)).swapaxes(-1, -2) if a.ndim == 3 else np.ascontiguousarray(a)


def columns(a: Array) -> Array:
    """(P, D, M) -> (P·M, D): all members' columns as rows. A view in the members-first layout, a copy in any other."""
    return a.swapaxes(-1, -2).reshape(math.prod(a.shape[:-2]) * a.shape[-1], a.shape[-2])


def from_columns(rows: Array, like: Array) -> Array:
    """(P·M, D) -> (P, D, M), a view; P and M are those of like (P, ..., M)."""
    return rows.reshape(*like.shape[:-2], like.shape[-1], rows.shape[-1]).swapaxes(-1, -2)
