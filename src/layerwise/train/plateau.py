"""Where training no longer pays: a plateau of the loss or of the validation figure, and how far off one is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.train.callback import Callback, RunState
from layerwise.train.population import member
from layerwise.train.protocol import trees_of

FIGURES = ("loss", "validation")
FASTER = 3  # times the learning rate, where the loss falls too slowly


class Streak:
    """For how many epochs in a row a figure, of one model or (P,), has not improved by tol on the best one before."""

    def __init__(self) -> None:
        self.best: Any = -np.inf
        self.length: Any = 0

    def add(self, value: Any, tol: float) -> Any:
        """Count the newest figure, and say how long the streak is now. NaN is no improvement."""
        self.length = np.where(value >= self.best + tol, 0, np.add(self.length, 1))
        self.best = np.fmax(self.best, value)
        return self.length


class Plateau(Callback):
    """Stop when a figure has not improved by `tol` for more than `patience` epochs in a row, as scikit-learn counts them.

    figure is "loss" (of each epoch, the mean of its steps) or "validation". Members of a population stop one by one, and leave
    the model. After training: `losses` (one an epoch), `reached` (whether there was a plateau), `epochs` (how many were
    trained); for a population they are (P,), and `left` holds the arrays of the members that have left, as they were then.
    """

    name = "plateau"

    def __init__(self, patience: float = 10, tol: float = 1e-4, figure: str = "loss") -> None:
        if not patience >= 1:
            raise ValueError(f"plateau: patience is {patience}, but must be at least 1 epoch.")
        if figure not in FIGURES:
            raise ValueError(f'plateau: figure is "{figure}", but must be "loss" or "validation".')
        self.patience, self.tol, self.figure = patience, tol, figure
        self._begin()

    def _begin(self) -> None:
        self.losses: list[Any] = []
        self.reached: Any = False
        self.epochs: Any = 0
        self.left: dict[int, dict[str, dict[str, Array]]] = {}
        self._streak = Streak()

    def run_start(self, state: RunState) -> None:
        if self.figure == "validation" and state.solver.X_val is None:
            raise ValueError("a plateau of the validation figure needs validation examples (X_val, y_val) to go by.")
        self._begin()
        for epoch in range(1, len(state.solver.history.epochs)):  # of a run that is resumed
            self._count(state, epoch)

    def epoch_end(self, state: RunState) -> None:
        if state.solver.diverged:
            return
        self._count(state, -1)
        if state.solver.roster.is_population:
            self._leave(state)
        elif self.reached:
            state.stop(f"the {self.figure} has not improved by {self.tol:g} for {self.patience} epochs")

    def _count(self, state: RunState, epoch: int) -> None:
        history = state.solver.history
        losses = history.loss_history[history.epoch_steps[epoch - 1] : history.epoch_steps[epoch]]
        sizes = state.solver.batches.sizes[: len(losses)]
        self.losses.append(losses[0] if len(losses) == 1 else np.average(losses, axis=0, weights=sizes))
        present = ~np.isnan(self.losses[-1])
        value = -self.losses[-1] if self.figure == "loss" else history.val_acc_history[epoch]
        self.reached = self.reached | (present & (self._streak.add(value, self.tol) > self.patience))
        self.epochs = self.epochs + present

    def _leave(self, state: RunState) -> None:
        """Go on with the members that have neither reached a plateau nor diverged."""
        solver, members = state.solver, state.solver.roster.members.tolist()
        going = [at for at, which in enumerate(members) if not self.reached[which] and which not in solver.frozen]
        if len(going) == len(members):
            return
        for at in sorted(set(range(len(members))) - set(going)):
            self.left[members[at]] = {what: member(tree, at) for what, tree in trees_of(solver.model)}
        if going:
            solver.keep(going)
        else:
            state.stop("all members have reached a plateau, or diverged")


def outlook(losses: Sequence[float], tol: float, lr: float) -> str:
    """What to do about a loss that has not settled: how fast it still falls, and two ways to go on.

    >>> outlook([1 / epoch for epoch in range(1, 51)], tol=1e-4, lr=1e-3)
    'loss still falls 2.3 % an epoch: about 35 more epochs, or learning_rate_init 0.001 -> 0.003'
    """
    window = len(losses) // 4
    if not window:
        return "training ended after so few epochs that nothing can be told of its loss: allow more with max_iter"
    first, middle, last = (float(losses[-1 - i * window]) for i in (2, 1, 0))
    fall, before = (middle - last) / window, (first - middle) / window  # of an epoch
    if fall <= 0:
        return f"loss no longer falls, but swings: learning_rate_init {lr:.3g} -> {lr / FASTER:.3g}"
    share = 1 - (last / middle) ** (1 / window) if last > 0 else 1.0
    return (
        f"loss still falls {100 * share:.2g} % an epoch: about {_epochs_left(len(losses), window, before, fall, tol)} more epochs, "
        f"or learning_rate_init {lr:.3g} -> {FASTER * lr:.3g}"
    )


def _epochs_left(count: int, window: int, before: float, fall: float, tol: float) -> int:
    """Epochs until the fall of one is below tol: as many again as there were, where the fall does not shrink.

    It shrinks by a share of itself each epoch (too few, as losses go) or by a power of the epoch's number (too many): the
    geometric mean of both. Of the result two digits are told, for no more is known.
    """
    left: float = count
    if before > fall and tol > 0:
        rate = math.log(before / fall) / window
        power = math.log(before / fall) / math.log((count - window / 2) / (count - 1.5 * window))
        now = math.log(fall / tol) - rate * window / 2  # the logarithm of the last epoch's fall, in tols
        then = math.log(fall / tol) / power - math.log(count / (count - window / 2))
        left = math.sqrt(max(now / rate, 1.0) * max(count * math.expm1(min(then, 5.0)), 1.0))
    return max(1, int(float(f"{left:.2g}")))
