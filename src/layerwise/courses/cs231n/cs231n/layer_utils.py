"""Layers that often follow each other, as one."""

from typing import Any

from .fast_layers import *
from .layers import *


def affine_relu_forward(x: Any, w: Any, b: Any) -> Any:
    """affine - relu  ->  out, cache"""
    a, fc_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(a)
    return out, (fc_cache, relu_cache)


def affine_relu_backward(dout: Any, cache: Any) -> Any:
    """dout, cache  ->  dx, dw, db"""
    fc_cache, relu_cache = cache
    return affine_backward(relu_backward(dout, relu_cache), fc_cache)


def conv_relu_forward(x: Any, w: Any, b: Any, conv_param: Any) -> Any:
    """conv - relu  ->  out, cache"""
    a, conv_cache = conv_forward_fast(x, w, b, conv_param)
    out, relu_cache = relu_forward(a)
    return out, (conv_cache, relu_cache)


def conv_relu_backward(dout: Any, cache: Any) -> Any:
    """dout, cache  ->  dx, dw, db"""
    conv_cache, relu_cache = cache
    return conv_backward_fast(relu_backward(dout, relu_cache), conv_cache)


def conv_bn_relu_forward(x: Any, w: Any, b: Any, gamma: Any, beta: Any, conv_param: Any, bn_param: Any) -> Any:
    """conv - spatial batch norm - relu  ->  out, cache"""
    a, conv_cache = conv_forward_fast(x, w, b, conv_param)
    normalised, bn_cache = spatial_batchnorm_forward(a, gamma, beta, bn_param)
    out, relu_cache = relu_forward(normalised)
    return out, (conv_cache, bn_cache, relu_cache)


def conv_bn_relu_backward(dout: Any, cache: Any) -> Any:
    """dout, cache  ->  dx, dw, db, dgamma, dbeta"""
    conv_cache, bn_cache, relu_cache = cache
    da, dgamma, dbeta = spatial_batchnorm_backward(relu_backward(dout, relu_cache), bn_cache)
    return *conv_backward_fast(da, conv_cache), dgamma, dbeta


def conv_relu_pool_forward(x: Any, w: Any, b: Any, conv_param: Any, pool_param: Any) -> Any:
    """conv - relu - max pool  ->  out, cache"""
    a, conv_cache = conv_relu_forward(x, w, b, conv_param)
    out, pool_cache = max_pool_forward_fast(a, pool_param)
    return out, (*conv_cache, pool_cache)


def conv_relu_pool_backward(dout: Any, cache: Any) -> Any:
    """dout, cache  ->  dx, dw, db"""
    *conv_cache, pool_cache = cache
    return conv_relu_backward(max_pool_backward_fast(dout, pool_cache), tuple(conv_cache))
