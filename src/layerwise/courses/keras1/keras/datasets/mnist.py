"""MNIST, read where Layerwise finds it."""

from typing import Any

import numpy as np

from layerwise.data import load_mnist


def load_data(path: str = "mnist.pkl.gz") -> Any:
    """(X_train, y_train), (X_test, y_test): images (N, 28, 28) and labels (N,), both in uint8."""
    data = load_mnist(validation=0)
    return tuple((np.copy(data[f"X_{part}"][:, 0]), data[f"y_{part}"].astype(np.uint8)) for part in ("train", "test"))
