"""What classifiers share: labels of any kind become class numbers, and scores become labels and probabilities again."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.estimators.base import (
    ClassifierMixin,
    accuracy_score,
    available_if,
    check_classification_targets,
    column_or_1d,
    compute_sample_weight,
    type_of_target,
)
from layerwise.estimators.loss import CLASS_LOSSES, MULTILABEL_LOSSES, SHARES, SOFTMAX, Choice, choose_loss
from layerwise.estimators.network import NetworkEstimator


def _has_probabilities(estimator: Any) -> bool:
    known = MULTILABEL_LOSSES if getattr(estimator, "_multilabel", False) else CLASS_LOSSES
    if isinstance(estimator.loss, str) and known.get(estimator.loss) in (SOFTMAX, SHARES):
        return True
    raise AttributeError(f"the loss {estimator.loss!r} gives scores, not probabilities: use decision_function, or loss='softmax'.")


class NetworkClassifier(ClassifierMixin, NetworkEstimator):
    """A network whose scores are of classes; of labels that each hold or do not, where y is a matrix of 0 and 1."""

    class_weight: Any

    def _class_weights(self, y: Any) -> Array | None:
        return None if self.class_weight is None else compute_sample_weight(self.class_weight, y)

    def _take_targets(self, y: Any, dtype: Any, *, reset: bool, classes: Any = None) -> Array:
        y = y.toarray() if hasattr(y, "toarray") else y
        check_classification_targets(y)
        multilabel = type_of_target(y) == "multilabel-indicator"
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if y.ndim > 1 and not multilabel:
            raise ValueError(f"y has shape {y.shape} with several classes to a column: give one class per example, or a matrix of 0 and 1.")
        if reset:
            self._multilabel = multilabel
            self.classes_ = np.arange(y.shape[1]) if multilabel else np.unique(y if classes is None else classes)
            self.n_outputs_ = len(self.classes_)
            if self.n_outputs_ < 2 and not multilabel:
                raise ValueError(f"y holds one class only, {self.classes_.tolist()[0]!r}: a classifier needs at least 2 classes.")
        if multilabel != self._multilabel or (multilabel and y.shape[1] != self.n_outputs_):
            kind = f"a matrix of {self.n_outputs_} labels" if self._multilabel else "one class per example"
            raise ValueError(f"y of shape {y.shape} is not what this classifier was first trained on, {kind}.")
        return y.astype(dtype) if multilabel else self._numbers(y)

    def _numbers(self, y: Array) -> Array:
        """Labels (N,)  ->  their places in classes_ (N,)"""
        places = np.minimum(np.searchsorted(self.classes_, y), len(self.classes_) - 1)
        unknown = self.classes_[places] != y
        if unknown.any():
            raise ValueError(f"y holds the class {y[unknown].tolist()[0]!r}, which is none of the classes {self.classes_.tolist()}.")
        return places

    def _choose_loss(self) -> Choice:
        known, targets = (MULTILABEL_LOSSES, "shares") if self._multilabel else (CLASS_LOSSES, "labels")
        return choose_loss(self.loss, known, targets, self.n_outputs_)

    def _judge(self, scores: Array, y: Array, weights: Array | None) -> float:
        predicted = (scores > 0).astype(int) if self._multilabel else scores.argmax(axis=1)
        return accuracy_score(y.astype(int), predicted, sample_weight=weights)

    # ---- predictions

    def predict(self, X: Any) -> Array:
        """The class of each example (N,); a matrix of 0 and 1 (N, K) where it learned from one."""
        scores = self._scores(X)
        return (scores > 0).astype(int) if self._multilabel else self.classes_[scores.argmax(axis=1)]

    def decision_function(self, X: Any) -> Array:
        """The scores of the classes (N, K); of two classes, how much higher the second one's is (N,)."""
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 and not self._multilabel else scores

    @available_if(_has_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, or of each label (N, K)."""
        return self._through(X, "predict_proba")

    @available_if(_has_probabilities)  # type: ignore[untyped-decorator]
    def predict_log_proba(self, X: Any) -> Array:
        """The logarithms of predict_proba (N, K)."""
        return np.log(self.predict_proba(X))

    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None, X_val: Any = None, y_val: Any = None
    ) -> NetworkClassifier:
        """One epoch on these examples. The first call needs all classes there will be.

        With early_stopping each call is judged on X_val, or on a share of its rows; when the score has not improved for more than
        n_iter_no_change calls, the best network is taken back, stopped_ is True, and further calls change nothing.
        """
        if classes is None and not hasattr(self, "model_"):
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if self.class_weight == "balanced":
            raise ValueError('class_weight="balanced" needs all examples at once, which partial_fit has not: give a dict of weights.')
        if classes is not None and hasattr(self, "classes_") and not np.array_equal(self.classes_, np.unique(classes)):
            raise ValueError(f"classes is {classes!r}, but was {self.classes_.tolist()} on the first call to partial_fit.")
        return self._partial_fit(X, y, classes, sample_weight, X_val, y_val)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = not isinstance(self.loss, str) or self.loss in MULTILABEL_LOSSES
        return tags
