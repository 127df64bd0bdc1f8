"""RMSprop (Tieleman & Hinton 2012, Neural Networks for Machine Learning, lecture 6e, slide 29)."""

import numpy as np

from layerwise.arrays import Array
from layerwise.blocks import walk
from layerwise.optim.coefficient import Hyperparameter, State, cast


def rmsprop(
    w: Array, dw: Array, state: State, *, lr: Hyperparameter = 1e-2, decay_rate: Hyperparameter = 0.99, eps: Hyperparameter = 1e-8
) -> None:
    """One step with each gradient divided by the root of a running mean of its squares.

    cache = decay_rate * cache + (1 - decay_rate) * dw², then w -= lr * dw / (√cache + eps). CS231n's decay_rate is
    Keras's rho and PyTorch's alpha.
    """
    if not state:
        state["cache"] = np.zeros_like(w)
    coefficients = cast(w, lr, decay_rate, 1 - decay_rate, eps)
    pieces = walk(w, dw, state["cache"], *coefficients)
    for w, dw, cache, lr, decay_rate, rest, eps in pieces:
        step = dw * dw
        step *= rest
        cache *= decay_rate
        cache += step
        np.sqrt(cache, out=step)
        step += eps
        np.divide(dw, step, out=step)
        step *= lr
        w -= step
