"""What a data set holds, counted in one pass over rows that stay where they are: classes, mean images, pixels, duplicates."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from layerwise.arrays import Array
from layerwise.data.dataset import Dataset
from layerwise.data.rows import Examples, chunks

PARTS = ("train", "val", "test")
MOST_MEANS = 1 << 24  # numbers in all class means together; of more classes or larger images there is one mean alone


@dataclass(frozen=True, eq=False)
class Duplicates:
    """Rows of one part that are, byte for byte, also in another (or earlier in the same): pairs (n, 2), the other's row second.

    contradictions counts the pairs whose labels differ.
    """

    part: str
    other: str
    pairs: Array
    contradictions: int


@dataclass(frozen=True, eq=False)
class Profile:
    """Plain data on a Dataset. What does not apply (images, classes) is None.

    counts: part -> number of examples; class_counts: part -> (K,); mean, spread: of each feature of the training part;
    class_means (K, ...) of the training part; pixels (C, 256): how often each value occurs in it, per channel.
    """

    name: str
    counts: Mapping[str, int]
    shape: tuple[int, ...]
    class_names: tuple[str, ...] | None
    class_counts: Mapping[str, Array] | None
    mean: Array
    spread: Array
    class_means: Array | None
    pixels: Array | None
    duplicates: tuple[Duplicates, ...]

    @property
    def leaks(self) -> tuple[Duplicates, ...]:
        """The duplicates between parts: what is learned by heart counts as right there."""
        return tuple(found for found in self.duplicates if found.part != found.other)


def profile(data: Dataset) -> Profile:
    """All that is known of a data set by looking at each example once.

    >>> X = np.array([[0, 1], [2, 3], [4, 5], [2, 3]], np.uint8)
    >>> found = profile(Dataset(X[:3], np.array([0, 1, 1]), X_test=X[3:], y_test=np.array([0])))
    >>> found.class_counts["train"], [(d.part, d.other, d.pairs.tolist(), d.contradictions) for d in found.leaks]
    (array([1, 2]), [('test', 'train', [[0, 1]], 1)])
    """
    parts = {part: data[f"X_{part}"] for part in PARTS if data[f"X_{part}"] is not None}
    labels = {part: data[f"y_{part}"] for part in parts}
    classes = data.num_classes
    mean, spread, class_means = _moments(data.X_train, labels["train"], classes)
    return Profile(
        name=data.name,
        counts={part: len(X) for part, X in parts.items()},
        shape=tuple(data.X_train.shape[1:]),
        class_names=data.class_names,
        class_counts=None if classes is None else {part: np.bincount(y, minlength=classes) for part, y in labels.items()},
        mean=mean,
        spread=spread,
        class_means=class_means,
        pixels=_pixels(data.X_train) if data.X_train.dtype == np.uint8 and data.X_train.ndim == 4 else None,
        duplicates=duplicates(parts, labels),
    )


def duplicates(parts: Mapping[str, Examples], labels: Mapping[str, Array]) -> tuple[Duplicates, ...]:
    """Equal rows, by a hash of 128 bits each: every row is paired with the first that is equal, in this order of the parts."""
    first: dict[bytes, tuple[str, int]] = {}
    pairs: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for part, X in parts.items():
        for start, rows in chunks(X):
            flat = np.ascontiguousarray(rows).reshape(len(rows), -1)
            for row, values in enumerate(flat, start):
                other, at = first.setdefault(hashlib.blake2b(values.data, digest_size=16).digest(), (part, row))
                if (other, at) != (part, row):
                    pairs.setdefault((part, other), []).append((row, at))
    found = []
    for (part, other), rows_of in pairs.items():
        rows = np.array(rows_of)
        differ = labels[part][rows[:, 0]] != labels[other][rows[:, 1]]
        found.append(Duplicates(part, other, rows, int(differ.reshape(len(rows), -1).any(axis=1).sum())))
    return tuple(found)


def _moments(X: Examples, y: Array, classes: int | None) -> tuple[Array, Array, Array | None]:
    """Mean and standard deviation of each feature, and the mean example of each class (NaN where a class has none)."""
    shape = X.shape[1:]
    width = int(np.prod(shape))
    by_class = classes is not None and classes * width <= MOST_MEANS
    sums = np.zeros((classes if by_class and classes else 1, width))
    squares, base = np.zeros(width), np.asarray(X[:1], np.float64).reshape(width)  # near the mean: squares stay small
    for start, rows in chunks(X):
        moved = rows.reshape(len(rows), width) - base
        squares += np.einsum("nd,nd->d", moved, moved)
        group = y[start : start + len(rows)] if by_class else np.zeros(len(rows), np.intp)
        members = (group[:, None] == np.arange(len(sums))).astype(np.float64)
        sums += members.T @ moved  # (K, N) @ (N, D) -> (K, D)
    mean = sums.sum(axis=0) / len(X)
    spread = np.sqrt(np.maximum(squares / len(X) - mean**2, 0))
    means = None
    if by_class:
        counts = np.bincount(y, minlength=len(sums))[:, None]
        means = (np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0) + base).reshape(-1, *shape)
    return (mean + base).reshape(shape), spread.reshape(shape), means


def _pixels(X: Examples) -> Array:
    counts = np.zeros((X.shape[1], 256), np.int64)
    for _, rows in chunks(X):
        for channel in range(X.shape[1]):
            counts[channel] += np.bincount(rows[:, channel].ravel(), minlength=256)
    return counts
