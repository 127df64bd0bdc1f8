"""Which rows are held out: the last ones, a random draw, or a draw that keeps the shares of the classes."""

import math
from collections.abc import Sequence

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import DataError

SPLITS = ("stratified", "random", "last")


def split_rows(
    how: str, y: Array, held: int | float, rng: np.random.Generator, *, class_names: Sequence[str] | None = None
) -> tuple[Array, Array]:
    """Row numbers (kept, held out): "stratified" keeps each class's share, "random" draws, "last" takes the last rows.

    >>> split_rows("last", np.zeros(4), 1, np.random.default_rng(0))
    (array([0, 1, 2]), array([3]))
    """
    if how == "stratified":
        return split_stratified(y, held, rng, class_names=class_names)
    if how == "random":
        return split_random(len(y), held, rng)
    if how == "last":
        return split_last(len(y), held)
    raise ValueError(f'split is "{how}", but must be one of {", ".join(SPLITS)}')


def split_last(num_rows: int, held: int | float) -> tuple[Array, Array]:
    """Row numbers (kept, held out): the last `held` rows, a count, or a share of all if it is a float.

    >>> split_last(5, 2)
    (array([0, 1, 2]), array([3, 4]))
    """
    count = _count(num_rows, held)
    return np.arange(num_rows - count), np.arange(num_rows - count, num_rows)


def split_random(num_rows: int, held: int | float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Row numbers (kept, held out), both ascending: `held` rows drawn without replacement."""
    count = _count(num_rows, held)
    order = rng.permutation(num_rows)
    return np.sort(order[count:]), np.sort(order[:count])


def split_stratified(
    y: Array, held: int | float, rng: np.random.Generator, *, class_names: Sequence[str] | None = None
) -> tuple[Array, Array]:
    """Row numbers (kept, held out), both ascending: every class gives its share, and at least one row to each side.

    >>> kept, held = split_stratified(np.array([0] * 6 + [1] * 3), 3, np.random.default_rng(0))
    >>> len(kept), [0, 0, 0, 0, 0, 0, 1, 1, 1][held[0]], (held >= 6).sum()
    (6, 0, np.int64(1))
    """
    y = np.asarray(y)
    if y.ndim != 1 or y.dtype.kind not in "iu":
        raise TypeError(
            f"split_stratified: y is {y.dtype} of shape {y.shape}, but needs one class number per row. Split at random instead."
        )
    total = _count(len(y), held)
    classes, counts = np.unique(y, return_counts=True)
    if isinstance(held, float):
        total = max(total, len(classes))  # a share is met as nearly as one row of every class allows
    for which, count in zip(classes, counts, strict=True):
        if count < 2:
            name = class_names[which] if class_names is not None else which
            raise DataError(
                f'class "{name}" has one example to split, but needs one on each side. Drop the class, or split at random or by the last rows.'
            )
    if not len(classes) <= total <= len(y) - len(classes):
        raise ValueError(
            f"{total} of {len(y)} rows held out would leave some of the {len(classes)} classes with none on one side. "
            f"Hold out between {len(classes)} and {len(y) - len(classes)} rows, or split at random or by the last rows."
        )
    held_out = [rng.permutation(np.flatnonzero(y == which))[:take] for which, take in zip(classes, _shares(counts, total), strict=True)]
    mask = np.zeros(len(y), bool)
    mask[np.concatenate(held_out)] = True
    return np.flatnonzero(~mask), np.flatnonzero(mask)


def split_parts(
    y: Array,
    validation: int | float,
    test: int | float,
    rng: np.random.Generator,
    *,
    split: str,
    class_names: Sequence[str] | None = None,
) -> dict[str, Array]:
    """Row numbers of "train", "val" and "test", the last two where they are not 0; a share is one of all rows.

    >>> {part: len(rows) for part, rows in split_parts(np.arange(40) % 2, 0.1, 10, np.random.default_rng(0), split="stratified").items()}
    {'train': 26, 'test': 10, 'val': 4}
    """
    parts = {"train": np.arange(len(y))}
    for part, held in (("test", test), ("val", validation)):
        if not held:
            continue
        kept = parts["train"]
        count = held * len(y) / len(kept) if isinstance(held, float) else held
        cut = split_rows(split, y[kept], count, rng, class_names=class_names)
        parts |= {"train": kept[cut[0]], part: kept[cut[1]]}
    return parts


def _shares(counts: Array, total: int) -> Array:
    """How many of each class: proportional, between 1 and count - 1, summing to total (largest remainders first)."""
    exact = total * counts / counts.sum()
    take = np.clip(np.floor(exact).astype(np.intp), 1, counts - 1)
    while (missing := total - int(take.sum())) != 0:
        step = 1 if missing > 0 else -1
        movable = take < counts - 1 if step > 0 else take > 1
        take[np.argmax(np.where(movable, step * (exact - take), -np.inf))] += step
    return take


def _count(num_rows: int, held: int | float) -> int:
    """A count of rows, or a share as a float, as the number of rows to hold out."""
    if isinstance(held, bool) or not isinstance(held, int | float | np.integer | np.floating):
        raise TypeError(f"the part to hold out is {held!r}, but must be a number of rows, or a share such as 0.1")
    if isinstance(held, float | np.floating):
        if not (math.isfinite(held) and 0 < held < 1):
            raise ValueError(f"the share to hold out is {held}, but must lie between 0 and 1. For a number of rows, give an integer.")
        held = max(1, round(num_rows * float(held)))
    if not 0 < held < num_rows:
        raise ValueError(f"{held} rows are to be held out of {num_rows}, but each side needs at least one")
    return int(held)
