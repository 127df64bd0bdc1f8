"""Class labels as numbers from 0: how many classes there are, and each label as a row of shares."""

from typing import Any

import numpy as np

from layerwise.arrays import Array


def count_classes(y: Any) -> int:
    """One more than the largest label.

    >>> count_classes([0, 2, 1])
    3
    """
    y = np.asarray(y)
    if y.dtype.kind not in "iub" or not y.size or y.min() < 0:
        raise ValueError(f"count_classes: y holds {y.dtype} from {y.min(initial=0)} up; labels are whole numbers from 0, and at least one")
    return int(y.max()) + 1


def one_hot(y: Any, num_classes: int | None = None) -> Array:
    """Labels (N,) or (N, 1) as rows (N, K) in float64 with 1 at the label; K is count_classes(y) unless it is given.

    >>> one_hot([1, 0], 3)
    array([[0., 1., 0.],
           [1., 0., 0.]])
    """
    y = np.asarray(y).ravel()
    found = count_classes(y.astype(np.intp) if y.dtype.kind == "f" and np.all(y == np.floor(y)) else y)
    if num_classes is not None and found > num_classes:
        raise ValueError(f"one_hot: the labels go up to {found - 1}, but with {num_classes} classes only to {num_classes - 1}")
    rows = np.zeros((len(y), num_classes or found))
    rows[np.arange(len(y)), y.astype(np.intp)] = 1
    return rows
