"""Training of the third assignment's models, whose default rate is lower."""

from typing import Any

from layerwise.courses.dlcourse.trainer import Dataset
from layerwise.courses.dlcourse.trainer import Trainer as _Trainer

__all__ = ["Dataset", "Trainer"]


class Trainer(_Trainer):
    """Trains a model with params() and compute_loss_and_gradients(X, y); learning_rate decays in place after each epoch."""

    def __init__(
        self,
        model: Any,
        dataset: Any,
        optim: Any,
        num_epochs: int = 20,
        batch_size: int = 20,
        learning_rate: float = 1e-3,
        learning_rate_decay: float = 1.0,
    ) -> None:
        super().__init__(model, dataset, optim, num_epochs, batch_size, learning_rate, learning_rate_decay)
