"""The courses' Solver: the same draws, in the same order, and the same measurements, so that a seeded notebook prints what it printed.

It differs from `Solver` in what a seed decides: batches and scored examples are drawn with replacement, and the first measurement
comes after the first step. Nothing stops a run that diverges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.batch import Batches
from layerwise.data.rows import gather

Rule = Callable[[Array, Array, dict[str, Any]], tuple[Array, dict[str, Any]]]


class ClassicSolver:
    """Minibatch training of anything with params and loss(X, y), by a rule (w, dw, config) -> w, config.

    data               a mapping with X_train, y_train, X_val, y_val
    optim_config       copied for each parameter; its "learning_rate" is multiplied by lr_decay after each epoch
    num_train_samples  how many training examples are scored, drawn with replacement; None takes all, and so num_val_samples
    rng                its choice draws the batches and the scored examples

    After train(): loss_history (one a step), train_acc_history and val_acc_history (after the first step, each epoch, and the
    last step), best_val_acc, best_params, which the model is left with.
    """

    def __init__(
        self,
        model: Any,
        data: Mapping[str, Any],
        *,
        rule: Rule,
        optim_config: Mapping[str, Any] | None = None,
        lr_decay: float = 1.0,
        batch_size: int = 100,
        num_epochs: int = 10,
        num_train_samples: int | None = 1000,
        num_val_samples: int | None = None,
        print_every: int = 10,
        rng: Any,
    ) -> None:
        self.model, self.rule, self.optim_config, self.rng = model, rule, dict(optim_config or {}), rng
        self.X_train, self.y_train, self.X_val, self.y_val = (data[name] for name in ("X_train", "y_train", "X_val", "y_val"))
        self.lr_decay, self.batch_size, self.num_epochs, self.print_every = lr_decay, batch_size, num_epochs, print_every
        self.num_train_samples, self.num_val_samples = num_train_samples, num_val_samples
        self.batches = Batches(self.X_train, self.y_train, batch_size=batch_size, rng=rng, dtype=self.X_train.dtype, sampling="replacement")
        self._reset()

    def _reset(self) -> None:
        """Forget what was measured, and start each parameter's config anew."""
        self.epoch, self.best_val_acc = 0, 0.0
        self.best_params: dict[str, Array] = {}
        self.loss_history: list[Any] = []
        self.train_acc_history: list[Any] = []
        self.val_acc_history: list[Any] = []
        self.optim_configs: dict[str, dict[str, Any]] = {name: dict(self.optim_config) for name in self.model.params}

    def train(self) -> None:
        """Take num_epochs times max(N // batch_size, 1) steps, then leave the model with its best parameters."""
        steps_per_epoch = max(len(self.X_train) // self.batch_size, 1)
        num_steps = self.num_epochs * steps_per_epoch
        for step in range(1, num_steps + 1):
            self._step()
            if (step - 1) % self.print_every == 0:
                self.stepped(step, num_steps)
            if step % steps_per_epoch == 0:
                self.epoch += 1
                for config in self.optim_configs.values():
                    config["learning_rate"] *= self.lr_decay
            if step in (1, num_steps) or step % steps_per_epoch == 0:
                self._measure()
        self.model.params = self.best_params

    def _step(self) -> None:
        X, y = self.batches.next()
        loss, grads = self.model.loss(X, y)
        self.loss_history.append(loss)
        params = self.model.params
        for name, w in params.items():
            new, self.optim_configs[name] = self.rule(w, grads[name], self.optim_configs[name])
            if new is not w:
                params[name] = new

    def _measure(self) -> None:
        self.train_acc_history.append(self.check_accuracy(self.X_train, self.y_train, num_samples=self.num_train_samples))
        self.val_acc_history.append(self.check_accuracy(self.X_val, self.y_val, num_samples=self.num_val_samples))
        self.measured()
        if self.val_acc_history[-1] > self.best_val_acc:
            self.best_val_acc = self.val_acc_history[-1]
            self.best_params = {name: np.copy(w) for name, w in self.model.params.items()}

    def check_accuracy(self, X: Array, y: Array, num_samples: int | None = None, batch_size: int = 100) -> Any:
        """The share of X (N, ...) that the model puts in its class y (N,), of num_samples drawn with replacement where N is more."""
        if num_samples is not None and num_samples < len(X):
            rows = self.rng.choice(len(X), num_samples)
            X, y = gather(X, rows), y[rows]
        predicted = [np.argmax(self.model.loss(X[i : i + batch_size]), axis=1) for i in range(0, len(X), batch_size)]
        return (np.concatenate(predicted) == y).mean()

    def stepped(self, step: int, num_steps: int) -> None:
        """Called after the first step, numbered 1, and then after every print_every-th."""

    def measured(self) -> None:
        """Called after each measurement, before the best is updated."""
