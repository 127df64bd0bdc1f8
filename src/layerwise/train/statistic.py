"""What the layers do while a net learns: how far their outputs spread, which units are dead, how large the updates are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.batch import in_order
from layerwise.storage.atomic import write_text
from layerwise.storage.journal import Journal, read_journal
from layerwise.train.callback import Callback, RunState

EXAMPLES = 64  # that the outputs are measured on, evenly spread over the training part
MOST_EPOCHS = 10  # that are measured, evenly spread over the run, so that short epochs do not spend their time on it


class Statistics(Callback):
    """Writes statistics.jsonl, a line per layer and weight matrix at the ends of up to 10 epochs; `rows` holds the same.

    {"step", "epoch", "layer": "2 activation", "spread", "dead"}: the standard deviation of a layer's outputs, and the share of its units
    (channels of an image) that are 0 for every example; None where no output is 0. {"step", "epoch", "layer": "W1", "update"}: how long
    the epoch's last update of a weight matrix was, as a share of the matrix's own length.

    Outputs are measured where the model has activations(X); of a population nothing is. Training stays the same to the bit.

    >>> from layerwise.data import load_digits
    >>> from layerwise.models import FullyConnectedNet
    >>> from layerwise.train import Solver, Statistics
    >>> data, statistics = load_digits().with_preprocessing("scale", "flatten"), Statistics()
    >>> Solver(FullyConnectedNet([10], input_dim=64), data, num_epochs=1, callbacks=[statistics], verbose=False).train()
    >>> [row["layer"] for row in statistics.rows]
    ['1 dense', '2 activation', '3 dense', '1 dense', '2 activation', '3 dense', 'W1', 'W2']
    """

    name = "statistics"

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = None if path is None else Path(path)
        self.rows: list[dict[str, Any]] = []
        self._X: Array | None = None
        self._before: dict[str, Array] = {}  # the weight matrices before the epoch's last step
        self._updates: dict[str, float] = {}

    def run_start(self, state: RunState) -> None:
        solver = state.solver
        self._X, self._before, self._updates = None, {}, {}
        self._go_on(state.step)
        if solver.roster.is_population:
            return
        if hasattr(solver.model, "activations"):
            some = solver.X_train[np.linspace(0, len(solver.X_train) - 1, min(EXAMPLES, len(solver.X_train))).astype(np.intp)]
            self._X = next(iter(in_order(some, EXAMPLES, solver.dtype, solver.preprocessing)))
        if state.step == 0:
            self._write(state)
        self._remember(state)

    def step_end(self, state: RunState) -> None:
        for name, before in self._before.items():
            w = state.solver.model.params[name]
            self._updates[name] = _length(w - before) / max(_length(before), np.finfo(np.float64).tiny)
        self._remember(state)

    def epoch_end(self, state: RunState) -> None:
        if self._due(state, state.step):
            self._write(state)
        self._updates = {}

    @staticmethod
    def _due(state: RunState, step: int) -> bool:
        """Whether that step ends an epoch that is measured."""
        epoch, within = divmod(step, state.solver.steps_per_epoch)
        regular = within == 0 and epoch % max(1, -(-state.num_epochs // MOST_EPOCHS)) == 0
        return (regular or step == state.num_steps) and not state.solver.roster.is_population

    def _remember(self, state: RunState) -> None:
        """Keep the weight matrices if the next step ends an epoch that is measured."""
        matrices = {name: w for name, w in state.solver.model.params.items() if w.ndim > 1} if self._due(state, state.step + 1) else {}
        self._before = {name: w.copy() for name, w in matrices.items()}

    def _go_on(self, step: int) -> None:
        """A resumed run keeps what had been measured up to where it goes on; a new one begins with nothing."""
        found = read_journal(self.path) if step and self.path is not None and self.path.is_file() else []
        self.rows = [row for row in found if row.get("step", 0) <= step]
        if self.path is not None:
            write_text(self.path, "")
            self._append(self.rows)

    def _write(self, state: RunState) -> None:
        at = {"step": state.step, "epoch": state.epoch}
        rows = [{**at, **row} for row in (*self._outputs(state.solver.model), *self._update_rows())]
        self.rows += rows
        self._append(rows)

    def _append(self, rows: list[dict[str, Any]]) -> None:
        if self.path is not None:
            with Journal(self.path) as journal:
                for row in rows:
                    journal.append(row)

    def _update_rows(self) -> Iterator[dict[str, Any]]:
        for name, update in self._updates.items():
            yield {"layer": name, "update": update}

    def _outputs(self, model: Any) -> Iterator[dict[str, Any]]:
        if self._X is None:
            return
        previous = self._X
        for name, out in model.activations(self._X).items():
            if out.size != previous.size or not np.array_equal(out.ravel(), previous.ravel()):  # no flattening, no dropout
                yield {"layer": name, "spread": float(out.std(dtype=np.float64)), "dead": _dead(out)}
            previous = out


def _dead(out: Array) -> float | None:
    """The share of units, of outputs (N, M) or (N, C, H, W), that are 0 for every example; None where no output is 0."""
    zero = out == 0
    return float(zero.all(axis=(0, *range(2, out.ndim))).mean()) if zero.any() else None


def _length(w: Array) -> float:
    return float(np.sqrt(np.vdot(w, w)))
