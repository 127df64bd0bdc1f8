"""Linear classifiers that train themselves."""

from typing import Any

import numpy as np

from layerwise.courses.generator import Legacy
from layerwise.models.linear import classes_of, first_weights
from layerwise.optim.sgd import sgd
from layerwise.train.descent import descend

from ..saving import Saved
from .linear_svm import *
from .softmax import *

__all__ = ["LinearClassifier", "LinearSVM", "Softmax", "np", "softmax_loss_vectorized", "svm_loss_vectorized"]


class LinearClassifier(Saved):
    """Weights W (D, C), None before the first train; a bias is a column of ones in X."""

    told = "iteration {} / {}: loss {:f}"
    told_every = 100

    def __init__(self) -> None:
        self.W: Any = None

    def train(
        self,
        X: Any,
        y: Any,
        learning_rate: float = 1e-3,
        reg: float = 1e-5,
        num_iters: int = 100,
        batch_size: int = 200,
        verbose: bool = False,
    ) -> list[Any]:
        """Minibatch descent from small random weights, or from where the last train ended; the losses of all steps."""

        def tell(step: int, loss: Any) -> None:
            if verbose:
                print(self.told.format(step, num_iters, loss))

        if self.W is None:
            self.W = first_weights(X, y, rng=Legacy())
        sizes: dict[str, Any] = {"lr": learning_rate, "num_steps": num_iters, "batch_size": batch_size, "rng": Legacy()}
        return descend(lambda X, y: self.loss(X, y, reg), self._step, X, y, **sizes, tell=tell, tell_every=self.told_every)

    def _step(self, dW: Any, lr: float) -> None:
        sgd(self.W, dW, {}, lr=lr)

    def predict(self, X: Any) -> Any:
        """The class of each row of X (N,)."""
        return classes_of(X, self.W)

    def loss(self, X_batch: Any, y_batch: Any, reg: float) -> Any:
        """loss, dW; each kind has its own."""
        raise NotImplementedError(f"{type(self).__name__} has no loss")

    @property
    def params(self) -> dict[str, Any]:
        """What is saved."""
        return {"W": self.W}

    @params.setter
    def params(self, given: dict[str, Any]) -> None:
        self.W = given["W"]


class LinearSVM(LinearClassifier):
    """Under the multiclass hinge loss."""

    def loss(self, X_batch: Any, y_batch: Any, reg: float) -> Any:
        """loss, dW"""
        return svm_loss_vectorized(self.W, X_batch, y_batch, reg)


class Softmax(LinearClassifier):
    """Under the cross-entropy of the softmax."""

    def loss(self, X_batch: Any, y_batch: Any, reg: float) -> Any:
        """loss, dW"""
        return softmax_loss_vectorized(self.W, X_batch, y_batch, reg)
