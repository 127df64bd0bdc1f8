"""Contenders timed in turn, A B C A B C ..., so that a machine whose speed drifts is fair to all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def seconds_of(run: Callable[[], object]) -> float:
    """One timed call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def in_turn(contenders: Mapping[str, Callable[[], object]], rounds: int = 7) -> dict[str, list[float]]:
    """Seconds of each round, after one round that does not count."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for round_number in range(rounds + 1):
        for name, run in contenders.items():
            seconds = seconds_of(run)
            if round_number:
                times[name].append(seconds)
    return times


def ratio(theirs: list[float], ours: list[float]) -> str:
    """Median of the ratios round by round, with their range: above 1, ours is faster."""
    ratios = sorted(a / b for a, b in zip(theirs, ours, strict=True))
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})"
