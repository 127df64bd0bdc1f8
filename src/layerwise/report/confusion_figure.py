"""Which classes are taken for which."""

import math
from collections.abc import Sequence

import numpy as np

from layerwise.arrays import Array
from layerwise.report.label import class_name
from layerwise.report.style import (
    LINE,
    SHARE_COLOURS,
    WIDTH,
    Figure,
    PowerNorm,
    panels,
    set_title,
    shortened,
    styled,
    width_of,
)
from layerwise.report.tile import MOST_CLASSES


@styled
def confusion_figure(matrix: Array, class_names: Sequence[str] | None = None) -> Figure:
    """Counts (K, K), row = true class, column = predicted, coloured by their share of the row; counts stand in up to 20 classes."""
    matrix = np.asarray(matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not len(matrix):
        raise ValueError(f"confusion_figure: the matrix has shape {matrix.shape}, but must be (K, K) with a row and a column per class")
    k = len(matrix)
    counted = k <= MOST_CLASSES
    names = [shortened(class_name(class_names, i), min(max(WIDTH - 0.42 - 0.12 * k, 0.45), 0.9)) for i in range(k)]
    widest = max(map(width_of, names))
    cell = (WIDTH - widest - 0.42) / k
    upright = widest > 0.9 * cell  # names below the columns stand on end
    figure, (axes,) = panels(k * cell + (widest if upright else LINE) + (0.62 if counted else 1.05), 1)
    totals = matrix.sum(1, keepdims=True)
    colours = np.divide(matrix, totals, where=totals > 0, out=np.zeros(matrix.shape))
    picture = axes.imshow(colours, cmap=SHARE_COLOURS, norm=PowerNorm(0.5, 0.0, 1.0), interpolation="none")
    step = 1 if counted else math.ceil(0.12 / cell)
    named = range(0, k, step)
    axes.set_xticks(named, names[::step], rotation=90 if upright else 0)
    axes.set_yticks(named, names[::step])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.grid(False)
    axes.set(xlabel="predicted (colour: share of row)" if counted else "predicted", ylabel="true class")
    texts = [f"{count:.10g}" for count in matrix.ravel()] if counted else []
    size = min([9.0, *(9.0 * 0.86 * cell / width_of(text, 9.0) for text in texts)])
    if size >= 2.5:
        for at, text in enumerate(texts):
            row, column = divmod(at, k)
            colour = "#BBBBBB" if text == "0" else "white" if colours[row, column] > 0.3 else "black"
            axes.text(column, row, text, ha="center", va="center_baseline", fontsize=size, color=colour, in_layout=False)
    if not counted:
        figure.colorbar(picture, ax=axes, orientation="horizontal", ticks=[0, 0.1, 0.25, 0.5, 1], label="share of the row", aspect=30)
    set_title(figure, f"Confusion: {matrix.trace():,.10g} of {matrix.sum():,.10g} right")
    return figure
