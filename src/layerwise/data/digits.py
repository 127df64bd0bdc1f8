"""The 1,797 real 8 × 8 digits that ship with the package (digits/LICENCE.md says whose they are)."""

from pathlib import Path

import numpy as np

from layerwise.arrays import Array

NUM_TRAIN, NUM_VAL = 1197, 300  # the file's order: training, validation, test, each with every class's share


def read_digits() -> dict[str, Array]:
    """The six arrays: images (N, 1, 8, 8) in uint8 from 0 to 16, labels 0 to 9.

    >>> {name: a.shape for name, a in read_digits().items() if name.startswith("X")}
    {'X_train': (1197, 1, 8, 8), 'X_val': (300, 1, 8, 8), 'X_test': (300, 1, 8, 8)}
    """
    with np.load(Path(__file__).parent / "digits" / "digits.npz", allow_pickle=False) as file:
        cuts = [NUM_TRAIN, NUM_TRAIN + NUM_VAL]
        X, y = np.split(file["X"], cuts), np.split(file["y"], cuts)
    return {
        f"{letter}_{part}": a for letter, parts in (("X", X), ("y", y)) for part, a in zip(("train", "val", "test"), parts, strict=True)
    }
