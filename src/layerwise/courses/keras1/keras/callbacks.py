"""What fit gives back."""

from typing import Any


class Callback:
    """Something that fit may be given; none of Keras 1's events are sent."""


class History(Callback):
    """epoch, a list of numbers from 0, and history: a list for each of loss, acc, val_loss, val_acc."""

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}

    def add(self, epoch: int, figures: dict[str, Any]) -> None:
        """Take in the figures of an epoch."""
        self.epoch.append(epoch)
        for name, value in figures.items():
            self.history.setdefault(name, []).append(value)
