"""SVHN as the course's notebooks load and split it."""

from pathlib import Path
from typing import Any

import numpy as np

from layerwise.data import load_svhn as _load
from layerwise.data.split import split_last
from layerwise.data.svhn import read_svhn_part


def load_svhn(folder: Any, max_train: int, max_test: int) -> Any:
    """Samples of both parts: train_X (max_train, 32, 32, 3) in float32, train_y, test_X, test_y. folder holds the two .mat files."""
    data = _load(folder if Path(folder).is_dir() else None, validation=0)
    return *_sample(data.X_train, data.y_train, max_train, 42), *_sample(data.X_test, data.y_test, max_test, 42)


def load_data_mat(filename: Any, max_samples: int, seed: int = 42) -> Any:
    """A sample of one file: X (max_samples, 32, 32, 3) in float32, y (max_samples,)."""
    return _sample(*read_svhn_part(Path(filename)), max_samples, seed)


def _sample(X: Any, y: Any, count: int, seed: int) -> Any:
    np.random.seed(seed)
    rows = np.random.choice(len(X), count, replace=False)
    return X[rows].transpose(0, 2, 3, 1).astype(np.float32), y[rows]  # (N, C, H, W) -> (N, H, W, C)


def random_split_train_val(X: Any, y: Any, num_val: int, seed: int = 42) -> Any:
    """train_X, train_y, val_X, val_y: shuffled by the seed, the last num_val held out."""
    np.random.seed(seed)
    order = np.random.permutation(len(X))
    kept, held = split_last(len(X), num_val)
    return X[order[kept]], y[order[kept]], X[order[held]], y[order[held]]
