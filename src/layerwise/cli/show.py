"""How commands print what came of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layerwise.jobs.train import Outcome
from layerwise.report.text import results_table
from layerwise.storage.strict_json import to_json


def silent(text: Any) -> None:
    """Print nothing."""


def show_outcome(outcome: Outcome, *, as_json: bool, say: Callable[..., None]) -> int:
    """A table that ends in test accuracy and time, or JSON; the exit code."""
    if as_json:
        print(
            to_json(
                {**outcome.results, "folder": str(outcome.folder), "figures": [str(p) for p in outcome.figures]}, not_finite_as_null=True
            )
        )
    elif say is not silent:
        from rich.console import Console

        console = Console()
        console.print(results_table(rows_of(outcome), title="Result"))
        if outcome.figures:
            folder = outcome.figures[0].parent
            say(f"Pictures in {folder}: {', '.join(sorted(p.name for p in outcome.figures if p.suffix == '.png'))}")
        elif outcome.figures_note:
            say(f"No pictures: {outcome.figures_note}")
        say(f"Model in {outcome.folder}; use it with: layerwise predict {outcome.folder} FILE")
    if outcome.interrupted:
        raise KeyboardInterrupt(
            f"{outcome.results['stop_reason']} in {outcome.folder}; go on with: layerwise train --resume {outcome.folder}"
        )
    return 1 if outcome.diverged else 0


def rows_of(outcome: Outcome) -> list[tuple[str, str]]:
    """The results as a reader wants them, test accuracy and time last."""
    r = outcome.results
    rows = [
        ("model", f"{r['model']}, {r['parameters']:,} parameters"),
        ("training examples", f"{r['train_examples']:,}"),
        ("steps", f"{r['steps']:,} ({r['epochs']} epochs)"),
    ]
    if r["stop_reason"]:
        rows.append(("stopped", r["stop_reason"]))
    for name, key, form in (
        ("validation accuracy", "val_acc", ".4f"),
        ("validation loss", "val_loss", ".4g"),
        ("best epoch", "best_epoch", "d"),
        ("test loss", "test_loss", ".4g"),
        ("test accuracy", "test_acc", ".4f"),
        ("time", "seconds", ".1f"),
    ):
        if key in r:
            rows.append((name, format(r[key], form) + (" s" if key == "seconds" else "")))
    return rows
