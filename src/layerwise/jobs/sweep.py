"""A sweep: from settings, of which some have several values, to a run folder with journal, model, table and figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import DataError, MissingExtraError, did_you_mean, look_up
from layerwise.jobs.build import build_data, build_model, check_names, prepared, settle
from layerwise.jobs.prediction import save_predictions
from layerwise.jobs.provenance import provenance_of
from layerwise.jobs.report import now, write_report
from layerwise.jobs.setting import KINDS, TrainSettings, checked, flag, read
from layerwise.jobs.target import TargetScale, share_explained
from layerwise.models.inputs import Inputs
from layerwise.models.network import Network
from layerwise.ops.table import LOSSES
from layerwise.optim.option import options_of
from layerwise.optim.table import RULES
from layerwise.storage.journal import Journal
from layerwise.storage.run_folder import RunFolder
from layerwise.sweep.chunk import Chunk, cores
from layerwise.sweep.forecast import Forecast
from layerwise.sweep.result import Result
from layerwise.sweep.space import Axis, Range, Space, choice, grid, parse_range
from layerwise.sweep.strategy import STRATEGIES, Halving, Strategy
from layerwise.sweep.study import Moment, Plan, Study

FIXED = {  # settings that decide what the data is, or what runs where: one value for all trials
    *("data", "data_folder", "label", "target", "ignore", "image_size", "channels", "val", "test", "preprocess", "augment", "bias"),
    *("rule_options", "schedule_options", "dtype", "print_every", "threads"),
}
LISTS = {"hidden", "blocks"}  # one value of these has commas itself
WHOLE = {"hidden", "epochs", "steps", "batch", "patience", "filters", "filter_size", "seed"}
OPTIONS = {option for rule in RULES.values() for option in options_of(rule)} - {"lr"}  # of update rules
GRIDS = ("grid", "coarse-to-fine", "halving")  # strategies that begin with a grid, unless they are to draw settings
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

Say = Callable[[str], object]


@dataclass(frozen=True)
class SweepSettings:
    """What a sweep does with its settings. space: for each one that is swept its values, as texts; train_size: the first so many
    training examples (None: all); trials: of the strategies that draw settings; workers: None until it is settled."""

    space: dict[str, str]
    strategy: str = "grid"
    trials: int | None = None
    repeats: int = 1
    folds: int = 0
    splits: int = 0
    verify: int = 0
    refit: str = "train"
    workers: int | None = None
    train_size: int | None = None
    chunk_sizes: list[int] = field(default_factory=list)  # of the first settings asked for; written, never read

    def strategy_object(self) -> Strategy:
        """The strategy with what was said of it."""
        kind = look_up(STRATEGIES, self.strategy, "strategy")
        if self.trials is None:
            return kind()
        if self.strategy not in ("random", "halving", "optuna"):
            raise ValueError(f"--trials has no effect on the strategy {self.strategy}: use --strategy random, halving or optuna")
        return kind(trials=self.trials)  # type: ignore[call-arg]  # those that draw settings have it


@dataclass
class Outcome:
    """What a sweep came to. folder is None after a dry run; results holds plain numbers and texts."""

    folder: Path | None
    result: Result | None
    results: dict[str, Any]
    interrupted: str = ""
    figures: list[Path] = field(default_factory=list)
    figures_note: str = ""
    report: Path | None = None


@dataclass
class Job:
    """A sweep, ready to run."""

    settings: TrainSettings
    sweep: SweepSettings
    study: Study
    scale: TargetScale | None


def sweep(
    settings: TrainSettings,
    options: SweepSettings,
    *,
    output: str | Path | None = None,
    overwrite: bool = False,
    **running: Any,
) -> Outcome:
    """Run a sweep into a new run folder; running: what `_run` takes."""
    options = replace(options, workers=options.workers or cores())
    job = assemble(settings, options)
    if running.get("dry"):
        return _run(job, None, **running)
    folder = RunFolder.create(f"sweep-{Path(settings.data).stem}-{settings.model}", output, overwrite)
    job.study.keep_in(folder.path)
    folder.write_config({**job.settings.as_dict(), "sweep": asdict(job.sweep)})
    folder.write_env()
    return _run(job, folder, **running)


def resume(run: str | Path, **running: Any) -> Outcome:
    """Go on with a sweep that was stopped: no trial that had ended is trained again."""
    folder = RunFolder.open(run)
    values = folder.read_config()
    if "sweep" not in values:
        raise DataError(f"{run}: this run is no sweep. Go on with it by: {folder.way_on()}")
    try:
        options = SweepSettings(**values.pop("sweep"))
        settings = checked(values, f"{folder.config}, ")
    except (ValueError, TypeError) as error:
        raise DataError(f"{folder.config}: {error}") from None
    job = assemble(settings, options)
    job.study.keep_in(folder.path)
    return _run(job, folder, **running)


def assemble(settings: TrainSettings, options: SweepSettings) -> Job:
    """Data, space and study."""
    space = {name: axis for name, text in options.space.items() if (axis := axis_of(name, text)) is not None}
    split_seed = np.random.SeedSequence(settings.seed).spawn(3)[0]
    strategy = options.strategy_object()
    if options.trials is None and options.strategy in GRIDS:
        Space(space).grid()  # refuses a range without a count
    plan = Plan(
        options.repeats,
        options.folds,
        options.splits,
        seed=settings.seed,
        verify=options.verify,
        refit=options.refit,
        workers=options.workers,
    )
    check_names(settings)
    raw = build_data(settings, split_seed)
    if options.train_size is not None:
        raw = raw.subset(num_train=options.train_size)
    base = settle(settings, raw)
    data = prepared(base, raw)
    swept = [name for name in space if name in KINDS]
    for name in swept:  # a wrong value is found before anything is trained
        for value in _some_values(space[name]):
            check_names(replace(settings, **{name: read(name, value, flag(name))}))

    def build(config: dict[str, Any]) -> Network:
        own = {name: read(name, config[name], flag(name)) for name in swept if name != "seed"}
        model = build_model(settle(replace(settings, **own), raw), data, config["seed"])
        model.inputs = Inputs.of(data)
        return model

    scale = None
    trained = data
    if data.num_classes is None and LOSSES[base.loss or "squared"].targets == "values" and settings.model != "autoencoder":
        scale = TargetScale.of(data.y_train)
        trained = scale.over(data)
    shared = {name: getattr(base, name) for name in ("rule", "lr_decay", "schedule", "clip_norm", "sampling", "patience", "steps", "batch")}
    shared |= {"epochs": base.epochs or 0, "schedule_options": base.schedule_options, **base.rule_options}
    shared |= {"metric": share_explained} if scale else {}
    if "rule" not in space:
        shared["lr"] = base.lr
    study = Study(
        build,
        trained,
        Space(space),
        base={name: value for name, value in shared.items() if name not in space},
        strategy=strategy,
        plan=plan,
    )
    return Job(base, options, study, scale)


def _run(
    job: Job,
    folder: RunFolder | None,
    *,
    budget: float | None = None,
    dry: bool = False,
    figures: bool = True,
    watch: Callable[[Moment], object] = lambda moment: None,
    say: Say = lambda text: None,
) -> Outcome:
    study = job.study

    def announce(forecast: Forecast, chunks: list[Chunk]) -> None:
        say(_announcement(job, forecast, chunks))
        if folder is not None and not job.sweep.chunk_sizes:
            job.sweep.chunk_sizes.extend(len(chunk) for chunk in chunks)
            folder.write_config({**job.settings.as_dict(), "sweep": asdict(job.sweep)})

    outcome = Outcome(None if folder is None else folder.path, None, {})
    try:
        result = study.run(budget=budget, watch=watch, announce=announce, dry=dry)
    except KeyboardInterrupt:
        result = study.result()
        outcome.interrupted = f"interrupted after {len(study.engine.rows)} of {len(study.trials)} trials; what was trained is kept"
    outcome.result = result
    outcome.results = results_of(job, result)
    if folder is None or dry:
        return outcome
    if result.model is not None:
        model = result.model
        model.inputs = Inputs.of(study.final_data)
        if job.scale is not None:
            job.scale.fold_into(model)
        model.provenance = provenance_of({**job.settings.as_dict(), **result.best["setting"]}, study.final_data, folder)
        model.save(folder.model)
        if study.data.num_classes and job.settings.model != "autoencoder":
            with np.errstate(all="ignore"):
                save_predictions(folder, model, study.final_data)
    if result.rows and not outcome.interrupted:
        with Journal(folder.metrics) as journal:
            journal.append({"result": True, **outcome.results, "validation_examples": result.num_val, "ended": now()})
        if figures:
            _draw(job, result, folder, outcome)
            if not outcome.figures_note:
                outcome.report, outcome.figures_note = write_report(folder.path)
    return outcome


def results_of(job: Job, result: Result) -> dict[str, Any]:
    """What there is to tell, as plain numbers and texts."""
    counts = result.counts()
    results: dict[str, Any] = {"trials": len(result.rows), **{name: count for name, count in counts.items() if count}}
    if any(row["val_acc"] is not None for row in result.rows):
        best = result.best
        results |= {"best": best["setting"], **{name: best[name] for name in ("val_acc", "val_low", "val_high", "train_acc", "best_epoch")}}
        results["not_distinguishable"] = len(result.not_distinguishable)
    results |= result.test
    results |= {"refit": result.refit} if result.refit else {}
    if result.checks:
        results["verified"] = {
            "members": len(result.checks),
            "largest_difference_of_weights": max(check["weights"] for check in result.checks),
            "largest_difference_of_accuracy": max((check["val_acc"] or 0.0 for check in result.checks), default=0.0),
        }
    results |= {"forecast": result.forecast, "stopped": result.reason}
    return results


def _some_values(axis: Axis) -> list[Any]:
    """The values of an axis, or its ends where there are too many."""
    return [axis.low, axis.high] if isinstance(axis, Range) and axis.count is None and not axis.whole else axis.grid()


# ---- settings with several values


def divided(flags: Mapping[str, Any], assignments: Sequence[str]) -> tuple[dict[str, Any], list[str], dict[str, str]]:
    """Flags and --set assignments into those with one value, and those with several: name -> text.

    >>> divided({"lr": "1e-3:1e-1:log:3", "hidden": "100,50", "reg": "0,0.1"}, ["rule_options.momentum=0.5,0.9"])[2]
    {'lr': '1e-3:1e-1:log:3', 'reg': '0,0.1', 'momentum': '0.5,0.9'}
    """
    plain, space = dict(flags), {}
    for name, text in flags.items():
        if isinstance(text, str) and axis_of(name, text) is not None:
            space[name] = text
            plain[name] = None
    kept = []
    for assignment in assignments:
        key, _, text = assignment.partition("=")
        name = key.strip().removeprefix("rule_options.")
        if (name in KINDS or name in OPTIONS) and axis_of(name, text) is not None:
            space[name] = text.strip()
        else:
            kept.append(assignment)
    return plain, kept, space


def axis_of(name: str, text: str) -> Axis | None:
    """The values that a text gives a setting, if there are several: LOW:HIGH:SCALE:COUNT, or values with commas between them.

    Of a setting whose one value has commas itself (hidden), values have spaces between them, and 100x3 stands for 100,100,100.

    >>> axis_of("reg", "0, 0.1"), axis_of("lr", "0.1"), axis_of("hidden", "50 100x2").values
    (Values(values=(0.0, 0.1), ordered=True), None, ('50', '100,100'))
    """
    if name in FIXED:
        return None
    if name not in KINDS and name not in OPTIONS:
        raise ValueError(f'there is no setting "{name}".{did_you_mean(name, [*KINDS, *OPTIONS])}')
    if name != "blocks" and (found := parse_range(text, whole=name in WHOLE)) is not None:
        return found
    if name in LISTS:
        parts = [re.sub(r"\b(\d+)x(\d+)\b", _repeated, part) for part in (text.split() if name == "hidden" else text.split(";"))]
        return choice(*(part.strip() for part in parts)) if len(parts) > 1 else None
    parts = [part.strip() for part in text.split(",")]
    if len(parts) < 2:
        return None
    values = [read(name, part, flag(name)) if name in KINDS else float(part) for part in parts]
    numbers = all(isinstance(value, int | float) for value in values)
    return grid(*values) if numbers else choice(*values)


def seconds_of(text: str) -> float:
    """A time as people write it.

    >>> seconds_of("3m"), seconds_of("1h30m"), seconds_of("45")
    (180.0, 5400.0, 45.0)
    """
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    if not re.fullmatch(r"(\d+(\.\d+)?[smhd])+", text):
        raise ValueError(f'--budget is "{text}", but must be a time, such as 90s, 3m or 1h30m')
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([\d.]+)([smhd])", text))


def _repeated(match: re.Match[str]) -> str:
    return ",".join([match[1]] * int(match[2]))


# ---- what is shown


def _announcement(job: Job, forecast: Forecast, chunks: Sequence[Chunk]) -> str:
    """Two lines on what is about to be done."""
    trials = sum(map(len, chunks))
    settings = len({trial.number for chunk in chunks for trial in chunk.trials})
    sizes = sorted({len(chunk) for chunk in chunks}, reverse=True)
    together = f"{len(chunks)} populations of {' and '.join(map(str, sizes[:3]))}" if sizes[0] > 1 else f"{len(chunks)} models one by one"
    workers = f"{job.study.workers} worker{'s' if job.study.workers > 1 else ''}"
    repeated = f" ({settings:,} settings)" if settings < trials else ""
    return (
        f"{job.study.data.name}: {trials:,} fits{repeated} as {together}, {workers}\n"
        f"about {duration(forecast.seconds)}, {forecast.memory / 2**20:,.0f} MiB"
    )


def duration(seconds: float) -> str:
    """A time in two figures.

    >>> duration(0.42), duration(75), duration(4000)
    ('0.4 s', '1m 15s', '1h 06m')
    """
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m {rest:02d}s" if minutes < 60 else f"{minutes // 60}h {minutes % 60:02d}m"


def _draw(job: Job, result: Result, folder: RunFolder, outcome: Outcome) -> None:
    """The pictures that fit what was swept. Without matplotlib, a note instead."""
    try:
        from layerwise.report import figure, sweep_figure
    except MissingExtraError as error:
        outcome.figures_note = str(error)
        return
    table = result.table()
    names = list(job.study.space.axes)
    numeric = [name for name in names if all(isinstance(line["setting"][name], int | float) for line in table)]
    numeric = [name for name in numeric if len({line["setting"][name] for line in table}) > 1]
    metric = "R²" if job.scale else "accuracy" if result.num_val else "minus the loss"
    drawn: dict[str, Any] = {"curves": figure.training_curves(result.history_rows(), metric=metric)}
    for name in names:
        lines = [line for line in result.over(name) if line["val_low"] is not None]
        label, values = ("depth", depths(lines)) if name == "hidden" and name not in numeric else (name, _values(lines, name, numeric))
        if len(values) < 2:
            continue
        drawn[f"over_{label}"] = (
            figure.accuracy_over(
                values,
                np.array([line["val_acc"] for line in lines], np.float64),
                label,
                log2=_doubles(values),
                intervals=np.array([[line["val_low"], line["val_high"]] for line in lines], np.float64).reshape(-1, 2),
            )
            if not _decades(values)
            else sweep_figure.accuracy_over_decades(lines, name)
        )
    if len(numeric) >= 2:
        x, y = numeric[:2]
        rows = [
            {**line["setting"], "validation accuracy": line["val_acc"], "training accuracy": line["train_acc"]} for line in reversed(table)
        ]
        drawn["validation"] = figure.scatter_landscape(rows, x, y, "validation accuracy")
        drawn["training"] = figure.scatter_landscape(rows, x, y, "training accuracy")
        surface = result.landscape(x, y)
        log = not any(isinstance(axis, Range) and not axis.log for axis in (job.study.space.axes[x], job.study.space.axes[y]))
        if min(surface.z.shape) > 1 and np.isfinite(surface.z).mean() > 0.25:
            drawn["landscape"] = figure.landscape(*surface, xlabel=x, ylabel=y, colour="validation accuracy", log=log)
    if len(names) > 2:
        drawn["coordinates"] = sweep_figure.parallel_coordinates(table, names)
    if isinstance(job.study.strategy, Halving):
        drawn["rungs"] = sweep_figure.rungs(result.rows)
    for name, drawing in drawn.items():
        outcome.figures += figure.save(drawing, folder.figures / name)


def depths(lines: Sequence[Mapping[str, Any]]) -> Array:
    """How many hidden layers each setting has, where all their layers have one width; empty where more than the depth differs.

    >>> depths([{"setting": {"hidden": text}} for text in ("50", "50,50", "50,50,50")])
    array([1, 2, 3])
    >>> depths([{"setting": {"hidden": text}} for text in ("50", "100,50")])
    array([], dtype=int64)
    """
    lists = [str(line["setting"]["hidden"]).split(",") for line in lines]
    counts = np.array([len(widths) for widths in lists])
    one_width = len({width for widths in lists for width in widths}) == 1
    return counts if one_width and len(set(counts)) == len(counts) else counts[:0]


def _values(lines: Sequence[Mapping[str, Any]], name: str, numeric: Sequence[str]) -> Array:
    """The values of a setting that has numbers; empty for one that has not."""
    return np.array([line["setting"][name] for line in lines] if name in numeric else [])


def _doubles(values: Any) -> bool:
    """Whether sizes double from one to the next."""
    ordered = np.unique(values)
    return len(ordered) > 2 and bool((ordered > 0).all() and np.allclose(ordered[1:] / ordered[:-1], 2, rtol=0.01))


def _decades(values: Any) -> bool:
    """Whether values span so much that only their logarithms can be told apart."""
    positive = values[values > 0]
    return not _doubles(values) and len(positive) > 1 and bool(positive.max() >= 50 * positive.min())
