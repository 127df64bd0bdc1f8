"""JSON lines that are only ever appended: what was written before a crash can be read after it."""

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from layerwise.errors import DataError
from layerwise.storage.strict_json import from_json, to_json


class Journal:
    """A file of rows to append to. Each row is handed to the system whole, so that killing this process loses none.

    NaN and infinity are written as null, for JSON has neither. Opening cuts off a last line that a crash has torn.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with Journal(Path(folder, "metrics.jsonl")) as journal:
    ...         journal.append({"epoch": 1, "loss": float("nan")})
    ...     read_journal(Path(folder, "metrics.jsonl"))
    [{'epoch': 1, 'loss': None}]
    """

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(self.path, "a+b", buffering=0)  # noqa: SIM115 - closed by close()
        self._mend()

    def append(self, row: Mapping[str, Any]) -> None:
        """Adds one row."""
        self._write(to_json(dict(row), not_finite_as_null=True).encode() + b"\n")

    def close(self) -> None:
        """Flushes to the disk and closes; closing twice is harmless."""
        if not self._file.closed:
            os.fsync(self._file.fileno())
            self._file.close()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        while data:  # a full disk or a signal may leave a part
            data = data[self._file.write(data) :]

    def _mend(self) -> None:
        self._file.seek(0)
        content = self._file.read()
        _, torn = _split(content)
        if torn:
            self._file.truncate(len(content) - len(torn))
        elif content and not content.endswith(b"\n"):
            self._write(b"\n")


def read_journal(path: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """All rows. A last line that a crash has torn is left out, with a warning; any other line that is no row is an error."""
    path = Path(path)
    lines, torn = _split(path.read_bytes())
    if torn:
        warnings.warn(
            f"{path}: the last line was cut off in the middle and is left out; {len(lines)} lines before it are whole", stacklevel=2
        )
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            row = from_json(line)
        except ValueError as error:
            raise DataError(f"{path}, line {number}: {error}. Remove that line, or write the file anew.") from None
        if not isinstance(row, dict):
            raise DataError(f"{path}, line {number}: a row must be a JSON object, but it is a {type(row).__name__}. Remove that line.")
        rows.append(row)
    return rows


def _split(content: bytes) -> tuple[list[bytes], bytes]:
    """The lines that are whole, and what a crash has left of one more: bytes without a line end that are not a row."""
    *lines, last = content.split(b"\n")
    if last.endswith(b"}"):
        try:
            from_json(last)
        except ValueError:
            return lines, last
        return [*lines, last], b""
    return lines, last
