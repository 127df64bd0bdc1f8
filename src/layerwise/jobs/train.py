"""One training run: from settings to a folder with the model, its figures, and a table of results."""

from __future__ import annotations

import contextlib
import shutil
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.data.batch import in_order
from layerwise.data.dataset import Dataset
from layerwise.errors import DataError, DivergenceWarning, MissingExtraError
from layerwise.jobs.build import build_data, build_model
from layerwise.jobs.setting import TrainSettings, checked
from layerwise.metrics import confusion_matrix
from layerwise.models.inputs import Inputs
from layerwise.models.network import Network
from layerwise.storage.journal import Journal
from layerwise.storage.run_folder import RunFolder
from layerwise.train.callback import Callback, Checkpoint, RunState
from layerwise.train.evaluation import BATCH
from layerwise.train.solver import Solver

CHECKPOINT_SECONDS = 10.0


@dataclass
class Outcome:
    """What a run came to. results holds plain numbers and texts; figures_note says why there are none, if there are none."""

    folder: Path
    results: dict[str, Any]
    diverged: bool = False
    interrupted: bool = False
    figures: list[Path] = field(default_factory=list)
    figures_note: str = ""


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
    say: Callable[[str], None] = lambda text: None,
) -> Outcome:
    """Run the settings into a new run folder."""
    with _threads(settings.threads):
        data, model, solver = prepare(settings, callbacks)
        folder = RunFolder.create(f"train-{Path(settings.data).stem}-{settings.model}", output, overwrite)
        folder.write_config(settings.as_dict())
        folder.write_env()
        return _run(settings, data, model, solver, folder, figures, say)


def resume(
    run: str | Path, *, callbacks: Sequence[Any] = (), figures: bool = True, say: Callable[[str], None] = lambda text: None
) -> Outcome:
    """Go on with a run that was stopped, from its last checkpoint, to the bits it would have had."""
    folder = RunFolder.open(run)
    settings = checked(folder.read_config())
    if not (folder.checkpoint / "checkpoint.json").is_file():
        done = folder.model.with_suffix(".json").is_file()
        raise DataError(f"{run}: there is no checkpoint to go on from: {'this run is finished.' if done else 'train it again.'}")
    with _threads(settings.threads):
        data, model, solver = prepare(settings, callbacks)
        solver.resume(folder.checkpoint)
        return _run(settings, data, model, solver, folder, figures, say)


def prepare(settings: TrainSettings, callbacks: Sequence[Any] = ()) -> tuple[Dataset, Network, Solver]:
    """Data, model and solver, each with a random stream of its own."""
    split_seed, weight_seed, solver_seed = np.random.SeedSequence(settings.seed).spawn(3)
    data = build_data(settings, split_seed)
    model = build_model(settings, data, weight_seed)
    model.inputs = Inputs.of(data)
    options = dict(settings.rule_options)
    if settings.lr is not None:
        options["lr"] = settings.lr
    solver = Solver(
        model,
        data,
        update_rule=settings.rule,
        optim_config=options,
        lr_decay=settings.lr_decay,
        schedule=settings.schedule,
        schedule_options=settings.schedule_options,
        num_epochs=settings.epochs,
        num_steps=settings.steps,
        batch_size=settings.batch or None,
        sampling=settings.sampling,
        clip_norm=settings.clip_norm,
        patience=settings.patience,
        callbacks=callbacks,
        rng=solver_seed,
        verbose=False,
    )
    return data, model, solver


def _run(
    settings: TrainSettings, data: Dataset, model: Network, solver: Solver, folder: RunFolder, figures: bool, say: Callable[[str], None]
) -> Outcome:
    solver.callbacks += [Metrics(folder.metrics, settings.print_every), Checkpoint(folder.checkpoint, seconds=CHECKPOINT_SECONDS)]
    interrupted = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DivergenceWarning)  # the outcome says so
            solver.train()
    except KeyboardInterrupt:
        if not solver.stop_reason:
            raise
        interrupted = True
    model.save(folder.model)
    if not interrupted:
        shutil.rmtree(folder.checkpoint, ignore_errors=True)
    results, predicted = _results(model, data, solver)
    with Journal(folder.metrics) as journal:
        journal.append({"result": True, **results})
    outcome = Outcome(folder.path, results, diverged=solver.diverged, interrupted=interrupted)
    if figures and not interrupted:
        say("Drawing the figures")
        _draw(outcome, folder, settings, data, model, solver, predicted)
    return outcome


def _results(model: Network, data: Dataset, solver: Solver) -> tuple[dict[str, Any], Any]:
    history = solver.history
    results: dict[str, Any] = {
        "model": type(model).__name__,
        "parameters": sum(w.size for w in model.params.values()),
        "train_examples": len(data.X_train),
        "steps": solver.state.step,
        "epochs": solver.state.epoch,
        "seconds": solver.seconds,
        "stop_reason": solver.stop_reason,
    }
    if data.X_val is not None:
        best = int(np.nanargmax(history.val_acc_history))
        results |= {"best_epoch": history.epochs[best], "val_loss": history.val_loss_history[best]}
        if data.num_classes:
            results["val_acc"] = history.val_acc_history[best]
    if data.X_test is None or data.y_test is None:
        return results, None
    scores = np.concatenate([model.forward(batch) for batch in in_order(data.X_test, BATCH, model.dtype, data.preprocessing)])
    loss, _ = model.loss_function(scores, data.y_test)
    results["test_loss"] = float(loss)
    if not data.num_classes:
        return results, None
    predicted = scores.argmax(axis=-1)
    results["test_acc"] = float((predicted == data.y_test).mean())
    return results, predicted


def _draw(
    outcome: Outcome, folder: RunFolder, settings: TrainSettings, data: Dataset, model: Network, solver: Solver, predicted: Any
) -> None:
    """Samples, curves, first-layer weights, confusion matrix: those that fit the data. Without matplotlib, a note instead."""
    try:
        from layerwise.report import figure
    except MissingExtraError as error:
        outcome.figures_note = str(error)
        return
    names, shape = data.class_names or (), data.X_train.shape[1:]
    drawn = {"curves": figure.training_curves(list(solver.history.rows(settings.print_every)))}
    if len(shape) == 3 and names:
        drawn["samples"] = figure.sample_grid(data.X_train, data.y_train, names)
    first = next((w for w in model.params.values() if w.ndim == 2), None)
    if len(shape) == 3 and first is not None:
        pixels = first[: int(np.prod(shape))]  # a bias in a column of ones is no pixel
        drawn["weights"] = figure.weight_images(pixels, shape, class_names=names if first.shape[1] == len(names) else None)
    if predicted is not None and data.y_test is not None:
        drawn["confusion"] = figure.confusion_figure(confusion_matrix(predicted, data.y_test, len(names)), names)
    for name, drawing in drawn.items():
        outcome.figures += figure.save(drawing, folder.figures / name)


def _threads(count: int | None) -> Any:
    if count is None:
        return contextlib.nullcontext()
    from threadpoolctl import threadpool_limits

    return threadpool_limits(count)
