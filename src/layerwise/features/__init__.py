"""Images as vectors: gradients' directions, hues, and your own, of a whole set at once."""

from layerwise.features.colour import BT601, COURSE, grey, hsv
from layerwise.features.extract import extract_features
from layerwise.features.hog import course_hog, hog
from layerwise.features.hue_histogram import hue_histogram
from layerwise.features.layout import LAYOUTS
from layerwise.features.table import FEATURES

__all__ = [
    "BT601",
    "COURSE",
    "FEATURES",
    "LAYOUTS",
    "course_hog",
    "extract_features",
    "grey",
    "hog",
    "hsv",
    "hue_histogram",
]
