"""What a Solver takes as data, checked once, and the generators that draw from it."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.rows import Rows, chunks
from layerwise.errors import DataError


def checked_examples(data: Any, *, labelled: bool = True) -> tuple[Any, Any, Any, Any]:
    """X_train, y_train, X_val, y_val of a Dataset or a dict; validation parts may be None. NaN and inf are refused here.

    For a model that ignores labels, zeros stand in for those that are not given.
    """
    try:
        given = dict(data)  # of a Dataset its six arrays
        for part in () if labelled else ("train", "val"):
            if given.get(f"y_{part}") is None and given.get(f"X_{part}") is not None:
                given[f"y_{part}"] = np.zeros(len(given[f"X_{part}"]), np.int64)
        arrays = [given["X_train"], given["y_train"], given.get("X_val"), given.get("y_val")]
    except (KeyError, TypeError, ValueError):
        raise DataError(
            "Solver: data needs X_train and y_train (and X_val, y_val to choose by): a Dataset, or a dict with these keys."
        ) from None
    arrays = [_array(name, a) for name, a in zip(("X_train", "y_train", "X_val", "y_val"), arrays, strict=True)]
    for part, X, y in (("train", *arrays[:2]), ("val", *arrays[2:])):
        if part == "val" and X is None and y is None:
            continue
        if X is None or y is None or not X.ndim or not y.ndim:
            raise DataError(f"Solver: {part} needs both X_{part} and y_{part}, arrays with one row per example.")
        if len(X) != len(y):
            raise DataError(f"Solver: X_{part} has {len(X)} examples, but y_{part} has {len(y)}.")
        if not len(X):
            raise DataError(f"Solver: X_{part} holds no examples.")
        for name, a in ((f"X_{part}", X), (f"y_{part}", y)):
            _refuse_what_is_no_number(name, a)
    X_train, y_train, X_val, y_val = arrays
    if X_val is not None and X_val.shape[1:] != X_train.shape[1:]:
        raise DataError(f"Solver: X_val has examples of shape {X_val.shape[1:]}, but X_train of {X_train.shape[1:]}.")
    return X_train, y_train, X_val, y_val


def checked_weights(weights: Any, model: Any, num_examples: int) -> Array | None:
    """Weights of the training examples (N,) in float64, None where each is 1; refused where they are not one number above 0 each, or where the model takes none.

    A weight of 0 would leave a batch without anything to average, if the batch had no other.
    """
    if "weights" not in inspect.signature(model.loss).parameters:
        raise TypeError(f"Solver: weights need a model whose loss takes them: give {type(model).__name__}.loss a keyword weights=None.")
    array = np.asarray(weights)
    if array.shape != (num_examples,) or array.dtype.kind not in "fiub":
        raise ValueError(
            f"Solver: weights is {array.dtype} of shape {array.shape}, but must hold one number per training example: ({num_examples},)."
        )
    wrong = ~((array > 0) & (array < np.inf))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise ValueError(
            f"Solver: the weight of example {at} is {array[at]}, but must be a finite number above 0. Leave examples of weight 0 out."
        )
    return None if (array == 1).all() else array.astype(np.float64)


def _array(name: str, a: Any) -> Any:
    if a is None or isinstance(a, Rows):
        return a
    try:
        return np.asarray(a)
    except ValueError as error:
        raise DataError(f"Solver: {name} makes no array: {error}") from None


def _refuse_what_is_no_number(name: str, a: Any) -> None:
    if a.dtype.kind not in "fiub":
        what = "Python objects" if a.dtype.kind == "O" else str(a.dtype)
        raise DataError(f"Solver: {name} holds {what}, but must be an array of numbers. Rows of one length and labels from 0 make one.")
    if a.dtype.kind == "f":
        for start, rows in chunks(a):
            if not np.isfinite(rows).all():
                row, *rest = (int(i) for i in np.argwhere(~np.isfinite(rows))[0])
                raise DataError(
                    f"Solver: {name} holds {rows[(row, *rest)]} at {[start + row, *rest]}: remove or fill missing values before training."
                )


def generators(rng: Any) -> tuple[Any, Any]:
    """Two, for the order of the data and for the sample of it that is scored: streams of a seed, or the one handed in twice."""
    if rng is None or isinstance(rng, int | np.integer | np.random.SeedSequence):
        sequence = rng if isinstance(rng, np.random.SeedSequence) else np.random.SeedSequence(rng)
        order, sample = (np.random.default_rng(s) for s in sequence.spawn(2))
        return order, sample
    return rng, rng
