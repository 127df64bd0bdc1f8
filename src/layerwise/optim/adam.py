"""Adam (Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1, in the order of computation at the end of section 2)."""

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.blocks import walk
from layerwise.optim.coefficient import Hyperparameter, State, cast


def adam(
    w: Array,
    dw: Array,
    state: State,
    *,
    lr: Hyperparameter = 1e-3,
    beta1: Hyperparameter = 0.9,
    beta2: Hyperparameter = 0.999,
    eps: Hyperparameter = 1e-8,
) -> None:
    """One step along the running mean of the gradient, divided by the root of the running mean of its square.

    Both means are corrected for their start at zero: w -= lr * m̂ / (√v̂ + eps) with m̂ = m / (1 - beta1^t) and
    v̂ = v / (1 - beta2^t), where t counts this step.
    """
    coefficients = adam_coefficients(w, state, lr, beta1, beta2, eps)
    pieces = walk(w, dw, state["m"], state["v"], *coefficients)
    for w, dw, m, v, *coefficients in pieces:
        w -= adam_step(dw, m, v, coefficients)


def adam_coefficients(w: Array, state: State, lr: Any, beta1: Any, beta2: Any, eps: Any) -> list[Array]:
    """Start or count on the state, and work out what adam_step needs: the corrections become part of eps and lr.

    With c = √(1 - beta2^t), √v̂ is √v / c, so lr * m̂ / (√v̂ + eps) = (lr * c / (1 - beta1^t)) * m / (√v + eps * c).
    """
    if not state:
        state.update(m=np.zeros_like(w), v=np.zeros_like(w), t=0)
    state["t"] = t = int(state["t"]) + 1  # a plain number again where a checkpoint made an array of it
    correction = (1 - beta2**t) ** 0.5
    return cast(w, beta1, 1 - beta1, beta2, 1 - beta2, eps * correction, lr * correction / (1 - beta1**t))


def adam_step(dw: Array, m: Array, v: Array, coefficients: list[Array]) -> Array:
    """Update m and v in place and return the step to subtract from the weights: twelve passes, one fresh array."""
    beta1, rest1, beta2, rest2, eps, lr = coefficients
    step = rest1 * dw
    m *= beta1
    m += step
    np.multiply(dw, dw, out=step)
    step *= rest2
    v *= beta2
    v += step
    np.sqrt(v, out=step)
    step += eps
    np.divide(m, step, out=step)
    step *= lr
    return step
