"""Many images as one, for looking at weights."""

from typing import Any

from layerwise.ops.mosaic import mosaic, mosaic_shared, mosaic_table


def visualize_grid(Xs: Any, ubound: float = 255.0, padding: int = 1) -> Any:
    """Xs (N, H, W, C)  ->  (H', W', C): tiles on a square grid, each stretched from 0 to ubound"""
    return mosaic(Xs, high=ubound, padding=padding)


def vis_grid(Xs: Any) -> Any:
    """Xs (N, H, W, C)  ->  (H', W', C), all tiles on one scale from 0 to 1"""
    return mosaic_shared(Xs)


def vis_nn(rows: Any) -> Any:
    """Rows of images (H, W, C)  ->  (H', W', C), from 0 to 1"""
    return mosaic_table(rows)
