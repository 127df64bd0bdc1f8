"""layerwise report"""

from pathlib import Path
from typing import Annotated

import typer

from layerwise.cli import option
from layerwise.cli.complaint import complain
from layerwise.cli.show import show_json


def report(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN...", help="Folders of runs, sweeps or labs; several are compared.", show_default=False),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE.html", help="File of the report (default: report.html in the run; here, of several)."),
    ] = None,
    as_json: option.Json = False,
    quiet: option.Quiet = False,
    debug: option.Debug = False,
    version: option.Version = False,
) -> int:
    """Write one HTML file about a run, a sweep or a lab, or a comparison of several. It needs no other file and no network."""
    from layerwise.jobs import report as job

    outcome = job.report(runs, output=output)
    if as_json:
        show_json({"report": str(outcome.path), "notes": outcome.notes})
        return 0
    for note in outcome.notes if not quiet else []:
        complain(f"note: {note}")
    if not quiet:
        print(f"Report in {outcome.path}")
    return 0
