"""What a Solver takes as data, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from layerwise.errors import DataError


def checked_examples(data: Any) -> tuple[Any, Any, Any, Any]:
    """X_train, y_train, X_val, y_val of a Dataset or a dict; validation parts may be None. NaN and inf are refused here."""
    try:
        X_train, y_train = data["X_train"], data["y_train"]
    except (KeyError, TypeError):
        raise DataError(
            "Solver: data needs X_train and y_train (and X_val, y_val to choose by): a Dataset, or a dict with these keys."
        ) from None
    X_val, y_val = (data[key] if key in data.keys() else None for key in ("X_val", "y_val"))  # noqa: SIM118 (a Dataset is no dict)
    X: Any
    y: Any
    for X, y, part in ((X_train, y_train, "train"), (X_val, y_val, "val")):
        if X is None and part == "val":
            continue
        if y is None or len(X) != len(y):
            raise DataError(f"Solver: X_{part} has {len(X)} examples, but y_{part} has {'none' if y is None else len(y)}.")
        if not len(X):
            raise DataError(f"Solver: X_{part} holds no examples.")
        _refuse_not_finite(X, f"X_{part}")
        _refuse_not_finite(y, f"y_{part}")
    return X_train, y_train, X_val, y_val


def _refuse_not_finite(a: Any, name: str) -> None:
    kind = a.dtype.kind if hasattr(a, "dtype") else np.asarray(a).dtype.kind
    if kind == "f" and not np.isfinite(np.asarray(a)).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(np.asarray(a)))[0])
        raise DataError(f"Solver: {name} holds {np.asarray(a)[where]} at {list(where)}: remove or fill missing values before training.")
    if kind == "O":
        raise DataError(f"Solver: {name} holds Python objects: convert it to an array of numbers.")
