"""Flags that commands share."""

from pathlib import Path
from typing import Annotated

import typer

Output = Annotated[Path | None, typer.Option("--output", help="Folder of the run (a new one under runs/ by default).", show_default=False)]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier run in the output folder.")]
Config = Annotated[
    Path | None, typer.Option("--config", help="Settings from a TOML file, such as a run's config.toml.", show_default=False)
]
Assignments = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Any setting by name; may be repeated.", show_default=False)
]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of all randomness. [default: 0]", show_default=False)]
Threads = Annotated[
    int | None, typer.Option("--threads", min=1, help="Threads of matrix products (all cores by default).", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
NoProgress = Annotated[bool, typer.Option("--no-progress", help="No bar and no line per epoch.")]
DataFolder = Annotated[
    str | None,
    typer.Option("--data", metavar="FOLDER", help="Holds the data set's files, or a folder named after it.", show_default=False),
]
