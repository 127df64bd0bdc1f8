"""What people have at hand: pandas frames and series, torch tensors, scikit-learn Bunches. None of those is imported."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.column import MISSING_LEVEL, Column, Table, Texts, empty
from layerwise.data.rows import Examples, Rows
from layerwise.errors import DataError, did_you_mean

SOURCE = "the frame"  # what errors call it


def handed_in(X: Any, y: Any) -> tuple[Examples | Table, Array, Sequence[str] | None]:
    """X as an array, Rows or a Table, y as an array, and the names of its classes where X tells them."""
    names = None
    if _is_bunch(X):
        X, y, names = _from_bunch(X, y)
    if _is_frame(X) and isinstance(y, str | int):
        columns = list(X.columns)
        if y not in columns:
            raise DataError(f'{SOURCE} has no column "{y}".{did_you_mean(str(y), map(str, columns))}')
        X, y = X.drop(columns=[y]), X[y]
    if y is None:
        raise DataError("y is missing: give one label for each example, or the name of a frame's label column")
    table = table_of(X) if _is_frame(X) else X if isinstance(X, Rows | Table) else as_array(X)
    return table, _labels(y), names


def as_array(values: Any) -> Array:
    """An array of anything that NumPy takes, of a pandas series, or of a torch tensor, also one with gradients or of bfloat16."""
    if hasattr(values, "detach") and hasattr(values, "cpu"):
        values = values.detach().cpu()
        try:
            return np.asarray(values.numpy())
        except TypeError:  # a kind of float that NumPy has not
            return np.asarray(values.float().numpy())
    if hasattr(values, "to_numpy"):
        return np.asarray(values.to_numpy())
    return np.asarray(values)


def table_of(frame: Any) -> Table:
    """A frame's columns by their kind: numbers and truth values are features, all others texts with levels; y is None.

    A missing number is NaN until the table is filled; a missing text is a level of its own.
    """
    columns, blocks = [], []
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names) or not names:
        raise DataError(f"{SOURCE} has the columns {names}: there must be some, each with its own name")
    for i, name in enumerate(names):
        series = frame.iloc[:, i]
        if _is_numeric(series):
            values = series.to_numpy(dtype=np.float64, na_value=np.nan)
            if np.isnan(values).all():
                raise empty(SOURCE, name)
            column, block = Column(name), values[:, None]
        else:
            texts = _texts(series, name)
            column = texts.column() if str(series.dtype) != "category" else _levels(series, texts)
            block = texts.encode(column)
        columns.append(column)
        blocks.append(block)
    return Table(np.concatenate(blocks, axis=1), None, None, tuple(columns))


def _is_bunch(X: Any) -> bool:
    return isinstance(X, dict) and "data" in X and hasattr(X, "data")


def _from_bunch(bunch: Any, y: Any) -> tuple[Any, Any, Sequence[str] | None]:
    """data and target of a Bunch; target_names name the classes if the target counts them."""
    names = bunch.get("target_names")
    target = bunch.get("target") if y is None else y
    if target is None:
        raise DataError("the Bunch has no target: give y")
    labels = as_array(target)
    counts = labels.dtype.kind in "iu" and labels.ndim == 1 and names is not None and y is None
    if counts and not (len(labels) and (labels.min() < 0 or labels.max() >= len(names))):
        return bunch["data"], target, [str(name) for name in names]
    return bunch["data"], target, None


def _is_frame(X: Any) -> bool:
    return all(hasattr(X, name) for name in ("columns", "iloc", "dtypes", "drop"))


def _is_numeric(series: Any) -> bool:
    kind = getattr(series.dtype, "kind", "O")
    if kind in "mM":
        raise DataError(f'{SOURCE}: column "{series.name}" holds times. Turn them into numbers, such as days, or drop the column.')
    return kind in "biuf"


def _texts(series: Any, name: str) -> Texts:
    missing = series.isna().tolist()
    texts = ["" if gone else str(value).strip() for value, gone in zip(series.tolist(), missing, strict=True)]
    rows = list(series.index)
    return Texts(name, SOURCE, texts, lambda row: f'{SOURCE}, row {rows[row]}, column "{name}"')


def _levels(series: Any, texts: Texts) -> Column:
    """A category's own levels, in its own order, as far as they occur; and one for missing ones, if there are any."""
    present = set(texts.texts)
    if not present - {""}:
        raise empty(SOURCE, texts.name)
    levels = [level for level in (str(value).strip() for value in series.cat.categories) if level in present]
    return Column(texts.name, (*levels, *([MISSING_LEVEL] if "" in present else [])))


def _labels(y: Any) -> Array:
    """Labels as an array: categories and objects as texts, missing ones refused."""
    if _is_frame(y):
        if len(y.columns) != 1:
            raise DataError(f"y is a frame of {len(y.columns)} columns, but must have one label per example")
        y = y.iloc[:, 0]
    if hasattr(y, "isna") and bool(np.any(y.isna())):
        raise DataError(f"y: the label is missing in row {int(np.argmax(y.isna()))}. Fill it in, or remove the row.")
    labels = as_array(y)
    if labels.dtype.kind != "O" or labels.ndim != 1:
        return labels
    values = labels.tolist()
    if None in values:
        raise DataError(f"y: the label is missing in row {values.index(None)}. Fill it in, or remove the row.")
    numbers = all(isinstance(value, float | int | np.number) and not isinstance(value, bool) for value in values)
    return np.array(values if numbers else [str(value) for value in values])
