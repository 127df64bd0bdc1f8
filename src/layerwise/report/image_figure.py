"""Figures made of images: samples of each class, mistakes, weights, reconstructions."""

import math
from collections.abc import Sequence

import numpy as np

from layerwise.arrays import Array
from layerwise.report.label import class_name
from layerwise.report.sheet import gathered, in_rows, matching, sheet
from layerwise.report.style import WEIGHT_COLOURS, Figure, styled
from layerwise.report.tile import MOST_CLASSES, as_rgb, picked, shares, span_of

MOST_TILES = 100


@styled
def sample_grid(images: Array, labels: Array, class_names: Sequence[str] | None = None, per_class: int = 7) -> Figure:
    """Some examples of each class, a row per class, evenly spread over the data; of more than 20 classes, 20 of them.

    images (N, C, H, W), (N, H, W) or (N, H, W, C), also memory-mapped: only what is shown is read. labels (N,).
    """
    labels = matching("sample_grid", images, labels)
    picks, count = picked(np.arange(len(labels)), labels, per_class)
    some = f"{len(picks)} of " if len(picks) < count else ""
    title = f"Examples of {some}{count:,} {'class' if count == 1 else 'classes'}"
    return sheet(gathered(images, picks.values()), title=title, row_names=[class_name(class_names, k) for k in picks])


@styled
def misclassified(images: Array, y: Array, predicted: Array, class_names: Sequence[str] | None = None, per_class: int = 6) -> Figure:
    """Wrong predictions: a row per class that was predicted, and under each image the class that it is."""
    y, predicted = matching("misclassified", images, y), matching("misclassified", images, predicted)
    wrong = np.flatnonzero(y != predicted)
    picks, _ = picked(wrong, predicted[wrong], per_class)
    title = f"{len(wrong):,} of {len(y):,} misclassified" + (": taken for (left), true class (below)" if len(wrong) else "")
    return sheet(
        gathered(images, picks.values()),
        title=title,
        row_names=[class_name(class_names, k) for k in picks],
        captions=[[class_name(class_names, k) for k in y[row]] for row in picks.values()],
    )


@styled
def weight_images(
    w: Array, shape: tuple[int, int, int], class_names: Sequence[str] | None = None, *, title: str = "First-layer weights"
) -> Figure:
    """Columns of w (D, M) as images of shape (C, H, W), each over its own range of values; at most 100 of them.

    Of three channels they are colours; one channel goes from dark blue (the lowest) to yellow (the highest weight). With a
    name for each column (a linear model's classes, up to 20) it stands under the image.
    """
    w = np.asarray(w)
    if w.ndim != 2 or len(shape) != 3 or shape[0] not in (1, 3) or len(w) != math.prod(shape):
        raise ValueError(
            f"weight_images: w has shape {w.shape}, but images of shape {shape} need ({math.prod(shape)}, M) and 1 or 3 channels; "
            "leave out a bias row, and give one member of a population"
        )
    m = min(w.shape[1], MOST_TILES)
    images = shares(w[:, :m].T).reshape(m, *shape)  # (D, M) -> (M, C, H, W)
    if shape[0] == 1:
        images = WEIGHT_COLOURS(images[:, 0])[..., :3].transpose(0, 3, 1, 2)  # (M, H, W) -> (M, 3, H, W)
    tiles = as_rgb(images)
    named = class_names is not None and len(class_names) == w.shape[1] <= MOST_CLASSES
    columns = 5 if named else max(4, math.ceil(math.sqrt(m)))
    captions = [class_name(class_names, k) for k in range(m)] if named else None
    return sheet(
        in_rows(list(tiles), columns),
        title=title if m == w.shape[1] else f"{title}: {m} of {w.shape[1]:,}",
        captions=in_rows(captions, columns) if captions else None,
    )


@styled
def image_pairs(originals: Array, reconstructions: Array, count: int = 10) -> Figure:
    """The first `count` originals, each with its reconstruction below it in the same shades, ten to a band."""
    if len(originals) != len(reconstructions):
        raise ValueError(f"image_pairs: {len(originals)} originals and {len(reconstructions)} reconstructions; each needs its own")
    first = np.asarray(originals[:count])
    upper = in_rows(list(as_rgb(first)), 10)
    lower = in_rows(list(as_rgb(np.asarray(reconstructions[:count]), span=span_of(first))), 10)
    bands = [row for pair in zip(upper, lower, strict=True) for row in pair]
    return sheet(bands, title="Originals above their reconstructions")
