"""Stops what left the finite numbers, and says what to change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from layerwise.arrays import Array

CEILING = 1e6  # a loss this many times the first one (or this large, if the first was below 1) will not come back
UNSCALED = 30  # inputs that reach this far were probably never scaled


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


def not_finite(params: Mapping[str, Array], *, population: bool) -> Array:
    """Whether any parameter is NaN or infinite: () for one model, (P,) for a population."""
    bad: Any = False
    for w in params.values():
        axes = tuple(range(1, w.ndim)) if population else None
        bad = np.logical_or(bad, ~np.isfinite(w.sum(axis=axes, dtype=np.float64)))  # one pass, no array of booleans
    return np.asarray(bad)


def divergence(step: int, loss: float | None, lr: float, X: Array, *, clips: bool) -> str:
    """What happened, and what to change, most likely cause first; without a loss, the parameters are what overflowed.

    >>> divergence(3, np.inf, 1e3, np.ones((2, 2)), clips=False)
    'diverged at step 3: the loss became inf. lr 1e+03 is probably too large: try 100, or clip_norm 1.'
    """
    what = "parameters are no longer finite" if loss is None else f"the loss became {loss:.3g}"
    largest = float(np.abs(X).max(initial=0))
    if largest > UNSCALED:
        advice = f"Inputs reach {largest:.3g}: scale them (preprocessing scale or standardize)."
    else:
        advice = f"lr {lr:.3g} is probably too large: try {lr / 10:.3g}{'' if clips else ', or clip_norm 1'}."
    return f"diverged at step {step}: {what}. {advice}"
