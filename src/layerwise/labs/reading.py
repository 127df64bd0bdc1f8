"""What runs of a lab have written, for its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from layerwise.storage.journal import read_journal
from layerwise.sweep.result import Result


def metric_rows(run: Path) -> list[dict[str, Any]]:
    """The rows of a run's metrics.jsonl, without its results."""
    return [row for row in read_journal(run / "metrics.jsonl") if not row.get("result")]


def sweep_table(run: Path) -> list[dict[str, Any]]:
    """The table of a sweep, a line per setting, the best first: setting, val_acc, val_low, val_high, train_acc, status."""
    return sweep_result(run).table()


def sweep_result(run: Path) -> Result:
    """The rows of a sweep's trials."""
    return Result(read_journal(run / "trials.jsonl"))
