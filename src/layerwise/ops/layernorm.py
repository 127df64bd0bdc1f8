"""Layer normalisation (Ba, Kiros & Hinton 2016, arXiv:1607.06450), for one model or a population."""

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.check import floating, like
from layerwise.ops.standardise import parameters_fit, scale_and_shift, standardise, standardise_backward


def layernorm_forward(x: Array, gamma: Array, beta: Array, *, eps: float = 1e-5) -> tuple[Array, Any]:
    """Each example brought to mean 0 and variance 1 over its features, then each feature times gamma plus beta.

    One model:    x (N, D), gamma and beta (D,)  ->  out (N, D), cache
    A population: x (P, N, D), or (N, D) read by every member; gamma and beta (P, D)  ->  out (P, N, D), cache

    >>> layernorm_forward(np.array([[1.0, 3.0]]), np.array([1.0, 1.0]), np.array([0.0, 5.0]), eps=0)[0]
    array([[-1.,  6.]])
    """
    x = floating(x)
    lead = np.shape(gamma)[:-1] if x.ndim == 2 else x.shape[:-2]
    if x.ndim not in (2, 3) or len(lead) > 1:
        raise ValueError(
            f"layernorm: x has shape {x.shape} and gamma {np.shape(gamma)}, but rows (N, D) with gamma (D,) are needed, "
            "or (P, N, D) with gamma (P, D). For images use spatial_groupnorm with groups=1."
        )
    parameters_fit("layernorm", (*lead, x.shape[-1]), f"x {x.shape} needs one value per feature", gamma=gamma, beta=beta)
    if not x.shape[-1]:
        raise ValueError(f"layernorm: x has shape {x.shape}: examples without features have no mean.")
    gamma, beta = like(x, gamma, beta)
    x_hat, inv_std = standardise(x, (-1,), eps)
    # (..., D) -> (..., 1, D): one row serves all N
    return scale_and_shift(x_hat, gamma[..., None, :], beta[..., None, :]), (x_hat, gamma, inv_std)


def layernorm_backward(dout: Array, cache: Any) -> tuple[Array, Array, Array]:
    """dout (..., N, D), cache  ->  dx (x's shape), dgamma, dbeta (..., D)"""
    x_hat, gamma, inv_std = cache
    dx_hat = dout * gamma[..., None, :]
    if dx_hat.ndim > x_hat.ndim:
        dx_hat = dx_hat.sum(axis=0, out=np.empty_like(x_hat))  # one x for all members: their shares add up
    dx = standardise_backward(dx_hat, x_hat, inv_std, (-1,))
    return dx, (dout * x_hat).sum(axis=-2), dout.sum(axis=-2)
