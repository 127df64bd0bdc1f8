"""What a rule remembers, kept out of the denormal floats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from layerwise.blocks import walk

EVERY = 256  # steps; a fixed count, so that a resumed run clears at the same steps as one that was never stopped
SMALLEST = {4: 1e-30, 8: 1e-290}  # by bytes per float: far below what moves a weight, far above the denormals


def clear_denormals(state: Mapping[str, Any]) -> None:
    """Set entries too small to matter to 0, in place.

    Where a gradient becomes exactly 0 (dead units, inputs that are always 0), a running mean halves and halves until it
    is a denormal, and stays one, as 0.9 times the smallest float rounds to the smallest float. Arithmetic with denormals
    takes many times as long, at every later step.

    >>> state = {"m": np.array([1e-45, 1e-31, 1e-29, -1.0], np.float32), "t": 3}
    >>> clear_denormals(state)
    >>> state["m"]
    array([ 0.e+00,  0.e+00,  1.e-29, -1.e+00], dtype=float32)
    """
    for array in state.values():
        if isinstance(array, np.ndarray) and array.dtype.itemsize in SMALLEST and array.dtype.kind == "f":
            for (piece,) in walk(array):
                np.copyto(piece, 0, where=np.abs(piece) < SMALLEST[array.dtype.itemsize])
