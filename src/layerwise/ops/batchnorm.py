"""Batch normalisation (Ioffe & Szegedy 2015, arXiv:1502.03167), for one model or a population."""

from typing import NamedTuple

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.check import floating, like
from layerwise.ops.standardise import Axes, centre, count, parameters_fit, scale_and_shift, total


class BatchNormCache(NamedTuple):
    """What backward needs, and the statistics that were used: mean and var, biased, in gamma's shape."""

    centred: Array  # x - mean
    gamma: Array
    inv_std: Array
    mean: Array
    var: Array
    axes: Axes  # those that one mean is taken over
    constant: bool  # mean and var were given, and do not depend on x
    shared: bool  # one x for all members, whose shares of dx add up


def batchnorm_forward(
    x: Array, gamma: Array, beta: Array, *, mean: Array | None = None, var: Array | None = None, eps: float = 1e-5
) -> tuple[Array, BatchNormCache]:
    """Each feature brought to mean 0 and variance 1 over the batch, then times gamma plus beta.

    One model:    x (N, D), gamma and beta (D,)  ->  out (N, D), cache
    A population: x (P, N, D), or (N, D) read by every member; gamma and beta (P, D)  ->  out (P, N, D), cache

    cache.mean and cache.var are the batch's. With mean= and var= (shaped like gamma) those are used instead, as constants:
    that is how a trained net predicts, and how a frozen layer trains.

    >>> out, cache = batchnorm_forward(np.array([[1.0], [3.0]]), np.array([1.0]), np.array([0.0]), eps=0)
    >>> out.ravel(), cache.mean, cache.var
    (array([-1.,  1.]), array([2.]), array([1.]))
    """
    x = floating(x)
    lead = np.shape(gamma)[:-1] if x.ndim == 2 else x.shape[:-2]
    if x.ndim not in (2, 3) or len(lead) > 1:
        raise ValueError(
            f"batchnorm: x has shape {x.shape} and gamma {np.shape(gamma)}, but rows (N, D) with gamma (D,) are needed, "
            "or (P, N, D) with gamma (P, D). For images use spatial_batchnorm."
        )
    parameters_fit("batchnorm", (*lead, x.shape[-1]), f"x {x.shape} needs one value per feature", gamma=gamma, beta=beta)
    return forward_over((-2,), x, gamma, beta, mean, var, eps)


def batchnorm_backward(dout: Array, cache: BatchNormCache) -> tuple[Array, Array, Array]:
    """dout (..., N, D), cache  ->  dx (x's shape), dgamma, dbeta (..., D)

    In one expression: of dout, each feature's mean and its part along x - mean change nothing, so dx is the rest.
    """
    centred, gamma, inv_std, _, _, axes, constant, shared = cache
    dgamma, dbeta = total(dout, centred, axes) * inv_std, dout.sum(axis=axes, keepdims=True)
    slope = np.expand_dims(gamma, axes) * inv_std
    if constant:
        dx = dout * slope
    else:
        share = dout.dtype.type(1 / count(dout, axes))
        dx = centred * (dgamma * inv_std * -share)
        dx += dout
        dx -= dbeta * share
        dx *= slope
    return dx.sum(axis=0) if shared else dx, np.squeeze(dgamma, axes), np.squeeze(dbeta, axes)


def batchnorm_backward_staged(dout: Array, cache: BatchNormCache) -> tuple[Array, Array, Array]:
    """The same as batchnorm_backward, one node of the computation graph after another: its readable twin."""
    centred, gamma, inv_std, _, _, axes, constant, shared = cache
    n = count(dout, axes)
    # out = gamma · x_hat + beta
    dbeta = dout.sum(axis=axes)
    dgamma = (dout * centred * inv_std).sum(axis=axes)
    dx_hat = dout * np.expand_dims(gamma, axes)
    # x_hat = centred · inv_std
    dcentred = dx_hat * inv_std
    if constant:
        return dcentred.sum(axis=0) if shared else dcentred, dgamma, dbeta
    dinv_std = (dx_hat * centred).sum(axis=axes, keepdims=True)
    # inv_std = (var + eps) ** -0.5
    dvar = dinv_std * -0.5 * inv_std**3
    # var = Σ centred² / n
    dcentred = dcentred + dvar * 2 * centred / n
    # centred = x - mean
    dmean = -dcentred.sum(axis=axes, keepdims=True)
    # mean = Σ x / n
    dx = dcentred + dmean / n
    return dx.sum(axis=0) if shared else dx, dgamma, dbeta


def blended(running: Array, batch: Array, momentum: float) -> Array:
    """Running statistics after a batch: the share momentum of them stays, the rest is the batch's.

    >>> blended(np.array([0.0]), np.array([2.0]), 0.75)
    array([0.5])
    """
    return momentum * running + (1 - momentum) * batch


def forward_over(
    axes: Axes, x: Array, gamma: Array, beta: Array, mean: Array | None, var: Array | None, eps: float
) -> tuple[Array, BatchNormCache]:
    """Batch norm with one mean over these axes; gamma, beta, mean and var have the others. Shapes are known to fit."""
    op = "batchnorm" if axes == (-2,) else "spatial_batchnorm"
    if (mean is None) != (var is None):
        raise ValueError(f"{op}: give both mean and var (constants, as in prediction), or neither (the batch's own).")
    constant = mean is not None
    if not constant and not count(x, axes):
        raise ValueError(f"{op}: x has shape {x.shape}: a batch of no values has no mean. Give at least one example, or mean= and var=.")
    gamma, beta = like(x, gamma, beta)
    if constant:
        parameters_fit(op, gamma.shape, "needs the shape of gamma", mean=mean, var=var)
        mean, var = (np.expand_dims(a, axes) for a in like(x, mean, var))
        centred = x - mean
    else:
        centred, mean, var = centre(x, axes)
    inv_std = 1 / np.sqrt(var + x.dtype.type(eps))
    out = scale_and_shift(centred, np.expand_dims(gamma, axes) * inv_std, np.expand_dims(beta, axes))
    mean, var = (np.broadcast_to(np.squeeze(a, axes), gamma.shape) for a in (mean, var))
    return out, BatchNormCache(centred, gamma, inv_std, mean, var, axes, constant, shared=out.ndim > x.ndim)
