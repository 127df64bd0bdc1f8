"""AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101, Algorithm 2)."""

from layerwise.arrays import Array
from layerwise.blocks import walk
from layerwise.optim.adam import adam_coefficients, adam_step
from layerwise.optim.coefficient import Hyperparameter, State, cast


def adamw(
    w: Array,
    dw: Array,
    state: State,
    *,
    lr: Hyperparameter = 1e-3,
    beta1: Hyperparameter = 0.9,
    beta2: Hyperparameter = 0.999,
    eps: Hyperparameter = 1e-8,
    decay: Hyperparameter = 1e-2,
) -> None:
    """Adam's step, and besides it the weights shrink by lr * decay of themselves, untouched by Adam's scaling.

    The paper multiplies the decay by the schedule alone and not by lr; here lr is in it, as in PyTorch and Keras.
    """
    coefficients = cast(w, 1 - lr * decay) + adam_coefficients(w, state, lr, beta1, beta2, eps)
    pieces = walk(w, dw, state["m"], state["v"], *coefficients)
    for w, dw, m, v, keep, *coefficients in pieces:
        w *= keep
        w -= adam_step(dw, m, v, coefficients)
