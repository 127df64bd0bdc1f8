"""The linear softmax classifier of the first assignment, under the name that the course gives its module."""

from typing import Any

import numpy as np

from layerwise import ops
from layerwise.conventions import reg_from_plain_l2
from layerwise.data.label import count_classes
from layerwise.initializers import normal
from layerwise.metrics import class_of
from layerwise.optim import sgd
from layerwise.train.plain import plain_epochs


def softmax(predictions: Any) -> Any:
    """Scores (K,) or (N, K) as probabilities."""
    return ops.softmax_forward(np.asarray(predictions))[0]


def cross_entropy_loss(probs: Any, target_index: Any) -> Any:
    """-log of the probability at the label, a mean over examples. probs (K,) or (N, K); an int, (N,) or (N, 1)."""
    return ops.cross_entropy(np.atleast_2d(probs), np.ravel(target_index))


def softmax_with_cross_entropy(predictions: Any, target_index: Any) -> Any:
    """loss, and its gradient by the scores (K,) or (N, K), in their shape."""
    loss, dpredictions = ops.softmax_loss(np.atleast_2d(predictions), np.ravel(target_index))
    return loss, dpredictions.reshape(np.shape(predictions))


def l2_regularization(W: Any, reg_strength: float) -> Any:
    """reg_strength · ΣW² without a half, and its gradient."""
    grad = np.zeros_like(W)
    loss = ops.add_l2_penalty(grad, W, reg_from_plain_l2(reg_strength), axes=np.ndim(W))
    return loss, grad


def linear_softmax(X: Any, W: Any, target_index: Any) -> Any:
    """loss of the scores X (N, D) @ W (D, K), and its gradient by W."""
    return ops.linear_softmax_loss(W, X, np.ravel(target_index))


class LinearSoftmaxClassifier:
    """Softmax regression by gradient descent over minibatches. W (D, K) is None before the first fit; a second goes on from it."""

    def __init__(self) -> None:
        self.W: Any = None

    def fit(self, X: Any, y: Any, batch_size: int = 100, learning_rate: float = 1e-7, reg: float = 1e-5, epochs: int = 1) -> list[float]:
        """Train for so many epochs; gives the loss of each one's last batch, and prints it."""
        if self.W is None:
            self.W = normal((X.shape[1], count_classes(y)), scale=1e-3, rng=np.random, dtype=np.float64)
        history = []
        for epoch in plain_epochs(self._step(X, y, reg), len(X), num_epochs=epochs, batch_size=batch_size, lr=learning_rate, rng=np.random):
            history.append(epoch.last_loss)
            print("Epoch %i, loss: %f" % (epoch.number, epoch.last_loss))  # noqa: UP031
        return history

    def _step(self, X: Any, y: Any, reg: float) -> Any:
        def step(rows: Any, lr: float) -> Any:
            loss, dW = ops.linear_softmax_loss(self.W, X[rows], y[rows], reg=reg_from_plain_l2(reg))
            sgd(self.W, dW, {}, lr=lr)
            return loss

        return step

    def predict(self, X: Any) -> Any:
        """The class of each row of X (N, D)."""
        return class_of(ops.affine_forward(X, self.W)[0])
