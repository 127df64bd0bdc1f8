"""A data set: a training, a validation and a test part, checked once, where it is taken in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.augmentation import Augmentation, augmentations
from layerwise.data.column import Column, Table
from layerwise.data.frame import handed_in
from layerwise.data.preprocessing import Preprocessing
from layerwise.data.rows import Examples, Rows, chunks, select
from layerwise.data.split import split_parts
from layerwise.data.transform import Scale, Transform
from layerwise.errors import DataError, did_you_mean

ARRAYS = ("X_train", "y_train", "X_val", "y_val", "X_test", "y_test")


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Six arrays, of which only X_train and y_train must be there, and what is known of them.

    X is (N, D), or images (N, C, H, W), uint8 as long as no batch is taken. Integer y are classes, one of class_names
    each; floating y are targets. `preprocessing` is applied per batch by whoever takes batches. Unpacks to a plain
    dict of the six arrays.

    >>> data = Dataset(np.zeros((4, 2)), np.array([0, 1, 1, 0]))
    >>> data.num_classes, data.class_names, {**data}["X_val"]
    (2, ('0', '1'), None)
    """

    X_train: Examples
    y_train: Array
    X_val: Examples | None = None
    y_val: Array | None = None
    X_test: Examples | None = None
    y_test: Array | None = None
    class_names: tuple[str, ...] | None = None
    licence: str = ""
    source: str = ""
    name: str = "data"
    full_scale: float | None = None  # the value of white; None where the features are not pixels
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    columns: tuple[Column, ...] | None = None  # of the table that the features come from
    augmentation: tuple[Augmentation, ...] = ()  # of training images, batch by batch
    notes: tuple[str, ...] = ()  # what a user should know of the reading: files left out, images stretched

    def __post_init__(self) -> None:
        for part in ("train", "val", "test"):
            X, y = getattr(self, f"X_{part}"), getattr(self, f"y_{part}")
            if X is not None or y is not None or part == "train":
                X, y = _checked(part, X, y)
                object.__setattr__(self, f"X_{part}", X)
                object.__setattr__(self, f"y_{part}", y)
        self._check_together()
        if self.full_scale is None and self.X_train.dtype == np.uint8:
            object.__setattr__(self, "full_scale", 255.0)

    @property
    def num_classes(self) -> int | None:
        """How many classes there are; None where y are targets."""
        return None if self.class_names is None else len(self.class_names)

    def keys(self) -> tuple[str, ...]:
        return ARRAYS

    def __getitem__(self, name: str) -> Any:
        if name not in ARRAYS:
            raise KeyError(f'"{name}".{did_you_mean(name, ARRAYS)}')
        return getattr(self, name)

    def __iter__(self) -> Iterator[str]:
        return iter(ARRAYS)

    def __len__(self) -> int:
        return len(ARRAYS)

    def with_preprocessing(self, *transforms: str | Transform) -> Dataset:
        """This data with these transforms, fitted in order on the training part, in place of any it had.

        "scale" divides by full_scale; "center" and "standardize" come after it if they are to see what it made.
        """
        named = [Scale(self.full_scale) if t == "scale" else t for t in transforms]
        return replace(self, preprocessing=Preprocessing.fit(named, self.X_train))

    def with_augmentation(self, *chosen: str | Augmentation) -> Dataset:
        """This data with these random changes of training images, made afresh in each batch, in place of any it had.

        Names take the defaults: "flip", "shift", "crop"; RandomShift(4) and the like take others.
        """
        return replace(self, augmentation=augmentations(chosen, self.X_train.shape[1:]))

    def with_features(self, function: Callable[[Examples], Any]) -> Dataset:
        """This data with function(X), one row for each example, in place of the X of each part: such as features of images.

        What is known of the old X alone, such as its preprocessing and augmentation, is dropped.

        >>> data = Dataset(np.zeros((4, 3, 8, 8), np.uint8), np.array([0, 1, 1, 0]))
        >>> data.with_features(lambda X: np.asarray(X).mean(axis=(2, 3))).X_train.shape
        (4, 3)
        """
        found = {f"X_{part}": function(X) for part in ("train", "val", "test") if (X := self[f"X_{part}"]) is not None}
        return replace(self, **found, full_scale=None, preprocessing=Preprocessing(), columns=None, augmentation=())

    def subset(self, *, num_train: int | None = None, num_val: int | None = None, num_test: int | None = None) -> Dataset:
        """The first rows of each part, None for all of it; the preprocessing is fitted again if the training part shrinks."""
        changes: dict[str, Any] = {}
        for part, count in (("train", num_train), ("val", num_val), ("test", num_test)):
            if count is None:
                continue
            X, y = self[f"X_{part}"], self[f"y_{part}"]
            have = 0 if X is None else len(X)
            if not 0 < count <= have:
                raise ValueError(f"{self.name}: num_{part}={count}, but the part has {have} examples: give 1 to {have}")
            changes |= {f"X_{part}": X[:count], f"y_{part}": y[:count]}
        smaller = replace(self, **changes)
        if num_train is None or not self.preprocessing.transforms:
            return smaller
        return smaller.with_preprocessing(*self.preprocessing.transforms)

    @classmethod
    def from_arrays(
        cls,
        X: Any,
        y: Any = None,
        *,
        validation: int | float = 0.1,
        test: int | float = 0,
        split: str | None = None,
        seed: Any = 0,
        class_names: Sequence[str] | None = None,
        **known: Any,
    ) -> Dataset:
        """Your own arrays, split into parts: a count, a share as a float, or 0 for no such part.

        X and y are arrays, lists, pandas frames and series, or torch tensors; X may be a scikit-learn Bunch, or a frame
        with y the name of its label column. A frame's texts and categories become one-hot features, as a CSV file's do.

        Labels may be of any kind: texts, or whole numbers with gaps, become classes in sorted order. split
        is "stratified" (each class's share is kept in every part: the default for classes), "random" (the default for
        targets) or "last" (the last rows). `known` are further fields, such as name, licence and full_scale.
        """
        X, y, names = handed_in(X, y)
        class_names = names if class_names is None else class_names
        table = X if isinstance(X, Table) else None
        X = _array(X if table is None else table.X)
        if len(X) != len(y):
            raise DataError(f"X has {len(X)} examples, but y has {len(y)} labels")
        if class_names is None and (y.dtype.kind in "iubUST"):
            found, numbers = np.unique(_column(y), return_inverse=True)
            class_names, y = [str(name) for name in found.tolist()], numbers.astype(np.int64)
        split = split or ("random" if class_names is None else "stratified")
        parts = split_parts(y, validation, test, np.random.default_rng(seed), split=split, class_names=class_names)
        if table is not None:
            filled = table.fill(parts["train"])
            X, known = filled.X, {"columns": filled.columns, "notes": table.notes, **known}
        arrays: dict[str, Any] = {f"X_{part}": select(X, index) for part, index in parts.items()}
        arrays |= {f"y_{part}": y[index] for part, index in parts.items()}
        return cls(**arrays, class_names=None if class_names is None else tuple(class_names), **known)

    def __repr__(self) -> str:
        kind = f"{self.num_classes} classes" if self.num_classes else "targets"
        lines = [f"Dataset {self.name}: {kind}, {' -> '.join(t.kind for t in self.preprocessing.transforms) or 'no preprocessing'}"]
        for part in ("train", "val", "test"):
            X, y = self[f"X_{part}"], self[f"y_{part}"]
            lines.append(f"  {part:5} " + ("none" if X is None else f"X {X.shape} {X.dtype}, y {y.shape} {y.dtype}"))
        return "\n".join(lines)

    def _check_together(self) -> None:
        labels = {part: y for part in ("train", "val", "test") if (y := self[f"y_{part}"]) is not None}
        for part, y in labels.items():
            if self[f"X_{part}"].shape[1:] != self.X_train.shape[1:] or y.dtype.kind != self.y_train.dtype.kind:
                raise DataError(
                    f"{self.name}: X_{part} has examples of shape {self[f'X_{part}'].shape[1:]} with {y.dtype} labels, "
                    f"but X_train has {self.X_train.shape[1:]} with {self.y_train.dtype}"
                )
        if self.y_train.dtype.kind == "f":
            if self.class_names is not None:
                raise DataError(f"{self.name}: y is {self.y_train.dtype}, but class_names are given: classes need whole numbers")
            return
        if self.class_names is None:
            object.__setattr__(self, "class_names", tuple(str(k) for k in range(1 + max(int(y.max()) for y in labels.values()))))
        object.__setattr__(self, "class_names", tuple(self.class_names or ()))
        for part, y in labels.items():
            wrong = (y < 0) | (y >= len(self.class_names or ()))
            if wrong.any():
                row = int(np.argmax(wrong))
                raise DataError(
                    f"{self.name}: y_{part} is {y[row]} in row {row}, but the classes are 0 to {len(self.class_names or ()) - 1}"
                )


def _checked(part: str, X: Any, y: Any) -> tuple[Examples, Array]:
    if X is None or y is None:
        raise DataError(f"{'X' if X is None else 'y'}_{part} is missing: a part needs both X_{part} and y_{part}")
    X, y = _array(X), np.asarray(y)
    if X.dtype.kind not in "uifb" or X.ndim < 2:
        raise DataError(f"X_{part} is {X.dtype} of shape {X.shape}, but must be numbers (N, D), or images (N, C, H, W)")
    if not len(X) or 0 in X.shape:
        raise DataError(f"X_{part} has shape {X.shape}: there is nothing in it")
    if y.dtype.kind == "b" or y.dtype.kind in "iu":
        y = _column(y).astype(np.int64)
    elif y.dtype.kind != "f":
        raise DataError(f"y_{part} is {y.dtype}, but must be class numbers from 0, or floats. Dataset.from_arrays numbers texts.")
    if y.ndim < 1 or len(y) != len(X):
        raise DataError(f"X_{part} has {len(X)} examples, but y_{part} has shape {y.shape}")
    _check_finite(f"X_{part}", X)
    _check_finite(f"y_{part}", y)
    return X, y


def _array(X: Any) -> Examples:
    return X if isinstance(X, Rows) else np.asarray(X)


def _column(y: Array) -> Array:
    """(N,) as it is, (N, 1) as (N,)."""
    if y.ndim == 2 and y.shape[1] == 1:
        return y[:, 0]
    if y.ndim != 1:
        raise DataError(f"labels of shape {y.shape} are not one class per example (N,). For one-hot rows, use y.argmax(axis=1).")
    return y


def _check_finite(name: str, X: Examples) -> None:
    if X.dtype.kind != "f":
        return
    for start, rows in chunks(X):
        finite = np.isfinite(rows)
        if not finite.all():
            row, *column = (int(i) for i in np.argwhere(~finite)[0])
            place = f", column {column[0] if len(column) == 1 else tuple(column)}" if column else ""
            raise DataError(f"{name} is {rows[(row, *column)]} in row {start + row}{place}. Remove such rows, or fill in a number.")
