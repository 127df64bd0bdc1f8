"""Layers as the course's notebooks call them: settings in dicts, which are updated in place."""

from typing import Any

import numpy as np

from layerwise import ops
from layerwise.courses.generator import Legacy
from layerwise.ops.batchnorm import blended

__all__ = [
    "affine_forward",
    "affine_backward",
    "relu_forward",
    "relu_backward",
    "svm_loss",
    "softmax_loss",
    "batchnorm_forward",
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "layernorm_forward",
    "layernorm_backward",
    "dropout_forward",
    "dropout_backward",
    "conv_forward_naive",
    "conv_backward_naive",
    "max_pool_forward_naive",
    "max_pool_backward_naive",
    "spatial_batchnorm_forward",
    "spatial_batchnorm_backward",
    "spatial_groupnorm_forward",
    "spatial_groupnorm_backward",
    "np",
]

relu_forward = ops.relu_forward
relu_backward = ops.relu_backward
svm_loss = ops.svm_loss
softmax_loss = ops.softmax_loss
batchnorm_backward = ops.batchnorm_backward_staged  # the graph, node by node
batchnorm_backward_alt = ops.batchnorm_backward  # the same in one expression
layernorm_backward = ops.layernorm_backward
spatial_batchnorm_backward = ops.spatial_batchnorm_backward
spatial_groupnorm_backward = ops.spatial_groupnorm_backward


def affine_forward(x: Any, w: Any, b: Any) -> Any:
    """x (N, d1, ..., dk), w (D, M), b (M,)  ->  out (N, M), cache (x, w, b)"""
    out, (x, _, w, b) = ops.affine_forward(x, w, b)
    return out, (x, w, b)


def affine_backward(dout: Any, cache: Any) -> Any:
    """dout (N, M), cache (x, w, b)  ->  dx (x's shape), dw, db"""
    x, w, b = cache
    return ops.affine_backward(dout, (x, x.reshape(len(x), -1), w, b))


def batchnorm_forward(x: Any, gamma: Any, beta: Any, bn_param: Any) -> Any:
    """x (N, D)  ->  out, cache; running statistics are kept in bn_param, whose mode is "train" or "test"."""
    return _batchnorm(ops.batchnorm_forward, x, gamma, beta, bn_param)


def spatial_batchnorm_forward(x: Any, gamma: Any, beta: Any, bn_param: Any) -> Any:
    """x (N, C, H, W), gamma and beta (C,)  ->  out, cache; bn_param as in batchnorm_forward."""
    return _batchnorm(ops.spatial_batchnorm_forward, x, gamma, beta, bn_param)


def _batchnorm(forward: Any, x: Any, gamma: Any, beta: Any, bn_param: Any) -> Any:
    mode, eps, momentum = bn_param["mode"], bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean, var = (bn_param.setdefault(name, np.zeros_like(gamma, x.dtype)) for name in ("running_mean", "running_var"))
    if mode not in ("train", "test"):
        raise ValueError(f'Invalid forward batchnorm mode "{mode}"')
    out, cache = forward(x, gamma, beta, eps=eps) if mode == "train" else forward(x, gamma, beta, mean=mean, var=var, eps=eps)
    if mode == "train":
        bn_param.update(running_mean=blended(mean, cache.mean, momentum), running_var=blended(var, cache.var, momentum))
    return out, cache


def layernorm_forward(x: Any, gamma: Any, beta: Any, ln_param: Any) -> Any:
    """x (N, D)  ->  out, cache; ln_param may hold eps."""
    return ops.layernorm_forward(x, gamma, beta, eps=ln_param.get("eps", 1e-5))


def spatial_groupnorm_forward(x: Any, gamma: Any, beta: Any, G: int, gn_param: Any) -> Any:
    """x (N, C, H, W), gamma and beta (1, C, 1, 1) or (C,), G groups  ->  out, cache; gn_param may hold eps."""
    return ops.spatial_groupnorm_forward(x, gamma, beta, groups=G, eps=gn_param.get("eps", 1e-5))


def dropout_forward(x: Any, dropout_param: Any) -> Any:
    """x, {"mode", "p": the share kept, "seed": optional}  ->  out, cache; in mode "test" out is x."""
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if dropout_param["mode"] == "test":
        return x, (dropout_param, None)
    out, (mask, _) = ops.dropout_forward(x, keep_prob=dropout_param["p"], rng=Legacy())
    return out, (dropout_param, mask)


def dropout_backward(dout: Any, cache: Any) -> Any:
    """dout, cache  ->  dx"""
    dropout_param, mask = cache
    return dout if dropout_param["mode"] == "test" else ops.dropout_backward(dout, (mask, None))


def conv_forward_naive(x: Any, w: Any, b: Any, conv_param: Any) -> Any:
    """x (N, C, H, W), w (F, C, HH, WW), b (F,), {"stride", "pad"}  ->  out, cache (x, w, b, conv_param)"""
    out, _ = ops.conv_forward_naive(x, w, b, stride=conv_param["stride"], pad=conv_param["pad"])
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout: Any, cache: Any) -> Any:
    """dout (N, F, OH, OW), cache  ->  dx, dw, db"""
    x, w, b, conv_param = cache
    return ops.conv_backward_naive(dout, (x, w, b, conv_param["stride"], conv_param["pad"]))


def max_pool_forward_naive(x: Any, pool_param: Any) -> Any:
    """x (N, C, H, W), {"pool_height", "pool_width", "stride"}  ->  out, cache (x, pool_param)"""
    sizes = {name: pool_param[name] for name in ("pool_height", "pool_width", "stride")}
    return ops.max_pool_forward_naive(x, **sizes)[0], (x, pool_param)


def max_pool_backward_naive(dout: Any, cache: Any) -> Any:
    """dout (N, C, OH, OW), cache  ->  dx (N, C, H, W)"""
    x, pool_param = cache
    return ops.max_pool_backward_naive(dout, (x, pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]))
