"""CIFAR-10 as course notebooks cut it: float64, the first images to train on, the next to choose by, less the mean image."""

from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.table import load
from layerwise.errors import DataError


def course_arrays(folder: str | Path | None = None) -> tuple[Array, Array, Array, Array]:
    """X_train, y_train, X_test, y_test in the files' own order: images (N, H, W, C) in float64 from 0 to 255, labels (N,) of int64.

    folder is where the files lie, or the folder above; without one they are looked for as `load` does.
    """
    data = load("cifar10", folder, validation=0)
    return channels_last(data.X_train), np.array(data.y_train, np.int64), channels_last(data.X_test), np.array(data.y_test, np.int64)


def course_parts(
    folder: str | Path | None = None,
    *,
    num_training: int = 49000,
    num_validation: int = 1000,
    num_test: int = 1000,
    subtract_mean: bool = True,
) -> dict[str, Array]:
    """X_train, y_train, X_val, y_val, X_test, y_test: images (N, C, H, W) in float64, less the mean image of X_train, and labels.

    X_val is what follows X_train in the files, X_test the first of the test part. Of a set with fewer images than asked
    for, the last fiftieth validates, as in the whole.
    """
    data = load("cifar10", folder, validation=0)
    available = len(data.X_train)
    if num_training + num_validation > available:
        num_validation = max(1, available // 50)
        num_training = available - num_validation
    if min(num_training, num_validation, num_test) < 1:
        raise DataError(
            f"CIFAR-10: {num_training} to train on, {num_validation} to validate and {num_test} to test; each must be 1 or more."
        )
    end = num_training + num_validation
    train, test = (data.X_train, data.y_train), (data.X_test, data.y_test)
    parts: dict[str, Any] = {
        "train": (*train, slice(num_training)),
        "val": (*train, slice(num_training, end)),
        "test": (*test, slice(num_test)),
    }
    mean: Any = np.asarray(data.X_train[:num_training]).mean(axis=0) if subtract_mean else 0.0  # exact: it adds up whole numbers
    arrays: dict[str, Array] = {}
    for part, (X, y, rows) in parts.items():
        arrays[f"X_{part}"] = np.subtract(np.asarray(X[rows]), mean, dtype=np.float64)
        arrays[f"y_{part}"] = np.array(y[rows], np.int64)
    return arrays


def channels_last(images: Any) -> Array:
    """(N, C, H, W) in bytes -> (N, H, W, C) in float64, in C order"""
    return np.asarray(images).transpose(0, 2, 3, 1).astype(np.float64, order="C")
