"""The callbacks, by name."""

from layerwise.train.callback import Callback, Checkpoint, EarlyStopping
from layerwise.train.plateau import Plateau
from layerwise.train.progress import Bar, Lines
from layerwise.train.statistic import Statistics

CALLBACKS: dict[str, type[Callback]] = {
    "early_stopping": EarlyStopping,
    "plateau": Plateau,
    "checkpoint": Checkpoint,
    "bar": Bar,
    "lines": Lines,
    "statistics": Statistics,
}
