"""Features of a whole set: several side by side, the package's in pieces, a learner's own image by image."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import look_up
from layerwise.features.layout import channels_first, check_layout
from layerwise.features.table import FEATURES

PIECE = 1000  # images between two reports of progress
Progress = Callable[[int, int], None]  # (images done, of how many)


def extract_features(
    images: Any,
    functions: Iterable[str | Callable[..., Any]],
    *,
    layout: str = "NCHW",
    dtype: Any = np.float64,
    verbose: bool | Progress = False,
) -> Array:
    """Each image as one row of numbers (N, F), what the functions give side by side.

    A function is a name of FEATURES, one of this room (or a partial of it, for its options), or your own, which is
    given one image at a time, in float64, as (H, W, 3) or (H, W), and gives a vector. images may be rows of an array
    that is mapped from a file: so much is read as is needed next. With verbose a line is printed for each tenth; a function
    instead is called with (images done, of how many) every thousand.

    >>> images = np.random.default_rng(0).integers(0, 256, (5, 3, 32, 32), dtype=np.uint8)
    >>> from functools import partial
    >>> from layerwise.features import hue_histogram
    >>> extract_features(images, ["course_hog", partial(hue_histogram, nbin=25), lambda image: image.mean(axis=(0, 1))]).shape
    (5, 172)
    """
    check_layout("extract_features", images, layout)
    if "N" not in layout:
        raise ValueError(f'extract_features: layout "{layout}" is of one image: call the feature itself, or give many')
    chosen = [look_up(FEATURES, f, "feature") if isinstance(f, str) else f for f in _listed(functions)]
    for function in chosen:
        if not callable(function):
            raise TypeError(
                f"extract_features: {function!r} is neither a feature's name nor a function. Known: {', '.join(sorted(FEATURES))}."
            )
    if not chosen:
        raise ValueError(f"extract_features: no feature is named. Known: {', '.join(sorted(FEATURES))}.")
    count = len(images)
    report = _lines if verbose is True else verbose or None
    found: Array | None = None
    for start in range(0, count, PIECE):
        piece = np.asarray(images[start : start + PIECE])
        rows = np.concatenate(
            [f(piece, layout=layout) if _ours(f) else _one_by_one(f, piece, layout, start) for f in chosen],
            axis=1,
        )
        if found is None:
            found = np.empty((count, rows.shape[1]), dtype)
        elif rows.shape[1] != found.shape[1]:
            raise ValueError(
                f"extract_features: images from {start} on have {rows.shape[1]} features, but those before have {found.shape[1]}"
            )
        found[start : start + PIECE] = rows
        if report:
            report(min(start + PIECE, count), count)
    return np.empty((0, 0), dtype) if found is None else found


def _listed(functions: Any) -> list[Any]:
    return [functions] if isinstance(functions, str) or callable(functions) else list(functions)


def _ours(function: Any) -> bool:
    """Whether it takes many images at once: a feature of this room, or a partial of one."""
    return (function.func if isinstance(function, partial) else function) in FEATURES.values()


def _one_by_one(function: Callable[[Array], Any], piece: Array, layout: str, start: int) -> Array:
    """A learner's function over images (H, W, 3), or (H, W) of one channel."""
    name = getattr(function, "__name__", type(function).__name__)
    rows: list[Array] = []
    for number, image in enumerate(channels_first(piece, layout), start):
        try:
            found = np.asarray(function(image.transpose(1, 2, 0).astype(np.float64).squeeze(*([2] if len(image) == 1 else []))))
        except Exception as error:
            error.add_note(f"extract_features: {name} was given image {number}")
            raise
        if found.ndim != 1 or found.dtype.kind not in "uifb":
            raise ValueError(
                f"extract_features: {name} gave {found.dtype} of shape {found.shape} for image {number}, "
                "but must give a vector of numbers (F,). Use np.ravel."
            )
        if rows and len(found) != len(rows[0]):
            raise ValueError(
                f"extract_features: {name} gave {len(found)} numbers for image {number}, but {len(rows[0])} for image {start}: "
                "every image needs as many"
            )
        rows.append(found)
    return np.stack(rows)


def _lines(done: int, count: int) -> None:
    """A line for each tenth."""
    if 10 * done // count > 10 * (done - PIECE) // count or done == count:
        print(f"features of {done:,} of {count:,} images", flush=True)
