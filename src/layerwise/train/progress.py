"""How a run shows itself while it trains: a bar on a terminal, plain lines anywhere else."""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

from layerwise.train.callback import Callback, RunState


class Lines(Callback):
    """One plain line per epoch, and one every `every` steps where that is set."""

    name = "lines"

    def __init__(self, every: int | None = None, file: Any = None) -> None:
        self.every, self.file = every, file

    def run_start(self, state: RunState) -> None:
        self._epoch_line(state)

    def step_end(self, state: RunState) -> None:
        if self.every and state.step % self.every == 0:
            self._print(f"step {state.step}/{state.num_steps}  loss {spread(state.loss)}")

    def epoch_end(self, state: RunState) -> None:
        self._epoch_line(state)

    def run_end(self, state: RunState) -> None:
        for text in endings(state):
            self._print(text)

    def _epoch_line(self, state: RunState) -> None:
        self._print(f"epoch {state.epoch}/{state.num_epochs}  {figures(state)}")

    def _print(self, text: str) -> None:
        print(text, file=self.file or sys.stdout, flush=True)


class Bar(Callback):
    """A bar with loss, accuracy and time left, brought up to date at most ten times a second."""

    name = "bar"

    def __init__(self, console: Any = None) -> None:
        self.console: Any = console
        self._progress: Any = None
        self._task: Any = None
        self._shown = 0.0  # when

    def run_start(self, state: RunState) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[figures]}"),
            console=self.console,
        )
        self._progress.start()
        self._task = self._progress.add_task(self._epoch(state), total=state.num_steps, completed=state.step, figures=figures(state))

    def step_end(self, state: RunState) -> None:
        if time.monotonic() - self._shown > 0.1:
            self._show(state)

    def epoch_end(self, state: RunState) -> None:
        self._show(state)

    def run_end(self, state: RunState) -> None:
        if self._progress is not None:
            self._progress.stop()
            for text in endings(state):
                self._progress.console.print(text, markup=False, highlight=False)
            self._progress = None

    def _show(self, state: RunState) -> None:
        self._progress.update(self._task, completed=state.step, description=self._epoch(state), figures=figures(state))
        self._shown = time.monotonic()

    @staticmethod
    def _epoch(state: RunState) -> str:
        return f"epoch {min(state.epoch + 1, state.num_epochs)}/{state.num_epochs}"


def progress(every: int | None = None) -> Callback:
    """The bar on a terminal; lines where output goes to a file, a pipe or a notebook's cell."""
    return Bar() if sys.stdout.isatty() else Lines(every)


def figures(state: RunState) -> str:
    """The newest figures of a run in a line."""
    solver = state.solver
    parts = [] if state.loss is None else [f"loss {spread(state.loss)}"]
    if solver.train_acc_history:
        parts += [f"train {spread(solver.train_acc_history[-1])}"]
        if not np.all(np.isnan(solver.val_acc_history[-1])):
            parts += [f"val {spread(solver.val_acc_history[-1])}"]
    return "  ".join(parts)


def endings(state: RunState) -> list[str]:
    """What there is to say at the end: why training stopped before its last step, and which members did."""
    frozen = state.solver.frozen
    texts = [f"member {which} {frozen[which]}" for which in sorted(frozen)[:3]]
    if len(frozen) > 3:
        texts.append(f"and {len(frozen) - 3} more of {state.solver.roster.size} members diverged")
    return texts + ([state.stop_reason] if state.stop_reason else [])


def spread(value: Any) -> str:
    """A number; for a population its median and range."""
    if not np.ndim(value):
        return f"{float(value):.4f}"
    known = np.asarray(value)[np.isfinite(value)]
    if not len(known):
        return "none finite"
    return f"{np.median(known):.4f} ({known.min():.4f} to {known.max():.4f})"
