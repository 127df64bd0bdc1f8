"""How long a sweep will take and how much memory, from two timed steps of some of its chunks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from layerwise.arrays import Array
from layerwise.sweep.chunk import Chunk
from layerwise.sweep.population import BATCH, Engine
from layerwise.sweep.worker import one_thread_each
from layerwise.train.callback import Callback, RunState

STEPS = 2  # timed at least
SECONDS = 0.4  # more steps are timed until so long has passed, for short ones are uneven
MOST = 6  # chunks that are timed; between them it goes by their size
COPIES = 3  # of each parameter: itself, its gradient, its best value; and what the rule remembers
OUTPUTS = 20  # bytes of each value that a layer puts out: itself, its gradient, and passing ones, as floats
MEMORIES = {"sgd": 0, "sgd_momentum": 1, "nesterov": 1, "rmsprop": 1, "adagrad": 1}


@dataclass(frozen=True)
class Forecast:
    """seconds and bytes in all; costs: seconds of each chunk on one worker, by its name."""

    seconds: float
    memory: int
    costs: Mapping[str, float]
    took: float = 0.0  # seconds that the forecast itself took


class Timer(Callback):
    """Times steps and the evaluation after them, then ends the run."""

    name = "timer"

    def __init__(self) -> None:
        self.steps: list[float] = []
        self.evaluation = 0.0
        self.began = self._last = 0.0

    def run_start(self, state: RunState) -> None:
        self.began = self._last = time.perf_counter()

    def step_end(self, state: RunState) -> None:
        now = time.perf_counter()
        self.steps.append(now - self._last)
        self._last = now
        if len(self.steps) > STEPS and now - self.began > SECONDS:
            state.stop("timed")

    def epoch_end(self, state: RunState) -> None:
        now = time.perf_counter()
        self.evaluation = now - self._last
        self._last = now


def forecast(engine: Engine, chunks: Sequence[Chunk], *, workers: int, rungs: Sequence[tuple[int, int]] = (), count: int = 0) -> Forecast:
    """Time some of the chunks on all workers at once, as they will run, and work out when the last one ends.

    rungs: (epoch, how many of count settings go on after it), where a strategy prunes.
    """
    started = time.perf_counter()
    groups = {kind_of(chunk): chunk for chunk in reversed(chunks)}  # of each kind the first, which is as large as any
    by_size = sorted(groups.values(), key=lambda chunk: chunk.size)
    chosen = [by_size[at] for at in np.unique(np.linspace(0, len(by_size) - 1, min(MOST, len(by_size))).round().astype(int))]
    rates: dict[str, Array] = {}  # seconds to begin with per member, per epoch whatever the members, and per epoch and member
    with one_thread_each(), ThreadPoolExecutor(workers) as pool:

        def timed(chunk: Chunk) -> Array:
            return np.mean(list(pool.map(lambda one: _rate(engine, one), [chunk] * min(workers, len(chunks)))), axis=0)

        for chunk in chosen:
            begin, epoch = timed(chunk)
            fixed = 0.0
            if rungs and len(chunk) > 1:  # few survivors take more than their share
                _, alone = timed(replace(chunk, trials=chunk.trials[:1]))
                fixed = max(0.0, (alone * len(chunk) - epoch) / (len(chunk) - 1))
            rates[kind_of(chunk)] = np.array([begin / len(chunk), fixed, (epoch - fixed) / len(chunk)])
    known = [chunk.size for chunk in chosen]
    between = np.array([rates[kind_of(chunk)] for chunk in chosen])
    costs = {}
    for chunk in chunks:
        begin, fixed, member = rates.get(kind_of(chunk), [np.interp(chunk.size, known, column) for column in between.T])
        spans = stretches(rungs, count, max(engine.epochs(trial) for trial in chunk.trials))
        trained = sum(engine.epochs(trial) for trial in chunk.trials) if not rungs else len(chunk) * sum(n * share for n, share in spans)
        costs[chunk.name] = float(begin * len(chunk) + fixed * sum(n for n, _ in spans) + member * trained)
    return Forecast(makespan(list(costs.values()), workers), memory(engine, chunks, workers), costs, time.perf_counter() - started)


def stretches(rungs: Sequence[tuple[int, int]], count: int, epochs: int) -> list[tuple[int, float]]:
    """(epochs from one rung to the next, the share of all members that trains in them).

    >>> stretches([(2, 9), (6, 3)], 27, 18)
    [(2, 1.0), (4, 0.3333333333333333), (12, 0.1111111111111111)]
    """
    ends = [*(epoch for epoch, _ in rungs), epochs]
    shares = [1.0, *(left / count for _, left in rungs)]
    return [(end - start, share) for start, end, share in zip([0, *ends], ends, shares, strict=False)]


def kind_of(chunk: Chunk) -> str:
    """What chunks that take as long per member share: all settings that no population varies."""
    return chunk.group.partition("\n")[2]


def makespan(costs: Sequence[float], workers: int) -> float:
    """When the last worker ends, if each takes the next chunk as soon as it is free.

    >>> makespan([4.0, 3.0, 2.0, 1.0], 2)
    5.0
    """
    ends = [0.0] * workers
    for cost in costs:
        first = ends.index(min(ends))
        ends[first] += cost
    return max(ends)


def memory(engine: Engine, chunks: Sequence[Chunk], workers: int) -> int:
    """Bytes of the largest chunks that run at once, with what their layers put out, and of the data as it lies in memory."""
    copies = COPIES + MEMORIES.get(str(engine.base.get("rule", "sgd")), 2)
    batch = min(engine.base.get("batch", BATCH) or np.inf, len(engine.splits[0]["y_train"]))
    running = sorted((len(chunk) * (chunk.size * copies + int(batch) * chunk.outputs * OUTPUTS) for chunk in chunks), reverse=True)[
        :workers
    ]
    data = sum(int(np.prod(a.shape)) * a.dtype.itemsize for name in ("X_train", "X_val") if (a := engine.splits[0][name]) is not None)
    return sum(running) + data


def _rate(engine: Engine, chunk: Chunk) -> tuple[float, float]:
    """Seconds that a chunk takes before its first step, and per epoch, evaluations included."""
    timer, started = Timer(), time.perf_counter()
    solver = engine.solver(chunk.trials, stacked=chunk.stacked, callbacks=[timer])
    solver.train()
    step = statistics.median(timer.steps[1:] or timer.steps or [0.0])
    return timer.began - started, step * solver.steps_per_epoch + timer.evaluation


def updated(forecast: Forecast, done: Mapping[str, float], elapsed: float) -> float:
    """Seconds that are left: by what was forecast at first, and more and more by how long the part that is done took."""
    total = sum(forecast.costs.values())
    share = sum(cost * done.get(name, 0.0) for name, cost in forecast.costs.items()) / total if total else 1.0
    if share <= 0:
        return forecast.seconds
    measured = elapsed / share
    return max(0.0, (1 - share) * (share * measured + (1 - share) * forecast.seconds))
