"""Tables for a terminal; plain text anywhere else. Print them with `rich.print` or a `rich.console.Console`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.report.label import class_name, printable
from layerwise.report.tile import evenly

if TYPE_CHECKING:
    from rich.table import Table

MOST_EPOCHS = 25  # lines of a history; of a longer one some are left out
EPOCH_COLUMNS = {
    "epoch": "epoch",
    "step": "step",
    "train_acc": "train",
    "val_acc": "validation",
    "val_loss": "validation loss",
    "lr": "rate",
}


def results_table(rows: Iterable[tuple[str, Any]] | Mapping[str, Any], title: str = "Results") -> Table:
    """Two columns: what, and how much. Names are shown as they are: nothing in them is taken for markup.

    >>> from rich import print
    >>> print(results_table({"test accuracy": 0.975, "time": "3.1 s"}, title="digits"))
           digits
     test accuracy  0.975
     time           3.1 s
    """
    table = _table(title, show_header=False)
    for name, value in rows.items() if isinstance(rows, Mapping) else rows:
        table.add_row(_text(name), _text(_figure(value)))
    return table


def history_table(rows: Iterable[Mapping[str, Any]], title: str = "Training") -> Table:
    """The evaluations among history rows, a line each (at most 25, evenly spread); of a population the last of each member."""
    epochs = [row for row in rows if "val_acc" in row or "train_acc" in row]
    columns = dict(EPOCH_COLUMNS)
    if any("member" in row for row in epochs):
        epochs = list({row["member"]: row for row in epochs}.values())
        columns = {"member": "member", **columns}
    table = _table(title)
    for heading in columns.values():
        table.add_column(heading, justify="right")
    for at in evenly(len(epochs), MOST_EPOCHS if "member" not in columns else len(epochs)):
        table.add_row(*(_text(_figure(epochs[at].get(name))) for name in columns))
    return table


def classes_table(
    precision: Sequence[float],
    recall: Sequence[float],
    f1: Sequence[float],
    support: Sequence[int],
    class_names: Sequence[str] | None = None,
) -> Table:
    """A line per class: precision, recall, F1, and how many examples there are of it."""
    table = _table("Classes")
    table.add_column("class")
    for heading in ("precision", "recall", "F1", "examples"):
        table.add_column(heading, justify="right")
    for k, (*figures, count) in enumerate(zip(precision, recall, f1, support, strict=True)):
        table.add_row(_text(class_name(class_names, k)), *(f"{figure:.3f}" for figure in figures), f"{int(count):,}")
    return table


def lab_table(rows: Iterable[Mapping[str, Any]], title: str) -> Table:
    """Published against measured, a line per figure with its verdict; the goal stands beside it where it was missed.

    The report and --json have all goals, and where each figure was read from.
    """
    table = _table(title)
    table.add_column("figure", overflow="fold")
    for heading in ("published", "measured"):
        table.add_column(heading, no_wrap=True, justify="right")
    table.add_column("verdict")
    for row in rows:
        missed = f": {row['goal']}" if row["verdict"] == "short" else ""
        table.add_row(_text(row["name"]), _digits(row["published"]), _digits(row["measured"]), _text(f"{row['verdict']}{missed}"))
    return table


def _digits(value: float | None) -> str:
    """Six figures, which tell a measured one from a published one; more for whole numbers that have them."""
    return "–" if value is None else f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"


def _table(title: str, **options: Any) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(title=_text(title), box=SIMPLE_HEAD if options.get("show_header", True) else None, title_style="bold", **options)


def _text(value: object) -> Any:
    from rich.text import Text

    return Text(printable(value))


def _figure(value: Any) -> str:
    """A float in four figures, with what is missing as a dash; anything else as it is."""
    if value is None:
        return "–"
    if isinstance(value, float | np.floating):
        return "–" if np.isnan(value) else f"{value:.4g}"
    return str(value)
