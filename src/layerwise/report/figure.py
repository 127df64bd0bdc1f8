"""Figures: arrays or history rows in, a matplotlib Figure out. Every one is 3.3 inches wide with letters of 8 points or more.

Nothing is shown and pyplot is never imported: `save(figure, "figures/curves")` writes PNG and SVG, the same bytes for the same
inputs. Text is never taken for mathematics, so a class may be called "$_{x}$".
"""

import functools
import math
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import missing_extra
from layerwise.report.curve import Curve, best_member, curves, smooth
from layerwise.report.label import class_name, number, printable
from layerwise.report.tile import as_rgb, evenly, shares, span_of
from layerwise.storage.atomic import replacing

try:
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties, fontManager
    from matplotlib.scale import LogScale, SymmetricalLogScale
    from matplotlib.textpath import text_to_path
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator, StrMethodFormatter
except ImportError as error:
    raise missing_extra("Figures need matplotlib", "plot") from error

WIDTH = 3.3  # inches: one of two columns of a page
MARGIN = 0.06
LINE = 0.15  # inches from one line of 8 points to the next
PADDING = 0.05  # between the tiles of a sheet
LARGEST_TILE = 1.0
MOST_CLASSES = 20  # rows of a sheet; classes of a confusion matrix that are counted and all named
MOST_TILES = 100
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#8C8C8C"
OKABE_ITO = [BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"]
SHARE_COLOURS = LinearSegmentedColormap.from_list("share", ["#FFFFFF", "#9CCBE6", BLUE, "#00314F"])
VALUE_COLOURS = matplotlib.colormaps["viridis"]
FALLBACK_FONTS = (  # for letters that DejaVu Sans has not; those that the system has are used, in this order
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Hiragino Sans",
    "PingFang SC",
    "Yu Gothic",
    "Microsoft YaHei",
    "Noto Sans",
    "Arial Unicode MS",
)
STYLE = {
    "agg.path.chunksize": 10_000,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "axes.grid": True,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.h_pad": MARGIN,
    "figure.constrained_layout.w_pad": MARGIN,
    "figure.dpi": 300,
    "figure.titlesize": 9,
    "figure.titleweight": "bold",
    "font.size": 8,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.5,
    "legend.borderaxespad": 0.0,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "legend.handlelength": 1.4,
    "lines.linewidth": 1.3,
    "lines.markersize": 3.5,
    "savefig.dpi": 300,
    "svg.hashsalt": "layerwise",
    "text.parse_math": False,
    "xtick.labelsize": 8,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.labelsize": 8,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.6,
}

P = ParamSpec("P")


def save(figure: Figure, path_stem: str | Path) -> list[Path]:
    """Writes `path_stem`.png and `path_stem`.svg, each whole or not at all, and returns their paths."""
    stem = Path(path_stem)
    paths = [stem.with_name(f"{stem.name}.{kind}") for kind in ("png", "svg")]
    with _style():
        for path, metadata in zip(paths, ({"Software": None}, {"Date": None}), strict=True):
            with replacing(path) as temporary:
                figure.savefig(temporary, metadata=metadata)
    return paths


def _styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draws in this package's style, whatever the reader's own settings of matplotlib are, and settles the layout, which would
    else move a little with every saving."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with _style():
            figure = draw(*args, **kwargs)
            if figure.get_layout_engine() is not None:
                figure.draw_without_rendering()
                figure.set_layout_engine("none")
            return figure

    return drawn


@_styled
def sample_grid(images: Array, labels: Array, class_names: Sequence[str] | None = None, per_class: int = 7) -> Figure:
    """Some examples of each class, a row per class, evenly spread over the data; of more than 20 classes, 20 of them.

    images (N, C, H, W), (N, H, W) or (N, H, W, C), also memory-mapped: only what is shown is read. labels (N,).
    """
    labels = _matching("sample_grid", images, labels)
    picks, count = _picked(np.arange(len(labels)), labels, per_class)
    some = f"{len(picks)} of " if len(picks) < count else ""
    title = f"Examples of {some}{count:,} {'class' if count == 1 else 'classes'}"
    return _sheet(_gathered(images, picks.values()), title=title, row_names=[class_name(class_names, k) for k in picks])


@_styled
def misclassified(images: Array, y: Array, predicted: Array, class_names: Sequence[str] | None = None, per_class: int = 6) -> Figure:
    """Wrong predictions: a row per class that was predicted, and under each image the class that it is."""
    y, predicted = _matching("misclassified", images, y), _matching("misclassified", images, predicted)
    wrong = np.flatnonzero(y != predicted)
    picks, _ = _picked(wrong, predicted[wrong], per_class)
    title = f"{len(wrong):,} of {len(y):,} misclassified" + (": taken for (left), true class (below)" if len(wrong) else "")
    return _sheet(
        _gathered(images, picks.values()),
        title=title,
        row_names=[class_name(class_names, k) for k in picks],
        captions=[[class_name(class_names, k) for k in y[row]] for row in picks.values()],
    )


@_styled
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
        images = matplotlib.colormaps["cividis"](images[:, 0])[..., :3].transpose(0, 3, 1, 2)  # (M, H, W) -> (M, 3, H, W)
    tiles = as_rgb(images)
    named = class_names is not None and len(class_names) == w.shape[1] <= MOST_CLASSES
    columns = 5 if named else max(4, math.ceil(math.sqrt(m)))
    captions = [class_name(class_names, k) for k in range(m)] if named else None
    return _sheet(
        _rows(list(tiles), columns),
        title=title if m == w.shape[1] else f"{title}: {m} of {w.shape[1]:,}",
        captions=_rows(captions, columns) if captions else None,
    )


@_styled
def image_pairs(originals: Array, reconstructions: Array, count: int = 10) -> Figure:
    """The first `count` originals, each with its reconstruction below it in the same shades, ten to a band."""
    if len(originals) != len(reconstructions):
        raise ValueError(f"image_pairs: {len(originals)} originals and {len(reconstructions)} reconstructions; each needs its own")
    first = np.asarray(originals[:count])
    upper = _rows(list(as_rgb(first)), 10)
    lower = _rows(list(as_rgb(np.asarray(reconstructions[:count]), span=span_of(first))), 10)
    bands = [row for pair in zip(upper, lower, strict=True) for row in pair]
    return _sheet(bands, title="Originals above their reconstructions")


@_styled
def training_curves(rows: Iterable[Mapping[str, Any]], *, metric: str = "accuracy") -> Figure:
    """Loss per step, raw and smoothed, and the metric per epoch, out of `history.rows()`.

    Of a population each member is a thin line, with the best in front. A loss that is not finite is a gap.
    """
    lines = curves(rows)
    best = best_member(lines) if lines else 0
    figure, (above, below) = _panels(3.7, 2)
    for member, curve in lines.items():
        if member != best:
            _loss_line(above, curve, color=GREY, linewidth=0.5, alpha=0.5)
            below.plot(curve.epochs, curve.val, color=GREY, linewidth=0.5, alpha=0.5)
    front = lines.get(best, Curve(*np.empty((5, 0))))
    above.plot(front.steps, front.losses, color=BLUE, linewidth=0.5, alpha=0.3)
    _loss_line(above, front, color=BLUE)
    marker = "o" if len(front.epochs) <= 30 else None
    for values, name, colour, style in ((front.train, "training", BLUE, "-"), (front.val, "validation", ORANGE, "--")):
        if not np.isnan(values).all():
            below.plot(front.epochs, values, style, color=colour, marker=marker, label=name)
    _legend(below)
    _loss_scale(above, front.losses)
    above.set(xlabel="step", ylabel="batch loss")
    below.set(xlabel="epoch", ylabel=metric)
    figure.align_ylabels()
    for axes, values in ((above, front.steps), (below, front.epochs)):
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        if not len(values):
            axes.text(0.5, 0.5, "nothing recorded", transform=axes.transAxes, ha="center", va="center", color=GREY)
            axes.set(xticks=[], yticks=[])
    _title(figure, _training_title(lines, best, metric))
    return figure


@_styled
def confusion_figure(matrix: Array, class_names: Sequence[str] | None = None) -> Figure:
    """Counts (K, K), row = true class, column = predicted, coloured by their share of the row; counts stand in up to 20 classes."""
    matrix = np.asarray(matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not len(matrix):
        raise ValueError(f"confusion_figure: the matrix has shape {matrix.shape}, but must be (K, K) with a row and a column per class")
    k = len(matrix)
    counted = k <= MOST_CLASSES
    names = [_shortened(class_name(class_names, i), min(max(WIDTH - 0.42 - 0.12 * k, 0.45), 0.9)) for i in range(k)]
    widest = max(map(_width, names))
    cell = (WIDTH - widest - 0.42) / k
    upright = widest > 0.9 * cell  # names below the columns stand on end
    figure, (axes,) = _panels(k * cell + (widest if upright else LINE) + (0.62 if counted else 1.05), 1)
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
    size = min([9.0, *(9.0 * 0.86 * cell / _width(text, 9.0) for text in texts)])
    if size >= 2.5:
        for at, text in enumerate(texts):
            row, column = divmod(at, k)
            colour = "#BBBBBB" if text == "0" else "white" if colours[row, column] > 0.3 else "black"
            axes.text(column, row, text, ha="center", va="center_baseline", fontsize=size, color=colour, in_layout=False)
    if not counted:
        figure.colorbar(picture, ax=axes, orientation="horizontal", ticks=[0, 0.1, 0.25, 0.5, 1], label="share of the row", aspect=30)
    _title(figure, f"Confusion: {matrix.trace():,.10g} of {matrix.sum():,.10g} right")
    return figure


@_styled
def accuracy_over(
    values: Array,
    accuracies: Array | Mapping[str, Array],
    xlabel: str,
    log2: bool = False,
    intervals: Array | None = None,
) -> Figure:
    """Accuracies (n,) over the n values of one setting, or several such lines by name; intervals (n, 2) are a band around one line."""
    lines = accuracies if isinstance(accuracies, Mapping) else {"": accuracies}
    values = np.asarray(values, np.float64)
    if log2 and not (values > 0).all():
        raise ValueError(f"accuracy_over: a log₂ axis needs values above 0, but the smallest is {values.min():g}")
    figure, (axes,) = _panels(2.3, 1)
    order = values.argsort(kind="stable")
    points = []
    for at, (name, line) in enumerate(lines.items()):
        line = _known(line, values.shape, "accuracy_over")
        axes.plot(values[order], line[order], ("o-", "s--", "^:", "D-.")[at % 4], color=OKABE_ITO[at % 8], label=printable(name))
        points += [(y, x) for x, y in zip(values, line, strict=True) if not np.isnan(y)]
    if intervals is not None:
        low, high = _known(intervals, (*values.shape, 2), "accuracy_over").T
        axes.fill_between(values[order], low[order], high[order], color=BLUE, alpha=0.18, linewidth=0)
    if len(lines) > 1:
        _legend(axes)
    if log2 and len(values):
        axes.set_xscale(LogScale(axes.xaxis, base=2))
        axes.xaxis.set_minor_locator(NullLocator())
    ticks = np.unique(values)
    if log2 and len(ticks) > 12:
        ticks = ticks[evenly(len(ticks), 5)]
    if 0 < len(ticks) <= 12:
        axes.set_xticks(*_apart(ticks, [number(tick) for tick in ticks], log2))
    axes.set(xlabel=printable(xlabel) + (" (log₂ scale)" if log2 else ""), ylabel="accuracy")
    best = max(points, default=None, key=lambda point: point[0])
    _title(figure, f"Highest accuracy {number(best[0])} at {_equal(xlabel, best[1])}" if best else "No accuracy was measured")
    return figure


@_styled
def landscape(xs: Array, ys: Array, z: Array, *, xlabel: str, ylabel: str, colour: str = "accuracy", log: bool = False) -> Figure:
    """Filled contours of z, where z[i, j] belongs to ys[i] and xs[j]; cells that are not finite are crossed out."""
    xs, ys = np.asarray(xs, np.float64), np.asarray(ys, np.float64)
    z = _known(z, (len(ys), len(xs)), "landscape")[np.ix_(ys.argsort(), xs.argsort())]
    xs, ys = np.sort(xs), np.sort(ys)
    figure, (axes,) = _panels(2.7, 1)
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
        _scale(axis, values, log)
    return figure


@_styled
def scatter_landscape(rows: Iterable[Mapping[str, Any]], x: str, y: str, colour: str) -> Figure:
    """A dot for each row at its settings x and y, coloured by what was measured; both axes are logarithmic, with room for 0.

    A row without a finite figure is a cross. An axis whose values span less than a decade is linear.
    """
    rows = list(rows)
    xs, ys, z = (np.array([np.nan if row.get(name) is None else row[name] for row in rows], np.float64) for name in (x, y, colour))
    z = np.where(np.isfinite(z), z, np.nan)
    figure, (axes,) = _panels(2.7, 1)
    _points(figure, axes, (xs, ys, z), colour)
    _mark_best(figure, axes, (xs, ys, z), (x, y, colour))
    for axis, values in ((axes.xaxis, xs), (axes.yaxis, ys)):
        _scale(axis, values, log=True)
    return figure


@contextmanager
def _style() -> Iterator[None]:
    """matplotlib's own defaults and this package's style on top; what was set before comes back."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)  # is drawn as a box
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE | {"font.family": _fonts()})
        yield


@functools.cache
def _fonts() -> list[str]:
    installed = set(fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in FALLBACK_FONTS if name in installed)]


def _panels(height: float, count: int) -> tuple[Figure, list[Any]]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(count, 1, squeeze=False)[:, 0])


def _title(figure: Figure, title: str) -> None:
    figure.suptitle("\n".join(_wrapped(title)), x=MARGIN / WIDTH, ha="left")


def _sheet(
    rows: Sequence[Sequence[Array]],
    *,
    title: str,
    row_names: Sequence[str] | None = None,
    captions: Sequence[Sequence[str]] | None = None,
) -> Figure:
    """Tiles (H, W, 3) in rows, with names at the left and captions below, on axes that count inches from the top left."""
    row_names = [_shortened(name, 1.0) for name in row_names or []]
    left = max((_width(name) + 0.08 for name in row_names), default=0.0) + MARGIN
    columns = max(map(len, rows), default=1)
    tile_height, tile_width = rows[0][0].shape[:2] if rows else (1, 1)
    width = min(LARGEST_TILE, LARGEST_TILE * tile_width / tile_height, (WIDTH - left - MARGIN + PADDING) / columns - PADDING)
    height = width * tile_height / tile_width
    pitch = max(height + (LINE if captions else 0.0), LINE if row_names else 0.0) + PADDING
    lines = _wrapped(title)
    top = MARGIN + 0.16 * len(lines) + PADDING
    total = top + pitch * len(rows) + MARGIN
    figure = Figure(figsize=(WIDTH, total))
    FigureCanvasAgg(figure)
    figure.suptitle("\n".join(lines), x=MARGIN / WIDTH, y=1 - MARGIN / total, ha="left", va="top")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(total, 0), autoscale_on=False)
    axes.set_axis_off()
    for i, row in enumerate(rows):
        y = top + i * pitch
        for j, tile in enumerate(row):
            x = left + j * (width + PADDING)
            interpolation = "none" if max(tile.shape[:2]) <= 64 else "antialiased"  # sharp pixels where each can be seen
            axes.imshow(tile, extent=(x, x + width, y + height, y), aspect="auto", interpolation=interpolation)
            if captions:
                axes.text(x + width / 2, y + height + 0.02, _shortened(captions[i][j], width + PADDING), ha="center", va="top")
        if row_names:
            axes.text(left - 0.08, y + height / 2, row_names[i], ha="right", va="center")
    return figure


def _picked(indices: Array, labels: Array, most: int) -> tuple[dict[int, Array], int]:
    """For up to 20 of the classes that the labels (one an index) name, up to `most` of their indices; and how many classes there are."""
    classes = np.unique(labels)
    groups = {int(k): indices[labels == k] for k in classes[evenly(len(classes), MOST_CLASSES)]}
    return {k: group[evenly(len(group), most)] for k, group in groups.items()}, len(classes)


def _gathered(images: Array, picks: Collection[Array]) -> list[list[Array]]:
    """The picked images (of each row) as tiles, read once and shaded alike."""
    if not picks:
        return []
    tiles = iter(as_rgb(np.asarray(images[np.concatenate(list(picks))])))
    return [[next(tiles) for _ in row] for row in picks]


def _rows(items: list[Any], columns: int) -> list[list[Any]]:
    return [items[start : start + columns] for start in range(0, len(items), columns)]


def _matching(where: str, images: Array, labels: Array) -> Array:
    labels = np.asarray(labels)
    if labels.shape != (len(images),) or labels.dtype.kind not in "iub":
        raise ValueError(f"{where}: {len(images)} images need integer labels ({len(images)},), but these are {labels.dtype} {labels.shape}")
    return labels


def _known(values: Any, shape: tuple[int, ...], where: str) -> Array:
    """As float64, with NaN for what is not finite."""
    values = np.asarray(values, np.float64)
    if values.shape != shape:
        raise ValueError(f"{where}: the figures have shape {values.shape}, but the settings need {shape}")
    return np.where(np.isfinite(values), values, np.nan)


def _loss_line(axes: Any, curve: Curve, **look: Any) -> None:
    axes.plot(curve.steps, smooth(curve.losses, math.isqrt(len(curve.losses)) // 2), **look)


def _loss_scale(axes: Any, losses: Array) -> None:
    known = losses[~np.isnan(losses)]
    if known.size and known.min() > 0 and known.max() > 50 * known.min():
        _scale(axes.yaxis, known, log=True)


def _training_title(lines: Mapping[int, Curve], best: int, metric: str) -> str:
    epoch, value = lines[best].best if lines else (np.nan, np.nan)
    who = f": member {best} of {len(lines)}" if len(lines) > 1 else ""
    title = "Training" if np.isnan(value) else f"Best validation {printable(metric)} {number(value)} at epoch {epoch:g}{who}"
    gaps = [int(np.isnan(curve.losses).sum()) for curve in lines.values()]
    if not any(gaps):
        return title
    if len(lines) > 1:
        return f"{title}; {sum(map(bool, gaps))} with gaps"
    return f"{title}; {gaps[0]:,} {'loss is' if gaps[0] == 1 else 'losses are'} not finite"


def _points(figure: Figure, axes: Any, points: tuple[Array, Array, Array], colour: str) -> None:
    xs, ys, z = points
    known = ~np.isnan(z)
    _crosses(axes, points)
    if known.any():
        picture = axes.scatter(xs[known], ys[known], c=z[known], cmap=VALUE_COLOURS, s=26, edgecolors="white", linewidths=0.4)
        figure.colorbar(picture, ax=axes, label=printable(colour))


def _crosses(axes: Any, points: tuple[Array, Array, Array]) -> None:
    xs, ys, z = points
    missing = np.isnan(z)
    if missing.any():
        axes.plot(xs[missing], ys[missing], "x", color=GREY, clip_on=False)


def _mark_best(figure: Figure, axes: Any, points: tuple[Array, Array, Array], names: tuple[str, str, str]) -> None:
    """A ring around the highest value; axis labels, and a title that says where it is and how many cells have none."""
    (xs, ys, z), (xlabel, ylabel, colour) = points, map(printable, names)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    missing = int(np.isnan(z).sum())
    if missing == len(z):
        _title(figure, f"No finite {colour}")
        return
    at = np.nanargmax(z)
    axes.plot(xs[at], ys[at], "o", markersize=8, markerfacecolor="none", markeredgecolor=ORANGE, markeredgewidth=1.4, clip_on=False)
    gaps = f"; ×: not finite ({missing} of {len(z)})" if missing else ""
    _title(figure, f"Highest {colour} {number(z[at])} at {_equal(xlabel, xs[at])}, {_equal(ylabel, ys[at])}{gaps}")


def _equal(name: str, value: float) -> str:
    """ "lr = 0.1", with spaces at which no line ends."""
    return f"{printable(name)}\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{number(value)}"


def _scale(axis: Any, values: Array, log: bool) -> None:
    """A logarithmic axis where the values above 0 span a decade, with room for 0 where it is among them; else a linear one."""
    positive = values[np.isfinite(values) & (values > 0)]
    if not log or not positive.size or positive.max() < 10 * positive.min():
        axis.set_major_locator(MaxNLocator(5))
        return
    scale = SymmetricalLogScale(axis, linthresh=positive.min()) if (values <= 0).any() else LogScale(axis)
    axis.axes.set(**{f"{axis.axis_name}scale": scale})
    if positive.max() < 100 * positive.min() and (values > 0).all():
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axis.set_minor_locator(NullLocator())


def _legend(axes: Any) -> None:
    """In a line above the axes, where no data can be; in two columns if they are too long for that."""
    if labels := axes.get_legend_handles_labels()[1]:
        fits = sum(_width(label) + 0.45 for label in labels) < WIDTH - 0.6  # each with its sign and the room about it
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(labels) if fits else 2, columnspacing=1.0)


def _apart(ticks: Array, labels: list[str], log2: bool) -> tuple[Array, list[str]]:
    """The ticks, with some labels left blank where all would run into each other."""
    at = np.log2(ticks) if log2 else ticks
    room = (WIDTH - 0.7) * np.diff(at).min() / np.ptp(at) if len(at) > 1 else WIDTH
    step = math.ceil((max(map(_width, labels)) + 0.05) / room)
    return ticks, [label if (len(labels) - 1 - i) % step == 0 else "" for i, label in enumerate(labels)]


def _width(text: str, size: float = 8.0, weight: str = "normal") -> float:
    """Inches that a line takes."""
    properties = FontProperties(family=_fonts(), size=size, weight=weight)
    return float(text_to_path.get_text_width_height_descent(text, properties, ismath=False)[0] / 72)


def _shortened(text: str, width: float) -> str:
    """The text, or as much of its beginning as fits with an ellipsis."""
    if _width(text) <= width:
        return text
    fitting = (f"{text[:length].rstrip()}…" for length in range(min(len(text), 60), 0, -1))
    return next((short for short in fitting if _width(short) <= width), "…")


def _wrapped(title: str) -> list[str]:
    """The title's words in lines of the figure's width."""
    lines = [""]
    for word in title.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if _width(longer, 9.0, "bold") <= WIDTH - 2 * MARGIN or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
