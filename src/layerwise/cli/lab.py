"""layerwise lab list | run | compare"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from layerwise.cli import option
from layerwise.cli.complaint import complain
from layerwise.cli.show import columns_table, quoted, show_json, show_table
from layerwise.cli.sweep import Display

USAGE, NO = 2, 1

lab = typer.Typer(help="Worksheets at full size, published figures against measured ones.", invoke_without_command=True)


@lab.callback()
def _lab(context: typer.Context, version: option.Version = False) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(USAGE)


@lab.command("list")
def list_known(as_json: option.Json = False, quiet: option.Quiet = False, debug: option.Debug = False) -> int:
    """The labs: what they are, the data they need, and how long they take."""
    from layerwise.labs.table import LABS

    if as_json:
        rows = [{"name": s.name, "title": s.title, "worksheet": s.source, "data": s.data, "minutes": s.minutes} for s in LABS.values()]
        show_json({"labs": rows})
    elif not quiet:
        cells = [(s.name, s.title, s.data, f"{s.minutes} min") for s in LABS.values()]
        show_table(columns_table(("name", "what it does", "data", "time"), cells))
        print("Run one with `layerwise lab run NAME`; --quick takes the same path in about a minute.")
    return 0


@lab.command()
def run(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A lab, as `layerwise lab list` has it.", show_default=False)],
    quick: Annotated[bool, typer.Option("--quick", help="Take the same path on samples, in about a minute.")] = False,
    data_folder: option.DataFolder = None,
    output: option.Output = None,
    overwrite: option.Overwrite = False,
    as_json: option.Json = False,
    quiet: option.Quiet = False,
    no_progress: option.NoProgress = False,
    debug: option.Debug = False,
) -> int:
    """Do a worksheet's experiments, and hold their figures against the published ones.

    A lab that was stopped goes on with --output and its folder: what is done is not done again.
    """
    from layerwise.labs.lab import Screen
    from layerwise.labs.run import run
    from layerwise.train.progress import progress

    if overwrite and output is None:
        raise ValueError("--overwrite has no effect without --output FOLDER: each run gets a new folder")
    screen = Screen()
    if not quiet and not as_json:
        display = Display(sys.stdout.isatty())
        screen = Screen(say=print) if no_progress else Screen(print, lambda: [progress()], display.show, display.close)
    done = run(name, quick=quick, data_folder=data_folder, output=output, overwrite=overwrite, screen=screen)
    rows = [row for section in done.sections for row in section["rows"]]
    if as_json:
        show_json({"folder": done.folder.path, "quick": quick, "rows": rows})
    elif not quiet:
        _show(name, quick, rows)
        print(f"Everything is in {done.folder.path}; read the figures again with: layerwise lab compare {quoted(done.folder.path)}")
    return 0


@lab.command()
def compare(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a lab.", show_default=False)],
    as_json: option.Json = False,
    quiet: option.Quiet = False,
    debug: option.Debug = False,
) -> int:
    """Read every figure of a lab again from its run folders; exit code 1 where one is short of its goal."""
    from layerwise.labs.compare import compare
    from layerwise.labs.goal import SHORT
    from layerwise.labs.lab import read_lab

    rows = compare(folder)
    known = read_lab(folder)
    if as_json:
        show_json({"name": known["name"], "quick": known["quick"], "rows": rows})
    elif not quiet:
        _show(known["name"], known["quick"], rows)
    for row in rows:
        if row["changed"]:
            complain(f"{row['name']}: lab.json says {_figure(row['noted'])}, but {row['run']}/{row['file']} {_figure(row['measured'])}")
    return NO if any(row["verdict"] == SHORT for row in rows) else 0


def _show(name: str, quick: bool, rows: Sequence[Mapping[str, Any]]) -> None:
    from layerwise.report.text import lab_table

    show_table(lab_table(rows, title=f"{'QUICK run, on samples: ' if quick else ''}{name}, published against measured"))


def _figure(value: float | None) -> str:
    """A figure in the digits that tell it from another, and a dash for none.

    >>> _figure(0.9096), _figure(None), _figure(3.28e-12)
    ('0.9096', '–', '3.28e-12')
    """
    return "–" if value is None else f"{value:.10g}"
