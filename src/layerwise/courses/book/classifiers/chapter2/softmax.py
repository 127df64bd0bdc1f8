"""The book's softmax classifier, which trains itself."""

from typing import Any

from layerwise.courses.cs231n.cs231n.classifiers.linear_classifier import LinearClassifier

from .softmax_loss import *

__all__ = ["Softmax", "np", "softmax_loss_naive", "softmax_loss_vectorized"]


class Softmax(LinearClassifier):
    """Weights W (D, C) under the cross-entropy of the softmax."""

    told = "迭代次数 {} / {}: loss {:f}"
    told_every = 500

    def loss(self, X_batch: Any, y_batch: Any, reg: float) -> Any:
        """loss, dW"""
        return softmax_loss_vectorized(self.W, X_batch, y_batch, reg)
