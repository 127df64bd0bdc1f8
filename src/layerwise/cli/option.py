"""Flags that commands share, and the headings that --help puts flags under."""

from pathlib import Path
from typing import Annotated

import typer

from layerwise import __version__

DATA, MODEL, TRAINING, RUN, SHOWN = "Data", "Model", "Training", "Run", "What is shown"


def _version(asked: bool) -> None:
    if asked:
        print(f"layerwise {__version__}")
        raise typer.Exit


Output = Annotated[
    Path | None,
    typer.Option("--output", metavar="FOLDER", help="Folder of the run (default: a new one under runs/).", rich_help_panel=RUN),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier run in the output folder.", rich_help_panel=RUN)]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE.toml", help="Settings from a file, such as config.toml of a run.", rich_help_panel=RUN),
]
Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any setting by its name in config.toml; may be repeated.", rich_help_panel=RUN),
]
Seed = Annotated[str | None, typer.Option("--seed", metavar="N", help="Seed of all randomness (default: 0).", rich_help_panel=RUN)]
Threads = Annotated[
    str | None,
    typer.Option("--threads", metavar="N", help="Threads of matrix products (default: all cores, 1 for small ones).", rich_help_panel=RUN),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.", rich_help_panel=SHOWN)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.", rich_help_panel=SHOWN)]
NoProgress = Annotated[bool, typer.Option("--no-progress", help="No bar, and no line per epoch.", rich_help_panel=SHOWN)]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.", rich_help_panel=SHOWN)]
Version = Annotated[
    bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.", rich_help_panel=SHOWN)
]
DataFolder = Annotated[
    str | None,
    typer.Option("--data", metavar="FOLDER", help="Holds a data set's files, or a folder named after it.", rich_help_panel=DATA),
]
