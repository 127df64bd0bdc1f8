"""Stochastic gradient descent (Robbins & Monro 1951, Annals of Mathematical Statistics 22(3), equation 6)."""

from layerwise.arrays import Array
from layerwise.blocks import walk
from layerwise.optim.coefficient import Hyperparameter, State, cast


def sgd(w: Array, dw: Array, state: State, *, lr: Hyperparameter = 1e-2) -> None:
    """One step down the gradient: w -= lr * dw. Remembers nothing: state stays as it is.

    >>> import numpy as np
    >>> w = np.array([1.0, 2.0])
    >>> sgd(w, np.array([10.0, -10.0]), {}, lr=0.1)
    >>> w
    array([0., 3.])
    """
    pieces = walk(w, dw, *cast(w, lr))
    for w, dw, lr in pieces:
        w -= lr * dw
