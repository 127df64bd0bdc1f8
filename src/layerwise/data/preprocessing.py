"""Transforms in a row, fitted together; those that can be are fused."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.fused import Fused
from layerwise.data.pca import PCA
from layerwise.data.rows import Examples
from layerwise.data.transform import Affine, BiasColumn, Transform
from layerwise.data.transform_table import TRANSFORMS, transform_from
from layerwise.errors import look_up


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """Fitted transforms, applied in order to every batch.

    Affine ones that follow each other are one (x - center) * factor; a bias column comes last, as nothing may change
    its ones.

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
        for transform in self.transforms:
            shape = transform.output_shape(shape)
        return shape

    def apply(self, raw: Array, dtype: Any = np.float32, out: Array | None = None) -> Array:
        """Raw examples -> a batch of floats, in C order; into `out` where given, which an earlier call made."""
        out = np.zeros(self.output_shape(raw.shape), dtype) if out is None else out
        rows = out.reshape(len(out), math.prod(out.shape[1:]))
        raw = raw.reshape(len(raw), math.prod(raw.shape[1:]))
        projected, last = self._stages
        for fused, projection in projected:
            moved = np.empty(raw.shape, out.dtype)
            fused.write(raw, moved)
            raw = projection.apply(moved)
        last.write(raw, rows)
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
    def _stages(self) -> tuple[list[tuple[Fused, PCA]], Fused]:
        """The affine transforms up to each projection, and it; and those that come after all projections."""
        stages: list[tuple[Fused, PCA]] = []
        affine: list[Affine] = []
        for transform in self.transforms:
            if isinstance(transform, Affine):
                affine.append(transform)
            elif isinstance(transform, PCA):
                stages.append((Fused(affine), transform))
                affine = []
        return stages, Fused(affine, self._bias)


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
