"""The engine: a chunk of trials as one population, trained by the ordinary Solver, and a row for each trial that ends."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import ModelFileError, look_up
from layerwise.optim.option import options_of
from layerwise.optim.table import RULES
from layerwise.storage.array_file import load_arrays, save_arrays
from layerwise.storage.journal import Journal
from layerwise.sweep.chunk import Build, Chunk
from layerwise.sweep.trial import DIVERGED, FINISHED, NOISE, ORDER, PRUNED, UNFINISHED, Key, Row, Trial, key_of, rank
from layerwise.train.callback import Callback, RunState
from layerwise.train.population import member, stack, together
from layerwise.train.protocol import trees_of
from layerwise.train.solver import Solver

SECONDS = 30.0  # between two checkpoints of a running chunk
SETTLED = 2.0  # and between two of them when members leave
EPOCHS, BATCH = 10, 100  # where base says nothing
POINTS = 100  # of a loss curve that a row keeps
CURVES = ("train_acc", "val_acc")


class Engine:
    """Trains chunks, several at a time, each in the thread that calls run(chunk).

    build   config -> model; config is base, the trial's setting, and a "seed" for the initial weights
    splits  the data of each fold: Datasets or dicts that all trials share
    base    what every trial has in common: epochs, batch, rule, ... and whatever build reads
    folder  where the rows, the checkpoints and the best model go; None keeps all in memory
    kept    keys of trials whose last parameters stay in `last`
    """

    def __init__(
        self,
        build: Build,
        splits: Sequence[Any],
        base: Mapping[str, Any],
        *,
        seed: int = 0,
        folder: Path | None = None,
        rows: Iterable[Row] = (),
        kept: Iterable[Key] = (),
    ) -> None:
        self.build, self.splits, self.base, self.seed, self.folder = build, splits, dict(base), seed, folder
        self.rows: dict[Key, Row] = {key_of(row): row for row in rows}  # of trials that have ended
        self.partial: dict[Key, Row] = {}  # of trials that were stopped in between
        self.kept, self.last = set(kept), dict[Key, dict[str, Array]]()
        self.progress: dict[str, float] = {}  # name of a chunk -> the share of its steps that are done
        self.reason: str | None = None  # why all is to stop
        self.deadline = float("inf")  # by time.monotonic()
        self._runs: dict[str, Watch] = {}
        self._lock = threading.Lock()
        self.leader: tuple[Row, dict[str, Array]] | None = None
        if folder is not None and (folder / "leader.json").is_file():
            arrays, row = load_arrays(folder / "leader")
            self.leader = row, arrays

    # ---- training

    def run(self, chunk: Chunk, until: int | None = None) -> list[Row]:
        """Train a chunk to its end, or to the end of an epoch; the rows of its trials that have ended."""
        if all(trial.key in self.rows for trial in chunk.trials):
            self.progress[chunk.name] = 1.0
        elif not self.stopped:
            run = self._run_of(chunk)
            if run.present and (until is None or run.epoch < until):
                run.until = until
                run.solver.train()
                if until is not None and run.present and self.folder is not None and not run.stopped:
                    run.save()
            if not run.present:
                self._forget(chunk)
        return [self.rows[trial.key] for trial in chunk.trials if trial.key in self.rows]

    def figures(self, chunk: Chunk, epoch: int) -> dict[Key, float]:
        """The best validation figure of each trial up to an epoch: what a rung compares. -inf for one that diverged."""
        run = self._run_of(chunk) if any(trial.key not in self.rows for trial in chunk.trials) else None
        figures = {}
        for at, trial in enumerate(chunk.trials):
            ended = self.rows.get(trial.key)
            if ended is not None:
                values = [v for e, v in zip(ended["curve"]["epoch"], ended["curve"]["val_acc"], strict=True) if e <= epoch]
                figures[trial.key] = -np.inf if ended["status"] == DIVERGED else max((v for v in values if v is not None), default=-np.inf)
            elif run is not None:
                reached = _columns(run.solver.history.val_acc_history)[: epoch + 1, at]
                figures[trial.key] = float(np.nanmax(reached)) if at in run.present else -np.inf
        return figures

    def prune(self, chunk: Chunk, keys: Iterable[Key]) -> None:
        """Take these trials out of a chunk that stands at a rung."""
        keys = {key for key in keys if key not in self.rows}
        if keys:
            run = self._run_of(chunk)
            run.leave([at for at in run.present if chunk.trials[at].key in keys], PRUNED)
            if not run.present:
                self._forget(chunk)

    @property
    def stopped(self) -> bool:
        """Whether everything is to end after the current step."""
        if self.reason is None and time.monotonic() > self.deadline:
            self.reason = "the budget of time is used up"
        return self.reason is not None

    def stop(self, reason: str) -> None:
        """End all chunks after their current step; the first reason counts."""
        self.reason = self.reason or reason

    def solver(self, trials: Sequence[Trial], *, stacked: bool, **options: Any) -> Solver:
        """A solver for these trials together, or for one of them alone; members see what they would see alone."""
        first = trials[0]
        configs = [{**self.base, **trial.setting, "seed": trial.seed(self.seed)} for trial in trials]
        models = [self.build(config) for config in configs]
        model = stack(models) if stacked else models[0]
        del models
        if hasattr(model, "rng"):
            model.rng = np.random.default_rng(first.stream(self.seed, NOISE))
        shared, rule = configs[0], configs[0].get("rule", "sgd")
        own = [name for name in options_of(look_up(RULES, rule, "update rule")) if name in shared]
        settings: dict[str, Any] = {
            "num_epochs": max(map(self.epochs, trials)),
            "num_steps": shared.get("steps"),
            "batch_size": shared.get("batch", BATCH) or None,
            "optim_config": {name: together([config[name] for config in configs]) for name in own},
            "lr_decay": together([config.get("lr_decay", 1.0) for config in configs]),
            **{name: shared[name] for name in ("schedule", "schedule_options", "clip_norm", "sampling", "metric") if name in shared},
        }
        return Solver(
            model,
            self.splits[first.fold],
            update_rule=rule,
            rng=first.stream(self.seed, ORDER),
            verbose=False,
            **{"restore_best": False, **settings, **options},
        )

    def epochs(self, trial: Trial) -> int:
        """How many epochs a trial is to train, a begun one counted as whole."""
        config = {**self.base, **trial.setting}
        if config.get("steps") is None:
            return int(config.get("epochs", EPOCHS))
        num_examples = len(self.splits[trial.fold]["y_train"])
        return -(-int(config["steps"]) // (num_examples // min(config.get("batch", BATCH) or num_examples, num_examples)))

    # ---- what ends

    def ended(self) -> list[Row]:
        """The rows so far, for a thread that looks on."""
        with self._lock:
            return list(self.rows.values())

    def emit(self, rows: Sequence[Row], best: tuple[Row, dict[str, Array]] | None) -> None:
        """Write rows of trials that have ended, once each, after the best one's model."""
        with self._lock:
            if best is not None and (self.leader is None or rank(best[0]) > rank(self.leader[0])):
                self.leader = best
                if self.folder is not None:
                    save_arrays(self.folder / "leader", best[1], {name: v for name, v in best[0].items() if name != "curve"})
            new = [row for row in rows if row["status"] != UNFINISHED and key_of(row) not in self.rows]
            if self.folder is not None and new:
                with Journal(self.folder / "trials.jsonl") as journal:
                    for row in new:
                        journal.append(row)
            self.rows |= {key_of(row): row for row in new}
            self.partial |= {key_of(row): row for row in rows if row["status"] == UNFINISHED}

    # ---- chunks that are under way

    def _run_of(self, chunk: Chunk) -> Watch:
        if chunk.name not in self._runs:
            self._runs[chunk.name] = Watch(self, chunk)
        return self._runs[chunk.name]

    def _forget(self, chunk: Chunk) -> None:
        run = self._runs.pop(chunk.name, None)
        if run is not None and run.folder is not None:
            shutil.rmtree(run.folder, ignore_errors=True)


class Watch(Callback):
    """Sees a chunk through: takes out the members that have ended, writes checkpoints, stops when all is to stop."""

    name = "watch"

    def __init__(self, engine: Engine, chunk: Chunk) -> None:
        self.engine, self.chunk = engine, chunk
        self.folder = None if engine.folder is None else engine.folder / "checkpoint" / chunk.name
        self.solver = engine.solver(chunk.trials, stacked=chunk.stacked, callbacks=[self])
        self.until: int | None = None
        self.stopped = False  # in the middle of an epoch
        self.present = list(range(len(chunk)))  # the members that still train
        self._saved = time.monotonic()
        if self.folder is not None and (self.folder / "checkpoint.json").is_file():
            self._restore(self.folder)

    @property
    def epoch(self) -> int:
        """Epochs that are finished."""
        return self.solver.state.epoch

    # ---- events

    def run_start(self, state: RunState) -> None:
        if state.epoch == 0 and not state.step:
            self._end([at for at in self.present if self.engine.epochs(self.chunk.trials[at]) == 0])
            if not self.present:
                state.stop("no epochs were asked for")

    def step_end(self, state: RunState) -> None:
        self.engine.progress[self.chunk.name] = state.step / max(1, state.num_steps)
        if state.stop_reason or self.engine.stopped:
            self.save()
            self.stopped = True
            state.stop(self.engine.reason or "stopped")
        elif self.folder is not None and time.monotonic() - self._saved >= SECONDS:
            self.save()

    def epoch_end(self, state: RunState) -> None:
        if self.stopped:  # the checkpoint is from before this evaluation, which a run that goes on does not have
            rows = [self._row(at, UNFINISHED) for at in self.present]
            self.engine.emit(rows, self._best(rows))
            return
        self._end([at for at in self.present if self._has_ended(at)])
        if not self.present:
            state.stop("all trials have ended")
        elif self.until is not None and state.epoch >= self.until:
            state.stop("a rung")

    # ---- members

    def leave(self, members: Sequence[int], status: str = FINISHED) -> None:
        """Write the rows of these members, and go on without them; after the checkpoint, so that they are not trained twice."""
        if not members:
            return
        roster = self.solver.roster
        rows = [self._row(at, DIVERGED if at in self._frozen else status) for at in members]
        best = self._best(rows)
        for at in members:
            if self.chunk.trials[at].key in self.engine.kept:
                self.engine.last[self.chunk.trials[at].key] = self._last(at)
        self.present = [at for at in self.present if at not in members]
        if self.present:
            self.solver.keep([position for position, at in enumerate(roster.members) if at in self.present])
            if time.monotonic() - self._saved >= SETTLED:
                self.save()
        self.engine.emit(rows, best)

    def save(self) -> None:
        """Write a checkpoint, where there is a folder to write to."""
        if self.folder is not None:
            self.solver.save_checkpoint(self.folder)
            self._saved = time.monotonic()

    def _end(self, members: list[int]) -> None:
        self.leave(members)

    def _has_ended(self, at: int) -> bool:
        if at in self._frozen or self.epoch >= self.engine.epochs(self.chunk.trials[at]):
            return True
        patience = {**self.engine.base, **self.chunk.trials[at].setting}.get("patience")
        values = _columns(self.solver.history.val_acc_history)[:, at]
        return patience is not None and len(values) > patience and not max(values[-patience:]) > max(values[:-patience])

    @property
    def _frozen(self) -> dict[int, str]:
        """The members that diverged, and how."""
        if self.solver.roster.is_population:
            return self.solver.frozen
        return {0: str(self.solver.stop_reason)} if self.solver.diverged else {}

    def _restore(self, folder: Path) -> None:
        self.solver.resume(folder)
        roster = self.solver.roster
        if roster.is_population:
            self.present = [int(at) for at in roster.members]
            gone = [at for at in range(len(self.chunk)) if at not in self.present]
            rows = [self._row(at, self._how_it_left(at)) for at in gone]  # of a crash between checkpoint and journal
            self.engine.emit(rows, self._best(rows))

    def _how_it_left(self, at: int) -> str:
        if at in self._frozen:
            return DIVERGED
        return FINISHED if self._trained(at) >= self.engine.epochs(self.chunk.trials[at]) else PRUNED

    # ---- rows

    def _trained(self, at: int) -> int:
        """Epochs that a member was trained."""
        rates = _columns(self.solver.history.lr_history)[:, at]
        return int(np.array(self.solver.history.epochs)[~np.isnan(rates)].max(initial=0))

    def _row(self, at: int, status: str) -> Row:
        history, trial = self.solver.history, self.chunk.trials[at]
        alive = ~np.isnan(_columns(history.lr_history)[:, at])
        epochs = np.array(history.epochs)[alive]
        measured = {name: _columns(getattr(history, f"{name}_history"))[alive, at] for name in (*CURVES, "val_loss")}
        best = int(np.nanargmax(measured["val_acc"])) if not np.isnan(measured["val_acc"]).all() else 0
        diverged = status == DIVERGED
        losses = _columns(history.loss_history)[:, at] if history.loss_history else np.empty(0)
        losses = losses[~np.isnan(losses)]
        steps = np.unique(np.linspace(1, len(losses), min(len(losses), POINTS)).round().astype(int))
        return {
            "trial": trial.number,
            "repeat": trial.repeat,
            "fold": trial.fold,
            "setting": dict(trial.setting),
            "status": status,
            "reason": self._frozen.get(at) if diverged else None,
            "val_acc": None if diverged else float(measured["val_acc"][best]),
            "val_loss": None if diverged else _plain(measured["val_loss"][best : best + 1])[0],
            "train_acc": None if diverged else float(measured["train_acc"][best]),
            "last_val_acc": None if diverged else _plain(measured["val_acc"][-1:])[0],
            "last_train_acc": None if diverged else _plain(measured["train_acc"][-1:])[0],
            "best_epoch": int(epochs[best]),
            "epochs": int(epochs[-1]),
            "seconds": round(self.solver.seconds / len(self.chunk), 4),
            "curve": {
                "step": steps.tolist(),
                "loss": _plain(losses[steps - 1]),
                "epoch": epochs.tolist(),
                **{name: _plain(measured[name]) for name in CURVES},
            },
        }

    def _best(self, rows: Sequence[Row]) -> tuple[Row, dict[str, Array]] | None:
        """The best of the rows with its parameters from its best epoch; None where none can be chosen."""
        chosen = [row for row in rows if row["status"] in (FINISHED, UNFINISHED)]
        if not chosen:
            return None
        row, leader = max(chosen, key=rank), self.engine.leader
        if leader is not None and rank(leader[0]) >= rank(row):
            return None
        at = [trial.key for trial in self.chunk.trials].index(key_of(row))
        best = self.solver.best
        trees = (("params", best.params), ("buffers", best.buffers))
        return row, {f"{what}/{name}": w for what, tree in trees for name, w in self._own(tree, at).items()}

    def _last(self, at: int) -> dict[str, Array]:
        """The parameters of a member as they are now."""
        position = self.solver.roster.members.tolist().index(at) if self.chunk.stacked else at
        return {f"{what}/{name}": w for what, tree in trees_of(self.solver.model) for name, w in self._own(tree, position).items()}

    def _own(self, tree: Mapping[str, Array], at: int) -> dict[str, Array]:
        return member(tree, at) if self.chunk.stacked else {name: np.copy(w) for name, w in tree.items()}


def set_arrays(model: Any, arrays: Mapping[str, Array]) -> None:
    """Write arrays that a row's model was kept as into a model of that shape."""
    for what, tree in trees_of(model):
        for name, w in tree.items():
            if f"{what}/{name}" not in arrays or arrays[f"{what}/{name}"].shape != w.shape:
                raise ModelFileError(f"the kept model has no {what}/{name} of shape {w.shape}: the settings or the data have changed.")
            np.copyto(w, arrays[f"{what}/{name}"])


def _columns(history: Sequence[Any]) -> Array:
    """A history of one model or of P as (evaluations, P)."""
    return np.array(history, np.float64).reshape(len(history), -1)


def _plain(values: Array) -> list[float | None]:
    """As JSON has them, so that a row is the same before and after the journal: what is not finite is None."""
    return [value if np.isfinite(value) else None for value in values.tolist()]
