"""layerwise data list | where | get | show | doctor"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from layerwise.cli import option
from layerwise.cli.download import DownloadProgress
from layerwise.cli.option import DATA, RUN
from layerwise.cli.show import columns_table, quoted, show_json, show_table

USAGE = 2

data = typer.Typer(help="List, fetch and look at data sets.", invoke_without_command=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A data set's name, as `layerwise data list` has it.", show_default=False)]


@data.callback()
def _data(context: typer.Context, version: option.Version = False) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(USAGE)


@data.command("list")
def list_known(as_json: option.Json = False, quiet: option.Quiet = False, debug: option.Debug = False) -> int:
    """The data sets known by name: what they are, how large, and where their files lie."""
    from layerwise.jobs.data import list_known

    rows = list_known()
    if as_json:
        show_json({"datasets": rows})
    elif not quiet:
        cells = [
            (
                str(row["name"]),
                str(row["classes"]),
                " × ".join(map(str, row["shape"])),
                f"{row['download'] / 1e6:,.0f} MB" if row["download"] else "-",
                str(row["found"]) or "not here",
            )
            for row in rows
        ]
        show_table(columns_table(("name", "classes", "example", "download", "files"), cells, whole=["classes", "example"]))
        print("Fetch one with `layerwise data get NAME`; licences and sources with --json.")
    return 0


@data.command()
def where(
    name: Name,
    data_folder: option.DataFolder = None,
    as_json: option.Json = False,
    quiet: option.Quiet = False,
    debug: option.Debug = False,
) -> int:
    """The files that a data set is read from; exit code 3 if they are not on this machine."""
    from layerwise.jobs.data import where

    paths = where(name, data_folder)
    if as_json:
        show_json({"files": [str(path) for path in paths]})
    elif not quiet:
        print("\n".join(map(str, paths)) or f"{name} comes with the package")
    return 0


@data.command()
def get(
    name: Name,
    data_folder: option.DataFolder = None,
    as_json: option.Json = False,
    quiet: option.Quiet = False,
    no_progress: option.NoProgress = False,
    debug: option.Debug = False,
) -> int:
    """Fetch a data set's files from the fastest of several mirrors; a download that was cut goes on where it ended."""
    from layerwise.jobs.data import get

    with DownloadProgress(hidden=quiet or no_progress or as_json) as progress:
        paths, fetched = get(name, data_folder, progress=progress)
    if as_json:
        show_json({"fetched": fetched, "files": [str(path) for path in paths]})
    elif not quiet:
        files = "comes with the package" if not paths else f"{'is in' if fetched else 'was already in'} {paths[0].parent}"
        print(f"{name} {files}. Train on it with: layerwise train {name}{f' --data {quoted(data_folder)}' if data_folder else ''}")
    return 0


@data.command()
def show(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME|FILE|FOLDER", help="A data set, a table, an .npz file, or a folder of images.", show_default=False),
    ],
    data_folder: option.DataFolder = None,
    label: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column of a table to predict, by name or number.", rich_help_panel=DATA)
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="KIND", help="What that column holds: class or number (default: class).", rich_help_panel=DATA)
    ] = None,
    ignore: Annotated[
        str | None, typer.Option(metavar="COLUMNS", help="Columns of a table to leave out, with commas.", rich_help_panel=DATA)
    ] = None,
    image_size: Annotated[
        str | None,
        typer.Option(metavar="SIDE", help="Of a folder of images: stretch them to this side, or HEIGHT,WIDTH.", rich_help_panel=DATA),
    ] = None,
    channels: Annotated[
        str | None, typer.Option(metavar="N", help="Of a folder of images: 1 for grey, 3 for colours.", rich_help_panel=DATA)
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the summary and the figures go (default: NAME-data).", rich_help_panel=RUN),
    ] = None,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Draw nothing.", rich_help_panel=RUN)] = False,
    as_json: option.Json = False,
    quiet: option.Quiet = False,
    debug: option.Debug = False,
) -> int:
    """Samples of each class, class balance, mean images, pixel histogram; warns of examples that are in two parts."""
    from layerwise.jobs.data import show

    chosen = {"label": label, "target": target, "ignore": ignore, "image_size": image_size, "channels": channels}
    shown = show(name, output, figures=not no_figures, data_folder=data_folder, **chosen)
    if as_json:
        figures = [str(path) for path in shown.figures]
        show_json({"folder": str(shown.folder), "summary": shown.summary, "warnings": shown.warnings, "figures": figures})
    elif not quiet:
        print("\n".join(shown.summary))
        for text in shown.warnings:
            print(f"Warning: {text}")
        if shown.figures:
            print(f"Pictures in {shown.folder}: {', '.join(sorted(p.name for p in shown.figures if p.suffix == '.png'))}")
        elif shown.figures_note:
            print(f"No pictures: {shown.figures_note}")
    return 0


@data.command()
def doctor(as_json: option.Json = False, quiet: option.Quiet = False, debug: option.Debug = False) -> int:
    """What to know when data does not arrive: folders, room, files, extras. Exit code 1 where something is wrong."""
    from layerwise.jobs.data import doctor

    checks = doctor()
    if as_json:
        show_json({"checks": [{"what": check.what, "fine": check.fine, "said": check.said} for check in checks]})
    elif not quiet:
        width = max(len(check.what) for check in checks)
        for check in checks:
            print(f"{'ok  ' if check.fine else 'note' if check.fine is None else 'BAD '}  {check.what:<{width}}  {check.said}")
    return 1 if any(check.fine is False for check in checks) else 0
