"""A figure as it stands in a run's folder: which file, which field, and of several rows which."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from layerwise.errors import DataError
from layerwise.storage.journal import read_journal
from layerwise.storage.strict_json import from_json

PICKS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "max": max,
    "min": min,
}
FIELD = re.compile(r"(?:(?P<pick>[a-z]+)\((?P<inner>[\w.-]+)\)|(?P<plain>[\w.-]+))(?: where (?P<name>[\w.-]+) = (?P<value>\S+))?")


def read_figure(run: str | Path, file: str, field: str) -> float | None:
    """A number out of a file of a run; None where it was not finite.

    file   a journal (.jsonl) or .json
    field  a name, with dots into tables: "test_acc", "setting.lr". Of a journal's rows that have it, the last one counts, or what
           a word says: "max(val_acc)", "min(...)", "first(...)", "count(...)"; " where setting.lr = 0.01" looks at such rows alone

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "metrics.jsonl").write_text('{"val_acc": 0.5}\\n{"val_acc": 0.75}\\n{"val_acc": 0.7}\\n')
    ...     read_figure(folder, "metrics.jsonl", "max(val_acc)"), read_figure(folder, "metrics.jsonl", "val_acc")
    (0.75, 0.7)
    """
    path = Path(run, file)
    found = FIELD.fullmatch(field)
    if found is None or (found["pick"] is not None and found["pick"] not in (*PICKS, "count")):
        raise DataError(
            f'{path}: the field "{field}" must be a name, or one in the words {", ".join(f"{word}(NAME)" for word in (*PICKS, "count"))}'
        )
    name, pick = found["inner"] or found["plain"], found["pick"] or "last"
    rows = _rows(path)
    if found["name"]:
        rows = [row for row in rows if str(_at(row, found["name"])) == found["value"]]
    values = [_at(row, name) for row in rows if _has(row, name)]
    if pick == "count":
        return float(len(values))
    if not values:
        raise DataError(f'{path}: no row has the field "{field}". Run the experiment again: delete its folder, and run the lab on.')
    if pick in ("max", "min"):
        values = [value for value in values if value is not None] or [None]
    value = PICKS[pick](values)
    if value is not None and not isinstance(value, int | float):
        raise DataError(f'{path}: the field "{field}" is {value!r}, but must be a number')
    return None if value is None else float(value)


def _rows(path: Path) -> list[Mapping[str, Any]]:
    try:
        if path.suffix == ".jsonl":
            return list(read_journal(path))
        value = from_json(path.read_bytes())
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file. Run the experiment again: delete its folder, and run the lab on.") from None
    except ValueError as error:
        raise DataError(f"{path}: {error}") from None
    return [value] if isinstance(value, dict) else []


def _has(row: Mapping[str, Any], name: str) -> bool:
    first, _, rest = name.partition(".")
    return first in row and (not rest or (isinstance(row[first], Mapping) and _has(row[first], rest)))


def _at(row: Mapping[str, Any], name: str) -> Any:
    """The value under a name with dots; None where there is none."""
    value: Any = row
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
