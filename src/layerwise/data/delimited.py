"""Tables in text files: CSV, or with ; or tabs or | between the fields; UTF-8, with or without a header.

What becomes of a column is decided by its texts alone. All numbers: one feature. Mostly other texts: one feature per
level (one-hot, levels sorted). Mostly numbers with a few other texts: an error that names the first, as it is nearly
always a slip. An empty field, "?", NA, NaN, null or None is missing: a missing number takes the mean of the training
part (`Table.fill`), a missing text is a level of its own.
"""

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.layout import reading
from layerwise.errors import DataError, did_you_mean

DELIMITERS = ",;\t|"
MISSING = frozenset({"", "?", "na", "n/a", "nan", "null", "none"})
MISSING_LEVEL = "(missing)"
MOST_LEVELS = 100  # a text column may have more only if it says something of the rest, that is, if levels repeat
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Column:
    """One input column: a number (levels None; `fill` stands for a missing one), or a text with its levels."""

    name: str
    levels: tuple[str, ...] | None = None
    fill: float | None = None

    @property
    def features(self) -> list[str]:
        """The names of the features that it becomes."""
        return [self.name] if self.levels is None else [f"{self.name}={level}" for level in self.levels]


@dataclass(frozen=True, eq=False)
class Table:
    """X (N, D) in float64, with NaN where a number is missing until `fill`; y and class_names, or y alone for numbers."""

    X: Array
    y: Array | None
    class_names: tuple[str, ...] | None
    columns: tuple[Column, ...]

    @property
    def feature_names(self) -> list[str]:
        return [name for column in self.columns for name in column.features]

    def fill(self, train: Array | None = None) -> "Table":
        """Missing numbers replaced: by each column's mean over the training rows, or by the fill it has already."""
        X, columns, at = self.X.copy(), [], 0
        for column in self.columns:
            if column.levels is None:
                values = X[:, at]
                if train is not None:
                    known = values[train][~np.isnan(values[train])]
                    column = replace(column, fill=float(known.mean()) if len(known) else 0.0)
                values[np.isnan(values)] = np.nan if column.fill is None else column.fill
            columns.append(column)
            at += len(column.features)
        return replace(self, X=X, columns=tuple(columns))


def read_table(
    path: str | Path,
    label: str | int | None = None,
    *,
    target: str = "class",
    ignore: Sequence[str] = (),
    header: bool | None = None,
    columns: Sequence[Column] | None = None,
) -> Table:
    """The table in a file. label names a column, or counts from 0 (-1 is the last); without one, y is None.

    target "class" makes sorted class names and their numbers of the labels (in numeric order if all are whole
    numbers), "number" keeps them as numbers. A header is seen by itself (no number in the first row) unless `header`
    says. `columns`, those of an earlier Table, encode the file as that one was, whatever the order of its columns.
    """
    path = Path(path)
    if target not in ("class", "number"):
        raise ValueError(f'target is "{target}", but must be "class" or "number"')
    sheet = _Sheet(path, header, label)
    y, class_names, inputs = None, None, list(range(len(sheet.names)))
    if label is not None:
        chosen = sheet.find(label)
        inputs.remove(chosen)
        y, class_names = _labels(sheet, chosen) if target == "class" else (_numbers(sheet, chosen, "label"), None)
    for name in ignore:
        inputs.remove(sheet.find(name))
    encoded = [_encode(sheet, i) for i in inputs] if columns is None else [_encode(sheet, sheet.find(c.name), c) for c in columns]
    if not encoded:
        raise DataError(f"{path}: has no column to learn from besides the label. Is the delimiter one of , ; tab | ?")
    return Table(np.concatenate([block for _, block in encoded], axis=1), y, class_names, tuple(column for column, _ in encoded))


class _Sheet:
    """The texts of a file: names, rows of equal length, and the line each row stands on."""

    def __init__(self, path: Path, header: bool | None, label: str | int | None) -> None:
        self.path = path
        rows = self._rows()
        first_line, first = next(rows, (1, []))
        if not first:
            raise DataError(f"{path}: is empty")
        if header is None:
            header = label in first or not any(_is_number(text) for text in first)
        self.lines: list[int] = [] if header else [first_line]
        self.rows: list[list[str]] = [] if header else [first]
        self.names = [text or f"column {i}" for i, text in enumerate(first)] if header else [f"column {i}" for i in range(len(first))]
        for name, count in Counter(self.names).items():
            if count > 1:
                raise DataError(f'{path}, line {first_line}: {count} columns are called "{name}". Give each its own name.')
        for line, row in rows:
            if len(row) != len(first):
                raise DataError(f"{path}, line {line}: has {len(row)} fields, but the first line has {len(first)}")
            self.lines.append(line)
            self.rows.append(row)
        if not self.rows:
            raise DataError(f"{path}: has a header, but no rows below it")

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        short: dict[str, str] = {}  # one object for each short text: a table of pixels has millions of fields, few texts
        with reading(self.path), self.path.open(encoding="utf-8-sig", newline="") as file:
            try:
                self.delimiter = _delimiter(list(islice(file, 20)))
                file.seek(0)
                reader = csv.reader(file, delimiter=self.delimiter, skipinitialspace=True, strict=True)
                line = 1
                for row in reader:
                    if any(row):
                        yield line, [short.setdefault(t, t) if len(t) < 5 else t for t in map(str.strip, row)]
                    line = reader.line_num + 1
            except UnicodeDecodeError as error:
                raise DataError(
                    f"{self.path}: is not UTF-8 text ({error.reason} at byte {error.start}). Save it as CSV in UTF-8."
                ) from error
            except csv.Error as error:
                raise DataError(f"{self.path}, line {reader.line_num}: {error}. Is a quote left open?") from error

    def find(self, column: str | int) -> int:
        """The place of a column given by name, or by a number where no name is the same."""
        if column in self.names:
            return self.names.index(str(column))
        try:
            return range(len(self.names))[int(column)]
        except (ValueError, IndexError):
            raise DataError(f'{self.path}: has no column "{column}".{did_you_mean(str(column), self.names)}') from None

    def texts(self, i: int) -> list[str]:
        return [row[i] for row in self.rows]

    def at(self, row: int, i: int) -> str:
        """Where a field stands, for an error."""
        return f'{self.path}, line {self.lines[row]}, column "{self.names[i]}"'


def _delimiter(lines: list[str]) -> str:
    """The one that cuts most of the first lines into as many fields as the first, and into the most."""

    def score(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row]
        return (widths.count(widths[0]), widths[0]) if widths and widths[0] > 1 else (0, 0)

    return max(DELIMITERS, key=score)


def _is_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None


def _missing(text: str) -> bool:
    return text.lower() in MISSING


def _numbers(sheet: _Sheet, i: int, what: str = "") -> Array:
    """Column i as float64, NaN where missing (a missing label is refused)."""
    texts = sheet.texts(i)
    values: dict[str, float | None] = {}
    for text in set(texts):
        plain = text.replace(",", ".") if sheet.delimiter == ";" else text  # 1,5 in the files of much of Europe
        number = float(plain) if _is_number(plain) else math.nan if _missing(text) and not what else None
        values[text] = None if number is not None and math.isinf(number) else number
    for row, text in enumerate(texts):
        if values[text] is None:
            raise DataError(f'{sheet.at(row, i)}: "{text}" is not a finite number{f", as a {what} must be" if what else ""}')
    return np.array([values[text] for text in texts], np.float64)


def _encode(sheet: _Sheet, i: int, known: Column | None = None) -> tuple[Column, Array]:
    """Column i and its features (N, 1), or (N, levels)."""
    name, texts = sheet.names[i], sheet.texts(i)
    counts = Counter(texts)
    present = {text: count for text, count in counts.items() if not _missing(text)}
    if known is None:
        if not present:
            raise DataError(f'{sheet.path}: column "{name}" is empty. Remove it, or name it in ignore=.')
        decimal = sheet.delimiter == ";"
        numeric = sum(count for text, count in present.items() if _is_number(text.replace(",", ".") if decimal else text))
        known = Column(name)
        if 2 * numeric < sum(present.values()):
            levels = sorted(present) + [MISSING_LEVEL] * (len(present) < len(counts))
            if len(levels) > max(MOST_LEVELS, 2) and 2 * len(levels) > len(texts):
                raise DataError(
                    f'{sheet.path}: column "{name}" has {len(levels)} different texts in {len(texts)} rows, too many to learn from. '
                    "Remove it, or name it in ignore=."
                )
            known = Column(name, tuple(levels))
    if known.levels is None:
        return known, _numbers(sheet, i)[:, None]
    place = {level: k for k, level in enumerate(known.levels)}
    block = np.zeros((len(texts), len(place)))
    for row, text in enumerate(texts):
        level = MISSING_LEVEL if _missing(text) else text
        if level not in place:
            raise DataError(f'{sheet.at(row, i)}: "{text}" was not among the training data.{did_you_mean(text, known.levels)}')
        block[row, place[level]] = 1
    return known, block


def _labels(sheet: _Sheet, i: int) -> tuple[Array, tuple[str, ...]]:
    """Class numbers and the names of the classes."""
    texts = sheet.texts(i)
    names: dict[str, Any] = {text: text for text in set(texts)}
    if all(_is_number(text) for text in names):
        values = {text: float(text) for text in names}
        distinct = set(values.values())
        if len(distinct) > max(MOST_LEVELS, len(texts) // 2) or any(not v.is_integer() for v in distinct):
            raise DataError(
                f'{sheet.path}: the label column "{sheet.names[i]}" has {len(distinct)} different numbers, not all of them classes. '
                'To predict a number, use target="number".'
            )
        names = {text: int(value) for text, value in values.items()}  # 1 and 1.0 are one class; 10 comes after 9
    for row, text in enumerate(texts):
        if _missing(text):
            raise DataError(f"{sheet.at(row, i)}: the label is missing. Fill it in, or remove the line.")
    classes = sorted(set(names.values()))
    counts = Counter(names[text] for text in texts)
    if len(classes) < 2:
        raise DataError(f'{sheet.path}: every label is "{classes[0]}". A classifier needs at least two classes.')
    for row, text in enumerate(texts):
        if counts[names[text]] == 1:
            raise DataError(f'{sheet.at(row, i)}: "{text}" is the only example of its class. Add another, or remove the line.')
    number = {name: k for k, name in enumerate(classes)}
    return np.array([number[names[text]] for text in texts], np.int64), tuple(str(name) for name in classes)
