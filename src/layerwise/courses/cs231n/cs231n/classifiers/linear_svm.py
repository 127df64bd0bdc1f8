"""The multiclass hinge loss of a linear classifier, plus reg · ΣW²."""

from typing import Any

import numpy as np

from layerwise import ops
from layerwise.conventions import reg_from_plain_l2

__all__ = ["np", "svm_loss_naive", "svm_loss_vectorized"]


def svm_loss_naive(W: Any, X: Any, y: Any, reg: Any) -> Any:
    """By loops.  W (D, C), X (N, D), y (N,)  ->  loss, dW"""
    return ops.svm_loss_naive(W, X, y, reg=reg_from_plain_l2(reg))


def svm_loss_vectorized(W: Any, X: Any, y: Any, reg: Any) -> Any:
    """By matrix products.  W (D, C), X (N, D), y (N,)  ->  loss, dW"""
    return ops.linear_svm_loss(W, X, y, reg=reg_from_plain_l2(reg))
