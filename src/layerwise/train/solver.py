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
from layerwise.optim.choice import choose_rule, choose_schedule
from layerwise.train.best import Best
from layerwise.train.callback import EarlyStopping, RunState, call
from layerwise.train.clip import clipped
from layerwise.train.evaluation import BATCH, Metric, measure
from layerwise.train.examples import checked_examples
from layerwise.train.guard import Guard, advice, finite
from layerwise.train.history import History
from layerwise.train.interrupt import Interrupt
from layerwise.train.population import Roster, cut
from layerwise.train.progress import progress
from layerwise.train.protocol import Model, settings_of, trees_of


class Solver:
    """Trains anything with params and loss(X, y): one model, or a population when its figures have shape (P,).

    model          see layerwise.train.Model; its params are updated in place
    data           a Dataset, or a dict with X_train, y_train, X_val, y_val (the last two may be None)
    update_rule    a name in RULES; optim_config holds its options (lr, momentum, ...), each a number or (P,)
    lr_decay       factor on lr after each epoch, a number or (P,)
    schedule       a name in SCHEDULES or a function (step, num_steps, history, **schedule_options) -> factor of lr
    num_epochs     how often to go through the training set; num_steps, if given, counts steps instead
    batch_size     examples a step; None takes all of them
    sampling       "shuffle" (each example once an epoch) or "replacement" (each batch drawn anew)
    metric         (scores, y) -> larger is better; accuracy by default, minus the loss where labels are not classes
    clip_norm      the gradients' joint norm is scaled down to this where it is larger
    patience       stop after this many epochs without a better validation figure
    guard          stop a diverging run (freeze a diverging member), say why, and keep the last good parameters
    restore_best   leave the parameters of the best epoch in the model when training ends
    callbacks      objects with any of the methods run_start, epoch_start, step_end, epoch_end, run_end
    rng            a seed, or a generator that draws batches and the training sample that is scored
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
        num_train_samples: int | None = 1000,
        num_val_samples: int | None = None,
        metric: Metric | None = None,
        clip_norm: float | None = None,
        patience: int | None = None,
        guard: bool = True,
        restore_best: bool = True,
        callbacks: Iterable[Any] = (),
        rng: Any = 0,
        verbose: bool = True,
        print_every: int | None = None,
    ) -> None:
        if not isinstance(model, Model):
            raise TypeError(f"Solver: the model, a {type(model).__name__}, needs the attribute params and the method loss(X, y).")
        self.model, self.dtype = model, _dtype_of(model)
        self.optim_config = dict(optim_config or {})
        self.update_rule, self.rule = update_rule, choose_rule(update_rule, self.optim_config)
        self.optim_config.setdefault("lr", inspect.signature(self.rule).parameters["lr"].default)
        self.lr_decay, self.clip_norm, self.metric = lr_decay, clip_norm, metric
        self.restore_best, self._quiet = restore_best, not verbose

        self.X_train, self.y_train, self.X_val, self.y_val = checked_examples(data)
        self.preprocessing = getattr(data, "preprocessing", None)
        self.num_train_samples, self.num_val_samples = num_train_samples, num_val_samples
        if batch_size is not None and batch_size < 1:
            raise ValueError(f"Solver: batch_size is {batch_size}, but must be at least 1 (or None for all examples).")
        order_rng, self.sample_rng = _generators(rng)
        self.batches = Batches(
            self.X_train,
            self.y_train,
            batch_size=batch_size or len(self.X_train),
            rng=order_rng,
            dtype=self.dtype,
            preprocessing=self.preprocessing,
            sampling=sampling,
        )
        self.steps_per_epoch = self.batches.steps_per_epoch
        self.num_steps = num_epochs * self.steps_per_epoch if num_steps is None else num_steps
        if self.num_steps < 0:
            raise ValueError(f"Solver: {self.num_steps} steps cannot be taken: give num_epochs (or num_steps) of 0 or more.")
        self.num_epochs = -(-self.num_steps // self.steps_per_epoch)
        self.schedule = (
            choose_schedule(schedule, schedule_options or {}, steps_per_epoch=self.steps_per_epoch)
            if isinstance(schedule, str)
            else schedule
        )

        self.callbacks: list[Any] = list(callbacks)
        if patience is not None:
            self.callbacks.append(EarlyStopping(patience))
        if verbose:
            self.callbacks.append(progress(print_every))
        self.guard = Guard() if guard else None
        self.history, self.best, self.roster = History(), Best(), Roster()
        self.state = RunState(self, self.num_steps, self.num_epochs)
        self.rule_state: dict[str, dict[str, Any]] = {name: {} for name in model.params}
        self.frozen: dict[int, str] = {}  # members that diverged, and how
        self.held: dict[int, dict[str, Array]] = {}  # position in the model -> a frozen member's last good parameters
        self.seconds = 0.0  # spent in train() so far

    # ---- what was measured

    @property
    def loss_history(self) -> list[Any]:
        return self.history.loss_history

    @property
    def train_acc_history(self) -> list[Any]:
        return self.history.train_acc_history

    @property
    def val_acc_history(self) -> list[Any]:
        return self.history.val_acc_history

    @property
    def val_loss_history(self) -> list[Any]:
        return self.history.val_loss_history

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

    # ---- training

    def train(self) -> None:
        """Train to the end, or go on from where the run stands.

        Ctrl-C ends training after the current step with what was trained kept, then raises KeyboardInterrupt.
        """
        state, state.stop_reason = self.state, None
        started = time.perf_counter() - self.seconds  # earlier calls count
        with np.errstate(all="ignore"), Interrupt() as interrupt:
            if not self.history.epochs:
                self._evaluate(started)
            elif state.step % self.steps_per_epoch == 0 and state.step > self.history.epoch_steps[-1]:
                self._end_epoch(started)  # resumed from between an epoch's last step and its evaluation
            call(self.callbacks, "run_start", state)
            while state.step < self.num_steps and not state.stop_reason:
                if state.step % self.steps_per_epoch == 0:
                    call(self.callbacks, "epoch_start", state)
                self._step()
                if interrupt.requested:
                    state.stop(f"interrupted after step {state.step} of {self.num_steps}; what was trained is kept")
                if not self.diverged:
                    call(self.callbacks, "step_end", state)
                if self.diverged or interrupt.requested or state.step % self.steps_per_epoch == 0 or state.step == self.num_steps:
                    self._end_epoch(started)
            self.seconds = time.perf_counter() - started
            if self.restore_best and self.best.params:
                self.best.restore(self.model, self.roster)
            call(self.callbacks, "run_end", state)
        if interrupt.requested:
            raise KeyboardInterrupt(state.stop_reason)
        if self._quiet and (self.diverged or self.frozen):
            warnings.warn(self.stop_reason or next(iter(self.frozen.values())), DivergenceWarning, stacklevel=2)

    def _step(self) -> None:
        self._batch, y = X, y = self.batches.next()
        loss, grads = self.model.loss(X, y)
        self.loss_history.append(self.roster.all_members(loss))
        self.state.loss = self.loss_history[-1]
        if self.guard is not None:
            bad = self.guard.bad(loss)
            if bad.any():
                self._stop_diverged(bad, loss, X)
                if self.diverged:
                    return
        if self.clip_norm is not None:
            grads = clipped(grads, self.clip_norm, population=self.roster.is_population)
        options = {**self.optim_config, "lr": self.lr()}
        for name, w in self.model.params.items():
            self.rule(w, grads[name], self.rule_state[name], **{key: _broadcast(value, w) for key, value in options.items()})
        self._hold()
        self.state.step += 1

    def lr(self) -> Any:
        """The learning rate of the next step, a number or (P,): optim_config's, times lr_decay per epoch, times the schedule's factor."""
        rate = np.asarray(self.optim_config["lr"], np.float64)[()]
        if np.any(np.asarray(self.lr_decay) != 1):
            rate = rate * np.asarray(self.lr_decay, np.float64) ** (self.state.step // self.steps_per_epoch)
        if self.schedule is not None:
            rate = rate * self.roster.present(self.schedule(self.state.step, self.num_steps, self.history))
        return rate

    def _end_epoch(self, started: float) -> None:
        self.state.epoch = self.state.step // self.steps_per_epoch if self.state.step < self.num_steps else self.num_epochs
        if self.guard is not None and not self.diverged:
            bad = ~finite(self.model.params, population=self.roster.is_population)
            if bad.any():
                self._stop_diverged(bad, None, self._batch)
        if not self.diverged:
            self._evaluate(started)
        call(self.callbacks, "epoch_end", self.state)

    # ---- evaluation

    def check_accuracy(self, X: Any, y: Any, num_samples: int | None = None, batch_size: int = BATCH) -> Any:
        """The metric over X (N, ...), y (N, ...) in predict mode; over a random sample where num_samples < N."""
        return self._measure(X, y, num_samples, batch_size)[0]

    def _measure(self, X: Any, y: Any, num_samples: int | None, batch_size: int = BATCH) -> tuple[Any, Any]:
        if num_samples is not None and num_samples < len(X):
            rows = np.sort(self.sample_rng.choice(len(X), num_samples, replace=False))
            X, y = X[rows], np.asarray(y[rows])
        return measure(self.model, X, y, dtype=self.dtype, preprocessing=self.preprocessing, metric=self.metric, batch_size=batch_size)

    def _evaluate(self, started: float) -> None:
        train_acc, _ = self._measure(self.X_train, self.y_train, self.num_train_samples)
        if np.ndim(train_acc) and not self.roster.is_population:
            self.roster.begin(len(train_acc))
        val_acc = val_loss = np.full(np.shape(train_acc), np.nan)[()]
        if self.X_val is not None:
            val_acc, val_loss = self._measure(self.X_val, self.y_val, self.num_val_samples)
        history, all_members = self.history, self.roster.all_members
        history.epochs.append(self.state.epoch)
        history.epoch_steps.append(self.state.step)
        history.train_acc_history.append(all_members(train_acc))
        history.val_acc_history.append(all_members(val_acc))
        history.val_loss_history.append(all_members(val_loss))
        history.lr_history.append(all_members(self.lr()))
        history.seconds_history.append(time.perf_counter() - started)
        self.best.update(self.model, val_acc, self.roster, newest=self.X_val is None)

    # ---- populations

    def keep(self, positions: Any) -> None:
        """Go on with the members at these positions of the model's leading axis only; the others are cut out of every array."""
        if self.roster.members is None:
            raise ValueError("Solver.keep: this run trains one model, not a population (or train has not been called yet).")
        positions = np.asarray(positions)
        positions = np.flatnonzero(positions) if positions.dtype == bool else positions
        if not len(positions):
            raise ValueError("Solver.keep: at least one member must stay.")
        for tree in (*(tree for _, tree in trees_of(self.model)), *self.rule_state.values()):
            for name, value in tree.items():
                if np.ndim(value):
                    tree[name] = cut(value, positions)
        for settings in (self.optim_config, settings_of(self.model), vars(self)):
            for name in settings if settings is not vars(self) else ("lr_decay",):
                if np.ndim(settings[name]):
                    settings[name] = np.asarray(settings[name])[positions]
        if self.guard is not None:
            self.guard.keep(positions)
        self.held = {i: self.held[int(p)] for i, p in enumerate(positions) if int(p) in self.held}
        self.roster.members = self.roster.members[positions]

    def _hold(self) -> None:
        """Put frozen members back where they were before they diverged."""
        for position, kept in self.held.items():
            for name, w in self.model.params.items():
                w[position] = kept[name]

    def _stop_diverged(self, bad: Array, loss: Any, X: Array) -> None:
        """Stop the run, or freeze the members that diverged and stop when none is left."""
        step, clips = self.state.step + (loss is not None), self.clip_norm is not None
        rates = np.broadcast_to(self.lr(), bad.shape)
        for position in np.argwhere(bad):
            at, which = tuple(position), self.roster.member(position[0]) if bad.ndim else 0
            what = "parameters are no longer finite" if loss is None else f"the loss became {float(np.asarray(loss)[at]):.3g}"
            reason = f"diverged at step {step}: {what}. {advice(float(rates[at]), X, clips)}"
            if not bad.ndim:
                self.state.stop(f"{reason} The last good parameters are kept.")
            elif at[0] not in self.held:
                self.frozen[which] = reason
                self.held[int(at[0])] = {name: np.copy(best[which]) for name, best in self.best.params.items()}
        if bad.ndim:
            self._hold()
            if len(self.held) == len(bad):
                self.state.stop(f"diverged: all {len(bad)} members; member {which} {reason}")

    # ---- checkpoints

    def save_checkpoint(self, folder: str | Path) -> None:
        """Write all that the run needs to go on to the same bits."""
        from layerwise.train.checkpoint import save

        save(self, Path(folder))

    def resume(self, folder: str | Path) -> None:
        """Go back to the state that save_checkpoint wrote; the solver must have been built with the same arguments."""
        from layerwise.train.checkpoint import restore

        restore(self, Path(folder))


def _broadcast(value: Any, w: Array) -> Any:
    """A rule's option for one parameter: a number as it is, (P,) as (P, 1, ..., 1) in float64."""
    return np.reshape(np.asarray(value, np.float64), (-1,) + (1,) * (w.ndim - 1)) if np.ndim(value) else value


def _generators(rng: Any) -> tuple[Any, Any]:
    """For the order of the data, and for the sample of it that is scored."""
    if rng is None or isinstance(rng, int | np.integer | np.random.SeedSequence):
        sequence = rng if isinstance(rng, np.random.SeedSequence) else np.random.SeedSequence(rng)
        order, sample = (np.random.default_rng(s) for s in sequence.spawn(2))
        return order, sample
    return rng, rng


def _dtype_of(model: Any) -> Any:
    """The floats that the model computes in: its own word, else those of its first parameter."""
    dtype = getattr(model, "dtype", None)
    if dtype is not None:
        return np.dtype(dtype)
    kinds = [np.asarray(w).dtype for w in model.params.values()]
    return kinds[0] if kinds and kinds[0].kind == "f" else np.dtype(np.float32)
