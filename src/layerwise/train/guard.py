"""Stops what left the finite numbers, and says what to change."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerwise.arrays import Array

CEILING = 1e6  # a loss this many times the first one (or this large, if the first was below 1) will not come back


class Guard:
    """Looks at the loss of each step, and at parameters when asked. Never stops a run that is merely bad."""

    def __init__(self) -> None:
        self.ceiling: Any = None

    def bad(self, loss: Any) -> Array:
        """Which members' losses have diverged: () or (P,) of booleans."""
        if self.ceiling is None:
            self.ceiling = CEILING * np.maximum(np.nan_to_num(np.abs(loss), posinf=1.0), 1)
        return np.asarray(~(np.abs(loss) <= self.ceiling))  # NaN compares false, hence the negation

    def keep(self, positions: Array) -> None:
        """Go on with the members at these positions only."""
        if np.ndim(self.ceiling):
            self.ceiling = self.ceiling[positions]


def finite(params: Any, *, population: bool) -> Array:
    """Whether all parameters are finite: () for one model, (P,) for a population."""
    ok: Any = True
    for w in params.values():
        axes = tuple(range(1, w.ndim)) if population else None
        ok = np.logical_and(ok, np.isfinite(w.sum(axis=axes)) if w.dtype == np.float64 else np.isfinite(w.sum(axis=axes, dtype=np.float64)))
    return np.asarray(ok)


def advice(lr: float, X: Array, clips: bool) -> str:
    """What to change after a divergence, most likely cause first."""
    largest = float(np.abs(X).max(initial=0))
    if largest > 30:
        return f"Inputs reach {largest:.3g}: scale them (preprocessing scale or standardize)."
    return f"lr {lr:.3g} is probably too large: try {lr / 10:.3g}{'' if clips else ', or clip_norm 1'}."
