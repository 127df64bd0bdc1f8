"""Layers that keep their state between forward and backward, with images as (N, H, W, C)."""

from typing import Any

import numpy as np

from layerwise import ops
from layerwise.conventions import reg_from_plain_l2
from layerwise.initializers import normal, zeros
from layerwise.layers.param import Param as _Param

CHANNELS_FIRST, CHANNELS_LAST = (0, 3, 1, 2), (0, 2, 3, 1)
FILTERS_FIRST, FILTERS_LAST = (3, 2, 0, 1), (2, 3, 1, 0)


def l2_regularization(W: Any, reg_strength: float) -> Any:
    """reg_strength · ΣW² without a half, and its gradient."""
    grad = np.zeros_like(W)
    loss = ops.add_l2_penalty(grad, W, reg_from_plain_l2(reg_strength), axes=np.ndim(W))
    return loss, grad


def softmax(predictions: Any) -> Any:
    """Scores (K,) or (N, K) as probabilities."""
    return ops.softmax_forward(np.asarray(predictions))[0]


def cross_entropy_loss(probs: Any, target_index: Any) -> Any:
    """-log of the probability at the label, a mean over examples. probs (K,) or (N, K); an int, (N,) or (N, 1)."""
    return ops.cross_entropy(np.atleast_2d(probs), np.ravel(target_index))


def softmax_with_cross_entropy(preds: Any, target_index: Any) -> Any:
    """loss, and its gradient by the scores (K,) or (N, K), in their shape."""
    loss, dpreds = ops.softmax_loss(np.atleast_2d(preds), np.ravel(target_index))
    return loss, dpreds.reshape(np.shape(preds))


class Param(_Param):
    """value and grad of a layer's parameter."""


class ReLULayer:
    """max(x, 0)."""

    def forward(self, X: Any) -> Any:
        """X, of any shape  ->  the same shape"""
        out, self.cache = ops.relu_forward(X)
        return out

    def backward(self, d_out: Any) -> Any:
        """The gradient by X."""
        return ops.relu_backward(d_out, self.cache)

    def params(self) -> dict[str, Param]:
        """None."""
        return {}


class FullyConnectedLayer:
    """X @ W + B with W (n_input, n_output), B (1, n_output), both drawn from the global generator."""

    def __init__(self, n_input: int, n_output: int) -> None:
        self.W, self.B = (Param(normal((rows, n_output), scale=1e-3, rng=np.random, dtype=np.float64)) for rows in (n_input, 1))
        self.X: Any = None

    def forward(self, X: Any) -> Any:
        """X (N, n_input)  ->  (N, n_output)"""
        out, self.cache = ops.affine_forward(X, self.W.value, self.B.value[0])
        return out

    def backward(self, d_out: Any) -> Any:
        """The gradient by X; those by W and B are added to their grad."""
        dX, dW, dB = ops.affine_backward(d_out, self.cache)
        self.W.add_grad(dW)
        self.B.add_grad(dB)
        return dX

    def params(self) -> dict[str, Param]:
        """W and B."""
        return {"W": self.W, "B": self.B}


class ConvolutionalLayer:
    """Filters W (filter_size, filter_size, in_channels, out_channels) at stride 1, and B (out_channels,)."""

    def __init__(self, in_channels: int, out_channels: int, filter_size: int, padding: int) -> None:
        shape = (filter_size, filter_size, in_channels, out_channels)
        self.W = Param(normal(shape, scale=1.0, rng=np.random, dtype=np.float64))
        self.B = Param(zeros((out_channels,), dtype=np.float64))
        self.in_channels, self.out_channels, self.filter_size, self.padding = in_channels, out_channels, filter_size, padding

    def forward(self, X: Any) -> Any:
        """X (N, H, W, in_channels)  ->  (N, H', W', out_channels)"""
        filters = self.W.value.transpose(FILTERS_FIRST)
        out, self.cache = ops.conv_forward(X.transpose(CHANNELS_FIRST), filters, self.B.value, pad=self.padding)
        return out.transpose(CHANNELS_LAST)

    def backward(self, d_out: Any) -> Any:
        """The gradient by X; those by W and B are added to their grad."""
        dX, dW, dB = ops.conv_backward(d_out.transpose(CHANNELS_FIRST), self.cache)
        self.W.add_grad(dW.transpose(FILTERS_LAST))
        self.B.add_grad(dB)
        return dX.transpose(CHANNELS_LAST)

    def params(self) -> dict[str, Param]:
        """W and B."""
        return {"W": self.W, "B": self.B}


class MaxPoolingLayer:
    """The largest value of each window of pool_size × pool_size."""

    def __init__(self, pool_size: int, stride: int) -> None:
        self.pool_size, self.stride = pool_size, stride

    def forward(self, X: Any) -> Any:
        """X (N, H, W, C)  ->  (N, H', W', C)"""
        window = {"pool_height": self.pool_size, "pool_width": self.pool_size, "stride": self.stride}
        out, self.cache = ops.max_pool_forward(X.transpose(CHANNELS_FIRST), **window)
        return out.transpose(CHANNELS_LAST)

    def backward(self, d_out: Any) -> Any:
        """The gradient by X."""
        return ops.max_pool_backward(d_out.transpose(CHANNELS_FIRST), self.cache).transpose(CHANNELS_LAST)

    def params(self) -> dict[str, Param]:
        """None."""
        return {}


class Flattener:
    """Images as rows."""

    def forward(self, X: Any) -> Any:
        """X (N, H, W, C)  ->  (N, H·W·C)"""
        self.X_shape = X.shape
        return X.reshape(len(X), -1)

    def backward(self, d_out: Any) -> Any:
        """The gradient in the shape of X."""
        return d_out.reshape(self.X_shape)

    def params(self) -> dict[str, Param]:
        """None."""
        return {}
