"""Figures of classifiers, in the order of the third assignment."""

from typing import Any

from layerwise.metrics import accuracy, f1, precision, recall


def binary_classification_metrics(prediction: Any, ground_truth: Any) -> Any:
    """accuracy, precision, recall, f1 of predictions that are True or False, each (N,)."""
    figures = (figure(prediction, ground_truth, 2)[1] for figure in (precision, recall, f1))
    return accuracy(prediction, ground_truth), *figures


def multiclass_accuracy(prediction: Any, ground_truth: Any) -> Any:
    """The share of labels (N,) that are right."""
    return accuracy(prediction, ground_truth)
