"""Accuracy over two settings at once: contours, dots, cells."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.report.axis import equality, keep_few, known_figures, say_nothing_recorded, set_scale
from layerwise.report.label import number, printable
from layerwise.report.style import (
    GREY,
    ORANGE,
    VALUE_COLOURS,
    WIDTH,
    Figure,
    MaxNLocator,
    Rectangle,
    panels,
    set_title,
    shortened,
    styled,
    width_of,
)


@styled
def landscape(xs: Array, ys: Array, z: Array, *, xlabel: str, ylabel: str, colour: str = "accuracy", log: bool = False) -> Figure:
    """Filled contours of z, where z[i, j] belongs to ys[i] and xs[j]; cells that are not finite are crossed out."""
    xs, ys = np.asarray(xs, np.float64), np.asarray(ys, np.float64)
    z = known_figures(z, (len(ys), len(xs)), "landscape")[np.ix_(ys.argsort(), xs.argsort())]
    xs, ys = np.sort(xs), np.sort(ys)
    figure, (axes,) = panels(2.7, 1)
    points = np.tile(xs, len(ys)), ys.repeat(len(xs)), z.ravel()
    if min(z.shape) >= 2 and np.isfinite(z).sum() >= 4 and np.nanmin(z) < np.nanmax(z):
        picture = axes.contourf(xs, ys, np.ma.masked_invalid(z), levels=MaxNLocator(12).tick_values(np.nanmin(z), np.nanmax(z)))
        picture.set_edgecolor("face")  # else a hair's breadth of paper shows between two bands
        _crosses(axes, points)
        figure.colorbar(picture, ax=axes, label=printable(colour))
    else:
        _points(figure, axes, points, colour)
    _mark_best(figure, axes, points, (xlabel, ylabel, colour))
    for axis, values in ((axes.xaxis, xs), (axes.yaxis, ys)):
        set_scale(axis, values, log)
    return figure


@styled
def scatter_landscape(rows: Iterable[Mapping[str, Any]], x: str, y: str, colour: str) -> Figure:
    """A dot for each row at its settings x and y, coloured by what was measured; both axes are logarithmic, with room for 0.

    A row without a finite figure is a cross. An axis whose values span less than a decade is linear.
    """
    rows = list(rows)
    xs, ys, z = (_column(rows, name) for name in (x, y, colour))
    figure, (axes,) = panels(2.7, 1)
    _points(figure, axes, (xs, ys, z), colour)
    _mark_best(figure, axes, (xs, ys, z), (x, y, colour))
    for axis, values in ((axes.xaxis, xs), (axes.yaxis, ys)):
        set_scale(axis, values, log=True)
    return figure


@styled
def scatter_pair(
    rows: Iterable[Mapping[str, Any]], x: str, y: str, *, train: str = "training accuracy", val: str = "validation accuracy"
) -> Figure:
    """Training and validation figures side by side over two settings, a dot for each row, in the same colours; the ring is the row
    with the highest validation figure. Rows, axes and crosses are as in `scatter_landscape`."""
    rows = list(rows)
    xs, ys, *figures = (_column(rows, name) for name in (x, y, train, val))
    figure, both = panels(2.7, 2, beside=True)
    known = np.concatenate(figures)[np.isfinite(np.concatenate(figures))]
    limits = (known.min(), known.max()) if known.size else (0.0, 1.0)
    for axes, z, name in zip(both, figures, (train, val), strict=True):
        picture = _dots(axes, (xs, ys, z), limits)
        axes.set_title(printable(name), fontsize=8)
        axes.set_xlabel(printable(x))
    both[0].set_ylabel(printable(y))
    if picture is not None:
        figure.colorbar(picture, ax=both, orientation="horizontal", aspect=40)
    for axes in both:
        for axis, values in ((axes.xaxis, xs), (axes.yaxis, ys)):
            set_scale(axis, values, log=True)
        keep_few(axes.xaxis, 2)
    _name_best(figure, both[1], (xs, ys, figures[1]), (x, y, val))
    return figure


@styled
def heat_map(
    xs: Sequence[Any], ys: Sequence[Any], z: Array, *, xlabel: str, ylabel: str, colour: str = "accuracy", form: str = ".3f"
) -> Figure:
    """A cell for each pair of settings with its figure written in it: z[i, j] belongs to ys[i] and xs[j], which may be numbers or names.

    The highest is framed; a cell that is not finite is crossed out.
    """
    z = known_figures(z, (len(ys), len(xs)), "heat_map")
    columns, rows = ([value if isinstance(value, str) else number(value) for value in values] for values in (xs, ys))
    height = max(1.6, min(6.0, 0.9 + 0.24 * len(ys)))
    figure, (axes,) = panels(height, 1)
    set_title(figure, f"No finite {printable(colour)}")
    axes.set(xlabel=printable(xlabel), ylabel=printable(ylabel))
    axes.grid(False)
    if not np.isfinite(z).any():
        say_nothing_recorded(axes)
        return figure
    picture = axes.imshow(np.ma.masked_invalid(z), cmap=VALUE_COLOURS, aspect="auto", interpolation="none")
    figure.colorbar(picture, ax=axes, label=printable(colour))
    room = (WIDTH - 1.5) / len(xs)
    texts = [format(value, form) if np.isfinite(value) else "×" for value in z.ravel()]
    if max(map(width_of, texts)) <= room:
        for at, (text, value) in enumerate(zip(texts, z.ravel(), strict=True)):
            light = np.isfinite(value) and picture.norm(value) < 0.6
            row, column = divmod(at, len(xs))
            axes.text(column, row, text, ha="center", va="center", color="white" if light else "black", in_layout=False)
    else:
        _crosses(axes, (np.tile(np.arange(len(xs)), len(ys)), np.arange(len(ys)).repeat(len(xs)), z.ravel()))
    upright = max(width_of(shortened(text, 0.8)) for text in columns) > 0.95 * room
    axes.set_xticks(range(len(xs)), [shortened(text, 0.8) for text in columns], rotation=90 if upright else 0)
    axes.set_yticks(range(len(ys)), [shortened(text, 0.8) for text in rows])
    axes.tick_params(length=0)
    i, j = divmod(int(np.nanargmax(z)), len(xs))
    axes.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, edgecolor=ORANGE, linewidth=1.6, clip_on=False))
    set_title(figure, f"Highest {printable(colour)} {number(z[i, j])} at {_named(xlabel, columns[j])}, {_named(ylabel, rows[i])}")
    return figure


def _named(name: str, value: str) -> str:
    return f"{printable(name)}\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{printable(value)}"


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> Array:
    """What the rows hold under a name, NaN where that is nothing finite."""
    values = np.array([np.nan if row.get(name) is None else row[name] for row in rows], np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _points(figure: Figure, axes: Any, points: tuple[Array, Array, Array], colour: str) -> None:
    picture = _dots(axes, points)
    if picture is not None:
        figure.colorbar(picture, ax=axes, label=printable(colour))


def _dots(axes: Any, points: tuple[Array, Array, Array], limits: tuple[float, float] | tuple[None, None] = (None, None)) -> Any:
    """A dot for each known figure, coloured between the limits, a cross for each other; None where no figure is known."""
    xs, ys, z = points
    known = ~np.isnan(z)
    _crosses(axes, points)
    if not known.any():
        return None
    look = {"s": 26, "edgecolors": "white", "linewidths": 0.4, "vmin": limits[0], "vmax": limits[1]}
    return axes.scatter(xs[known], ys[known], c=z[known], cmap=VALUE_COLOURS, **look)


def _crosses(axes: Any, points: tuple[Array, Array, Array]) -> None:
    xs, ys, z = points
    missing = np.isnan(z)
    if missing.any():
        axes.plot(xs[missing], ys[missing], "x", color=GREY, clip_on=False)


def _mark_best(figure: Figure, axes: Any, points: tuple[Array, Array, Array], names: tuple[str, str, str]) -> None:
    """Axis labels, and the highest value named and marked."""
    axes.set(xlabel=printable(names[0]), ylabel=printable(names[1]))
    _name_best(figure, axes, points, names)


def _name_best(figure: Figure, axes: Any, points: tuple[Array, Array, Array], names: tuple[str, str, str]) -> None:
    """A ring around the highest value, and a title that says where it is and how many cells have none."""
    (xs, ys, z), (xlabel, ylabel, colour) = points, map(printable, names)
    missing = int(np.isnan(z).sum())
    if missing == len(z):
        set_title(figure, f"No finite {colour}")
        return
    at = len(z) - 1 - int(np.nanargmax(z[::-1]))  # of equal ones the last, which lies on top
    axes.plot(xs[at], ys[at], "o", markersize=8, markerfacecolor="none", markeredgecolor=ORANGE, markeredgewidth=1.4, clip_on=False)
    gaps = f"; ×: not finite ({missing} of {len(z)})" if missing else ""
    set_title(figure, f"Highest {colour} {number(z[at])} at {equality(xlabel, xs[at])}, {equality(ylabel, ys[at])}{gaps}")
