"""The multiclass hinge loss of a support vector machine (Weston & Watkins 1999; the form of the CS231n notes)."""

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.check import floating, labels_for, rows_needed
from layerwise.ops.example import mean_of, pick, shares, subtract_at


def svm_loss(x: Array, y: Any, *, weights: Array | None = None, margin: float = 1.0) -> tuple[Any, Array]:
    """Σ over the wrong classes of max(0, score − correct score + margin), a mean over examples.

    x (..., N, K); y integer labels (N,) or (..., N); weights (N,)  ->  loss (...), a number for one model; dx like x

    >>> loss, dx = svm_loss(np.zeros((2, 10)), np.array([3, 7]))
    >>> float(loss)  # every wrong class stands one margin too high
    9.0
    """
    x = floating(x)
    rows_needed(x, "svm_loss")
    y = labels_for(x, y, "svm_loss")
    share = shares(x, weights, "svm_loss")
    margins = np.subtract(x, pick(x, y)[..., None], out=np.empty_like(x))  # in x's memory layout
    margins += x.dtype.type(margin)
    np.maximum(margins, 0, out=margins)
    subtract_at(margins, y, pick(margins, y))  # the correct class itself bears no loss (NaN stays NaN)
    dx = (margins > 0).astype(x.dtype)
    subtract_at(dx, y, dx.sum(axis=-1))  # each violated margin also pushes the correct score up
    dx *= share[..., None]
    return mean_of(margins.sum(axis=-1), share), dx
