"""How a download shows itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


class DownloadProgress:
    """A bar per file on a terminal, a line per file elsewhere; nothing where it is not wanted."""

    def __init__(self, *, hidden: bool) -> None:
        self.hidden = hidden
        self._bars: Any = None
        self._tasks: dict[str, Any] = {}  # rich's number for each file's bar

    def __enter__(self) -> Callable[[str, int, int | None], None] | None:
        if self.hidden:
            return None
        if not sys.stdout.isatty():
            return self._line
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        self._bars = Progress(*columns)
        self._bars.start()
        return self._bar

    def __exit__(self, *error: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def _line(self, name: str, done: int, total: int | None) -> None:
        if name not in self._tasks:
            self._tasks[name] = None
            print(f"fetching {name}" + (f" ({total / 1e6:,.1f} MB)" if total else ""), flush=True)

    def _bar(self, name: str, done: int, total: int | None) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total)
        self._bars.update(self._tasks[name], completed=done)
