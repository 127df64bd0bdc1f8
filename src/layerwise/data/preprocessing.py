"""Transforms in a row, fitted together and fused, so that a batch is read once and written once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.rows import Examples
from layerwise.data.transform import TRANSFORMS, Affine, BiasColumn, Flatten, Transform, transform_from
from layerwise.errors import look_up


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """Fitted transforms, applied in order to every batch.

    All affine ones together are one (x - center) * factor; a bias column comes last, as nothing may change its ones.

    >>> images = np.full((2, 1, 2, 2), 255, np.uint8)
    >>> Preprocessing.fit(["scale", "flatten", "bias_column"], images).apply(images)
    array([[1., 1., 1., 1., 1.],
           [1., 1., 1., 1., 1.]], dtype=float32)
    """

    transforms: tuple[Transform, ...] = ()

    def __post_init__(self) -> None:
        if any(isinstance(t, BiasColumn) for t in self.transforms[:-1]):
            raise ValueError("bias_column must be the last transform: what comes after it would change its ones")

    @classmethod
    def fit(cls, transforms: Iterable[str | Transform], X: Examples) -> Preprocessing:
        """Each transform, by name or as an object, fitted on what those before it made of X (read in pieces, in float64)."""
        fitted = cls()
        for transform in transforms:
            if isinstance(transform, str):
                transform = look_up(TRANSFORMS, transform, "transform")()
            seen = X if not fitted.transforms else _Through(X, fitted)
            fitted = cls((*fitted.transforms, transform.fit(seen)))
        fitted.output_shape(X.shape)
        return fitted

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape that apply makes of raw examples of this shape."""
        if any(isinstance(t, Flatten) for t in self.transforms):
            shape = (shape[0], math.prod(shape[1:]))
        if self._bias is None:
            return shape
        if len(shape) != 2:
            self._bias.apply(np.empty(shape[:1] + (1,) * (len(shape) - 1)))  # says what is wrong
        return (shape[0], shape[1] + 1)

    def apply(self, raw: Array, dtype: Any = np.float32, out: Array | None = None) -> Array:
        """Raw examples -> a batch of floats, in C order; into `out` where given, which an earlier call made."""
        out = np.zeros(self.output_shape(raw.shape), dtype) if out is None else out
        rows = out.reshape(len(out), math.prod(out.shape[1:]))
        features = rows if self._bias is None else rows[:, self._bias.features]
        self._affine_into(raw.reshape(features.shape), features, rows)
        if self._bias is not None:
            rows[:, self._bias.column] = 1
        return out

    def invert(self, batch: Array) -> Array:
        """What apply was given, as floats: for showing images."""
        for transform in reversed(self.transforms):
            batch = transform.invert(batch)
        return batch

    def config(self) -> dict[str, Any]:
        return {"transforms": [t.config() for t in self.transforms]}

    def arrays(self) -> dict[str, Array]:
        return {f"{i}.{name}": a for i, t in enumerate(self.transforms) for name, a in t.arrays().items()}

    @classmethod
    def load(cls, config: Mapping[str, Any], arrays: Mapping[str, Array]) -> Preprocessing:
        """The preprocessing whose config() and arrays() these are."""
        owned: list[dict[str, Array]] = [{} for _ in config["transforms"]]
        for key, a in arrays.items():
            i, _, name = key.partition(".")
            if not i.isdecimal() or int(i) >= len(owned):
                raise ValueError(f'preprocessing: an array "{key}" belongs to none of the {len(owned)} transforms')
            owned[int(i)][name] = a
        return cls(tuple(transform_from(c, a) for c, a in zip(config["transforms"], owned, strict=True)))

    @cached_property
    def _bias(self) -> BiasColumn | None:
        last = self.transforms[-1] if self.transforms else None
        return last if isinstance(last, BiasColumn) else None

    @cached_property
    def _fused(self) -> tuple[Any, Any]:
        """center and factor of all affine transforms together, in float64: numbers, or (D,)."""
        center: Any = 0.0
        factor: Any = 1.0
        for transform in self.transforms:
            if isinstance(transform, Affine):
                next_center, next_factor = (np.ravel(v) if np.ndim(v) else v for v in transform.affine())
                center = center + next_center / factor
                factor = factor * next_factor
        return center, factor

    @cached_property
    def _constants(self) -> dict[Any, tuple[Any, Any, Any, Any]]:
        return {}

    def _affine_into(self, raw: Array, features: Array, rows: Array) -> None:
        """raw (N, D) -> features (N, D), which is rows, or a part of it beside the bias column (to be written later)."""
        small = raw.dtype == np.uint8
        working = features.dtype if small else np.result_type(raw, features)
        if working not in self._constants:
            center, factor = self._fused
            values = (center, factor, self._padded(factor), self._padded(center * factor))
            self._constants[working] = tuple(np.asarray(v, working)[()] for v in values)  # type: ignore[assignment]  # four of four
        center, factor, row_factor, row_shift = self._constants[working]
        fitted_on = max(np.size(center), np.size(factor))
        if fitted_on not in (1, raw.shape[1]):
            raise ValueError(f"preprocessing was fitted on {fitted_on} features, but the examples have {raw.shape[1]}")
        moves = np.ndim(center) or center
        if not small:  # subtract first: large values with little spread keep their digits
            np.multiply(raw - center if moves else raw, factor, out=features, casting="same_kind")
            return
        scales = np.ndim(factor) or factor != 1
        if scales and features is rows and not np.ndim(factor):
            np.multiply(raw, factor, out=rows)
        else:  # whole rows in place: faster than mixed types against a row, or than rows with a gap
            np.copyto(features, raw)
            if scales:
                rows *= row_factor
        if moves:
            rows -= row_shift

    def _padded(self, value: Any) -> Any:
        """One value per entry of a row: with one for the bias column, if there is one."""
        return np.insert(value, 0 if self._bias.column == 0 else len(value), 0) if self._bias is not None and np.ndim(value) else value


class _Through:
    """A set as the transforms before see it: enough of an array for `chunks`."""

    dtype = np.dtype(np.float64)

    def __init__(self, X: Examples, preprocessing: Preprocessing) -> None:
        self.X, self.preprocessing = X, preprocessing
        self.shape = preprocessing.output_shape(X.shape)

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, rows: slice) -> Array:
        return self.preprocessing.apply(np.asarray(self.X[rows]), np.float64)
