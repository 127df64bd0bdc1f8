"""layerwise sweep"""

import inspect
import sys
import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerwise.cli.complaint import complain
from layerwise.cli.option import DATA
from layerwise.cli.show import quoted, show_json, show_table, silent
from layerwise.cli.train import train
from layerwise.jobs.setting import KINDS

if TYPE_CHECKING:
    from layerwise.jobs.sweep import Outcome
    from layerwise.sweep.result import Result
    from layerwise.sweep.study import Moment

SWEEP = "Sweep"
MOST_ROWS = 10  # of the table of settings
LINE_SECONDS = 10.0  # between two lines where there is no terminal
RUNNING = ("no_figures", "config", "assignments", "output", "overwrite")  # flags of `train` that are no settings, but ours too
SHOWN = ("as_json", "quiet", "no_progress", "debug", "version")


def _own(metavar: str, text: str, panel: str = SWEEP, names: tuple[str, ...] = ()) -> Any:
    return typer.Option(*names, metavar=metavar, help=text, rich_help_panel=panel)


def sweep(
    data: Annotated[
        str,
        typer.Argument(metavar="DATASET|FILE|FOLDER", help='What to train on, as for "layerwise train"; or the word resume, then a run.'),
    ],
    run: Annotated[Path | None, typer.Argument(metavar="[RUN]", help="After resume: the folder of a sweep.", show_default=False)] = None,
    strategy: Annotated[str | None, _own("NAME", "grid, random, coarse-to-fine, halving or optuna (default: grid).")] = None,
    trials: Annotated[int | None, _own("N", "Settings that random, halving or optuna draw.")] = None,
    repeats: Annotated[int, _own("N", "Fits of each setting, each with weights and order of its own.")] = 1,
    folds: Annotated[int, _own("K", "Validate by K folds of the training and validation parts.")] = 0,
    splits: Annotated[int, _own("N", "Validate on N random splits of these parts.")] = 0,
    verify: Annotated[int, _own("N", "Train N members again alone, and report the largest difference.")] = 0,
    refit: Annotated[str, _own("PARTS", "The chosen model is the one trained on train, or trained again on train+validation.")] = "train",
    workers: Annotated[
        int | None, _own("N", "Threads, each with a population (default: one per core).", names=("--workers", "--threads"))
    ] = None,
    budget: Annotated[str | None, _own("TIME", "Stop after so long, such as 90s, 3m or 1h30m; resume goes on.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Forecast time and memory, and stop.", rich_help_panel=SWEEP)] = False,
    train_size: Annotated[int | None, _own("N", "Train on the first N examples of the training part only.", DATA)] = None,
    steps: Annotated[str | None, _own("N", "Stop each fit after so many steps, instead of --epochs.", "Training")] = None,
    **flags: Any,
) -> int:
    """Train many settings at once, and see which are best. Any flag with several values is swept.

    Values are LOW:HIGH:SCALE:COUNT with the scale log, linear or integers (--lr 1e-5:1e-1:log:9), or have commas between them
    (--reg 0,1e-3,1e-2); lists of widths have spaces between them (--hidden "100 100,50 100x5").
    """
    from layerwise.jobs import sweep as job
    from layerwise.jobs.setting import resolve

    running = {name: flags.pop(name) for name in RUNNING}
    shown = {name: flags.pop(name) for name in SHOWN}
    say: Callable[[str], object] = silent if shown["quiet"] or shown["as_json"] else print
    options: dict[str, Any] = {
        "budget": None if budget is None else job.seconds_of(budget),
        "figures": not running["no_figures"],
        "say": say,
    }
    display = Display(sys.stdout.isatty()) if say is print and not shown["no_progress"] else None
    options |= {} if display is None else {"watch": display.show}
    try:
        if data == "resume" and run is not None:
            given = [name for name, value in {**flags, **running, "strategy": strategy}.items() if value not in (None, False, [], ())]
            if [name for name in given if name != "no_figures"]:
                raise ValueError(f"resume goes on with the settings of the sweep: leave out {', '.join(given)}")
            outcome = job.resume(run, **options)
        elif run is not None or data == "resume":
            raise ValueError("layerwise sweep takes one data set; or: layerwise sweep resume RUN")
        else:
            plain, assignments, space = job.divided({**flags, "steps": steps}, running["assignments"] or ())
            settings = resolve({"data": data, **plain}, config=running["config"], assignments=assignments)
            wanted = job.SweepSettings(
                space, strategy or "grid", trials, repeats, folds, splits, verify, refit, workers=workers, train_size=train_size
            )
            outcome = job.sweep(settings, wanted, output=running["output"], overwrite=running["overwrite"], dry=dry_run, **options)
    finally:
        if display is not None:
            display.close()
    return _ending(outcome, shown["as_json"], say)


def _with_flags_of_train(command: Callable[..., int]) -> Callable[..., int]:
    """The command with the flags of `layerwise train`, for each of them may have several values here."""
    own = [p for p in inspect.signature(command).parameters.values() if p.kind is not p.VAR_KEYWORD]
    names = {*RUNNING, *SHOWN, *KINDS} - {"threads", *(p.name for p in own)}
    shared = [p for p in inspect.signature(train).parameters.values() if p.name in names]
    vars(command)["__signature__"] = inspect.Signature([*own, *shared])
    command.__annotations__ = {p.name: p.annotation for p in (*own, *shared)}
    return command


_with_flags_of_train(sweep)


class Display:
    """The leaders as a table that is drawn anew on a terminal, or a line now and then anywhere else."""

    def __init__(self, live: bool) -> None:
        self._live: Any = None
        self._wanted, self._last = live, time.monotonic()

    def show(self, moment: "Moment") -> None:
        if not self._wanted:
            if time.monotonic() - self._last > LINE_SECONDS:
                self._last = time.monotonic()
                print(_progress(moment), flush=True)
            return
        if self._live is None:
            from rich.live import Live

            self._live = Live(refresh_per_second=4, transient=True)
            self._live.start()
        self._live.update(_leaders(moment))

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()


def _progress(moment: "Moment") -> str:
    from layerwise.jobs.sweep import duration

    text = f"{moment.share:4.0%}  {moment.ended}/{moment.asked} fits ended, {duration(moment.left)} left"
    if moment.leaders and moment.leaders[0]["val_acc"] is not None:
        text += f", best {moment.leaders[0]['val_acc']:.4f} at {_setting(moment.leaders[0]['setting'])}"
    return text


def _leaders(moment: "Moment") -> Any:
    from rich.console import Group

    from layerwise.cli.show import columns_table

    rows = [[str(row["trial"]), _setting(row["setting"]), _figure(row["val_acc"]), _figure(row["train_acc"])] for row in moment.leaders]
    return Group(_progress(moment), columns_table(("fit", "setting", "validation", "training"), rows))


def _setting(setting: dict[str, Any]) -> str:
    """A setting as it is given on the command line.

    >>> _setting({"lr": 0.0010000001, "hidden": "512,512,100"})
    'lr=0.001, hidden=512x2,100'
    """
    return ", ".join(
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={_counted(value) if name == 'hidden' else value}"
        for name, value in setting.items()
    )


def _counted(widths: Any) -> str:
    runs = [(width, len(list(same))) for width, same in groupby(str(widths).split(","))]
    return ",".join(width if count == 1 else f"{width}x{count}" for width, count in runs)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _ending(outcome: "Outcome", as_json: bool, say: Callable[[str], object]) -> int:
    """The table of settings, what was chosen, and where to look; the exit code."""
    result, results = outcome.result, outcome.results
    if as_json:
        table = [] if result is None else result.table()
        show_json({**results, "folder": outcome.folder, "table": table, "figures": [str(path) for path in outcome.figures]})
    elif say is not silent and result is not None and result.rows:
        _show(outcome, result)
    if outcome.interrupted:
        complain(f"{outcome.interrupted}, in {outcome.folder}; go on with: layerwise sweep resume {quoted(outcome.folder or '')}")
        return 130
    if result is not None and result.rows and "best" not in results:
        complain(f"no setting was trained to a finite figure: all {len(result.rows)} fits diverged. Try smaller rates.")
        return 1
    return 0


def _show(outcome: "Outcome", result: "Result") -> None:
    from layerwise.cli.show import columns_table
    from layerwise.report.text import results_table

    table, results = result.table(), outcome.results
    shown = table[:MOST_ROWS]
    columns = {
        " ": ["=" if line["not_distinguishable"] else "" for line in shown],
        "setting": [_setting(line["setting"]) for line in shown],
        "validation": [_figure(line["val_acc"]) for line in shown],
        "95 %": ["" if line["val_low"] is None else f"{line['val_low']:.4f}-{line['val_high']:.4f}" for line in shown],
        "training": [_figure(line["train_acc"]) for line in shown],
        "status": [line["status"] for line in shown],
    }
    if set(columns["status"]) == {"finished"}:
        del columns["status"]
    if not any(columns["95 %"]):
        del columns["95 %"]
    show_table(columns_table(list(columns), zip(*columns.values(), strict=True), whole=set(columns) - {"setting"}))
    if len(table) > MOST_ROWS:
        print(f"… and {len(table) - MOST_ROWS:,} more settings, in {outcome.folder}")
    if "best" in results:
        print(f"= : not distinguishable from the best by these figures ({results['not_distinguishable']} of {len(table)})")
    lines: list[tuple[str, str]] = []
    if "best" in results:
        lines += [("chosen on validation", _setting(results["best"])), ("validation accuracy", _figure(results["val_acc"]))]
    if "refit" in results:
        lines.append(("model", results["refit"]))
    if "test_acc" in results:
        lines.append(("test accuracy, measured once", _figure(results["test_acc"])))
    if "verified" in results:
        found = results["verified"]
        lines.append(
            (
                f"{found['members']} members alone",
                f"weights differ by {found['largest_difference_of_weights']:.1e}, accuracy by {found['largest_difference_of_accuracy']:.4f}",
            )
        )
    if results.get("stopped"):
        lines.append(("stopped", f"{results['stopped']}; go on with: layerwise sweep resume {quoted(outcome.folder or '')}"))
    forecast = results["forecast"]
    if forecast.get("actual"):
        from layerwise.jobs.sweep import duration

        lines.append(("time", f"{duration(forecast['actual'])} (forecast: {duration(forecast['seconds'])})"))
    show_table(results_table(lines, title="Result"))
    if outcome.folder is not None and "best" in results and not outcome.interrupted:
        print(f"Model in {outcome.folder}; use it with: layerwise predict {quoted(outcome.folder)} FILE")
    if outcome.figures:
        names = sorted(path.name for path in outcome.figures if path.suffix == ".png")
        print(f"Pictures in {outcome.figures[0].parent}: {', '.join(names)}")
    if outcome.report:
        print(f"Report in {outcome.report}")
    elif outcome.figures_note:
        print(f"No pictures: {outcome.figures_note}")
