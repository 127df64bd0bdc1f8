"""Normalisation of images: batch norm per channel, and group norm (Wu & He 2018, arXiv:1803.08494)."""

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.batchnorm import BatchNormCache, batchnorm_backward, forward_over
from layerwise.ops.check import floating, like
from layerwise.ops.standardise import parameters_fit, scale_and_shift, standardise, standardise_backward
from layerwise.ops.window import images_needed


def spatial_batchnorm_forward(
    x: Array, gamma: Array, beta: Array, *, mean: Array | None = None, var: Array | None = None, eps: float = 1e-5
) -> tuple[Array, BatchNormCache]:
    """Batch norm with one mean and variance per channel, over all examples and places.

    x (N, C, H, W), gamma and beta (C,)  ->  out (N, C, H, W), cache with mean and var (C,); mean= and var= as in batchnorm
    """
    x = floating(x)
    images_needed(x, "spatial_batchnorm")
    parameters_fit("spatial_batchnorm", (x.shape[1],), f"x {x.shape} needs one value per channel", gamma=gamma, beta=beta)
    return forward_over((0, 2, 3), x, gamma, beta, mean, var, eps)


def spatial_batchnorm_backward(dout: Array, cache: BatchNormCache) -> tuple[Array, Array, Array]:
    """dout (N, C, H, W), cache  ->  dx (N, C, H, W), dgamma, dbeta (C,)"""
    return batchnorm_backward(dout, cache)


def spatial_groupnorm_forward(x: Array, gamma: Array, beta: Array, *, groups: int, eps: float = 1e-5) -> tuple[Array, Any]:
    """Each example's channels, in groups, brought to mean 0 and variance 1 per group; then each channel times gamma plus beta.

    x (N, C, H, W), gamma and beta (C,) or (1, C, 1, 1), groups a divisor of C  ->  out (N, C, H, W), cache
    """
    x = floating(x)
    images_needed(x, "spatial_groupnorm")
    n, channels, height, width = x.shape
    if groups < 1 or channels % groups:
        divisors = ", ".join(str(g) for g in range(1, channels + 1) if not channels % g)
        raise ValueError(f"spatial_groupnorm: groups is {groups}, but must divide the {channels} channels of x {x.shape}: {divisors}.")
    shape = (1, channels, 1, 1) if np.ndim(gamma) == 4 else (channels,)
    parameters_fit("spatial_groupnorm", shape, f"x {x.shape} needs one value per channel, gamma and beta alike", gamma=gamma, beta=beta)
    gamma, beta = like(x, gamma, beta)
    grouped = x.reshape(n, groups, channels // groups, height, width)  # (N, C, H, W) -> (N, G, C / G, H, W)
    x_hat, inv_std = standardise(grouped, (2, 3, 4), eps)
    x_hat = x_hat.reshape(x.shape)
    out = scale_and_shift(x_hat, gamma.reshape(1, channels, 1, 1), beta.reshape(1, channels, 1, 1))
    return out, (x_hat, gamma, inv_std)


def spatial_groupnorm_backward(dout: Array, cache: Any) -> tuple[Array, Array, Array]:
    """dout (N, C, H, W), cache  ->  dx (N, C, H, W), dgamma and dbeta in the shape that gamma had"""
    x_hat, gamma, inv_std = cache
    n, channels, height, width = x_hat.shape
    grouped = (n, inv_std.shape[1], channels // inv_std.shape[1], height, width)
    dx_hat = dout * gamma.reshape(1, channels, 1, 1)
    dx = standardise_backward(dx_hat.reshape(grouped), x_hat.reshape(grouped), inv_std, (2, 3, 4)).reshape(x_hat.shape)
    dgamma, dbeta = (dout * x_hat).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))
    return dx, dgamma.reshape(gamma.shape), dbeta.reshape(gamma.shape)
