"""The plainest loop over minibatches, for models that keep to no contract but their own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.batch import index_batches
from layerwise.metrics import accuracy


def accuracy_in_batches(predict: Callable[[Array], Array], X: Array, y: Array, batch_size: int) -> Any:
    """The share of X (N, ...) that predict puts into the class y (N,), so many examples at a time.

    >>> accuracy_in_batches(lambda X: X > 0, np.array([1, -1, 2]), np.array([1, 0, 0]), 2) == 2 / 3
    np.True_
    """
    parts = np.array_split(X, range(batch_size, len(X), batch_size))
    return accuracy(np.concatenate([predict(part) for part in parts]), y)


@dataclass(frozen=True)
class Epoch:
    """What an epoch gave: its number from 0, the loss of its last batch, the mean over its batches, and the next epoch's rate."""

    number: int
    last_loss: float
    mean_loss: float
    next_lr: float


def plain_epochs(
    step: Callable[[Array, float], Any], num_examples: int, *, num_epochs: int, batch_size: int, lr: float, lr_decay: float = 1.0, rng: Any
) -> Iterator[Epoch]:
    """step(rows, lr) -> loss, for each batch of each epoch: all examples in a fresh order, the last batch shorter.

    lr is multiplied by lr_decay after each epoch.

    >>> steps = []
    >>> epochs = plain_epochs(lambda rows, lr: steps.append(len(rows)) or lr, 5, num_epochs=2, batch_size=2, lr=1.0, lr_decay=0.5, rng=np.random.default_rng(0))
    >>> [epoch.mean_loss for epoch in epochs], steps
    ([1.0, 0.5], [2, 2, 1, 2, 2, 1])
    """
    for number in range(num_epochs):
        losses = [float(step(rows, lr)) for rows in index_batches(num_examples, batch_size, rng)]
        lr = lr * lr_decay
        yield Epoch(number, losses[-1], fmean(losses), lr)
