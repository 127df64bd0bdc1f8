"""layerwise course list | run | open"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layerwise.cli import option
from layerwise.cli.complaint import complain
from layerwise.cli.option import RUN
from layerwise.cli.show import columns_table, quoted, show_json, show_table
from layerwise.report.label import printable

if TYPE_CHECKING:
    from layerwise.courses.outcome import Cell
    from layerwise.jobs.course import Ran

USAGE, INTERRUPTED = 2, 130
COURSE = "Course"

course = typer.Typer(help="Run other people's course notebooks, unmodified, on Layerwise.", invoke_without_command=True)

Name = Annotated[
    str,
    typer.Option(
        "--as", metavar="COURSE", help="The course, as `layerwise course list` has it.", rich_help_panel=COURSE, show_default=False
    ),
]
Assignment = Annotated[
    int | None, typer.Option("--assignment", metavar="N", help="Of the course (default: told from the notebook).", rich_help_panel=COURSE)
]
Mine = Annotated[
    Path | None,
    typer.Option("--mine", metavar="FOLDER", help="Your own files go first; what you have not written is ours.", rich_help_panel=COURSE),
]


@course.callback()
def _course(context: typer.Context, version: option.Version = False) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(USAGE)


@course.command("list")
def list_courses(as_json: option.Json = False, quiet: option.Quiet = False, debug: option.Debug = False) -> int:
    """The courses whose notebooks can be run, and what they import."""
    from layerwise.jobs.course import list_courses

    rows = list_courses()
    if as_json:
        show_json({"courses": rows})
    elif not quiet:
        show_table(columns_table(("name", "course", "imports"), [(row["name"], row["title"], ", ".join(row["packages"])) for row in rows]))
        print("Run a notebook with one: layerwise course run NOTEBOOK.ipynb --as NAME")
    return 0


@course.command()
def run(
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="A Jupyter notebook; it stays as it is.", show_default=False)],
    name: Name,
    assignment: Assignment = None,
    mine: Mine = None,
    data_folder: option.DataFolder = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", help="The notebook with its outputs (default: NOTEBOOK-COURSE.ipynb).", rich_help_panel=RUN
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace that file if it is there.", rich_help_panel=RUN)] = False,
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", metavar="S", help="Seconds that each cell may take (default: any).", rich_help_panel=RUN)
    ] = None,
    as_json: option.Json = False,
    quiet: option.Quiet = False,
    no_progress: option.NoProgress = False,
    debug: option.Debug = False,
) -> int:
    """Run a notebook of a course in a kernel that has the course on, and tell what became of each cell.

    Exit code 1 if a cell failed. The cells run on this machine with your rights: no sandbox for strangers' notebooks.
    """
    from layerwise.jobs.course import run_notebook

    live = not (as_json or quiet or no_progress)
    ran = run_notebook(
        notebook,
        name,
        assignment=assignment,
        data=data_folder,
        output=output,
        overwrite=overwrite,
        mine=mine,
        time_limit=time_limit,
        told=_show_cell if live else lambda cell: None,
    )
    if as_json:
        show_json(
            {
                "output": str(ran.output),
                "assignment": ran.assignment,
                **ran.counts(),
                "cells": [cell.as_dict() for cell in ran.cells],
                "notes": ran.notes,
                "names": [vars(one) for one in ran.owned],
            }
        )
    elif not quiet:
        _show(ran, cells=not live)
    if ran.interrupted:
        complain(ran.interrupted)
        return INTERRUPTED
    return 0 if ran.went_well else 1


@course.command("open")
def open_course(
    name: Name,
    assignment: Assignment = None,
    mine: Mine = None,
    data_folder: option.DataFolder = None,
    folder: Annotated[Path, typer.Option("--folder", metavar="FOLDER", help="Where Jupyter starts.", rich_help_panel=RUN)] = Path(),
    debug: option.Debug = False,
) -> int:
    """Start your own Jupyter with the course on in its Python 3 kernel."""
    from layerwise.jobs.course import open_jupyter

    return 0 if open_jupyter(name, assignment=assignment, data=data_folder, mine=mine, folder=folder) == 0 else 3


def _show_cell(cell: Cell) -> None:
    print(f"{cell.outcome:<12}  {cell.number:>3}  {cell.seconds:6.1f} s  {printable(cell.begins)[:60]}", flush=True)
    if cell.why:
        print(f"{'':<19}{printable(cell.why)}", flush=True)


def _show(ran: Ran, *, cells: bool) -> None:
    """What became of the cells, whose the names were, what is to note, and where the outputs are."""
    for cell in ran.cells:
        if cells or cell.outcome == "not reached":
            _show_cell(cell)
    if ran.owned:
        _show_owners(ran)
    for note in ran.notes:
        print(f"Note: {printable(note)}")
    print(", ".join(f"{count} {outcome}" for outcome, count in ran.counts().items() if count) or "no code cells")
    print(f"Outputs in {quoted(ran.output)}")


def _show_owners(ran: Ran) -> None:
    """A line for each module: which names are the learner's, and which are ours and why."""
    for module in dict.fromkeys(one.module for one in ran.owned):
        rows = [one for one in ran.owned if one.module == module]
        for whose in ("yours", "ours"):
            told = [
                f"{one.name} ({one.why})" if one.why and one.why != "it is not there" else one.name for one in rows if one.whose == whose
            ]
            if told:
                print(f"{whose:<12}  {module}: {printable(', '.join(told))}")
