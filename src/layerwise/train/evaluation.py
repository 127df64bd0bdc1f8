"""How good a model is on examples: a metric and a loss, in predict mode, batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.batch import in_order
from layerwise.metrics import accuracy
from layerwise.train.protocol import ignores_labels

BATCH = 1000  # examples scored at once; it changes results by rounding only

Metric = Callable[[Array, Array], Any]  # (scores, y) -> larger is better


def sample(X: Any, y: Any, count: int | None, rng: Any) -> tuple[Any, Any]:
    """So many examples drawn without replacement, in their order; all of them for None, or if there are no more."""
    if count is None or count >= len(X):
        return X, y
    rows = np.sort(rng.choice(len(X), count, replace=False))
    return X[rows], y[rows]


def measure(
    model: Any, X: Any, y: Any, *, dtype: Any, preprocessing: Any = None, metric: Metric | None = None, batch_size: int = BATCH
) -> tuple[Any, Any]:
    """(metric, loss) over X (N, ...), y (N, ...). The loss is NaN where the model has no evaluate.

    A metric sees the scores of all examples at once; without one it is accuracy, and minus the loss where labels are not classes, or
    where the model ignores them.
    """
    if not len(X) or len(X) != len(y):
        raise ValueError(f"X has {len(X)} examples and y has {len(y)}: scoring needs one label per example, and at least one example.")
    evaluate, y = getattr(model, "evaluate", None), np.asarray(y)
    classes = y.dtype.kind in "iub" and y.ndim == 1 and not ignores_labels(model)
    if metric is None and not classes and evaluate is None:
        raise ValueError(
            "Solver: the labels are not classes and the model has no evaluate(X, y): give metric=(scores, y) -> larger is better."
        )
    counts: list[int] = []
    scores, losses, accuracies = [], [], []
    for batch in in_order(X, batch_size, dtype, preprocessing):
        labels = y[sum(counts) :][: len(batch)]
        loss, some = evaluate(batch, labels) if evaluate else (np.nan, model.loss(batch))
        counts.append(len(batch))
        losses.append(loss)
        if metric is not None:
            scores.append(some)
        elif classes:
            accuracies.append(accuracy(some, labels))
    loss = np.average(np.array(losses, np.float64), axis=0, weights=counts)  # a number, or (P,)
    if metric is not None:
        return metric(np.concatenate(scores, axis=loss.ndim), y), loss  # along N of (N, ...) or (P, N, ...)
    return np.average(np.array(accuracies), axis=0, weights=counts) if classes else -loss, loss
