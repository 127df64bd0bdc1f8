"""What people make of a right array on its way out: its transpose, its sign, a row of zeros, a sum in every place."""

from collections.abc import Callable

import numpy as np

from layerwise.arrays import Array


def formed(name: str, a: Array) -> Array | None:
    """The array in this form; None where it has none."""
    with np.errstate(all="ignore"):
        form = FORMS[name](a)
    return form if form is not None and np.isfinite(form).all() else None


def cleared(a: Array, axis: int, place: int) -> Array | None:
    """The array with 0 at one place of an axis."""
    if not -a.ndim <= axis < a.ndim or a.shape[axis] < 2:
        return None
    kept = np.array(a)
    np.moveaxis(kept, axis, 0)[place] = 0
    return kept


def _cleared_matrix(a: Array, axis: int, place: int) -> Array | None:
    return cleared(a, axis, place) if a.ndim <= 2 else None


def _cleared_images(a: Array, axis: int, place: int) -> Array | None:
    return cleared(a, axis, place) if a.ndim == 4 else None


def _only(a: Array, place: int) -> Array | None:
    rest = cleared(a, 0, place)
    return None if rest is None else a - rest


def _inner(a: Array) -> Array | None:
    if a.ndim != 4 or min(a.shape[2:]) < 3:
        return None
    kept = np.zeros_like(a)
    kept[:, :, 1:-1, 1:-1] = a[:, :, 1:-1, 1:-1]
    return kept


def _spread(reduce: Callable[..., Array], a: Array, axis: int) -> Array | None:
    return np.zeros_like(a) + reduce(a, axis=axis, keepdims=True) if a.ndim > 1 and a.shape[axis] > 1 else None


FORMS: dict[str, Callable[[Array], Array | None]] = {
    "the absolute value": lambda a: np.abs(a),
    "the sign": lambda a: np.sign(a),
    "the transpose": lambda a: a.T if a.ndim == 2 and a.shape[0] == a.shape[1] else None,
    "the transpose (height and width swapped)": lambda a: a.swapaxes(2, 3) if a.ndim == 4 and a.shape[2] == a.shape[3] else None,
    "the values in another order: a reshape instead of a transpose": lambda a: a.T.reshape(a.shape) if a.ndim == 2 else None,
    "the values in another order: a transpose instead of a reshape": lambda a: a.reshape(a.shape[::-1]).T if a.ndim == 2 else None,
    "ones": lambda a: np.ones_like(a),
    "0 in the last row": lambda a: _cleared_matrix(a, 0, -1),
    "0 in the first row": lambda a: _cleared_matrix(a, 0, 0),
    "0 in the last column": lambda a: _cleared_matrix(a, -1, -1),
    "0 in the first column": lambda a: _cleared_matrix(a, -1, 0),
    "0 for the last example or filter": lambda a: _cleared_images(a, 0, -1),
    "0 for the first example or filter": lambda a: _cleared_images(a, 0, 0),
    "0 in the last channel": lambda a: _cleared_images(a, 1, -1),
    "0 in the first channel": lambda a: _cleared_images(a, 1, 0),
    "0 in the last row of each image": lambda a: _cleared_images(a, 2, -1),
    "0 in the last column of each image": lambda a: _cleared_images(a, 3, -1),
    "0 in the first row of each image": lambda a: _cleared_images(a, 2, 0),
    "0 in the first column of each image": lambda a: _cleared_images(a, 3, 0),
    "only the first row": lambda a: _only(a, 0),
    "only the last row": lambda a: _only(a, -1),
    "0 where it is negative": lambda a: np.maximum(a, 0),
    "0 where it is positive": lambda a: np.minimum(a, 0),
    "the order of the rows reversed": lambda a: a[::-1] if a.ndim else None,
    "the order of the columns reversed": lambda a: a[..., ::-1] if a.ndim > 1 else None,
    "the square": lambda a: a**2,
    "the root of the absolute value": lambda a: np.sqrt(np.abs(a)),
    "whole numbers: it is truncated in an array of integers": lambda a: np.trunc(a) if np.abs(a).max(initial=0) >= 1 else None,
    "0 at the border of the image": lambda a: _inner(a),
    "its sum in every place": lambda a: np.full_like(a, a.sum()) if a.size > 1 else None,
    "its mean in every place": lambda a: np.full_like(a, a.mean()) if a.size > 1 else None,
    "its mean over the batch in every row": lambda a: _spread(np.mean, a, 0),
    "its sum over the batch in every row": lambda a: _spread(np.sum, a, 0),
    "each row's sum in all its columns": lambda a: _spread(np.sum, a, 1),
    "each row's mean in all its columns": lambda a: _spread(np.mean, a, 1),
    "each row less its mean": lambda a: a - a.mean(axis=1, keepdims=True) if a.ndim == 2 and a.shape[1] > 1 else None,
    "its rows normalised to length 1": lambda a: a / np.linalg.norm(a, axis=-1, keepdims=True) if a.ndim > 1 else None,
    "the whole normalised to length 1": lambda a: a / np.linalg.norm(a) if a.size > 1 else None,
    "the value clipped to −1 .. 1": lambda a: np.clip(a, -1, 1) if np.abs(a).max(initial=0) > 1 else None,
}
