"""Nadam (Dozat 2016, "Incorporating Nesterov Momentum into Adam", ICLR workshop, Algorithm 2)."""

import numpy as np

from layerwise.arrays import Array
from layerwise.blocks import walk
from layerwise.optim.coefficient import Hyperparameter, State, cast


def nadam(
    w: Array,
    dw: Array,
    state: State,
    *,
    lr: Hyperparameter = 2e-3,
    beta1: Hyperparameter = 0.9,
    beta2: Hyperparameter = 0.999,
    eps: Hyperparameter = 1e-8,
    schedule_decay: Hyperparameter = 4e-3,
) -> None:
    """Adam with Nesterov's look ahead: w -= lr * ((1 - μ_t) ĝ + μ_{t+1} m̂) / (√v̂ + eps).

    The momentum warms up from beta1 / 2 to beta1 by μ_t = beta1 * (1 - 0.96^(t * schedule_decay) / 2), and only the
    corrections use it: ĝ = dw / (1 - μ_1⋯μ_t), m̂ = m / (1 - μ_1⋯μ_{t+1}), where m is Adam's, with beta1 itself. This
    is the form of Keras 1 (whose name schedule_decay is) and PyTorch; the state keeps the product of the μ.
    """
    if not state:
        state.update(m=np.zeros_like(w), v=np.zeros_like(w), t=0, momentum_product=1.0)
    state["t"] = t = int(state["t"]) + 1
    momentum, next_momentum = (beta1 * (1 - 0.5 * 0.96 ** (count * schedule_decay)) for count in (t, t + 1))
    state["momentum_product"] = product = state["momentum_product"] * momentum
    correction = (1 - beta2**t) ** 0.5  # as in Adam: √v̂ is √v / correction
    coefficients = cast(
        w,
        *(beta1, 1 - beta1, beta2, 1 - beta2, eps * correction),
        lr * correction * (1 - momentum) / (1 - product),
        lr * correction * next_momentum / (1 - product * next_momentum),
    )
    pieces = walk(w, dw, state["m"], state["v"], *coefficients)
    for w, dw, m, v, beta1, rest1, beta2, rest2, eps, lr_dw, lr_m in pieces:
        scaled = rest1 * dw
        m *= beta1
        m += scaled
        np.multiply(dw, dw, out=scaled)
        scaled *= rest2
        v *= beta2
        v += scaled
        np.sqrt(v, out=scaled)
        scaled += eps
        step = lr_dw * dw
        step += lr_m * m
        step /= scaled
        w -= step
