"""How good predictions are: figures for people to read, where larger is better.

`scores` are (..., N, K), `y` integer labels (N,), predictions (N,). Leading axes are members of a population, and stay.
"""

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import look_up


def accuracy(scores: Array, y: Array) -> Any:
    """Share of examples whose largest score is at their label: (..., N, K), (N,) -> (...). With (N,): share of equal labels.

    Of equal scores the first counts, as in argmax, where NaN counts as the largest.

    >>> float(accuracy(np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]]), np.array([1, 1, 1])))
    0.6666666666666666
    >>> float(accuracy(np.array([1, 0]), np.array([1, 1])))
    0.5
    """
    scores, y = np.asarray(scores), np.asarray(y)
    if scores.ndim == 1:
        _labels("accuracy", scores, y)
        return (scores == y).mean()
    _scores("accuracy", scores, y)
    return (scores.argmax(-1) == y).mean(-1)  # (..., N) -> (...)


def class_of(scores: Array) -> Array:
    """The class with the largest score: (..., N, K) -> (..., N). Of equal scores the first counts.

    >>> class_of(np.array([[0.1, 0.9], [0.5, 0.5]]))
    array([1, 0])
    """
    return np.asarray(scores).argmax(-1)


def target_accuracy(scores: Array, y: Array) -> Any:
    """Share of examples whose largest score is where their largest target is: (..., N, K), (N, K) -> (...).

    >>> float(target_accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([[0.0, 1.0], [0.0, 1.0]])))
    0.5
    """
    return accuracy(scores, class_of(y))


def top_k_accuracy(scores: Array, y: Array, k: int) -> Any:
    """Share of examples whose label is among the k largest scores: (..., N, K), (N,) -> (...).

    Of equal scores the first counts, so that k = 1 is `accuracy`; an example with a NaN among its scores is a miss.

    >>> float(top_k_accuracy(np.array([[0.1, 0.6, 0.3], [0.5, 0.3, 0.2]]), np.array([2, 2]), k=2))
    0.5
    """
    scores, y = np.asarray(scores), np.asarray(y)
    _scores("top_k_accuracy", scores, y)
    if not 1 <= k <= scores.shape[-1]:
        raise ValueError(f"top_k_accuracy: k is {k}, but there are {scores.shape[-1]} classes; give 1 to {scores.shape[-1]}")
    if y.min() < 0 or y.max() >= scores.shape[-1]:
        raise ValueError(f"top_k_accuracy: labels go from {y.min()} to {y.max()}, but there are {scores.shape[-1]} classes")
    own = np.take_along_axis(scores, np.broadcast_to(y, scores.shape[:-1])[..., None], axis=-1)  # (..., N, 1)
    earlier = np.arange(scores.shape[-1]) < y[:, None]  # (N, K)
    rank = ((scores > own) | ((scores == own) & earlier)).sum(-1)  # (..., N)
    return ((rank < k) & ~np.isnan(scores).any(-1)).mean(-1)


def confusion_matrix(y_pred: Array, y: Array, num_classes: int) -> Array:
    """Counts (K, K): row i, column j holds the examples of class i that were taken for class j.

    >>> confusion_matrix(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1]), num_classes=2)
    array([[1, 1],
           [0, 2]])
    """
    y_pred, y = np.asarray(y_pred), np.asarray(y)
    _labels("confusion_matrix", y_pred, y)
    for name, labels in (("y_pred", y_pred), ("y", y)):
        if labels.dtype.kind not in "iub":
            raise TypeError(f"confusion_matrix: {name} holds {labels.dtype} numbers; give class labels as integers (scores.argmax(-1))")
        if labels.min() < 0 or labels.max() >= num_classes:
            raise ValueError(
                f"confusion_matrix: {name} goes from {labels.min()} to {labels.max()}; with num_classes={num_classes} labels are 0 to {num_classes - 1}"
            )
    return np.bincount(y.astype(np.int64) * num_classes + y_pred.astype(np.int64), minlength=num_classes**2).reshape(
        num_classes, num_classes
    )


def precision(y_pred: Array, y: Array, num_classes: int, *, average: str | None = None) -> Any:
    """Of the examples taken for a class, the share that is of it: (K,), or one number with an average.

    `average` is "macro" (plain mean over all classes), "weighted" (by how many examples each has) or "micro" (counts
    of all classes together, which makes precision, recall and F1 the accuracy). 0 where nothing was taken for the class.

    >>> precision(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1]), 2).round(3)
    array([1.   , 0.667])
    """
    hits, taken, there = _counts(y_pred, y, num_classes)
    return _average(hits, taken, there, average)


def recall(y_pred: Array, y: Array, num_classes: int, *, average: str | None = None) -> Any:
    """Of the examples of a class, the share that was taken for it. Averages as in `precision`; 0 for a class without examples.

    >>> recall(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1]), 2, average="macro")
    np.float64(0.75)
    """
    hits, _, there = _counts(y_pred, y, num_classes)
    return _average(hits, there, there, average)


def f1(y_pred: Array, y: Array, num_classes: int, *, average: str | None = None) -> Any:
    """Harmonic mean of precision and recall, per class and then averaged as in `precision`.

    >>> f1(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1]), 2).round(3)
    array([0.667, 0.8  ])
    """
    hits, taken, there = _counts(y_pred, y, num_classes)
    return _average(2 * hits, taken + there, there, average)


def _counts(y_pred: Array, y: Array, num_classes: int) -> tuple[Array, Array, Array]:
    """Per class (K,): examples right, examples taken for it, examples of it."""
    matrix = confusion_matrix(y_pred, y, num_classes)
    return matrix.diagonal(), matrix.sum(0), matrix.sum(1)


def _macro(part: Array, whole: Array, there: Array) -> Any:
    return _share(part, whole).mean()


def _weighted(part: Array, whole: Array, there: Array) -> Any:
    return np.average(_share(part, whole), weights=there)


def _micro(part: Array, whole: Array, there: Array) -> Any:
    return part.sum() / whole.sum()


AVERAGES = {"macro": _macro, "weighted": _weighted, "micro": _micro}


def _average(part: Array, whole: Array, there: Array, average: str | None) -> Any:
    return _share(part, whole) if average is None else look_up(AVERAGES, average, "average")(part, whole, there)


def _share(part: Array, whole: Array) -> Array:
    return part / np.maximum(whole, 1)  # 0 / 0 is 0: part is never above whole


def _labels(where: str, y_pred: Array, y: Array) -> None:
    if y_pred.ndim != 1 or y_pred.shape != y.shape:
        raise ValueError(f"{where}: predictions have shape {y_pred.shape} and labels {y.shape}; both must be (N,)")
    _some(where, y)


def _scores(where: str, scores: Array, y: Array) -> None:
    if scores.ndim < 2 or y.shape != scores.shape[-2:-1]:
        raise ValueError(f"{where}: scores {scores.shape} need labels {scores.shape[-2:-1]}, one per row, but they have shape {y.shape}")
    if scores.shape[-1] < 2:
        raise ValueError(f"{where}: scores {scores.shape} have one column, whose argmax is always class 0; give predictions (N,) instead")
    _some(where, y)


def _some(where: str, y: Array) -> None:
    if not y.size:
        raise ValueError(f"{where}: there are no examples to take a share of")
