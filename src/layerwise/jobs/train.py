"""One training run: from settings to a folder with the model, its figures, and a table of results."""

from __future__ import annotations

import contextlib
import math
import shutil
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.batch import in_order
from layerwise.data.dataset import Dataset
from layerwise.data.rows import Examples
from layerwise.errors import DataError, DivergenceWarning, MissingExtraError
from layerwise.jobs.build import build_data, build_model, check_names, prepared, settle
from layerwise.jobs.prediction import save_predictions, scores_of
from layerwise.jobs.provenance import provenance_of
from layerwise.jobs.report import now, write_report
from layerwise.jobs.setting import TrainSettings, checked
from layerwise.jobs.target import TargetScale, errors_of, share_explained
from layerwise.metrics import confusion_matrix
from layerwise.models.inputs import Inputs
from layerwise.models.network import Network
from layerwise.ops.table import LOSSES
from layerwise.storage.journal import Journal
from layerwise.storage.run_folder import RunFolder
from layerwise.train.callback import Callback, Checkpoint, RunState
from layerwise.train.evaluation import BATCH
from layerwise.train.preflight import preflight as look_over
from layerwise.train.preflight import summary
from layerwise.train.protocol import ignores_labels
from layerwise.train.solver import Solver
from layerwise.train.statistic import Statistics

CHECKPOINT_SECONDS = 10.0
PAIRS = 20  # images that are drawn beside their reconstructions

Say = Callable[[str], object]


@dataclass
class Outcome:
    """What a run came to. results holds plain numbers and texts; figures_note says why there are no figures or no report.

    interrupted says where Ctrl-C caught the run, and resumable whether --resume can take it further.
    """

    folder: Path
    results: dict[str, Any]
    diverged: bool = False
    interrupted: str = ""
    resumable: bool = False
    figures: list[Path] = field(default_factory=list)
    figures_note: str = ""
    report: Path | None = None


@dataclass
class Run:
    """All that one run is made of. data has its targets on the scale that is trained on, `full` those of the files."""

    settings: TrainSettings
    full: Dataset
    data: Dataset
    scale: TargetScale | None
    model: Network
    solver: Solver


class Metrics(Callback):
    """Writes the rows of a run to metrics.jsonl: each epoch's, and those of every print_every-th step."""

    name = "metrics"

    def __init__(self, path: Path, every: int) -> None:
        self.path, self.every = path, every
        self._written = 0  # rows of the history that are in the file

    def run_start(self, state: RunState) -> None:
        self.path.unlink(missing_ok=True)  # a resumed run has all rows up to its checkpoint in its history
        self._written = 0
        self.epoch_end(state)

    def epoch_end(self, state: RunState) -> None:
        rows = list(state.solver.history.rows(self.every))
        with Journal(self.path) as journal:
            for row in rows[self._written :]:
                journal.append(row)
        self._written = len(rows)


def train(
    settings: TrainSettings,
    *,
    output: str | Path | None = None,
    overwrite: bool = False,
    callbacks: Sequence[Any] = (),
    figures: bool = True,
    preflight: bool = False,
    say: Say = lambda text: None,
) -> Outcome:
    """Run the settings into a new run folder. With preflight, what would keep the run from learning is said before its first step."""
    run = assemble(settings, callbacks)
    with threads_limited(run.settings.threads):
        folder = RunFolder.create(f"train-{Path(settings.data).stem}-{settings.model}", output, overwrite)
        folder.write_config(run.settings.as_dict())
        folder.write_env()
        return train_in(folder, run, figures=figures, preflight=preflight, say=say)


def resume(run: str | Path, *, callbacks: Sequence[Any] = (), figures: bool = True, say: Say = lambda text: None) -> Outcome:
    """Go on with a run that was stopped, from its last checkpoint or from its start, to the bits it would have had."""
    folder = RunFolder.open(run)
    config = folder.read_config()
    for kind in ("sweep", "lab"):
        if kind in config:
            raise DataError(f"{run}: this run is a {kind}. Go on with it by: {folder.way_on()}")
    try:
        settings = checked(config, f"{folder.config}, ")
    except ValueError as error:
        raise DataError(str(error)) from None
    found = (folder.checkpoint / "checkpoint.json").is_file()
    if not found and folder.model.with_suffix(".json").is_file():
        raise DataError(f"{run}: this run is finished, there is nothing to go on with. Train anew with --config {folder.config}")
    restored = assemble(settings, callbacks)
    with threads_limited(restored.settings.threads):
        if found:
            restored.solver.resume(folder.checkpoint)
        else:
            say("No checkpoint had been written yet: starting again from the first step")
        return train_in(folder, restored, figures=figures, say=say)


def prepare(settings: TrainSettings, callbacks: Sequence[Any] = ()) -> tuple[Dataset, Network, Solver]:
    """Data, model and solver, each with a random stream of its own."""
    run = assemble(settings, callbacks)
    return run.data, run.model, run.solver


def assemble(settings: TrainSettings, callbacks: Sequence[Any] = ()) -> Run:
    """Everything a run is made of, ready to train; all that can be wrong with the settings is found here."""
    split_seed, weight_seed, solver_seed = np.random.SeedSequence(settings.seed).spawn(3)
    check_names(settings)
    raw = build_data(settings, split_seed)
    settings = settle(settings, raw)
    if settings.patience is not None and raw.X_val is None:
        raise ValueError("--patience needs validation examples to go by: give --val a share or a count above 0")
    full = data = prepared(settings, raw)
    model = build_model(settings, data, weight_seed)
    model.inputs = Inputs.of(data)
    scale = None
    if LOSSES[model.loss_name].targets == "values" and not ignores_labels(model):
        scale = TargetScale.of(data.y_train)
        data = scale.over(data)
    solver = Solver(
        model,
        data,
        update_rule=settings.rule,
        optim_config={**settings.rule_options, "lr": settings.lr},
        lr_decay=settings.lr_decay,
        schedule=settings.schedule,
        schedule_options=settings.schedule_options,
        num_epochs=settings.epochs or 0,
        num_steps=settings.steps,
        batch_size=settings.batch or None,
        sampling=settings.sampling,
        metric=share_explained if scale else None,
        clip_norm=settings.clip_norm,
        patience=settings.patience,
        callbacks=callbacks,
        rng=solver_seed,
        verbose=False,
    )
    return Run(settings, full, data, scale, model, solver)


def train_in(folder: RunFolder, run: Run, *, figures: bool = True, preflight: bool = False, say: Say = lambda text: None) -> Outcome:
    """Train what was assembled, and write all but the settings into its folder: rows, model, results, figures."""
    model, solver = run.model, run.solver
    say(_opening(run))
    for note in run.full.notes:
        say(f"Note: {note}")
    if preflight:
        say(summary(look_over(model, run.data, update_rule=solver.update_rule, optim_config=solver.optim_config)))
    solver.callbacks += [
        Metrics(folder.metrics, run.settings.print_every),
        Statistics(folder.statistics),
        Checkpoint(folder.checkpoint, seconds=CHECKPOINT_SECONDS),
    ]
    outcome = Outcome(folder.path, {})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DivergenceWarning)  # the outcome says so
            solver.train()
    except KeyboardInterrupt:
        if not solver.stop_reason and solver.state.step < solver.num_steps:
            raise  # a second Ctrl-C, in the middle of a step
        outcome.interrupted = solver.stop_reason or "interrupted after the last step"
    outcome.diverged = solver.diverged
    outcome.resumable = bool(outcome.interrupted) and solver.state.step < solver.num_steps
    if run.scale is not None:
        run.scale.fold_into(model)
    model.provenance = provenance_of(run.settings.as_dict(), run.full, folder)
    model.save(folder.model)
    if not outcome.resumable:
        shutil.rmtree(folder.checkpoint, ignore_errors=True)
    try:
        _finish(run, outcome, folder, figures and not outcome.interrupted)
    except KeyboardInterrupt:
        outcome.interrupted = outcome.interrupted or "interrupted after training; the model is saved"
    return outcome


def _opening(run: Run) -> str:
    """Two lines on what is about to be done."""
    model, settings = run.model, run.settings
    parts = [f"{len(run.data.X_train):,} examples to train on"]
    parts += [f"{len(X):,} to {what}" for X, what in ((run.data.X_val, "validate"), (run.data.X_test, "test")) if X is not None]
    widths = "-".join(
        str(math.prod(shape)) for shape in (model.input_shape, *(s for a, s in zip(model.layers, model.shapes, strict=True) if a.params))
    )
    count = sum(w.size for w in model.params.values())
    batch = run.solver.batches.batch_size
    return (
        f"{run.data.name}: {', '.join(parts)}\n"
        f"{settings.model} {widths}, {count:,} parameters; {settings.rule}, rate {settings.lr:g}, {batch:,} examples a step"
    )


def _finish(run: Run, outcome: Outcome, folder: RunFolder, figures: bool) -> None:
    """Results and predictions into the outcome and the folder, then the figures and the report."""
    with np.errstate(all="ignore"):
        scores = _measure(run, outcome)
        if run.full.num_classes and not ignores_labels(run.model):
            save_predictions(folder, run.model, run.full, scores=scores)
    with Journal(folder.metrics) as journal:
        journal.append({"result": True, **outcome.results, "ended": now()})
    if figures:
        _draw(run, outcome, folder, None if scores is None else scores.argmax(axis=-1))
        if not outcome.figures_note:
            outcome.report, outcome.figures_note = write_report(folder.path)


def _measure(run: Run, outcome: Outcome) -> Array | None:
    """Fill in the results; gives the scores of the test part, where it has classes."""
    solver, history, results = run.solver, run.solver.history, outcome.results
    results |= {
        "model": type(run.model).__name__,
        "parameters": sum(w.size for w in run.model.params.values()),
        "train_examples": len(run.data.X_train),
        "steps": solver.state.step,
        "epochs": solver.state.epoch,
        "seconds": solver.seconds,
        "stop_reason": solver.stop_reason,
    }
    if run.full.X_val is not None and not np.isnan(history.val_acc_history).all():
        best = int(np.nanargmax(history.val_acc_history))
        results["best_epoch"] = history.epochs[best]
        if run.scale is not None:
            results |= {f"val_{name}": error for name, error in errors_of(_scores(run, run.full.X_val), run.full["y_val"]).items()}
        else:
            results["val_loss"] = history.val_loss_history[best]
        if ignores_labels(run.model):
            results["val_reconstruction"] = _reconstruction(run, run.full.X_val)
        elif run.full.num_classes:
            results["val_acc"] = history.val_acc_history[best]
    if run.full.X_test is None:
        return None
    if ignores_labels(run.model):
        results["test_reconstruction"] = _reconstruction(run, run.full.X_test)
        return None
    scores, y = _scores(run, run.full.X_test), run.full["y_test"]
    if run.scale is not None:
        results |= {f"test_{name}": error for name, error in errors_of(scores, y).items()}
        return None
    results["test_loss"] = float(run.model.loss_function(scores, y)[0])
    if not run.full.num_classes:
        return None
    results["test_acc"] = float((scores.argmax(axis=-1) == y).mean())
    return scores


def _scores(run: Run, X: Examples) -> Array:
    return scores_of(run.model, X, run.full.preprocessing)


def _reconstruction(run: Run, X: Examples) -> float:
    """Mean squared difference between prepared examples and what comes back."""
    batches = in_order(X, BATCH, run.model.dtype, run.full.preprocessing)
    errors = [np.square(run.model.forward(batch) - batch, dtype=np.float64).mean(axis=1) for batch in batches]
    return float(np.concatenate(errors).mean())


def _draw(run: Run, outcome: Outcome, folder: RunFolder, predicted: Array | None) -> None:
    """Samples, curves, first-layer weights, confusion matrix: those that fit the data. Without matplotlib, a note instead."""
    try:
        from layerwise.report import figure
    except MissingExtraError as error:
        outcome.figures_note = str(error)
        return
    data, names, shape = run.full, run.full.class_names or (), run.full.X_train.shape[1:]
    images: Any = data.X_train  # Rows stand for the array that they choose from
    own_target = ignores_labels(run.model)
    metric = "accuracy" if names and not own_target else "R²" if run.scale else "minus the loss"
    drawn = {"curves": figure.training_curves(list(run.solver.history.rows(run.settings.print_every)), metric=metric)}
    if len(shape) == 3 and names:
        drawn["samples"] = figure.sample_grid(images, data.y_train, names)
    first = next((w for w in run.model.params.values() if w.ndim > 1), None)
    if len(shape) == 3 and shape[0] in (1, 3) and first is not None and first.ndim == 4:
        drawn["weights"] = figure.weight_images(first.reshape(len(first), -1).T, first.shape[1:], title="First-layer filters")
    elif len(shape) == 3 and shape[0] in (1, 3) and first is not None and len(first) >= math.prod(shape):  # not a frozen encoder's codes
        pixels = first[: math.prod(shape)]  # a bias in a column of ones is no pixel
        drawn["weights"] = figure.weight_images(pixels, shape, class_names=names if first.shape[1] == len(names) else None)
    if len(shape) == 3 and own_target:
        some = np.asarray((data.X_train if data.X_test is None else data.X_test)[:PAIRS])
        again = run.model.forward(data.preprocessing.apply(some, run.model.dtype))
        drawn["reconstructions"] = figure.image_pairs(some, data.preprocessing.invert(again), count=PAIRS)
    if predicted is not None:
        drawn["confusion"] = figure.confusion_figure(confusion_matrix(predicted, data["y_test"], len(names)), names)
    for name, drawing in drawn.items():
        outcome.figures += figure.save(drawing, folder.figures / name)


def threads_limited(count: int | None) -> Any:
    """A context in which matrix products take so many threads; None leaves them as they are."""
    if count is None:
        return contextlib.nullcontext()
    from threadpoolctl import threadpool_limits

    return threadpool_limits(count)
