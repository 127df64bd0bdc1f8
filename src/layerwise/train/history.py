"""What a run measured, step by step and epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

EPOCH_FIELDS = ("train_acc", "val_acc", "val_loss", "lr", "seconds")


@dataclass
class History:
    """Numbers for one model; arrays (P,) for a population, with NaN where a member was no longer trained.

    The first entry of the epoch lists is from before the first step (epoch 0).
    """

    loss_history: list[Any] = field(default_factory=list)  # one a step
    epoch_steps: list[int] = field(default_factory=list)  # steps taken at each evaluation
    epochs: list[int] = field(default_factory=list)
    train_acc_history: list[Any] = field(default_factory=list)
    val_acc_history: list[Any] = field(default_factory=list)
    val_loss_history: list[Any] = field(default_factory=list)
    lr_history: list[Any] = field(default_factory=list)
    seconds_history: list[float] = field(default_factory=list)  # since the start of training

    def rows(self, every: int = 1) -> Iterator[dict[str, Any]]:
        """Flat rows: of each every-th step its loss, of each evaluation its figures; one per member of a population."""
        boundaries = iter([*zip(self.epoch_steps, range(len(self.epochs)), strict=True), (None, None)])
        at, index = next(boundaries)
        epoch = 0
        for step in range(len(self.loss_history) + 1):
            if step and step % every == 0:
                for which, loss in _members(self.loss_history[step - 1]):
                    yield {"step": step, "epoch": epoch, **which, "loss": loss}
            while index is not None and at == step:
                epoch = self.epochs[index]
                yield from self.epoch_rows(index)
                at, index = next(boundaries)

    def epoch_rows(self, index: int) -> Iterator[dict[str, Any]]:
        """The rows of one evaluation."""
        val_acc: Any
        for which, val_acc in _members(self.val_acc_history[index]):
            row: dict[str, Any] = {"step": self.epoch_steps[index], "epoch": self.epochs[index], **which}
            for name in EPOCH_FIELDS:
                value: Any = val_acc if name == "val_acc" else getattr(self, f"{name}_history")[index]
                row[name] = float(value[which["member"]] if which and np.ndim(value) else value)
            yield row


def _members(value: Any) -> Iterator[tuple[dict[str, int], float]]:
    if np.ndim(value):
        for i, v in enumerate(value):
            yield {"member": i}, float(v)
    else:
        yield {}, float(value)
