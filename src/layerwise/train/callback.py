"""What may happen around training: a few events, each given one RunState."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    from layerwise.train.solver import Solver

EVENTS = ("run_start", "epoch_start", "step_end", "epoch_end", "run_end")


@dataclass
class RunState:
    """Where a run stands. stop(reason) ends it after the current step."""

    solver: Solver
    num_steps: int
    num_epochs: int
    step: int = 0  # steps taken
    epoch: int = 0  # epochs finished; epoch 0 is the evaluation before the first step
    loss: Any = None  # of the last step: a number, or (P,)
    stop_reason: str | None = None

    def stop(self, reason: str) -> None:
        """End training after this event; the first reason given is kept."""
        self.stop_reason = self.stop_reason or reason


class Callback:
    """Override the events you need: run_start, epoch_start, step_end, epoch_end, run_end."""

    name: ClassVar[str] = "callback"

    def run_start(self, state: RunState) -> None:
        """Before the first step of train(), after the evaluation of epoch 0."""

    def epoch_start(self, state: RunState) -> None:
        """Before the first step of an epoch."""

    def step_end(self, state: RunState) -> None:
        """After each step, with its loss."""

    def epoch_end(self, state: RunState) -> None:
        """After each epoch's evaluation."""

    def run_end(self, state: RunState) -> None:
        """Once, however training ended; the best parameters are in the model."""


class EarlyStopping(Callback):
    """Stop when the validation figure has not risen for `patience` epochs (of any member, in a population)."""

    name = "early_stopping"

    def __init__(self, patience: int = 10, min_delta: float = 0.0) -> None:
        if patience < 1:
            raise ValueError(f"early stopping: patience is {patience}, but must be at least 1 epoch.")
        self.patience, self.min_delta = patience, min_delta

    def run_start(self, state: RunState) -> None:
        if state.solver.X_val is None:
            raise ValueError("early stopping needs validation examples (X_val, y_val) to go by.")

    def epoch_end(self, state: RunState) -> None:
        values = np.array(state.solver.val_acc_history, np.float64)  # (epochs + 1,) or (epochs + 1, P)
        before, since = values[: -self.patience], values[-self.patience :]
        if len(before):
            best = np.nanmax(before, axis=0, initial=-np.inf)
            if not np.any(np.nanmax(since, axis=0, initial=-np.inf) > best + self.min_delta):
                state.stop(f"stopped early: validation has not risen above {np.max(best):.4g} for {self.patience} epochs")


class Checkpoint(Callback):
    """Write the whole state of a run into a folder, from which Solver.resume goes on to the same bits.

    Written at an epoch's end if the last one is `seconds` old, after every `every` steps, and when a run is stopped early.
    """

    name = "checkpoint"

    def __init__(self, folder: str | Path, *, every: int | None = None, seconds: float = 0.0) -> None:
        self.folder, self.every, self.seconds = Path(folder), every, seconds
        self._last = time.monotonic()

    def step_end(self, state: RunState) -> None:
        if state.stop_reason or (self.every and state.step % self.every == 0):
            self._save(state)

    def epoch_end(self, state: RunState) -> None:
        if not state.stop_reason and time.monotonic() - self._last >= self.seconds:
            self._save(state)

    def _save(self, state: RunState) -> None:
        state.solver.save_checkpoint(self.folder)
        self._last = time.monotonic()


def checked_callbacks(callbacks: Iterable[Any]) -> list[Any]:
    """The callbacks as a list; what answers to no event, or is a class rather than an object, is refused."""
    callbacks = list(callbacks)
    for callback in callbacks:
        if isinstance(callback, type) or not any(hasattr(callback, event) for event in EVENTS):
            what = f"the class {callback.__name__}: make an object of it" if isinstance(callback, type) else f"{callback!r}, which has none"
            raise TypeError(f"Solver: a callback needs a method for an event ({', '.join(EVENTS)}), but one is {what}.")
    return callbacks


def call(callbacks: list[Any], event: str, state: RunState) -> None:
    """Tell each callback that has it about an event; an exception goes on with a note that names callback, event and step."""
    for callback in callbacks:
        handler = getattr(callback, event, None)
        if handler is not None:
            try:
                handler(state)
            except Exception as error:
                error.add_note(f"raised by the callback {type(callback).__name__} at {event}, after step {state.step}")
                raise
