"""Images of any layout as red, green and blue bytes, and a few of many."""

from typing import Any

import numpy as np

from layerwise.arrays import Array

MOST_CLASSES = 20  # that are shown one by one
DARK = 64  # bytes that all lie below this are levels or counts; no set of photographs is so dark


def as_rgb(images: Any, *, span: tuple[float, float] | None = None) -> Array:
    """Images (N, C, H, W), (N, H, W) or (N, H, W, C), with 1 or 3 channels, as bytes (N, H, W, 3).

    Bytes are shown as they are and numbers from 0 to 1 as shares of full light. Others are stretched so that the
    smallest of all is black and the largest white, and so are bytes that all stay below 64, such as digits of 17
    levels. `span` sets other ends than those. NaN is black.

    >>> as_rgb(np.array([[[0.0, 0.5, 1.0]]]))[0, 0].tolist()
    [[0, 0, 0], [128, 128, 128], [255, 255, 255]]
    """
    images = np.asarray(images)
    if images.ndim == 3:
        images = images[..., None]
    elif images.ndim == 4 and images.shape[1] in (1, 3):
        images = images.transpose(0, 2, 3, 1)  # (N, C, H, W) -> (N, H, W, C)
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise ValueError(
            f"images have shape {images.shape}, but must be (N, C, H, W), (N, H, W) or (N, H, W, C) with 1 or 3 channels; "
            "reshape flattened ones"
        )
    span = span or span_of(images)
    if images.dtype != np.uint8 or span != (0.0, 255.0):
        images = _bytes(images.astype(np.float64), *span)
    return np.ascontiguousarray(np.broadcast_to(images, (*images.shape[:-1], 3)))


def span_of(images: Any) -> tuple[float, float]:
    """The values to be shown as black and as white, by the rules of `as_rgb`.

    >>> span_of(np.array([3, 200], np.uint8)), span_of(np.array([3, 16], np.uint8)), span_of([0.2, 0.7]), span_of([-1.5, 3.0])
    ((0.0, 255.0), (0.0, 16.0), (0.0, 1.0), (-1.5, 3.0))
    """
    images = np.asarray(images)
    if images.dtype == np.uint8:
        largest = float(images.max(initial=0))
        return 0.0, largest if 0 < largest < DARK else 255.0
    finite = images[np.isfinite(images)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)


def shares(values: Array) -> Array:
    """Values (M, ...) from 0 to 1 over each one's own range along the first axis; one half where it is constant or not finite.

    >>> shares(np.array([[-1.0, 0.0, 3.0], [2.0, 2.0, 2.0]])).tolist()
    [[0.0, 0.25, 1.0], [0.5, 0.5, 0.5]]
    """
    values = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
    flat = values.reshape(len(values), -1)
    result = np.full(flat.shape, 0.5)
    for row, out in zip(flat, result, strict=True):
        known = ~np.isnan(row)
        if known.any() and np.ptp(row[known]):
            out[known] = (row[known] - row[known].min()) / np.ptp(row[known])
    return result.reshape(values.shape)


def evenly(count: int, most: int) -> Array:
    """At most `most` of the indices 0 ... count − 1, evenly spread, with the first and the last.

    >>> evenly(10, 4).tolist(), evenly(2, 4).tolist()
    ([0, 3, 6, 9], [0, 1])
    """
    return np.linspace(0, max(count - 1, 0), min(count, most)).round().astype(np.intp)


def picked(indices: Array, labels: Array, most: int) -> tuple[dict[int, Array], int]:
    """For up to 20 of the classes that the labels (one an index) name, up to `most` of their indices; and how many classes there are."""
    classes = np.unique(labels)
    groups = {int(k): indices[labels == k] for k in classes[evenly(len(classes), MOST_CLASSES)]}
    return {k: group[evenly(len(group), most)] for k, group in groups.items()}, len(classes)


def _bytes(values: Array, low: float, high: float) -> Array:
    scaled = (values - low) / (high - low) if high > low else np.zeros_like(values)
    return (np.nan_to_num(scaled, nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1) * 255).round().astype(np.uint8)
