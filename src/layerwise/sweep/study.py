"""A sweep from its settings to the chosen model: what is tried, by whom, and what is kept on disk meanwhile."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.data.dataset import Dataset
from layerwise.errors import DataError, look_up
from layerwise.storage.atomic import write_text
from layerwise.storage.journal import read_journal
from layerwise.storage.strict_json import from_json, to_json
from layerwise.sweep.chunk import Build, Chunk, cores, cut
from layerwise.sweep.forecast import Forecast, forecast, updated
from layerwise.sweep.population import Engine, set_arrays
from layerwise.sweep.result import Result
from layerwise.sweep.space import Axis, Setting, Space
from layerwise.sweep.split import folds, joined, splits
from layerwise.sweep.strategy import STRATEGIES, Strategy
from layerwise.sweep.trial import FINISHED, PRUNED, Key, Row, Trial, key_of, rank
from layerwise.sweep.worker import Executor, Threads, one_thread_each
from layerwise.train.evaluation import measure
from layerwise.train.solver import Solver

SPLITS, PICKS = 10, 11  # streams of random numbers, apart from those of the trials


@dataclass(frozen=True)
class Plan:
    """How settings are repeated and judged.

    repeats  fits of each setting, each with its own weights, noise and order of the data
    folds    k-fold over the training and validation parts together (0: the parts as they are)
    splits   random splits of these parts, so many (0: the parts as they are)
    seed     of all randomness
    verify   so many members, picked at random, are trained again alone, and the largest differences reported
    refit    the chosen model is as trained on "train", or trained again on "train+validation"
    workers  threads; None takes one per core
    """

    repeats: int = 1
    folds: int = 0
    splits: int = 0
    seed: int = 0
    verify: int = 0
    refit: str = "train"
    workers: int | None = None

    def __post_init__(self) -> None:
        if self.repeats < 1 or (self.workers is not None and self.workers < 1):
            raise ValueError(f"a sweep has {self.repeats} repeats and {self.workers} workers, but needs at least 1 of each")
        if self.folds and self.splits:
            raise ValueError("folds and splits are two ways to divide the data: give one of them")
        if self.refit not in ("train", "train+validation"):
            raise ValueError(f'refit is "{self.refit}", but must be "train" or "train+validation"')


@dataclass
class Moment:
    """What there is to show while a sweep runs: leaders are rows, the best first; left is in seconds."""

    ended: int
    asked: int
    share: float
    left: float
    elapsed: float
    leaders: list[Row]


class Study:
    """Many settings of one kind of model on one data set.

    build     config -> model; config has base, a setting of the space, and a "seed" for the initial weights
    data      a Dataset or a dict, with a validation part
    space     a Space, or its axes: {"lr": log(1e-4, 1e-1, 7), "reg": [0, 1e-3]}
    base      what all trials share. The engine reads epochs, batch, rule and its options (lr, momentum, ...), lr_decay, schedule,
              schedule_options, clip_norm, patience, sampling, metric; build reads whatever it likes
    strategy  a name in STRATEGIES or a strategy
    folder    journal, checkpoints and the best model go there, and a study that finds a journal goes on with it

    >>> from layerwise.data import load_digits
    >>> from layerwise.models import SoftmaxModel
    >>> from layerwise.sweep import Study, log
    >>> data = load_digits().with_preprocessing("scale", "flatten")
    >>> build = lambda config: SoftmaxModel(64, 10, reg=config["reg"], rng=config["seed"])
    >>> study = Study(build, data, {"lr": log(1e-3, 1, 4), "reg": [0.0, 0.1]}, base={"epochs": 5})
    >>> result = study.run()
    >>> result.best["setting"]
    {'lr': 1.0, 'reg': 0.0}
    """

    def __init__(
        self,
        build: Build,
        data: Any,
        space: Space | Mapping[str, Axis | Sequence[Any]],
        *,
        base: Mapping[str, Any] | None = None,
        strategy: str | Strategy = "grid",
        plan: Plan | None = None,
        folder: str | Path | None = None,
    ) -> None:
        self.build, self.data, self.base, self.plan = build, data, dict(base or {}), plan or Plan()
        self.space = space if isinstance(space, Space) else Space(space)
        self.strategy: Strategy = look_up(STRATEGIES, strategy, "strategy")() if isinstance(strategy, str) else strategy
        self.workers = self.plan.workers or cores()
        if clash := sorted(self.base.keys() & self.space.axes.keys()):
            self.base = {name: value for name, value in self.base.items() if name not in clash}
        if data["X_val"] is None and not self.plan.folds:
            raise DataError("a sweep chooses by validation examples, but the data has none: give X_val and y_val, or folds")
        self.parts = self._parts()
        self.forecast: Forecast | None = None
        self.trials: list[Trial] = []
        self._generation = 0
        self._started = self._searched = 0.0
        self.keep_in(folder)

    def keep_in(self, folder: str | Path | None) -> None:
        """Before run: write to this folder, and go on with the journal that is in it, if there is one."""
        self.folder = None if folder is None else Path(folder)
        self.engine = Engine(self.build, self.parts, self.base, seed=self.plan.seed, folder=self.folder, rows=self._journal())
        self._before = 0.0 if self.folder is None else _seconds_before(self.folder)

    # ---- running

    def run(
        self,
        *,
        budget: float | None = None,
        executor: Executor | None = None,
        watch: Callable[[Moment], object] = lambda moment: None,
        announce: Callable[[Forecast, list[Chunk]], object] = lambda forecast, chunks: None,
        dry: bool = False,
    ) -> Result:
        """Train until nothing is left to try, or the budget (in seconds) is used up; dry: forecast only.

        watch is called about four times a second, announce once, when the forecast is made. Ctrl-C leaves checkpoints, a note of
        why it stopped, and raises KeyboardInterrupt; run the same study on the same folder to go on.
        """
        self._started = time.monotonic()
        self.engine.deadline = float("inf") if budget is None else self._started + budget
        try:
            self._note("running")
            self._search(executor or Threads(self.workers), watch, announce, dry)
            self._searched = time.monotonic() - self._started
        except KeyboardInterrupt:
            self._note("stopped", self.engine.reason or "interrupted")
            raise
        except BaseException as error:
            self._note("stopped", f"{type(error).__name__}: {error}")
            raise
        result = self.result()
        if dry:
            self._note("stopped", "only the forecast was asked for")
            return result
        self._finish(result)
        if self.folder is not None and not result.reason:
            shutil.rmtree(self.folder / "checkpoint", ignore_errors=True)  # of chunks that are all done
        self._note("stopped" if result.reason else "done", result.reason)
        return result

    def result(self) -> Result:
        """What is known so far."""
        rows = {**self.engine.partial, **self.engine.rows}
        result = Result(rows.values(), num_val=self._num_val())
        result.reason = self.engine.reason
        result.forecast = self._forecast_kept()
        return result

    def _search(self, executor: Executor, watch: Callable[[Moment], object], announce: Callable[..., object], dry: bool) -> None:
        rng = np.random.default_rng([self.plan.seed, PICKS])
        asks = self.strategy.asks(self.space, rng)
        settings = next(asks, None)
        while settings is not None:
            chunks = self._ask(settings)
            rungs = self.strategy.rungs(len(settings), self._epochs(settings))
            if self.forecast is None:
                open_chunks = [chunk for chunk in chunks if any(trial.key not in self.engine.rows for trial in chunk.trials)]
                if open_chunks:
                    self.forecast = forecast(self.engine, open_chunks, workers=self.workers, rungs=rungs, count=len(settings))
                    announce(self.forecast, open_chunks)
                self._pick()
            if dry:
                return
            self._train(chunks, rungs, executor, watch)
            if self.engine.reason:
                return
            try:
                settings = asks.send(self.result().table())
            except StopIteration:
                settings = None

    def _ask(self, settings: Iterable[Setting]) -> list[Chunk]:
        """The settings as trials, repeated, in chunks."""
        new = []
        first = len({trial.number for trial in self.trials})
        for number, setting in enumerate(settings, first):
            for repeat in range(self.plan.repeats):
                new += [Trial(number, setting, repeat, fold) for fold in range(len(self.parts))]
        for trial in new:
            row = self.engine.rows.get(trial.key)
            if row is not None and row["setting"] != from_json(to_json(dict(trial.setting))):
                raise DataError(
                    f"trial {trial.number} of the journal has the setting {row['setting']}, but this sweep asks for {dict(trial.setting)}: "
                    f"it is another sweep's. Give another folder."
                )
        self.trials += new
        chunks = cut(new, self.build, self.base, epochs=self.engine.epochs, workers=self.workers, name=f"{self._generation}-")
        self._generation += 1
        return chunks

    def _train(self, chunks: list[Chunk], rungs: list[tuple[int, int]], executor: Executor, watch: Callable[[Moment], object]) -> None:
        def tick() -> None:
            watch(self.moment())

        def halt() -> None:
            self.engine.stop("interrupted")

        for epoch, left in (*rungs, (None, 0)):
            for _ in executor.map(lambda chunk, epoch=epoch: self.engine.run(chunk, epoch), chunks, tick=tick, halt=halt):  # type: ignore[misc]
                pass
            if self.engine.reason:
                return
            if epoch is not None:
                self._prune(chunks, epoch, left)
        tick()

    def _prune(self, chunks: list[Chunk], epoch: int, left: int) -> None:
        """Go on with the settings whose mean figures up to this epoch are the highest; the earlier asked of equals."""
        figures: dict[int, list[float]] = {}
        for chunk in chunks:
            for (number, _, _), value in self.engine.figures(chunk, epoch).items():
                figures.setdefault(number, []).append(value)
        best = sorted(figures, key=lambda number: (-float(np.mean(figures[number])), number))[:left]
        for chunk in chunks:
            self.engine.prune(chunk, [trial.key for trial in chunk.trials if trial.number not in best])

    def _pick(self) -> None:
        """Choose the members that are to be verified, among those that have yet to train."""
        keys = [trial.key for trial in self.trials if trial.key not in self.engine.rows]
        rng = np.random.default_rng([self.plan.seed, PICKS, 1])
        self.engine.kept = {keys[at] for at in rng.choice(len(keys), min(self.plan.verify, len(keys)), replace=False)}

    def moment(self) -> Moment:
        """How far the sweep is."""
        engine, elapsed = self.engine, time.monotonic() - self._started
        costs = {} if self.forecast is None else self.forecast.costs
        total = sum(costs.values())
        share = sum(cost * engine.progress.get(name, 0.0) for name, cost in costs.items()) / total if total else 1.0
        left = 0.0 if self.forecast is None else updated(self.forecast, engine.progress, elapsed - self.forecast.took)
        rows = sorted(engine.ended(), key=rank, reverse=True)
        return Moment(len(rows), len(self.trials), share, left, elapsed, rows[:5])

    # ---- afterwards

    def _finish(self, result: Result) -> None:
        """The chosen model, the only one that is measured on the test part; then the members that are retrained alone."""
        if not any(row["val_acc"] is not None for row in result.rows):
            return
        best = result.best
        trials = [trial for trial in self.trials if trial.number == best["trial"]]
        with one_thread_each(), np.errstate(all="ignore"):
            result.model, result.refit = self._chosen(best, trials)
            data = self.data
            if data["X_test"] is not None:
                metric, loss = measure(
                    result.model,
                    data["X_test"],
                    data["y_test"],
                    dtype=result.model.params[next(iter(result.model.params))].dtype,
                    preprocessing=getattr(self.final_data, "preprocessing", None),
                    metric=self.base.get("metric"),
                )
                result.test = {"test_acc": float(metric), "test_loss": float(loss)}
            with ThreadPoolExecutor(self.workers) as pool:
                result.checks = list(pool.map(self._check, sorted(self.engine.last)))

    def _chosen(self, best: Mapping[str, Any], trials: Sequence[Trial]) -> tuple[Any, str]:
        """The model of the best setting, and how it came to be."""
        whole = self.plan.refit == "train+validation" or len(self.parts) > 1
        if not whole:
            leader = self.engine.leader
            top = max((row for row in self.engine.rows.values() if row["trial"] == best["trial"]), key=rank, default=None)
            if leader is not None and int(leader[0]["trial"]) == best["trial"] and (top is None or key_of(leader[0]) == key_of(top)):
                trial = next(trial for trial in trials if trial.key == key_of(leader[0]))
                model = self.build({**self.base, **trial.setting, "seed": trial.seed(self.plan.seed)})
                set_arrays(model, leader[1])
                return model, "as trained in the sweep, at its best epoch"
            trial = next(trial for trial in trials if top is None or trial.key == key_of(top))
            solver = self._alone(trial, restore_best=True)
            return solver.model, "trained again alone on the training part"
        epochs = max(1, round(float(best["best_epoch"])))
        data, first = self.final_data, replace(trials[0], fold=0)
        engine = Engine(self.build, [data], self.base, seed=self.plan.seed)
        solver = engine.solver([first], stacked=False, num_epochs=epochs, num_steps=None)
        solver.train()
        return solver.model, f"trained again for {epochs} epochs on the training and validation parts together"

    def _alone(self, trial: Trial, **options: Any) -> Solver:
        solver = self.engine.solver([trial], stacked=False, **options)
        solver.train()
        return solver

    def _check(self, key: Key) -> dict[str, Any]:
        """How far a member of a population is from what it is alone."""
        trial = next(trial for trial in self.trials if trial.key == key)
        row, kept = self.engine.rows[key], self.engine.last[key]
        solver = self._alone(trial, **({"num_epochs": int(row["epochs"]), "num_steps": None} if row["status"] == PRUNED else {}))
        gap = max(float(np.abs(kept[f"params/{name}"] - w).max()) for name, w in solver.model.params.items())
        return {
            "trial": trial.number,
            "repeat": trial.repeat,
            "setting": dict(trial.setting),
            "weights": gap,
            "largest_weight": max(float(np.abs(w).max()) for w in solver.model.params.values()),
            "val_acc": abs(float(solver.best_val_acc) - row["val_acc"]) if row["status"] == FINISHED else None,
        }

    # ---- data, files

    def _parts(self) -> list[Any]:
        rng = np.random.default_rng([self.plan.seed, SPLITS])
        if not (self.plan.folds or self.plan.splits):
            return [self.data]
        if not isinstance(self.data, Dataset):
            raise TypeError("folds and splits need a Dataset: make one with Dataset(**arrays)")
        return folds(self.data, self.plan.folds, rng) if self.plan.folds else splits(self.data, self.plan.splits, rng)

    @cached_property
    def final_data(self) -> Any:
        """What the chosen model is trained on."""
        if self.plan.refit == "train" and len(self.parts) == 1:
            return self.data
        if not isinstance(self.data, Dataset):
            raise TypeError('refit="train+validation" needs a Dataset: make one with Dataset(**arrays)')
        return joined(self.data)

    def _num_val(self) -> int | None:
        """Validation examples, where the figure is the share of them that is right."""
        y = self.parts[0]["y_val"]
        return len(y) if self.base.get("metric") is None and np.asarray(y).dtype.kind in "iub" else None

    def _epochs(self, settings: Iterable[Setting]) -> int:
        return max(self.engine.epochs(Trial(0, setting)) for setting in settings)

    def _journal(self) -> list[Row]:
        path = None if self.folder is None else self.folder / "trials.jsonl"
        return read_journal(path) if path is not None and path.is_file() else []

    def _forecast_kept(self) -> dict[str, float | None]:
        """What was forecast, and how far it was off: above 0, it promised more time than was needed."""
        if self.forecast is None:
            return {}
        kept: dict[str, float | None] = {"seconds": self.forecast.seconds, "memory": self.forecast.memory, "actual": None, "error": None}
        if self._searched and not self.engine.reason:
            actual = max(self._searched - self.forecast.took, 1e-9)
            kept |= {"actual": actual, "error": self.forecast.seconds / actual - 1}
        return kept

    def _note(self, state: str, reason: str | None = None) -> None:
        """Write down how the sweep stands. One that says "running" and does not run was killed."""
        if self.folder is None:
            return
        note: dict[str, Any] = {"state": state, "reason": reason, "trials_ended": len(self.engine.rows), "plan": asdict(self.plan)}
        note["seconds"] = self._before + time.monotonic() - self._started
        if self.forecast is not None:
            note["forecast"] = self._forecast_kept()
        write_text(self.folder / "status.json", to_json(note, indent=2) + "\n")


def status(folder: str | Path) -> dict[str, Any]:
    """How a sweep in a folder stands: state, reason, seconds, forecast; empty where none was noted."""
    path = Path(folder) / "status.json"
    return from_json(path.read_bytes()) if path.is_file() else {}


def _seconds_before(folder: Path) -> float:
    return float(status(folder).get("seconds", 0.0))
