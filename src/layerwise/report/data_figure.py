"""Figures of a data set, out of what `layerwise.data.profile` counted: class balance, mean images, pixel values."""

from collections.abc import Mapping, Sequence

import numpy as np

from layerwise.arrays import Array
from layerwise.report.axis import add_legend, set_scale
from layerwise.report.label import class_name
from layerwise.report.sheet import sheet
from layerwise.report.style import OKABE_ITO, Figure, panels, set_title, shortened, styled
from layerwise.report.tile import as_rgb, evenly

MOST_BARS = 40
MOST_MEANS = 40
COLUMNS = (4, 5)  # of mean images: what leaves fewer gaps in the last row
NAMES = {"train": "training", "val": "validation", "test": "test"}
CHANNELS = {1: [("grey", "#000000")], 3: [("red", "#D55E00"), ("green", "#009E73"), ("blue", "#0072B2")]}


@styled
def class_balance(counts: Mapping[str, Array], class_names: Sequence[str] | None = None) -> Figure:
    """The share of each class in each part, a bar apiece; of more than 40 classes, 40 at even distances."""
    total = len(next(iter(counts.values())))
    shown = evenly(total, MOST_BARS)
    figure, (axes,) = panels(0.9 + 0.16 * len(shown), 1)
    height = 0.8 / len(counts)
    for at, (part, count) in enumerate(counts.items()):
        places = np.arange(len(shown)) + (at - (len(counts) - 1) / 2) * height
        label = f"{NAMES[part]} ({count.sum():,})"
        axes.barh(places, 100 * count[shown] / max(1, count.sum()), height, color=OKABE_ITO[at], label=label)
    axes.set_yticks(range(len(shown)), [shortened(class_name(class_names, k), 1.0) for k in shown])
    axes.tick_params(axis="y", length=0)
    axes.set(ylim=(len(shown) - 0.5, -0.5), xlabel="share of the part in %")
    axes.grid(False, axis="y")
    add_legend(axes)
    some = f", {len(shown)} of {total:,}" if len(shown) < total else ""
    all_parts = sum(counts.values())
    smallest, largest = int(np.min(all_parts)), int(np.max(all_parts))
    set_title(
        figure,
        f"Classes have {smallest:,} to {largest:,} examples{some}" if smallest < largest else f"Every class has {largest:,} examples{some}",
    )
    return figure


@styled
def mean_images(
    mean: Array, class_means: Array | None = None, class_names: Sequence[str] | None = None, *, full_scale: float = 255.0
) -> Figure:
    """The mean training image (C, H, W), and that of each class (K, C, H, W), with full_scale as white; of more than 40 classes, 40."""
    named = [("all", mean)]
    if class_means is not None:
        known = [k for k in evenly(len(class_means), MOST_MEANS) if np.isfinite(class_means[k]).all()]
        named += [(class_name(class_names, k), class_means[k]) for k in known]
    tiles = list(as_rgb(np.stack([image for _, image in named]), span=(0.0, full_scale)))
    captions = [name for name, _ in named]
    columns = min(COLUMNS, key=lambda count: -len(tiles) % count)
    cut = [slice(i, i + columns) for i in range(0, len(tiles), columns)]
    return sheet([tiles[row] for row in cut], title="Mean training images", captions=[captions[row] for row in cut])


@styled
def pixel_histogram(pixels: Array, *, full_scale: float = 255.0) -> Figure:
    """How often each value from 0 to full_scale occurs in the training images, (C, 256), a line per channel."""
    values = np.arange(int(full_scale) + 1)
    shares = 100 * pixels[:, : len(values)] / max(1, pixels[0].sum())
    figure, (axes,) = panels(2.0, 1)
    looks = CHANNELS.get(len(pixels), [(str(k), OKABE_ITO[k % len(OKABE_ITO)]) for k in range(len(pixels))])
    for share, (name, colour) in zip(shares, looks, strict=True):
        axes.step(values, share, where="mid", color=colour, label=name)
    axes.set(xlabel="pixel value", ylabel="share in %", xlim=(-0.02 * full_scale, 1.02 * full_scale))
    set_scale(axes.yaxis, shares[shares > 0], log=True)
    if len(pixels) > 1:
        add_legend(axes)
    black, white = shares[:, 0].mean(), shares[:, -1].mean()
    named = ("black", "white") if len(pixels) == 1 else ("at 0", f"at {full_scale:g}")  # a colour at 0 is not black
    set_title(figure, f"Pixels: {black:.0f} % {named[0]}, {white:.0f} % {named[1]}")
    return figure
