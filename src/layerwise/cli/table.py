"""The table of sub-commands, and of those that have commands of their own."""

from collections.abc import Callable
from typing import Any

import typer

from layerwise.cli.check import check
from layerwise.cli.course import course
from layerwise.cli.data import data
from layerwise.cli.export import export
from layerwise.cli.lab import lab
from layerwise.cli.predict import predict
from layerwise.cli.report import report
from layerwise.cli.sweep import sweep
from layerwise.cli.train import train

COMMANDS: dict[str, Callable[..., Any]] = {
    "train": train,
    "predict": predict,
    "sweep": sweep,
    "check": check,
    "export": export,
    "report": report,
}

GROUPS: dict[str, typer.Typer] = {"data": data, "lab": lab, "course": course}
