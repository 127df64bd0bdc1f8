"""Published against measured, read again from the run folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from layerwise.labs.lab import judged, read_lab


def compare(path: str | Path) -> list[dict[str, Any]]:
    """The table of a lab with each figure read anew from its run's file, and judged anew.

    Each row also says what lab.json had `noted`, and whether the figure has `changed` since.
    """
    lab = read_lab(path)
    rows = []
    for section in lab["sections"]:
        for line in section["rows"]:
            row = judged(line, Path(path), lab["quick"])
            rows.append({**row, "noted": line["measured"], "changed": row["measured"] != line["measured"]})
    return rows
