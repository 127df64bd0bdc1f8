"""Linear classifiers: softmax regression and the support vector machine for several classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.estimators.classifier import NetworkClassifier
from layerwise.layers.dense import Dense
from layerwise.models.network import Network
from layerwise.models.sequential import Sequential


class LinearClassifier(NetworkClassifier):
    """Scores X @ W + b, trained in batches by an update rule."""

    def __init__(
        self,
        *,
        alpha: float = 1e-4,
        solver: str = "adam",
        solver_options: dict[str, Any] | None = None,
        learning_rate_init: float = 1e-2,
        schedule: Any = None,
        schedule_options: dict[str, Any] | None = None,
        batch_size: int | str = "auto",
        max_iter: int = 200,
        shuffle: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        tol: float = 1e-4,
        class_weight: Any = None,
        clip_norm: float | None = None,
        callbacks: Any = None,
        random_state: Any = None,
        warm_start: bool = False,
        dtype: Any = None,
        verbose: bool = False,
    ) -> None:
        self._store(locals())

    def _build(self, input_shape: tuple[int, ...], options: dict[str, Any]) -> Network:
        return Sequential([Dense(self.n_outputs_, weights="zeros")], input_shape=input_shape, **options)

    @property
    def coef_(self) -> Array:
        """The weights of each class (K, D); of two classes, how much larger the second one's are (1, D), as decision_function has it."""
        return self._as_decided(self.coefs_[0].T)  # (D, K) -> (K, D)

    @property
    def intercept_(self) -> Array:
        """The biases of the classes (K,), or (1,) as in coef_."""
        return self._as_decided(self.intercepts_[0])

    def _as_decided(self, rows: Array) -> Array:
        return np.diff(rows, axis=0) if len(rows) == 2 and not self._multilabel else rows


class SoftmaxClassifier(LinearClassifier):
    """Softmax regression (multinomial logistic regression): the linear scores' softmax are probabilities of the classes.

    The parameters, and what is learned, are those of `MLPClassifier`; and coef_ and intercept_.

    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> bool(SoftmaxClassifier(max_iter=1000, random_state=0).fit(X, y).score(X, y) > 0.95)
    True
    """

    loss = "softmax"


class LinearSVMClassifier(LinearClassifier):
    """A linear support vector machine for several classes at once: every wrong class should score lower by a margin of 1.

    The parameters, and what is learned, are those of `MLPClassifier`; and coef_ and intercept_. It has no probabilities:
    scikit-learn's CalibratedClassifierCV makes some from its decision_function.

    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> bool(LinearSVMClassifier(max_iter=1000, random_state=0).fit(X, y).score(X, y) > 0.95)
    True
    """

    loss = "hinge"
