"""How commands print what came of them."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from layerwise.report.label import printable
from layerwise.storage.strict_json import to_json


def silent(text: Any) -> None:
    """Print nothing."""


def show_json(value: dict[str, Any]) -> None:
    """One JSON object in UTF-8, whatever the terminal's own encoding; what is not finite is null."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    print(to_json(value, not_finite_as_null=True))


def show_table(table: Any) -> None:
    """A table of rich, on a terminal or as plain text."""
    from rich.console import Console

    Console(highlight=False).print(table)


def columns_table(headings: Sequence[str], rows: Iterable[Sequence[str]], whole: Iterable[str] = ()) -> Any:
    """A table whose texts are shown as they are: nothing in them is taken for markup. The first column and those in `whole` stay in one line."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table, kept = Table(box=SIMPLE_HEAD), {headings[0], *whole}
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading in kept)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def quoted(path: str | Path) -> str:
    """A path as a shell takes it.

    >>> quoted("runs/one"), quoted("my runs/one")
    ('runs/one', '"my runs/one"')
    """
    text = str(path)
    return f'"{text}"' if any(c.isspace() or c in "&;()'*?$" for c in text) else text


def listed(texts: Iterable[str], most: int) -> list[str]:
    """The texts, those beyond `most` counted in a last one.

    >>> listed(["a", "b", "c"], 2)
    ['a', 'b', '… and 1 more']
    """
    lines = [printable(text) for text in texts]
    return lines if len(lines) <= most else [*lines[:most], f"… and {len(lines) - most:,} more"]
