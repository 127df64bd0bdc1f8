"""The cross-entropy of a linear classifier's softmax, plus half of reg · ΣW²."""

from typing import Any

import numpy as np

from layerwise import ops

__all__ = ["np", "softmax_loss_naive", "softmax_loss_vectorized"]


def softmax_loss_naive(W: Any, X: Any, y: Any, reg: Any) -> Any:
    """By loops.  W (D, C), X (N, D), y (N,)  ->  loss, dW"""
    return ops.softmax_loss_naive(W, X, y, reg=reg)


def softmax_loss_vectorized(W: Any, X: Any, y: Any, reg: Any) -> Any:
    """By matrix products.  W (D, C), X (N, D), y (N,)  ->  loss, dW"""
    return ops.linear_softmax_loss(W, X, y, reg=reg)
