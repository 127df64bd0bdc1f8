"""What the Solver needs of a model, and what it uses where a model has it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

from layerwise.arrays import Array


@runtime_checkable
class Model(Protocol):
    """params, and loss(X, y): scores when y is None, else (loss, grads) with exactly the keys of params.

    Used where a model has them: evaluate(X, y) -> loss, scores; buffers; settings; rng; the attributes dtype, and
    ignores_labels (True for a model that learns from X alone).
    """

    @property
    def params(self) -> Any: ...

    def loss(self, X: Any, y: Any = None) -> Any: ...


def ignores_labels(model: Any) -> bool:
    """Whether the model learns from X alone, as an autoencoder does: then labels need not be there."""
    return bool(getattr(model, "ignores_labels", False))


def buffers_of(model: Any) -> MutableMapping[str, Array]:
    """The model's running statistics and frozen parameters; empty for a model that has none."""
    buffers = getattr(model, "buffers", None)
    return buffers if buffers is not None else {}


def settings_of(model: Any) -> MutableMapping[str, Any]:
    """The model's settings that may differ between the members of a population."""
    settings = getattr(model, "settings", None)
    return settings if settings is not None else {}


def trees_of(model: Any) -> list[tuple[str, MutableMapping[str, Array]]]:
    """All named arrays of a model: ("params", ...) and ("buffers", ...)."""
    return [("params", model.params), ("buffers", buffers_of(model))]


def dtype_of(model: Any) -> np.dtype[Any]:
    """The floats that the model computes in: its own word, else those of its first parameter. Refuses what no rule can update."""
    for name, w in model.params.items():
        if not isinstance(w, np.ndarray) or w.dtype.kind != "f":
            what = f"an array of {w.dtype}" if isinstance(w, np.ndarray) else f"a {type(w).__name__}"
            raise TypeError(f'Solver: the parameter "{name}" is {what}, but must be an array of floats: np.array(..., dtype=np.float32).')
    first = next((w.dtype for w in model.params.values()), np.float32)
    return np.dtype(getattr(model, "dtype", None) or first)
