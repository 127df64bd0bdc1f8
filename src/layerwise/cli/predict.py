"""layerwise predict"""
from typing import Annotated

import typer


def predict(run: Annotated[str, typer.Argument()]) -> int:
    """Use a trained model."""
    return 0
