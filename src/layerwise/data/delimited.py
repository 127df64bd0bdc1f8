"""Tables in text files: CSV, or with ; or tabs or | between the fields; UTF-8, with or without a header.

What becomes of a column is told in `column.py`. The file is read in pieces of about a megabyte. NumPy parses the numbers
of a piece without quotes at once; only what it does not take, such as a missing value, is looked at field by field.
"""

import csv
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import IO

import numpy as np

from layerwise.arrays import Array
from layerwise.data.column import Column, Table, Texts, empty, is_number, numbers_of
from layerwise.data.layout import reading
from layerwise.data.rows import CHUNK
from layerwise.errors import DataError, did_you_mean

__all__ = ["Column", "Table", "column_names", "read_table"]

DELIMITERS = ",;\t|"
SNIFFED = 20  # lines by which the delimiter is told


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
    if target not in ("class", "number"):
        raise ValueError(f'target is "{target}", but must be "class" or "number"')
    sheet = _Sheet(Path(path), header, label)
    chosen = None if label is None else sheet.find(label)
    left_out = {chosen, *map(sheet.find, ignore)}
    known = None if columns is None else {sheet.find(column.name): column for column in columns}
    inputs = [i for i in range(len(sheet.names)) if i not in left_out] if known is None else list(known)
    if not inputs:
        raise DataError(f"{path}: has no column to learn from besides the label. Is the delimiter one of , ; tab | ?")
    as_texts = {i for i in inputs if known is not None and known[i].levels is not None}
    sheet.read([i for i in inputs if i not in as_texts], [*as_texts, *([] if chosen is None else [chosen])])
    y, class_names = None, None
    if chosen is not None:
        labels = sheet.texts(chosen)
        y, class_names = labels.classes() if target == "class" else (labels.numbers("label"), None)
    found = [known[i] if known is not None else sheet.column(i) for i in inputs]
    X = np.empty((len(sheet.lines), sum(len(column.features) for column in found)))
    at = 0
    numeric: dict[int, int] = {}  # column of the sheet -> of X
    for i, column in zip(inputs, found, strict=True):
        if i in sheet.kept:
            X[:, at : at + len(column.features)] = sheet.texts(i).encode(column)
        else:
            numeric[i] = at
        at += len(column.features)
    sheet.write_numbers(X, numeric)
    return Table(X, y, class_names, tuple(found))


def column_names(path: str | Path, *, header: bool | None = None) -> list[str]:
    """The names of a file's columns: those of its header, or "column 0", "column 1", ..."""
    return _Sheet(Path(path), header, None).names


class _Sheet:
    """A file's columns: names at once, and what `read` was asked for: numbers in pieces, and texts.

    lines holds the line that each row stands on, pieces (columns of the sheet, their values (rows, columns)), present
    the columns of numbers that are not missing everywhere, and kept the texts of the columns that are no numbers.
    """

    def __init__(self, path: Path, header: bool | None, label: str | int | None) -> None:
        self.path = path
        with self._opened() as file:
            self.delimiter = _delimiter(list(islice(file, SNIFFED)))
            file.seek(0)
            first_line, last_line, first = next(self._rows(file, 1), (1, 1, []))
        if not first:
            raise DataError(f"{path}: is empty")
        if header is None:
            header = label in first or not any(is_number(self.plain(text)) for text in first)
        self.skipped = last_line if header else 0  # lines before the first row
        self.names = [text or f"column {i}" for i, text in enumerate(first)] if header else [f"column {i}" for i in range(len(first))]
        for name, count in Counter(self.names).items():
            if count > 1:
                raise DataError(f'{path}, line {first_line}: {count} columns are called "{name}". Give each its own name.')
        self.lines = array("q")
        self.pieces: list[tuple[list[int], Array]] = []
        self.present: set[int] = set()
        self.kept: dict[int, list[str]] = {}
        self._short: dict[str, str] = {}  # one object for each short text: a column of levels has many fields, few texts

    def read(self, numbers: list[int], texts: list[int]) -> None:
        """Go through the file: once, and again for the texts of columns that turn out later to be no numbers."""
        self.kept = {i: [] for i in texts}
        candidates = list(numbers)
        late: list[int] = []
        for piece in self._pieces():
            values, odd = piece.numbers(candidates)
            for i in odd:
                candidates.remove(i)
                if self.lines:
                    late.append(i)
                else:
                    self.kept[i] = []
            self.pieces.append((list(candidates), values))
            if len(self.present) < len(candidates):
                self.present |= {candidates[k] for k in np.flatnonzero(~np.isnan(values).all(axis=0))}
            for i, kept in self.kept.items():
                kept += map(self._shared, piece.texts(i))
            self.lines.extend(piece.lines)
        if not self.lines:
            raise DataError(f"{self.path}: has a header, but no rows below it")
        if late:
            self.kept |= {i: [] for i in late}
            for piece in self._pieces():
                for i in late:
                    self.kept[i] += map(self._shared, piece.texts(i))

    def column(self, i: int) -> Column:
        """What an input column is."""
        if i in self.kept:
            return self.texts(i).column()
        if i not in self.present:
            raise empty(str(self.path), self.names[i])
        return Column(self.names[i])

    def write_numbers(self, X: Array, places: dict[int, int]) -> None:
        """Each column of numbers i into X[:, places[i]]; the pieces are given up one by one."""
        start = 0
        while self.pieces:
            columns, values = self.pieces.pop(0)
            stop = start + len(values)
            if len(columns) == X.shape[1] and list(places) == columns:
                X[start:stop] = values
            else:
                at = {i: k for k, i in enumerate(columns)}
                X[start:stop, list(places.values())] = values[:, [at[i] for i in places]]
            start = stop

    def find(self, column: str | int) -> int:
        """The place of a column given by name, or by a number where no name is the same."""
        if column in self.names:
            return self.names.index(str(column))
        try:
            return range(len(self.names))[int(column)]
        except (ValueError, IndexError):
            raise DataError(f'{self.path}: has no column "{column}".{did_you_mean(str(column), self.names)}') from None

    def texts(self, i: int) -> Texts:
        """A column that was kept as texts."""
        name = self.names[i]
        return Texts(
            name, str(self.path), self.kept[i], lambda row: f'{self.path}, line {self.lines[row]}, column "{name}"', self.decimal_comma
        )

    # ---- the file

    def _pieces(self) -> Iterator["_Piece"]:
        """The rows below the header, about CHUNK characters at a time; by lines as long as there is no quote."""
        with self._opened() as file:
            line = self.skipped
            for _ in islice(file, self.skipped):  # a header with a line end in quotes has several
                pass
            while lines := file.readlines(CHUNK):
                if any('"' in text for text in lines):
                    yield from self._quoted(chain(lines, file), line)
                    return
                rows = [(line + k, text.rstrip("\r\n")) for k, text in enumerate(lines, 1) if text.strip(f"{self.delimiter} \t\r\n")]
                line += len(lines)
                for at, text in rows:
                    if text.count(self.delimiter) != len(self.names) - 1:
                        self._check_width(at, text.split(self.delimiter))
                if rows:
                    yield _Piece(self, [at for at, _ in rows], [text for _, text in rows])

    def _quoted(self, lines: Iterable[str], before: int) -> Iterator["_Piece"]:
        rows = self._rows(lines, before + 1)
        count = max(1, CHUNK // (8 * len(self.names)))
        while piece := list(islice(rows, count)):
            for at, _, row in piece:
                self._check_width(at, row)
            yield _Piece(self, [at for at, _, _ in piece], [], [row for _, _, row in piece])

    def _rows(self, lines: Iterable[str], line: int) -> Iterator[tuple[int, int, list[str]]]:
        """(its first line, its last, its fields) of each row that is not empty; `line` is the number of the first."""
        reader = csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True, strict=True)
        before = line - 1
        try:
            for row in reader:
                if any(row):
                    yield line, before + reader.line_num, [text.strip() for text in row]
                line = before + reader.line_num + 1
        except csv.Error as error:
            raise DataError(f"{self.path}, line {before + reader.line_num}: {error}. Is a quote left open?") from error

    @contextmanager
    def _opened(self) -> Iterator[IO[str]]:
        with reading(self.path), self.path.open(encoding="utf-8-sig", newline="") as file:
            try:
                yield file
            except UnicodeDecodeError as error:
                raise DataError(
                    f"{self.path}: is not UTF-8 text ({error.reason} at byte {error.start}). Save it as CSV in UTF-8."
                ) from error
            except csv.Error as error:
                raise DataError(f"{self.path}: is not a table ({error})") from error

    def _check_width(self, line: int, row: list[str]) -> None:
        if len(row) != len(self.names):
            raise DataError(f"{self.path}, line {line}: has {len(row)} fields, but the first line has {len(self.names)}")

    @property
    def decimal_comma(self) -> bool:
        return self.delimiter == ";"

    def plain(self, text: str) -> str:
        """The text as Python writes numbers."""
        return text.replace(",", ".") if self.decimal_comma else text

    def _shared(self, text: str) -> str:
        text = text.strip()
        return self._short.setdefault(text, text) if len(text) < 5 else text


class _Piece:
    """Some rows: as lines without quotes, cut up when need be, or as fields."""

    def __init__(self, sheet: _Sheet, lines: list[int], texts: list[str], rows: list[list[str]] | None = None) -> None:
        self.sheet, self.lines, self._texts, self._cut = sheet, lines, texts, rows

    @property
    def rows(self) -> list[list[str]]:
        if self._cut is None:
            self._cut = [text.split(self.sheet.delimiter) for text in self._texts]
        return self._cut

    def numbers(self, columns: list[int]) -> tuple[Array, list[int]]:
        """The values (rows, columns) of the columns that hold numbers or nothing alone, and which do not."""
        if columns and self._cut is None and (values := self._at_once(columns)) is not None:
            return values, []
        found, odd = [], []
        fields = list(zip(*self.rows, strict=True)) if columns else []
        for i in columns:
            values = numbers_of([self.sheet.plain(text) for text in fields[i]] if self.sheet.decimal_comma else fields[i])
            if values is None:
                odd.append(i)
            else:
                found.append(values)
        return np.stack(found, axis=1) if found else np.empty((len(self.lines), 0)), odd

    def _at_once(self, columns: list[int]) -> Array | None:
        texts = [self.sheet.plain(text) for text in self._texts] if self.sheet.decimal_comma else self._texts
        try:
            values = np.loadtxt(texts, delimiter=self.sheet.delimiter, usecols=columns, ndmin=2, comments=None)
        except ValueError:
            return None
        return values if np.isfinite(values).all() else None

    def texts(self, i: int) -> list[str]:
        """Column i; a line is cut from the nearer end, as a label mostly stands first or last."""
        sheet = self.sheet
        if self._cut is not None or len(sheet.kept) > 4:
            return [row[i] for row in self.rows]
        from_end = len(sheet.names) - i
        if i < from_end:
            return [text.split(sheet.delimiter, i + 1)[i] for text in self._texts]
        return [text.rsplit(sheet.delimiter, from_end)[-from_end] for text in self._texts]


def _delimiter(lines: list[str]) -> str:
    """The one that cuts most of the first lines into as many fields as the first, and into the most."""

    def score(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row]
        return (widths.count(widths[0]), widths[0]) if widths and widths[0] > 1 else (0, 0)

    return max(DELIMITERS, key=score)
