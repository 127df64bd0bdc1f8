"""SVHN, the house numbers that Street View saw, in its format 2: cropped digits in MATLAB files."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from layerwise.arrays import Array
from layerwise.data.mat import variables
from layerwise.errors import DataError

SIDE = 32
TEN = 10  # how its authors label the digit 0


def read_svhn(paths: Mapping[str, Path]) -> Iterator[tuple[str, Array]]:
    """train_32x32.mat and test_32x32.mat, by the names train and test, as (name, rows): images (N, 3, 32, 32), labels (N,)."""
    for part, path in paths.items():
        counts: dict[str, int] = {}
        for variable in variables(path):
            name, shape = variable.name, variable.shape
            if name not in ("X", "y") or name in counts:
                continue
            if not (shape[:-1] == (SIDE, SIDE, 3) and variable.dtype == np.uint8 if name == "X" else len(shape) == 1):
                raise DataError(f"{variable.where}: is {variable.dtype} of shape {shape}, but SVHN has bytes X (32, 32, 3, N) and y (N, 1)")
            counts[name] = shape[-1]
            for rows in variable.rows():
                yield f"{name}_{part}", rows.swapaxes(-1, -2) if name == "X" else _labels(variable.where, rows)
        if len(counts) < 2 or counts["X"] != counts["y"]:
            raise DataError(
                f"{path}: needs as many labels y as images X, but has {counts or 'neither'}. Is it train_32x32.mat or test_32x32.mat?"
            )


def read_svhn_part(path: Path) -> tuple[Array, Array]:
    """One of the two files as whole arrays: images (N, 3, 32, 32), labels (N,)."""
    found: dict[str, list[Array]] = {}
    for name, rows in read_svhn({"part": path}):
        found.setdefault(name, []).append(rows)
    return np.concatenate(found["X_part"]), np.concatenate(found["y_part"])


def _labels(where: str, labels: Array) -> Array:
    """Labels from 1 to 10 as digits."""
    wrong = ~((labels >= 1) & (labels <= TEN) & (labels == np.floor(labels)))
    if wrong.any():
        raise DataError(f"{where}: holds {labels[wrong][0]}, but SVHN has labels 1 to 10 (10 for the digit 0)")
    return labels.astype(np.uint8) % np.uint8(TEN)
