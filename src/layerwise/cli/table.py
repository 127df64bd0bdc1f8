"""The table of sub-commands."""

from collections.abc import Callable
from typing import Any

from layerwise.cli.predict import predict
from layerwise.cli.train import train

COMMANDS: dict[str, Callable[..., Any]] = {"train": train, "predict": predict}
