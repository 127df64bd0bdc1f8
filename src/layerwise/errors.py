"""Exceptions of the package's own, for the cases that a caller would catch; everything else is a ValueError or a TypeError."""

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")


class LayerwiseError(Exception):
    """Something that could not be done, told in one sentence that says what to do about it."""


class DataError(LayerwiseError, ValueError):
    """A file or an array that cannot be used as data: the text says which one, why, and what was needed."""


class MissingDataError(DataError, FileNotFoundError):
    """A data set's files are not where they were looked for: the text says where to put which file."""


class ModelFileError(LayerwiseError, ValueError):
    """A saved model or checkpoint that is damaged, from a newer version, or not one of ours."""


class ExportError(LayerwiseError):
    """A file in another format would not predict what the model predicts, and was not kept: the text says where they part."""


class MissingExtraError(LayerwiseError, ImportError):
    """An optional dependency is absent: the text names the extra that installs it."""


class DivergenceWarning(RuntimeWarning):
    """A run, or a member of a population, left the finite numbers and was stopped: the text says when, and what to change."""


def missing_extra(what: str, extra: str) -> MissingExtraError:
    """The error that every import site of an optional dependency raises.

    >>> print(missing_extra("Figures need matplotlib", "plot"))
    Figures need matplotlib. Install it with: pip install 'layerwise[plot]'
    """
    return MissingExtraError(f"{what}. Install it with: pip install 'layerwise[{extra}]'")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint to append to an error about an unknown name: the closest known one, and the whole list.

    >>> did_you_mean("admam", ["sgd", "adam"])
    ' Did you mean "adam"? Known: adam, sgd.'
    >>> did_you_mean("xyz", ["sgd", "adam"])
    ' Known: adam, sgd.'
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    guess = f' Did you mean "{close[0]}"?' if close else ""
    return f"{guess} Known: {', '.join(names)}."


def look_up(table: Mapping[str, T], name: str, kind: str) -> T:
    """The row of a table that a user's string names; a ValueError that lists the rows otherwise."""
    try:
        return table[name]
    except (KeyError, TypeError):
        raise ValueError(f'unknown {kind} "{name}".{did_you_mean(str(name), table)}') from None
