"""Labels as rows."""

from typing import Any

from layerwise.data.label import one_hot


def to_categorical(y: Any, nb_classes: int | None = None) -> Any:
    """Labels (N,) as rows (N, nb_classes) with 1 at the label."""
    return one_hot(y, nb_classes)
