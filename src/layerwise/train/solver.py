"""The training loop: minibatches, an update rule, evaluation after each epoch, and the best parameters kept."""

from __future__ import annotations

import inspect
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.batch import Batches
from layerwise.data.dataset import Dataset
from layerwise.errors import DivergenceWarning
from layerwise.optim.choice import choose_rule
from layerwise.optim.option import check_values
from layerwise.train.best import Best
from layerwise.train.callback import EarlyStopping, RunState, call, checked_callbacks
from layerwise.train.check import check_answer, check_counts, check_per_member
from layerwise.train.clip import clipped
from layerwise.train.denormal import EVERY, clear_denormals
from layerwise.train.evaluation import BATCH, Metric, measure, sample
from layerwise.train.examples import checked_examples, checked_weights, generators
from layerwise.train.guard import Guard, divergence, not_finite
from layerwise.train.history import History
from layerwise.train.interrupt import Interrupt
from layerwise.train.population import Roster, cut, for_each_member
from layerwise.train.progress import progress
from layerwise.train.protocol import Model, dtype_of, ignores_labels, settings_of, trees_of
from layerwise.train.rate import bound_schedule


class Solver:
    """Trains anything with params and loss(X, y): one model, or a population when its figures have shape (P,).

    model          see layerwise.train.Model; its params are updated in place
    data           a Dataset, or a dict with X_train, y_train, X_val, y_val (the last two may be None)
    update_rule    a name in RULES; optim_config holds its options (lr, momentum, ...), each a number or (P,)
    lr_decay       factor on lr after each epoch, a number or (P,)
    schedule       a name in SCHEDULES or a function (step, num_steps, history, **schedule_options) -> factor of lr
    num_epochs     how often to go through the training set; num_steps, if given, counts steps instead
    batch_size     examples a step; None takes all of them
    sampling       "shuffle" (each example once an epoch, in whole batches), "every" (those that fill none come in a last, shorter
                   one), "ordered" (likewise, in the order of the data) or "replacement" (each batch drawn anew)
    weights        (N,) how much each training example counts in its batch's loss, a mean weighted by them; None counts all alike
    num_train_samples  so many training examples are scored after each epoch; None scores all, 0 none (the figure is NaN)
    metric         (scores, y) -> larger is better, of all examples at once; accuracy by default, minus the loss where labels are not classes
    clip_norm      the gradients' joint norm is scaled down to this where it is larger
    patience       stop after this many epochs without a better validation figure
    guard          stop a diverging run (freeze a diverging member), say why, and keep the last good parameters
    restore_best   leave the parameters of the best epoch in the model when training ends
    callbacks      objects with any of the methods run_start, epoch_start, step_end, epoch_end, run_end
    rng            a seed, or a generator that draws batches and the training sample that is scored
    warns          tell of divergence by a DivergenceWarning where verbose is off; False leaves that to who reads stop_reason and frozen
    verbose        show progress; print_every adds a line every so many steps where output is not a terminal

    After train(): loss_history (one a step), train_acc_history, val_acc_history, val_loss_history (epoch 0 first),
    best_val_acc, best_params, stop_reason, history.rows(). For a population every figure is (P,).

    >>> from layerwise.data import load_digits
    >>> from layerwise.models import SoftmaxModel
    >>> data = load_digits().with_preprocessing("scale", "flatten")
    >>> solver = Solver(SoftmaxModel(64, 10), data, optim_config={"lr": 0.5}, num_epochs=20, verbose=False)
    >>> solver.train()
    >>> bool(solver.best_val_acc > 0.9)
    True
    """

    def __init__(
        self,
        model: Model,
        data: Mapping[str, Any] | Dataset,
        *,
        update_rule: str = "sgd",
        optim_config: Mapping[str, Any] | None = None,
        lr_decay: Any = 1.0,
        schedule: str | Callable[..., Any] | None = None,
        schedule_options: Mapping[str, Any] | None = None,
        num_epochs: int = 10,
        num_steps: int | None = None,
        batch_size: int | None = 100,
        sampling: str = "shuffle",
        weights: Any = None,
        num_train_samples: int | None = 1000,
        num_val_samples: int | None = None,
        metric: Metric | None = None,
        clip_norm: float | None = None,
        patience: int | None = None,
        guard: bool = True,
        restore_best: bool = True,
        callbacks: Iterable[Any] = (),
        rng: Any = 0,
        warns: bool = True,
        verbose: bool = True,
        print_every: int | None = None,
    ) -> None:
        if not isinstance(model, Model):
            raise TypeError(f"Solver: the model, a {type(model).__name__}, needs the attribute params and the method loss(X, y).")
        check_counts(0, num_epochs=num_epochs)
        check_counts(0, "None goes by num_epochs", num_steps=num_steps)
        check_counts(0, "None takes all examples, 0 none", num_train_samples=num_train_samples)
        check_counts(1, "None takes all examples", batch_size=batch_size, num_val_samples=num_val_samples)
        check_values({"lr_decay": lr_decay}, "Solver")
        if metric is not None and not callable(metric):
            raise TypeError(f"Solver: metric is {metric!r}, but must be a function: (scores, y) -> larger is better.")
        if clip_norm is not None and not clip_norm > 0:
            raise ValueError(f"Solver: clip_norm is {clip_norm}, but must be above 0 (None does not clip).")
        self.model, self.dtype = model, dtype_of(model)
        self.optim_config = dict(optim_config or {})
        self.update_rule, self.rule = update_rule, choose_rule(update_rule, self.optim_config)
        self.optim_config.setdefault("lr", inspect.signature(self.rule).parameters["lr"].default)
        self.lr_decay, self.clip_norm, self.metric = lr_decay, clip_norm, metric
        self.restore_best, self._warns = restore_best, warns and not verbose

        self.X_train, self.y_train, self.X_val, self.y_val = checked_examples(data, labelled=not ignores_labels(model))
        self.weights = None if weights is None else checked_weights(weights, model, len(self.X_train))
        self.preprocessing = getattr(data, "preprocessing", None)
        self.num_train_samples, self.num_val_samples = num_train_samples, num_val_samples
        order_rng, self.sample_rng = generators(rng)
        self.batches = Batches(
            self.X_train,
            self.y_train,
            batch_size=batch_size or len(self.X_train),
            rng=order_rng,
            dtype=self.dtype,
            preprocessing=self.preprocessing,
            sampling=sampling,
            weights=self.weights,
            augmentation=getattr(data, "augmentation", ()),
        )
        self.steps_per_epoch = self.batches.steps_per_epoch
        self.num_steps = num_epochs * self.steps_per_epoch if num_steps is None else num_steps
        self.num_epochs = -(-self.num_steps // self.steps_per_epoch)
        self.schedule = bound_schedule(schedule, schedule_options, self.steps_per_epoch)

        self.callbacks = checked_callbacks(callbacks)
        if patience is not None:
            self.callbacks.append(EarlyStopping(patience))
        if verbose:
            self.callbacks.append(progress(print_every))
        self.guard = Guard() if guard else None
        self.history, self.best, self.roster = History(), Best(), Roster()
        self.loss_history, self.train_acc_history = self.history.loss_history, self.history.train_acc_history
        self.val_acc_history, self.val_loss_history = self.history.val_acc_history, self.history.val_loss_history
        self.state = RunState(self, self.num_steps, self.num_epochs)
        self.rule_state: dict[str, dict[str, Any]] = {name: {} for name in model.params}
        self.seconds = 0.0  # spent in train(), up to the last evaluation or checkpoint
        self._started: float | None = None  # when train() would have begun, had it not been stopped; None outside of it
        self._batch = np.zeros(0)  # the inputs of the last step
        self._answer_is_known = False  # loss has returned what it should, once

    # ---- what was measured

    @property
    def best_val_acc(self) -> Any:
        return self.best.value

    @property
    def best_params(self) -> dict[str, Array]:
        return self.best.params

    @property
    def stop_reason(self) -> str | None:
        """Why training ended before its last step; None if it did not."""
        return self.state.stop_reason

    @property
    def diverged(self) -> bool:
        """Whether the guard stopped the run: the one model, or all members, left the finite numbers."""
        return (self.stop_reason or "").startswith("diverged")

    @property
    def frozen(self) -> dict[int, str]:
        """The members that diverged and are no longer trained, and how each did."""
        return self.roster.frozen

    # ---- training

    def train(self) -> None:
        """Train to the end, or go on from where the run stands.

        Ctrl-C ends training after the current step with what was trained kept, then raises KeyboardInterrupt.
        """
        if thawed := [name for name in self.model.params if name not in self.rule_state]:
            raise ValueError(
                f"Solver: {', '.join(thawed)} became trainable after this Solver was made: make a new one for the model as it is."
            )
        state, state.stop_reason = self.state, None
        self._started = time.perf_counter() - self.seconds
        with np.errstate(all="ignore"), Interrupt() as interrupt:
            if not self.history.epochs:
                self._evaluate()
            try:
                self._run(interrupt)
            finally:
                self._tick()
                self._started = None
                if self.best.params and (self.restore_best or self.diverged):
                    self.best.restore(self.model, self.roster)
                call(self.callbacks, "run_end", state)
        if interrupt.requested:
            raise KeyboardInterrupt(state.stop_reason)
        if self._warns and (self.diverged or self.frozen):
            warnings.warn(self.stop_reason or next(iter(self.frozen.values())), DivergenceWarning, stacklevel=2)

    def _run(self, interrupt: Interrupt) -> None:
        state = self.state
        call(self.callbacks, "run_start", state)
        if self._epoch_is_over and state.step > self.history.epoch_steps[-1]:
            self._end_epoch()  # resumed from between an epoch's last step and its evaluation
        while state.step < self.num_steps and not state.stop_reason:
            if state.step % self.steps_per_epoch == 0:
                call(self.callbacks, "epoch_start", state)
            self._step()
            if interrupt.requested:
                self._stop_interrupted()
            if not self.diverged:
                call(self.callbacks, "step_end", state)
            if self._epoch_is_over or state.stop_reason:
                self._end_epoch()
        if interrupt.requested:  # during the last evaluation
            self._stop_interrupted()

    @property
    def _epoch_is_over(self) -> bool:
        return self.state.step % self.steps_per_epoch == 0 or self.state.step == self.num_steps

    def _step(self) -> None:
        self._batch, y = self.batches.next()
        if self.weights is None:
            answer = self.model.loss(self._batch, y)
        else:
            answer = self.model.loss(self._batch, y, weights=self.batches.batch_weights)  # type: ignore[call-arg]  # checked to take them
        if not self._answer_is_known:
            check_answer(answer, self.model.params, self.roster.members.shape if self.roster.is_population else ())
            self._answer_is_known = True
        loss, grads = answer
        self.loss_history.append(self.roster.all_members(loss))
        self.state.loss = self.loss_history[-1]
        if self.guard is not None:
            bad = self.guard.bad(loss)
            if bad.any():
                self._stop_diverged(bad, loss)
                if self.diverged:
                    self.state.step += 1  # its batch was taken
                    return
        if self.clip_norm is not None:
            grads = clipped(grads, self.clip_norm, population=self.roster.is_population)
        options = {**self.optim_config, "lr": self.lr()}
        for name, w in self.model.params.items():
            self.rule(w, grads[name], self.rule_state[name], **{key: for_each_member(value, w) for key, value in options.items()})
        if self.roster.frozen:
            self.best.restore(self.model, self.roster, self.roster.frozen_positions)
        self.state.step += 1
        if self.state.step % EVERY == 0:
            for memory in self.rule_state.values():
                clear_denormals(memory)

    def lr(self) -> Any:
        """The learning rate of the next step, a number or (P,): optim_config's, times lr_decay per epoch, times the schedule's factor."""
        rate, decay = self.optim_config["lr"], self.lr_decay
        if np.ndim(rate):
            rate = np.asarray(rate, np.float64)
        if np.ndim(decay) or decay != 1:
            rate = rate * np.asarray(decay, np.float64) ** (self.state.step // self.steps_per_epoch)
        if self.schedule is not None:
            rate = rate * self.roster.present(self.schedule(self.state.step, self.num_steps, self.history))
        return rate

    def _end_epoch(self) -> None:
        self.state.epoch = self.state.step // self.steps_per_epoch if self.state.step < self.num_steps else self.num_epochs
        self._check_parameters()
        if not self.diverged:
            self._evaluate()
        call(self.callbacks, "epoch_end", self.state)

    def _tick(self) -> None:
        if self._started is not None:
            self.seconds = time.perf_counter() - self._started

    def _stop_interrupted(self) -> None:
        self.state.stop(f"interrupted after step {self.state.step} of {self.num_steps}; what was trained is kept")

    # ---- evaluation

    def check_accuracy(self, X: Any, y: Any, num_samples: int | None = None, batch_size: int = BATCH) -> Any:
        """The metric over X (N, ...), y (N, ...) in predict mode; over a random sample where num_samples < N."""
        return self._measure(X, y, num_samples, batch_size)[0]

    def _measure(self, X: Any, y: Any, num_samples: int | None, batch_size: int = BATCH) -> tuple[Any, Any]:
        X, y = sample(X, y, num_samples, self.sample_rng)
        return measure(self.model, X, y, dtype=self.dtype, preprocessing=self.preprocessing, metric=self.metric, batch_size=batch_size)

    def _evaluate(self) -> None:
        train_acc, train_loss = self._measure_training()
        if not self.history.epochs:
            self._begin(train_acc, train_loss)
        val_acc = val_loss = np.full(np.shape(train_acc), np.nan)[()]
        if self.X_val is not None:
            val_acc, val_loss = self._measure(self.X_val, self.y_val, self.num_val_samples)
        self._tick()
        history, all_members = self.history, self.roster.all_members
        history.epochs.append(self.state.epoch)
        history.epoch_steps.append(self.state.step)
        history.train_acc_history.append(all_members(train_acc))
        history.val_acc_history.append(all_members(val_acc))
        history.val_loss_history.append(all_members(val_loss))
        history.lr_history.append(all_members(self.lr()))
        history.seconds_history.append(self.seconds)
        self.best.update(self.model, history.val_acc_history[-1], self.roster, newest=self.X_val is None)

    def _measure_training(self) -> tuple[Any, Any]:
        """(metric, loss) of the training set, or of a sample of it; NaN where none is asked for."""
        if self.num_train_samples != 0:
            return self._measure(self.X_train, self.y_train, self.num_train_samples)
        if self.history.epochs:
            return np.nan, np.nan
        figure, _ = measure(self.model, self.X_train[:1], self.y_train[:1], dtype=self.dtype, preprocessing=self.preprocessing)
        unknown = np.full(np.shape(figure), np.nan)[()]  # one example has told a model from a population
        return unknown, unknown

    def _begin(self, figure: Any, loss: Any) -> None:
        """The first figures tell whether this is a population: (P,) where it is."""
        if np.ndim(loss) and np.shape(figure) != np.shape(loss):
            raise ValueError(f"Solver: the metric has shape {np.shape(figure)}, but a population needs one figure each: {np.shape(loss)}.")
        if np.ndim(figure):
            self.roster.begin(len(figure), self.model.params)
        check_per_member({**self.optim_config, "lr_decay": self.lr_decay}, self.roster.size)

    # ---- populations

    def keep(self, positions: Any) -> None:
        """Go on with the members at these positions of the model's leading axis only; the others are cut out of every array."""
        if not self.roster.is_population:
            raise ValueError("Solver.keep: this run trains one model, not a population (or train has not been called yet).")
        positions = np.arange(len(self.roster.members))[positions]  # from a mask, or negative numbers
        if positions.ndim != 1 or not len(positions) or len(np.unique(positions)) < len(positions):
            raise ValueError(f"Solver.keep: {positions} must name at least one member, and none twice.")
        trees = (tree for _, tree in trees_of(self.model))
        for tree in (*trees, *self.rule_state.values(), self.optim_config, settings_of(self.model)):
            for name, value in tree.items():
                if np.ndim(value):
                    tree[name] = cut(np.asarray(value), positions)
        if np.ndim(self.lr_decay):
            self.lr_decay = np.asarray(self.lr_decay)[positions]
        if self.guard is not None:
            self.guard.keep(positions)
        self.roster.keep(positions)

    # ---- divergence

    def _check_parameters(self) -> None:
        if self.guard is not None and not self.diverged:
            bad = not_finite(self.model.params, population=self.roster.is_population)
            if bad.any():
                self._stop_diverged(bad, None)

    def _stop_diverged(self, bad: Array, loss: Any) -> None:
        """Stop the run, or freeze the members that diverged and stop when none is left."""
        step, rates = self.state.step + (loss is not None), np.broadcast_to(self.lr(), bad.shape)
        for position in map(tuple, np.argwhere(bad)):  # () for one model
            value = None if loss is None else float(np.asarray(loss)[position])
            reason = divergence(step, value, float(rates[position]), self._batch, clips=self.clip_norm is not None)
            if not position:
                self.state.stop(f"{reason} The last good parameters are kept.")
            else:
                self.roster.frozen.setdefault(int(self.roster.members[position]), reason)
        if self.roster.is_population:
            frozen = self.roster.frozen_positions
            self.best.restore(self.model, self.roster, frozen)
            if len(frozen) == len(bad):
                self.state.stop(f"diverged: all {len(bad)} members. Member {int(self.roster.members[-1])} {reason}")

    # ---- checkpoints

    def save_checkpoint(self, folder: str | Path) -> None:
        """Write all that the run needs to go on to the same bits; nothing if it turns out to have diverged."""
        from layerwise.train.checkpoint import save

        self._check_parameters()
        self._tick()
        if not self.diverged:
            save(self, Path(folder))

    def resume(self, folder: str | Path) -> None:
        """Go back to the state that save_checkpoint wrote; the solver must have been built with the same arguments."""
        from layerwise.train.checkpoint import restore

        restore(self, Path(folder))
