"""Tiles in rows on one sheet, and which of many images stand on it."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.report.style import LINE, MARGIN, WIDTH, Figure, FigureCanvasAgg, shortened, width_of, wrapped
from layerwise.report.tile import as_rgb

PADDING = 0.05  # inches between tiles
LARGEST_TILE = 1.0


def sheet(
    rows: Sequence[Sequence[Array]],
    *,
    title: str,
    row_names: Sequence[str] | None = None,
    captions: Sequence[Sequence[str]] | None = None,
) -> Figure:
    """Tiles (H, W, 3) in rows, with names at the left and captions below, on axes that count inches from the top left."""
    row_names = [shortened(name, 1.0) for name in row_names or []]
    left = max((width_of(name) + 0.08 for name in row_names), default=0.0) + MARGIN
    columns = max(map(len, rows), default=1)
    tile_height, tile_width = rows[0][0].shape[:2] if rows else (1, 1)
    width = min(LARGEST_TILE, LARGEST_TILE * tile_width / tile_height, (WIDTH - left - MARGIN + PADDING) / columns - PADDING)
    height = width * tile_height / tile_width
    pitch = max(height + (LINE if captions else 0.0), LINE if row_names else 0.0) + PADDING
    lines = wrapped(title)
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
                axes.text(x + width / 2, y + height + 0.02, shortened(captions[i][j], width + PADDING), ha="center", va="top")
        if row_names:
            axes.text(left - 0.08, y + height / 2, row_names[i], ha="right", va="center")
    return figure


def gathered(images: Array, picks: Collection[Array]) -> list[list[Array]]:
    """The picked images (of each row) as tiles, read once and shaded alike."""
    if not picks:
        return []
    tiles = iter(as_rgb(np.asarray(images[np.concatenate(list(picks))])))
    return [[next(tiles) for _ in row] for row in picks]


def in_rows(items: list[Any], columns: int) -> list[list[Any]]:
    """The items cut into rows of so many.

    >>> in_rows([1, 2, 3], 2)
    [[1, 2], [3]]
    """
    return [items[start : start + columns] for start in range(0, len(items), columns)]


def matching(where: str, images: Array, labels: Array) -> Array:
    """The labels as an array, refused unless they are whole numbers, one an image."""
    labels = np.asarray(labels)
    if labels.shape != (len(images),) or labels.dtype.kind not in "iub":
        raise ValueError(f"{where}: {len(images)} images need integer labels ({len(images)},), but these are {labels.dtype} {labels.shape}")
    return labels
