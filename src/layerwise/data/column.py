"""Columns of tables, wherever they come from: which are numbers, which are texts, and what becomes of them.

A column's texts alone decide. All numbers: one feature. Mostly other texts: one feature per level (one-hot, levels
sorted). Mostly numbers with a few other texts: an error that names the first, as it is nearly always a slip. An empty
field, "?", NA, NaN, null or None is missing: a missing number takes the mean of the training part (`Table.fill`), a
missing text is a level of its own.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.rows import chunks, select
from layerwise.errors import DataError, did_you_mean

MISSING = frozenset({"", "?", "na", "n/a", "nan", "null", "none"})
MISSING_LEVEL = "(missing)"
MOST_LEVELS = 100  # a text column may have more only if it says something of the rest, that is, if levels repeat
MOST_NAMED = 5  # columns that a note names one by one
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
    """X (N, D) in float64, with NaN where a number is missing until `fill`; y and class_names, or y alone for numbers.

    Numbers are kept to the bit: a batch is centred in float64 before it becomes float32, so that large numbers with
    little spread (years, times) keep their digits.
    """

    X: Array
    y: Array | None
    class_names: tuple[str, ...] | None
    columns: tuple[Column, ...]

    @property
    def feature_names(self) -> list[str]:
        return [name for column in self.columns for name in column.features]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know: how many numbers are missing where, and what stands for them."""
        missing = dict(zip(self.feature_names, np.isnan(self.X).sum(axis=0).tolist(), strict=True))
        if not (some := [f'{count:,} in "{name}"' for name, count in missing.items() if count]):
            return ()
        few = ", ".join(some[:MOST_NAMED]) + (f" and in {len(some) - MOST_NAMED} more columns" if len(some) > MOST_NAMED else "")
        return (f"missing numbers take their column's mean over the training examples: {few}",)

    def fill(self, train: Array | None = None) -> "Table":
        """Missing numbers replaced: by each column's mean over the training rows, or by the fill it has already."""
        fills = None if train is None else _means(self.X, train)
        columns, known, at = [], np.full(self.X.shape[1], np.nan), 0
        for column in self.columns:
            if column.levels is None:
                if fills is not None:
                    column = replace(column, fill=float(fills[at]))
                known[at] = np.nan if column.fill is None else column.fill
            columns.append(column)
            at += len(column.features)
        X, missing = self.X, np.isnan(self.X)
        if missing.any():
            X = np.where(missing, known, X)
        return replace(self, X=X, columns=tuple(columns))


@dataclass(frozen=True, eq=False)
class Texts:
    """A column as texts: its name, where it is from, and `at`, which says where a row's text stands.

    decimal_comma: 1,5 is a number too, as in the files of much of Europe.
    """

    name: str
    source: str
    texts: Sequence[str]
    at: Callable[[int], str]
    decimal_comma: bool = False

    def plain(self, text: str) -> str:
        """The text as Python writes numbers."""
        return text.replace(",", ".") if self.decimal_comma else text

    def numbers(self, what: str = "") -> Array:
        """float64, NaN where missing (a missing label is refused)."""
        values: dict[str, float | None] = {}
        for text in set(self.texts):
            plain = self.plain(text)
            number = float(plain) if is_number(plain) else math.nan if is_missing(text) and not what else None
            values[text] = None if number is not None and math.isinf(number) else number
        for row, text in enumerate(self.texts):
            if values[text] is None:
                raise DataError(f'{self.at(row)}: "{text}" is not a finite number{f", as a {what} must be" if what else ""}')
        return np.array([values[text] for text in self.texts], np.float64)

    def column(self) -> Column:
        """A number or a text with its levels, whichever most of the texts are."""
        counts = Counter(self.texts)
        present = {text: count for text, count in counts.items() if not is_missing(text)}
        if not present:
            raise empty(self.source, self.name)
        if 2 * sum(count for text, count in present.items() if is_number(self.plain(text))) >= sum(present.values()):
            return Column(self.name)
        levels = sorted(present) + [MISSING_LEVEL] * (len(present) < len(counts))
        if len(levels) > max(MOST_LEVELS, 2) and 2 * len(levels) > len(self.texts):
            raise DataError(
                f'{self.source}: column "{self.name}" has {len(levels)} different texts in {len(self.texts)} rows, too many to learn from. '
                "Remove it, or name it in ignore= (on the command line, --ignore COLUMN)."
            )
        return Column(self.name, tuple(levels))

    def encode(self, known: Column) -> Array:
        """The features of the column that `known` says it is: (N, 1), or (N, levels)."""
        if known.levels is None:
            return self.numbers()[:, None]
        place = {level: k for k, level in enumerate(known.levels)}
        block = np.zeros((len(self.texts), len(place)))
        for row, text in enumerate(self.texts):
            level = MISSING_LEVEL if is_missing(text) else text
            if level not in place:
                raise DataError(f'{self.at(row)}: "{text}" was not among the training data.{did_you_mean(text, known.levels)}')
            block[row, place[level]] = 1
        return block

    def classes(self) -> tuple[Array, tuple[str, ...]]:
        """Class numbers and the names of the classes: sorted, as numbers if all are whole ones."""
        texts = self.texts
        names: dict[str, Any] = {text: text for text in set(texts)}
        if all(is_number(text) for text in names):
            values = {text: float(text) for text in names}
            distinct = set(values.values())
            if len(distinct) > max(MOST_LEVELS, len(texts) // 2) or any(not v.is_integer() for v in distinct):
                raise DataError(
                    f'{self.source}: the label column "{self.name}" has {len(distinct)} different numbers, not all of them classes. '
                    'To predict a number, use target="number" (on the command line, --target number).'
                )
            names = {text: int(value) for text, value in values.items()}  # 1 and 1.0 are one class; 10 comes after 9
        for row, text in enumerate(texts):
            if is_missing(text):
                raise DataError(f"{self.at(row)}: the label is missing. Fill it in, or remove the line.")
        classes = sorted(set(names.values()))
        counts = Counter(names[text] for text in texts)
        if len(classes) < 2:
            raise DataError(f'{self.source}: every label is "{classes[0]}". A classifier needs at least two classes.')
        for row, text in enumerate(texts):
            if counts[names[text]] == 1:
                raise DataError(f'{self.at(row)}: "{text}" is the only example of its class. Add another, or remove the line.')
        number = {name: k for k, name in enumerate(classes)}
        return np.array([number[names[text]] for text in texts], np.int64), tuple(str(name) for name in classes)


def _means(X: Array, rows: Array) -> Array:
    """The mean of each column of X (N, D) over these rows, NaN left out; 0 where there is nothing else."""
    total, count = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for _, piece in chunks(select(X, rows)):
        here = ~np.isnan(piece)
        total += np.where(here, piece, 0).sum(axis=0)
        count += here.sum(axis=0)
    return np.divide(total, count, out=np.zeros_like(total), where=count > 0)


def is_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None


def is_missing(text: str) -> bool:
    return text.lower() in MISSING


def empty(source: str, name: str) -> DataError:
    """What is said of a column without a single value."""
    return DataError(f'{source}: column "{name}" is empty. Remove it, or name it in ignore= (on the command line, --ignore COLUMN).')


def numbers_of(texts: Sequence[str]) -> Array | None:
    """The texts as float64 with NaN where missing; None if any is something else, or not finite."""
    joined = "".join(texts)
    if joined.isascii() and "_" not in joined:  # float() takes 3_0 and digits of other scripts, too
        try:
            values = np.fromiter(map(float, texts), np.float64, len(texts))
            if np.isfinite(values).all():
                return values
        except ValueError:
            pass
    known: dict[str, float] = {}
    for text in set(texts):
        stripped = text.strip()
        if not is_missing(stripped) and (not is_number(stripped) or math.isinf(float(stripped))):
            return None
        known[text] = math.nan if is_missing(stripped) else float(stripped)
    return np.array([known[text] for text in texts])
