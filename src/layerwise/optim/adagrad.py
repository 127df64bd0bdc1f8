"""Adagrad (Duchi, Hazan & Singer 2011, JMLR 12, Figure 1, the diagonal version)."""

import numpy as np

from layerwise.arrays import Array
from layerwise.blocks import walk
from layerwise.optim.coefficient import Hyperparameter, State, cast


def adagrad(w: Array, dw: Array, state: State, *, lr: Hyperparameter = 1e-2, eps: Hyperparameter = 1e-8) -> None:
    """One step with each gradient divided by the root of the sum of all its squares so far.

    cache += dw², then w -= lr * dw / (√cache + eps), as in CS231n's notes: the paper's δ is eps.
    """
    if not state:
        state["cache"] = np.zeros_like(w)
    pieces = walk(w, dw, state["cache"], *cast(w, lr, eps))
    for w, dw, cache, lr, eps in pieces:
        step = dw * dw
        cache += step
        np.sqrt(cache, out=step)
        step += eps
        np.divide(dw, step, out=step)
        step *= lr
        w -= step
