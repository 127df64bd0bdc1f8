"""The features known by name: each takes images and a layout, and gives a row of numbers for each image."""

from collections.abc import Callable

from layerwise.arrays import Array
from layerwise.features.hog import course_hog, hog
from layerwise.features.hue_histogram import hue_histogram

FEATURES: dict[str, Callable[..., Array]] = {
    "hog": hog,
    "course_hog": course_hog,
    "hue_histogram": hue_histogram,
}
