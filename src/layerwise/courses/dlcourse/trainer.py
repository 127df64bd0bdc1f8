"""Training of the second assignment's models: their layers, optimizers and loss in a plain loop."""

from copy import deepcopy
from typing import Any

import numpy as np

from layerwise.train.plain import accuracy_in_batches, plain_epochs


class Dataset:
    """Training and validation examples."""

    def __init__(self, train_X: Any, train_y: Any, val_X: Any, val_y: Any) -> None:
        self.train_X, self.train_y, self.val_X, self.val_y = train_X, train_y, val_X, val_y


class Trainer:
    """Trains a model with params() and compute_loss_and_gradients(X, y); learning_rate decays in place after each epoch."""

    def __init__(
        self,
        model: Any,
        dataset: Any,
        optim: Any,
        num_epochs: int = 20,
        batch_size: int = 20,
        learning_rate: float = 1e-2,
        learning_rate_decay: float = 1.0,
    ) -> None:
        self.model, self.dataset, self.optim = model, dataset, optim
        self.num_epochs, self.batch_size, self.learning_rate = num_epochs, batch_size, learning_rate
        self.learning_rate_decay, self.optimizers, self.verbose = learning_rate_decay, dict[str, Any](), True

    def setup_optimizers(self) -> None:
        """A fresh optimizer for each parameter, as each may remember something."""
        self.optimizers = {name: deepcopy(self.optim) for name in self.model.params()}

    def compute_accuracy(self, X: Any, y: Any) -> Any:
        """The share of X that the model puts into its class, batch by batch."""
        return accuracy_in_batches(self.model.predict, X, y, self.batch_size)

    def fit(self, verbose: bool = True) -> Any:
        """Train; gives the mean loss, the training and the validation accuracy of each epoch, and prints them if verbose."""
        self.setup_optimizers()
        self.verbose = verbose
        options = {"num_epochs": self.num_epochs, "batch_size": self.batch_size, "rng": np.random}
        rates = {"lr": self.learning_rate, "lr_decay": self.learning_rate_decay}
        histories: Any = ([], [], [])
        for epoch in plain_epochs(self._step, len(self.dataset.train_X), **options, **rates):
            for history, figure in zip(histories, self._report(epoch), strict=True):
                history.append(figure)
        return histories

    def _step(self, rows: Any, learning_rate: float) -> Any:
        loss = self.model.compute_loss_and_gradients(self.dataset.train_X[rows], self.dataset.train_y[rows])
        for name, param in self.model.params().items():
            param.value = self.optimizers[name].update(param.value, param.grad, learning_rate)
        return loss

    def _report(self, epoch: Any) -> Any:
        self.learning_rate = epoch.next_lr
        train = self.compute_accuracy(self.dataset.train_X, self.dataset.train_y)
        val = self.compute_accuracy(self.dataset.val_X, self.dataset.val_y)
        if self.verbose:
            print("Loss: %f, Train accuracy: %f, val accuracy: %f" % (epoch.last_loss, train, val))  # noqa: UP031
        return epoch.mean_loss, train, val
