"""Features of images as the course calls them: gradients' directions and hues."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layerwise import features as _features

__all__ = ["color_histogram_hsv", "extract_features", "hog_feature", "np", "rgb2gray"]

LAYOUTS = {2: "HW", 3: "HWC"}
THOUSANDS = range(1000, 1_000_000_000, 1000)


def extract_features(imgs: Any, feature_fns: list[Callable[..., Any]], verbose: bool = False) -> Any:
    """imgs (N, H, W, C)  ->  (N, F), what the functions give side by side; verbose prints a line every thousand images."""

    def tell(done: int, count: int) -> None:
        if verbose and done in THOUSANDS:
            print(f"Done extracting features for {done} / {count} images")

    functions = ["course_hog" if function is hog_feature else function for function in (*feature_fns,)]
    return _features.extract_features(imgs, functions, layout="NHWC", verbose=tell)


def hog_feature(im: Any) -> Any:
    """(H, W, 3) or (H, W)  ->  a histogram of nine directions for each cell of 8 × 8 pixels: 144 numbers for 32 × 32"""
    return _features.course_hog(im, layout=LAYOUTS[np.ndim(im)])


def color_histogram_hsv(im: Any, nbin: int = 10, xmin: float = 0, xmax: float = 255, normalized: bool = True) -> Any:
    """(H, W, 3)  ->  the share of pixels in each of nbin ranges of hue"""
    return _features.hue_histogram(im, nbin=nbin, xmin=xmin, xmax=xmax, normalized=normalized, layout="HWC")


def rgb2gray(rgb: Any) -> Any:
    """(H, W, 3)  ->  grey levels (H, W), by the course's weights"""
    return _features.grey(rgb, weights=_features.COURSE, layout="HWC")
