"""Nearest neighbours: an example is what most of the k training examples closest to it are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.blocks import BLOCK
from layerwise.errors import look_up

AT_ONCE = 32 << 20  # bytes of distances, or of examples taken to float64, at a time


class NearestNeighbors:
    """Keeps the training set; predicts by a vote of the k nearest examples. Of equally many votes the smallest label wins.

    metric  "l2" (Euclidean) or "l1" (sum of absolute differences)

    >>> model = NearestNeighbors(k=3).fit(np.array([[0.0], [1.0], [2.0], [10.0]]), np.array([0, 0, 1, 1]))
    >>> model.predict(np.array([[0.4], [9.0]]))
    array([0, 1])
    """

    def __init__(self, k: int = 1, *, metric: str = "l2") -> None:
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
            raise ValueError(f"NearestNeighbors: k is {k!r}, but must be a whole number from 1 up.")
        look_up(METRICS, metric, "metric")
        self.k, self.metric = k, metric

    def fit(self, X: Any, y: Any) -> NearestNeighbors:
        """X (N, ...), y (N,): kept as they are, not copied."""
        X, y = np.asarray(X), np.asarray(y)
        if not X.ndim or not len(X) or y.shape != X.shape[:1]:
            raise ValueError(f"NearestNeighbors: X has shape {X.shape} and y {y.shape}; needed is one label per example, and an example.")
        self.X, self.y = X, y
        return self

    def predict(self, X: Any) -> Array:
        """X (N, ...)  ->  the label of each example (N,). Never holds more than a part of all distances."""
        X = np.asarray(X)
        step = max(1, AT_ONCE // (8 * len(self.X)))
        parts = [vote(distances(X[i : i + step], self.X, metric=self.metric), self.y, self.k) for i in range(0, len(X), step)]
        return np.concatenate(parts) if parts else self.y[:0]


def distances(A: Any, B: Any, *, metric: str = "l2") -> Array:
    """How far each example of A is from each of B, without a loop over examples.  A (N, ...), B (M, ...)  ->  (N, M), float64

    >>> distances([[0.0, 0.0]], [[3.0, 4.0]]), distances([[0.0, 0.0]], [[3.0, 4.0]], metric="l1")
    (array([[5.]]), array([[7.]]))
    """
    A, B = _rows(A, B)
    out = np.empty((len(A), len(B)))
    between, step = look_up(METRICS, metric, "metric"), max(1, AT_ONCE // (8 * max(1, B.shape[1])))
    for start in range(0, len(B), step):  # a row in float64 takes eight times as much as its pixels did
        out[:, start : start + step] = between(A, B[start : start + step])
    return out


def distances_one_loop(A: Any, B: Any, *, metric: str = "l2") -> Array:
    """The same as distances, one example of A after another, each against as many of B at once as a cache holds."""
    A, B = _rows(A, B)
    out = np.empty((len(A), len(B)))
    step = max(1, BLOCK // (8 * max(1, B.shape[1])))
    pieces = [slice(start, start + step) for start in range(0, len(B), step)]
    for i, a in enumerate(A.astype(np.float64, copy=False)):
        for piece in pieces:
            difference = B[piece] - a  # (M, D)
            out[i, piece] = np.abs(difference).sum(axis=1) if metric == "l1" else np.sqrt(np.vecdot(difference, difference))
    return out


def distances_two_loops(A: Any, B: Any, *, metric: str = "l2") -> Array:
    """The same as distances, one pair of examples after another."""
    A, B = _rows(A, B)
    out = np.empty((len(A), len(B)))
    for i in range(len(A)):
        for j in range(len(B)):
            difference = A[i].astype(np.float64) - B[j]
            out[i, j] = np.abs(difference).sum() if metric == "l1" else np.sqrt(difference @ difference)
    return out


def vote(dists: Array, y: Array, k: int = 1) -> Array:
    """The label that most of the k nearest have: dists (N, M), y (M,)  ->  (N,)

    Of equally many votes the smallest label wins, and of equally far examples the first are asked.

    >>> vote(np.array([[0.1, 0.2, 0.3]]), np.array([7, 3, 3]), k=2)
    array([3])
    """
    if not 1 <= k <= dists.shape[1]:
        raise ValueError(f"k is {k}, but there are {dists.shape[1]} training examples to ask: give 1 to {dists.shape[1]}.")
    classes, label = np.unique(y, return_inverse=True)
    farthest = np.partition(dists, k - 1, axis=1)[:, k - 1 : k]  # (N, 1): the distance of the k-th nearest
    asked = dists < farthest
    equal = dists == farthest
    equal &= np.cumsum(equal, axis=1) <= k - asked.sum(axis=1, keepdims=True)
    row, column = np.nonzero(asked | equal)
    votes = np.bincount(row * len(classes) + label[column], minlength=len(dists) * len(classes))
    return classes[votes.reshape(len(dists), len(classes)).argmax(axis=1)]  # the first of equal counts is the smallest label


def _euclidean(A: Array, B: Array) -> Array:
    A, B = A.astype(np.float64, copy=False), B.astype(np.float64, copy=False)
    squares = -2 * (A @ B.T)  # |a - b|² = |a|² - 2 a·b + |b|²
    squares += np.vecdot(A, A)[:, None]
    squares += np.vecdot(B, B)
    return np.sqrt(np.maximum(squares, 0, out=squares), out=squares)  # rounding may leave less than 0


def _absolute(A: Array, B: Array) -> Array:
    from scipy.spatial.distance import cdist  # imported here: few programs need it, and it takes longer to import than NumPy

    return cdist(A, B, "cityblock")


METRICS = {"l1": _absolute, "l2": _euclidean}


def _rows(A: Any, B: Any) -> tuple[Array, Array]:
    """Both as rows, in their own dtypes: pixels become floats piece by piece."""
    A, B = np.asarray(A), np.asarray(B)
    if A.ndim < 1 or B.ndim < 1 or A.shape[1:] != B.shape[1:]:
        raise ValueError(
            f"distances: examples have shape {A.shape[1:]} in A {A.shape} and {B.shape[1:]} in B {B.shape}; they must be alike."
        )
    width = math.prod(A.shape[1:])
    return A.reshape(len(A), width), B.reshape(len(B), width)  # (N, d1, ..., dk) -> (N, D)
