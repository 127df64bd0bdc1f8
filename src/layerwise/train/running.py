"""Figures of an epoch as it goes: the mean over its batches so far, of the loss and of a metric, both in training mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.train.callback import Callback, RunState


class RunningFigures(Callback):
    """Means over the batches of the present epoch, weighted by their sizes, as Keras reports them.

    The metric is taken of the very scores that the loss was worked out from, dropout and all, so it costs no second pass: the
    model's loss_function is watched while the run lasts. seen counts the examples of the epoch so far.

    >>> from layerwise.data import load_digits
    >>> from layerwise.metrics import accuracy
    >>> from layerwise.models import SoftmaxModel
    >>> from layerwise.train import Solver
    >>> data, figures = load_digits().with_preprocessing("scale", "flatten"), RunningFigures(accuracy)
    >>> Solver(SoftmaxModel(64, 10), data, num_epochs=1, sampling="every", callbacks=[figures], verbose=False).train()
    >>> figures.seen == len(data.X_train), 0 < figures.metric < 1
    (True, True)
    """

    name = "running_figures"

    def __init__(
        self, metric: Callable[[Array, Array], Any] | None = None, *, batch_end: Callable[[RunningFigures], None] | None = None
    ) -> None:
        self._metric, self._batch_end = metric, batch_end
        self._sums, self.seen = np.zeros(2), 0
        self._last = (0, 0.0)  # the size of the last batch, and its metric

    @property
    def loss(self) -> float:
        """The mean loss of the epoch so far."""
        return float(self._sums[0] / max(self.seen, 1))

    @property
    def metric(self) -> float:
        """The mean metric of the epoch so far; 0 without one."""
        return float(self._sums[1] / max(self.seen, 1))

    def run_start(self, state: RunState) -> None:
        model: Any = state.solver.model
        self._whole = model.loss_function
        model.loss_function = self._watched

    def _watched(self, scores: Array, y: Any, *, weights: Array | None = None) -> Any:
        self._last = len(y), 0.0 if self._metric is None else float(self._metric(scores, np.asarray(y)))
        return self._whole(scores, y, weights=weights)

    def epoch_start(self, state: RunState) -> None:
        self._sums, self.seen = np.zeros(2), 0

    def step_end(self, state: RunState) -> None:
        size, metric = self._last
        self._sums += np.array([float(state.loss), metric]) * size
        self.seen += size
        if self._batch_end is not None:
            self._batch_end(self)

    def run_end(self, state: RunState) -> None:
        model: Any = state.solver.model
        model.loss_function = self._whole
