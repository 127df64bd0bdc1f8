"""The losses of linear classifiers with the weights as the argument, W (D, K), as a course's first sheet has them."""

from collections.abc import Callable
from typing import Any

from layerwise.arrays import Array
from layerwise.ops.affine import affine_backward, affine_forward
from layerwise.ops.penalty import add_l2_penalty
from layerwise.ops.softmax import softmax_loss
from layerwise.ops.svm import svm_loss


def linear_softmax_loss(W: Array, X: Array, y: Any, *, reg: float | Array = 0.0) -> tuple[Any, Array]:
    """Cross-entropy of the softmax of X @ W, plus ½ · reg · ΣW².

    W (D, K) or (P, D, K), X (N, D), y (N,)  ->  loss, dW. A bias is a column of ones in X, and is penalised with the rest.

    >>> loss, dW = linear_softmax_loss(np.zeros((3, 10)), np.ones((2, 3)), np.array([0, 1]), reg=1.0)
    >>> round(float(loss), 4)
    2.3026
    """
    return _linear(softmax_loss, W, X, y, reg)


def linear_svm_loss(W: Array, X: Array, y: Any, *, reg: float | Array = 0.0) -> tuple[Any, Array]:
    """The multiclass hinge loss of X @ W, plus ½ · reg · ΣW².  W (D, K) or (P, D, K), X (N, D), y (N,)  ->  loss, dW"""
    return _linear(svm_loss, W, X, y, reg)


def _linear(loss_of: Callable[..., tuple[Any, Array]], W: Array, X: Array, y: Any, reg: float | Array) -> tuple[Any, Array]:
    scores, cache = affine_forward(X, W)
    loss, dscores = loss_of(scores, y)
    _, dW, _ = affine_backward(dscores, cache, need_dx=False)
    return loss + add_l2_penalty(dW, cache[2], reg), dW
