"""The figures, under one name: arrays or history rows in, a matplotlib Figure out. Each is 3.3 inches wide, letters 8 points or more.

Nothing is shown and pyplot is never imported: `save(figure, "figures/curves")` writes PNG and SVG, the same bytes for the same
inputs. Text is never taken for mathematics, so a class may be called "$_{x}$".
"""

from layerwise.report.confusion_figure import confusion_figure
from layerwise.report.image_figure import image_pairs, misclassified, sample_grid, weight_images
from layerwise.report.landscape_figure import heat_map, landscape, scatter_landscape, scatter_pair
from layerwise.report.setting_figure import accuracy_over
from layerwise.report.statistics_figure import layer_statistics
from layerwise.report.style import save
from layerwise.report.training_figure import compared_curves, training_curves

__all__ = [
    "sample_grid",
    "misclassified",
    "weight_images",
    "image_pairs",
    "training_curves",
    "compared_curves",
    "layer_statistics",
    "confusion_figure",
    "accuracy_over",
    "landscape",
    "scatter_landscape",
    "scatter_pair",
    "heat_map",
    "save",
]
