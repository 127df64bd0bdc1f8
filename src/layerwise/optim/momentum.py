"""Classical momentum (Polyak 1964; Sutskever et al. 2013, equations 1-2) and Nesterov's (2013, equations 3-4)."""

import numpy as np

from layerwise.arrays import Array
from layerwise.blocks import walk
from layerwise.optim.coefficient import Hyperparameter, State, cast


def sgd_momentum(w: Array, dw: Array, state: State, *, lr: Hyperparameter = 1e-2, momentum: Hyperparameter = 0.9) -> None:
    """One step of a ball that rolls downhill and loses 1 - momentum of its velocity at each step.

    The rate is part of the velocity (velocity = momentum * velocity - lr * dw), so a change of lr works gradually.
    """
    if not state:
        state["velocity"] = np.zeros_like(w)
    pieces = walk(w, dw, state["velocity"], *cast(w, lr, momentum))
    for w, dw, velocity, lr, momentum in pieces:
        velocity *= momentum
        velocity -= lr * dw
        w += velocity


def nesterov(w: Array, dw: Array, state: State, *, lr: Hyperparameter = 1e-2, momentum: Hyperparameter = 0.9) -> None:
    """Momentum that looks ahead: the gradient is taken where the velocity is about to carry the weights.

    The papers move w and ask for the gradient at w + momentum * velocity. Here w is that point itself, as in CS231n's
    notes, Keras and PyTorch, so the gradient is the usual one at w: the velocity of sgd_momentum, then
    w += momentum * velocity - lr * dw.
    """
    if not state:
        state["velocity"] = np.zeros_like(w)
    pieces = walk(w, dw, state["velocity"], *cast(w, lr, momentum))
    for w, dw, velocity, lr, momentum in pieces:
        step = lr * dw
        velocity *= momentum
        velocity -= step
        w -= step
        np.multiply(momentum, velocity, out=step)
        w += step
