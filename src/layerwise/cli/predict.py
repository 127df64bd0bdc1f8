"""layerwise predict"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerwise.cli import option
from layerwise.cli.complaint import complain
from layerwise.cli.option import DATA, SHOWN
from layerwise.cli.show import columns_table, listed, show_json, show_table

if TYPE_CHECKING:
    from layerwise.jobs.predict import Predictions

MOST_ROWS = 20  # of a table on the screen
MOST_UNREADABLE = 10
RESULTS = {"accuracy": "accuracy", "rmse": "root mean square error", "mae": "mean absolute error", "r2": "R²"}


def predict(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, or the stem of a saved model.", show_default=False)],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE|FOLDER...",
            help="Images or folders of them; or one table (.csv), .npz, .npy or IDX file.",
            show_default=False,
        ),
    ],
    label: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Column of a table with the true answers (default: the one that was trained on, if it is there).",
            rich_help_panel=DATA,
        ),
    ] = None,
    invert: Annotated[
        bool, typer.Option("--invert", help="Turn images' black to white: MNIST and its kin are white on black.", rich_help_panel=DATA)
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE.csv", help="Write all predictions to this file.", rich_help_panel=SHOWN)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace that file if it is there.", rich_help_panel=SHOWN)] = False,
    top: Annotated[int, typer.Option(metavar="N", min=1, help="Show so many classes of each example.", rich_help_panel=SHOWN)] = 3,
    threads: option.Threads = None,
    as_json: option.Json = False,
    quiet: option.Quiet = False,
    debug: option.Debug = False,
    version: option.Version = False,
) -> int:
    """Use a trained model: the class and its probability (or the value) of each image, or each row of a table.

    Where the true answers are in the file too, or folders are called as the classes, the accuracy is printed.
    """
    from layerwise.jobs.predict import predict as job
    from layerwise.jobs.setting import read
    from layerwise.jobs.train import threads_limited

    if output is None and overwrite:
        raise ValueError("--overwrite has no effect without --output FILE.csv")
    if output is not None and output.is_dir():
        raise ValueError(f"--output {output}: is a folder. Name a file, such as {output / 'predictions.csv'}")
    if output is not None and output.exists() and not overwrite:
        raise FileExistsError(f"{output} is there already. Name another file, or replace it with --overwrite.")
    with threads_limited(None if threads is None else read("threads", threads, "--threads")):
        found = job(run, files, label=label, invert=invert)
    if output is not None:
        found.write_csv(output)
    for text in listed(found.unreadable.values(), MOST_UNREADABLE):
        complain(text)
    if as_json:
        show_json(
            {
                "examples": len(found.names),
                **found.results(),
                "predictions": found.rows(top),
                "unreadable": found.unreadable,
                "notes": found.notes,
            }
        )
    elif not quiet:
        _show(found, top, output)
    return 0


def _show(found: "Predictions", top: int, output: Path | None) -> None:
    """A table of the first examples, what there is to note, and how right the predictions are."""
    rows = found.rows(top)
    show_table(columns_table(headings_of(found, top), [cells_of(row, found) for row in rows[:MOST_ROWS]]))
    if len(rows) > MOST_ROWS:
        where = f"in {output}" if output else "with --json or --output FILE.csv"
        print(f"… and {len(rows) - MOST_ROWS:,} more (all {where})")
    for note in found.notes:
        print(f"Note: {note}")
    for name, value in found.results().items():
        print(f"{RESULTS[name]}: {value:.4f}" if name in ("accuracy", "r2") else f"{RESULTS[name]}: {value:.4g}")
    if output:
        print(f"Predictions in {output}")


def headings_of(found: "Predictions", top: int) -> list[str]:
    """The headings of the table's columns."""
    others = ["then"] if found.class_names is not None and min(top, len(found.class_names)) > 1 else []
    said = [found.kind] if found.class_names is None else ["class", found.kind, *others]
    return ["name", *said, *(["label"] if found.labels is not None else [])]


def cells_of(row: dict[str, Any], found: "Predictions") -> list[str]:
    """The cells of one example, as texts."""
    if found.class_names is None:
        said = [_values(row[found.kind])]
    else:
        best, *others = row["top"]
        said = [best["class"], f"{best[found.kind]:.4f}"]
        said += [", ".join(f"{other['class']} {other[found.kind]:.4f}" for other in others)] if others else []
    label = row.get("label")
    return [row["name"], *said, *([] if label is None else [label if isinstance(label, str) else _values(label)])]


def _values(value: float | list[float]) -> str:
    return ", ".join(f"{v:.6g}" for v in (value if isinstance(value, list) else [value]))
