"""Adadelta (Zeiler 2012, arXiv:1212.5701, Algorithm 1)."""

import numpy as np

from layerwise.arrays import Array
from layerwise.blocks import walk
from layerwise.optim.coefficient import Hyperparameter, State, cast


def adadelta(
    w: Array, dw: Array, state: State, *, lr: Hyperparameter = 1.0, rho: Hyperparameter = 0.95, eps: Hyperparameter = 1e-6
) -> None:
    """One step as large as recent steps were, per unit of recent gradient: √(step_cache + eps) / √(cache + eps) * dw.

    cache and step_cache are running means of dw² and of the steps' squares, before lr. lr = 1 is the paper's rule, and
    eps, which also sets the size of the first steps, is the paper's 1e-6; Keras 1 had 1e-8.
    """
    if not state:
        state.update(cache=np.zeros_like(w), step_cache=np.zeros_like(w))
    coefficients = cast(w, lr, rho, 1 - rho, eps)
    pieces = walk(w, dw, state["cache"], state["step_cache"], *coefficients)
    for w, dw, cache, step_cache, lr, rho, rest, eps in pieces:
        step = dw * dw
        step *= rest
        cache *= rho
        cache += step
        np.add(step_cache, eps, out=step)
        step /= cache + eps
        np.sqrt(step, out=step)  # of the quotient: one root where the paper has two
        step *= dw
        step_cache *= rho
        step_cache += rest * (step * step)
        step *= lr
        w -= step
