"""The callbacks, by name."""

from layerwise.train.callback import Callback, Checkpoint, EarlyStopping
from layerwise.train.progress import Bar, Lines

CALLBACKS: dict[str, type[Callback]] = {
    "early_stopping": EarlyStopping,
    "checkpoint": Checkpoint,
    "bar": Bar,
    "lines": Lines,
}
