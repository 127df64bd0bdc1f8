"""How good a model is on examples: a metric and a loss, in predict mode, batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.batch import in_order
from layerwise.metrics import accuracy

BATCH = 1000  # examples scored at once; it changes results by rounding only

Metric = Callable[[Array, Array], Any]  # (scores, y) -> larger is better


def measure(
    model: Any, X: Any, y: Any, *, dtype: Any, preprocessing: Any = None, metric: Metric | None = None, batch_size: int = BATCH
) -> tuple[Any, Any]:
    """(metric, loss) over X (N, ...), y (N, ...), means over examples; the loss is NaN where the model has no evaluate.

    The metric is accuracy by default, and minus the loss where labels are not classes.
    """
    evaluate = getattr(model, "evaluate", None)
    counts, metrics, losses = [], [], []
    start = 0
    for batch in in_order(X, batch_size, dtype, preprocessing):
        labels = np.asarray(y[start : start + len(batch)])
        start += len(batch)
        loss, scores = evaluate(batch, labels) if evaluate else (np.nan, model.loss(batch))
        counts.append(len(batch))
        losses.append(loss)
        metrics.append(_metric(metric, scores, labels, loss))
    return _mean(metrics, counts), _mean(losses, counts)


def _metric(metric: Metric | None, scores: Array, y: Array, loss: Any) -> Any:
    if metric is not None:
        return metric(scores, y)
    if y.dtype.kind in "iub" and y.ndim == 1:
        return accuracy(scores, y)
    if np.all(np.isnan(loss)):
        raise ValueError(
            "Solver: the labels are not classes and the model has no evaluate(X, y): give metric=(scores, y) -> larger is better."
        )
    return -loss


def _mean(values: list[Any], counts: list[int]) -> Any:
    """The mean of batch means, weighted by the batches' sizes.  a number, or (P,)"""
    return np.average(np.array(values, np.float64), axis=0, weights=counts)
