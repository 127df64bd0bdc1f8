"""The checks that ops share: dtypes first, then shapes, each refusal a sentence that names the likely fix."""

from typing import Any

import numpy as np

from layerwise.arrays import Array


def floating(x: Any) -> Array:
    """x as an array of floats: floats as they are, anything else (pixels, counts, booleans) in float64."""
    x = np.asarray(x)
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def like(x: Array, *parameters: Any) -> list[Array]:
    """Parameters in x's dtype; those that have it already pass through untouched."""
    return [np.asarray(parameter, x.dtype) for parameter in parameters]


def labels_for(x: Array, y: Any, op: str) -> Array:
    """y (N,) or (..., N), checked against scores x (..., N, K): integers, as many as there are rows, each in 0 .. K - 1."""
    y = np.asarray(y)
    n, k = x.shape[-2:]
    if y.dtype.kind not in "iu":
        raise TypeError(
            f"{op}: labels must be integers 0 .. {k - 1}, but y has dtype {y.dtype}. Convert class names to numbers, or call y.astype(int)."
        )
    if y.shape not in ((n,), x.shape[:-1]):
        raise ValueError(f"{op}: y has shape {y.shape}, but scores {x.shape} need one label per row: ({n},).{column_hint(y, n)}")
    if y.min() < 0 or y.max() >= k:
        worst = y.min() if y.min() < 0 else y.max()
        raise ValueError(
            f"{op}: label {worst} is outside 0 .. {k - 1}, the {k} classes of scores {x.shape}. Renumber the labels, or build the net with more classes."
        )
    return y


def column_hint(y: Array, n: int) -> str:
    return " Drop the second axis: y.ravel()." if y.shape == (n, 1) else ""


def rows_needed(x: Array, op: str) -> None:
    """Refuse what is not (..., N, K), and a batch of no examples: a mean over none is not a number."""
    if x.ndim < 2:
        raise ValueError(f"{op}: x has shape {x.shape}, but one row per example is needed, (N, K). For a single example use x[None].")
    if not x.shape[-2]:
        raise ValueError(f"{op}: x has shape {x.shape}: a mean over no examples is undefined. Give at least one row.")
