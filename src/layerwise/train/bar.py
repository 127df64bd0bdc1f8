"""A line that grows as an epoch goes on, as Keras 1 draws it: 1280/60000 [>.....] - ETA: 9s - loss: 0.4745 - acc: 0.8530"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import IO

WIDTH = 30
INTERVAL = 0.05  # seconds between two drawings


def bar(done: int, total: int) -> str:
    """The counter and the bar.

    >>> bar(128, 1000)
    ' 128/1000 [==>...........................]'
    >>> bar(1000, 1000)
    '1000/1000 [==============================]'
    """
    digits, filled = len(str(total)), WIDTH * done // total
    head = "=" * (filled - 1) + (">" if done < total else "=") if filled else ""
    return f"{done:>{digits}}/{total} [{head:.<{WIDTH}}]"


def figures_text(figures: Mapping[str, float]) -> str:
    """Figures by name, small ones with an exponent.

    >>> figures_text({"loss": 0.47451, "acc": 0.0004})
    ' - loss: 0.4745 - acc: 4.0000e-04'
    """
    return "".join(f" - {name}: {value:.4f}" if abs(value) > 1e-3 else f" - {name}: {value:.4e}" for name, value in figures.items())


class EpochBar:
    """Draws one epoch on a stream: a heading, update() as it goes, finish() with the figures that come at its end.

    epoch is its number from 0, of num_epochs. verbose 1 draws over the line again and again, 2 writes one line at the end, 0 nothing.
    """

    def __init__(self, total: int, epoch: int, num_epochs: int, *, verbose: int = 1, stream: IO[str] | None = None) -> None:
        self.total, self.verbose, self.stream = total, verbose, stream or sys.stdout
        if verbose:
            self.stream.write(f"Epoch {epoch + 1}/{num_epochs}\n")
        self._started, self._drawn, self._width = time.perf_counter(), 0.0, 0

    def update(self, done: int, figures: Mapping[str, float]) -> None:
        """Draw the line for so many examples, unless it was drawn a moment ago; the last of an epoch is left to finish()."""
        now = time.perf_counter()
        if self.verbose == 1 and done < self.total and now - self._drawn > INTERVAL:
            self._drawn = now
            left = (now - self._started) / done * (self.total - done)
            self._draw(f"{bar(done, self.total)} - ETA: {int(left)}s{figures_text(figures)}")

    def finish(self, figures: Mapping[str, float]) -> None:
        """Draw the whole line, and end it."""
        taken = int(time.perf_counter() - self._started)
        if self.verbose == 1:
            self._draw(f"{bar(self.total, self.total)} - {taken}s{figures_text(figures)}")
        if self.verbose:
            self.stream.write("\n" if self.verbose == 1 else f"{taken}s{figures_text(figures)}\n")
            self.stream.flush()

    def _draw(self, line: str) -> None:
        self.stream.write(f"\r{line:<{self._width}}")
        self.stream.flush()
        self._width = len(line)
