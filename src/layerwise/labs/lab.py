"""What a lab is made of, and what it does with each experiment: run it into a folder of its own, or find it done there."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from layerwise.data.dataset import Dataset
from layerwise.errors import DataError, MissingExtraError
from layerwise.jobs import sweep as sweep_job
from layerwise.jobs import train as train_job
from layerwise.jobs.setting import checked
from layerwise.labs.field import read_figure
from layerwise.labs.goal import QUICK, numbers, verdict
from layerwise.labs.reading import metric_rows
from layerwise.models.inputs import Inputs
from layerwise.models.network import Network
from layerwise.storage.atomic import write_text
from layerwise.storage.journal import Journal, read_journal
from layerwise.storage.run_folder import RunFolder
from layerwise.storage.strict_json import from_json, to_json
from layerwise.sweep.study import Moment, status
from layerwise.train.solver import Solver

QUICK_STEPS = 30  # of a fit in a quick run


@dataclass(frozen=True)
class Worksheet:
    """A lab as it is listed.

    source   the worksheet whose figures are published
    data     the data set it needs, by name
    minutes  at full size on two cores, about
    run      does the experiments, in the worksheet's order
    """

    name: str
    title: str
    source: str
    data: str
    minutes: int
    run: Callable[[Lab], None]


@dataclass
class Screen:
    """How a lab shows what it does; nothing is shown by default.

    say a line, callbacks of a training run, watch a sweep's moments, and close what watch has opened
    """

    say: Callable[[str], object] = lambda text: None
    callbacks: Callable[[], list[Any]] = list
    watch: Callable[[Moment], object] = lambda moment: None
    close: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Notes:
    """Where an experiment that is no training run writes: rows into metrics.jsonl, anything else into the folder."""

    folder: RunFolder
    journal: Journal

    def row(self, **values: Any) -> None:
        """Add a row of plain numbers and texts."""
        self.journal.append(values)


@dataclass
class Lab:
    """One run of a lab: where it writes, on what, and what has been found so far.

    Experiments that are complete in the folder are not run again, so that a lab that was stopped goes on. Each gives its folder.
    """

    sheet: Worksheet
    folder: RunFolder
    quick: bool = False
    data_folder: str | None = None
    screen: Screen = field(default_factory=Screen)
    sections: list[dict[str, Any]] = field(default_factory=list)

    def size(self, full: Any, quick: Any) -> Any:
        """The first, or the second in a quick run: counts of steps, grids, examples."""
        return quick if self.quick else full

    def length(self, epochs: int) -> dict[str, int]:
        """How long a fit takes: the epochs, or a few steps in a quick run."""
        return {"steps": QUICK_STEPS} if self.quick else {"epochs": epochs}

    # ---- the story

    def section(self, title: str, text: str = "") -> None:
        """Begin a part of the worksheet. Paragraphs of the text have an empty line between them."""
        self.screen.say(f"\n{len(self.sections) + 1}. {title}")
        self.sections.append({"title": title, "text": text, "rows": [], "figures": [], "runs": []})
        self.write()

    def tell(self, text: str) -> None:
        """Add a paragraph to the section, such as what was found."""
        section = self.sections[-1]
        section["text"] = f"{section['text']}\n\n{text}".strip()

    def row(
        self,
        name: str,
        run: Path,
        figure: str,
        *,
        published: float | None = None,
        goal: str = "",
        file: str = "metrics.jsonl",
        always: bool = False,
    ) -> float | None:
        """Add a line of the table, read from a run's file (see `layerwise.labs.field`); gives the figure.

        published is the worksheet's figure, and goal what ours must be (see `layerwise.labs.goal`). In a quick run
        no verdict is given, except where it must `always` hold.
        """
        numbers(goal)  # refuses a goal that says nothing
        own = {"name": name, "published": published, "goal": goal, "run": run.relative_to(self.folder.path).as_posix()}
        line = {**own, "file": file, "field": figure, "always": always}
        self.sections[-1]["rows"].append(judged(line, self.folder.path, self.quick))
        measured: float | None = self.sections[-1]["rows"][-1]["measured"]
        return measured

    def draw(self, name: str, figure: Callable[[], Any]) -> None:
        """Draw a picture into figures/; without matplotlib, the section says why there is none."""
        try:
            drawing = figure()
            from layerwise.report.figure import save
        except MissingExtraError as error:
            if str(error) not in self.sections[-1]["text"]:
                self.tell(f"No pictures: {error}")
            return
        save(drawing, self.folder.figures / name)
        self.sections[-1]["figures"].append(f"figures/{name}.svg")

    def draw_curves(self, name: str, run: Path) -> None:
        """Draw the loss and the accuracies of a training run."""

        def curves() -> Any:
            from layerwise.report.figure import training_curves

            return training_curves(metric_rows(run))

        self.draw(name, curves)

    # ---- experiments

    def train(self, name: str, **settings: Any) -> Path:
        """A training run, as `layerwise train` does it on the lab's data."""
        chosen = checked(self._with_data(settings))

        def carry_out(path: Path) -> None:
            if (path / "checkpoint").is_dir():
                outcome = train_job.resume(path, callbacks=self.screen.callbacks(), say=self.screen.say)
            else:
                outcome = train_job.train(chosen, output=path, overwrite=True, callbacks=self.screen.callbacks(), say=self.screen.say)
            _go_on_unless(outcome.interrupted)

        return self._experiment(name, carry_out)

    def fit(self, name: str, data: Dataset, model: Network, **settings: Any) -> Path:
        """A training run of a model that settings cannot name, or on data of the lab's own making; seed is of batches and noise."""
        chosen = checked(self._with_data({"model": type(model).__name__, **settings}))

        def carry_out(path: Path) -> None:
            model.inputs = Inputs.of(data)
            solver = Solver(
                model,
                data,
                update_rule=chosen.rule,
                optim_config={**chosen.rule_options, **({} if chosen.lr is None else {"lr": chosen.lr})},
                lr_decay=chosen.lr_decay,
                num_epochs=chosen.epochs or 0,
                num_steps=chosen.steps,
                batch_size=chosen.batch,
                sampling=chosen.sampling,
                callbacks=self.screen.callbacks(),
                rng=chosen.seed,
                verbose=False,
            )
            if (path / "checkpoint").is_dir():
                folder = RunFolder.open(path)
                solver.resume(folder.checkpoint)
            else:
                folder = self._fresh(path, name, chosen.as_dict())
            run = train_job.Run(chosen, data, data, None, model, solver)
            _go_on_unless(train_job.train_in(folder, run, say=self.screen.say).interrupted)

        return self._experiment(name, carry_out)

    def sweep(
        self,
        name: str,
        space: Mapping[str, str],
        *,
        strategy: str = "grid",
        trials: int | None = None,
        train_size: int | None = None,
        refit: str = "train",
        **settings: Any,
    ) -> Path:
        """A sweep, as `layerwise sweep` does it: its trials in trials.jsonl, the chosen model's test figures in metrics.jsonl."""
        chosen = checked(self._with_data(settings))
        options = sweep_job.SweepSettings(dict(space), strategy, trials, refit=refit, train_size=train_size)

        def carry_out(path: Path) -> None:
            shown: dict[str, Any] = {"say": self.screen.say, "watch": self.screen.watch}
            try:
                if status(path) and (path / "trials.jsonl").is_file():
                    outcome = sweep_job.resume(path, **shown)
                else:
                    outcome = sweep_job.sweep(chosen, options, output=path, overwrite=True, **shown)
            finally:
                self.screen.close()
            _go_on_unless(outcome.interrupted)

        return self._experiment(name, carry_out)

    def record(self, name: str, settings: Mapping[str, Any], measure: Callable[[Notes], Mapping[str, Any]]) -> Path:
        """An experiment that is no training run: measure writes rows, and gives the results."""

        def carry_out(path: Path) -> None:
            folder = self._fresh(path, name, settings)
            started = time.monotonic()
            with Journal(folder.metrics) as journal:
                results = dict(measure(Notes(folder, journal)))
                journal.append({"result": True, **results, "seconds": time.monotonic() - started})

        return self._experiment(name, carry_out)

    def _experiment(self, name: str, carry_out: Callable[[Path], None]) -> Path:
        """Do an experiment, unless its folder says that it is done."""
        path = self.folder.path / name
        if done(path):
            self.screen.say(f"{name}: done already")
        else:
            self.screen.say(f"{name} ...")
            carry_out(path)
        self.sections[-1]["runs"].append(name)
        self.write()
        return path

    def _fresh(self, path: Path, name: str, settings: Mapping[str, Any]) -> RunFolder:
        if path.exists():
            shutil.rmtree(path)  # what an experiment of this lab had left when it was stopped
        folder = RunFolder.create(name, path)
        folder.write_config({"lab": self.sheet.name, "experiment": name, **settings})
        folder.write_env()
        return folder

    def _with_data(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        folder = {} if self.data_folder is None or "data" in settings else {"data_folder": self.data_folder}
        return {"data": self.sheet.data, **folder, **settings}

    # ---- lab.json

    def write(self) -> None:
        """What is known so far, into lab.json."""
        runs = {run for section in self.sections for run in section["runs"]}
        content = {
            "name": self.sheet.name,
            "title": self.sheet.title,
            "worksheet": self.sheet.source,
            "quick": self.quick,
            "seconds": sum(_seconds(self.folder.path / run) for run in runs),
            "sections": self.sections,
        }
        write_text(self.folder.path / "lab.json", to_json(content, indent=2, not_finite_as_null=True) + "\n")


def judged(line: Mapping[str, Any], lab: Path, quick: bool) -> dict[str, Any]:
    """A line of the table with its figure read from the run's folder, and the verdict."""
    run = (lab / line["run"]).resolve()
    if not run.is_relative_to(lab.resolve()):
        raise DataError(f"{lab / 'lab.json'}: the run {line['run']} is outside of the lab's folder")
    measured = read_figure(run, line["file"], line["field"])
    held = not quick or line["always"]
    return {**line, "measured": measured, "verdict": verdict(measured, line["goal"], line["published"]) if held else QUICK}


def read_lab(path: str | Path) -> dict[str, Any]:
    """What lab.json in a lab's folder says."""
    file = Path(path) / "lab.json"
    try:
        content = from_json(file.read_bytes())
        if not isinstance(content, dict) or not {"name", "title", "quick", "seconds", "sections"} <= content.keys():
            raise ValueError("it is no lab's table")
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"{path} is not the folder of a lab: it has no lab.json. Give the folder that `layerwise lab run` named.") from None
    except ValueError as error:
        raise DataError(f"{file}: {error}. Run the lab again with --output {path}: what is done is not done anew.") from None
    return content


def done(path: Path) -> bool:
    """Whether an experiment's folder has its results."""
    if (path / "checkpoint").is_dir() or not (path / "metrics.jsonl").is_file():
        return False
    last = (read_journal(path / "metrics.jsonl") or [{}])[-1]
    return bool(last.get("result")) and not str(last.get("stop_reason") or "").startswith("interrupted")


def _seconds(path: Path) -> float:
    """How long an experiment took, by its own files."""
    noted = status(path).get("seconds")
    return float(noted if noted is not None else read_figure(path, "metrics.jsonl", "seconds") or 0.0)


def _go_on_unless(interrupted: str) -> None:
    """Ctrl-C in an experiment ends the lab too."""
    if interrupted:
        raise KeyboardInterrupt(interrupted)
