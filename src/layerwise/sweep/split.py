"""The data of each fold: the parts as they are, k-fold, or random splits repeated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from layerwise.arrays import Array
from layerwise.data.dataset import Dataset
from layerwise.data.rows import select
from layerwise.data.split import split_random, split_stratified


def joined(data: Dataset) -> Dataset:
    """The data with its training and validation part as one training part, on which the preprocessing is fitted again."""
    if data.X_val is None or data.y_val is None:
        return data
    X, y = np.concatenate([np.asarray(data.X_train), np.asarray(data.X_val)]), np.concatenate([data.y_train, data.y_val])
    return _fitted(replace(data, X_train=X, y_train=y, X_val=None, y_val=None))


def folds(data: Dataset, count: int, rng: np.random.Generator) -> list[Dataset]:
    """k-fold: every example of the training and validation parts validates once, and trains in the other folds."""
    whole = joined(data)
    if not 2 <= count <= len(whole.y_train):
        raise ValueError(f"{count} folds of {len(whole.y_train)} examples: give at least 2, and at most one per example")
    return [_split(whole, kept, held) for kept, held in _folds(whole.y_train, count, rng)]


def splits(data: Dataset, count: int, rng: np.random.Generator) -> list[Dataset]:
    """So many random splits of the training and validation parts, each with as many to validate as the data has."""
    if data.y_val is None:
        raise ValueError("repeated splits hold out as many examples as the data has to validate, but it has none")
    whole, held = joined(data), len(data.y_val)
    classes = data.num_classes is not None
    cuts = (split_stratified(whole.y_train, held, rng) if classes else split_random(len(whole.y_train), held, rng) for _ in range(count))
    return [_split(whole, *cut) for cut in cuts]


def _folds(y: Array, count: int, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    order = rng.permutation(len(y))
    if y.ndim == 1 and y.dtype.kind in "iu":
        order = order[np.argsort(y[order], kind="stable")]  # each fold takes every count-th of every class
    for fold in range(count):
        held = np.sort(order[fold::count])
        yield np.setdiff1d(np.arange(len(y)), held), held


def _split(whole: Dataset, kept: Array, held: Array) -> Dataset:
    X, y = whole.X_train, whole.y_train
    return _fitted(replace(whole, X_train=select(X, kept), y_train=y[kept], X_val=select(X, held), y_val=y[held]))


def _fitted(data: Dataset) -> Dataset:
    return data.with_preprocessing(*data.preprocessing.transforms) if data.preprocessing.transforms else data
