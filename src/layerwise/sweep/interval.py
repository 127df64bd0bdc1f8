"""How sure a mean is, and which means cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layerwise.arrays import Array

SHARE = 0.95  # of such intervals that hold the true value
PRIOR = 4  # figures that the median variance counts for


class Spread:
    """How far the means of n groups of figures may be from the true ones.

    Where groups have several figures (repeats over seeds, folds), each variance is its own, drawn towards the median of all by
    as much as PRIOR more figures would (Smyth 2004): two or three repeats alone say little. With one figure each, accuracies over
    num_examples examples have the binomial's. Where neither is known, every difference counts.

    >>> Spread([[0.80, 0.82], [0.81, 0.83], [0.50, 0.52]]).not_distinguishable().tolist()
    [True, True, False]
    """

    def __init__(self, groups: Sequence[Sequence[float]], num_examples: int | None = None) -> None:
        from scipy.special import stdtrit  # far quicker to import than scipy.stats

        self.num_examples = num_examples
        counts = np.array([len(group) for group in groups], np.float64)
        self.means = np.array([np.mean(group) if len(group) else np.nan for group in groups], np.float64)
        several = [np.var(group, ddof=1) for group in groups if len(group) > 1]
        freedom = np.full(len(groups), np.inf)
        if several:
            own = np.maximum(counts - 1, 0)
            squares = np.array([np.square(np.asarray(group) - np.mean(group)).sum() if len(group) else 0.0 for group in groups])
            variance = (squares + PRIOR * np.median(several)) / (own + PRIOR)
            freedom = own + PRIOR
        elif num_examples:
            likely = (self.means * num_examples + 2) / (num_examples + 4)  # Agresti and Coull 1998: never 0 or 1
            variance = likely * (1 - likely) / num_examples
        else:
            variance = np.zeros(len(groups))
        self.reaches: Array = stdtrit(freedom, (1 + SHARE) / 2) * np.sqrt(variance / np.maximum(counts, 1))

    def intervals(self) -> Array:
        """(n, 2): where each true mean probably lies."""
        ends = np.stack([self.means - self.reaches, self.means + self.reaches], axis=1)
        return ends if self.num_examples is None else np.clip(ends, 0, 1)

    def not_distinguishable(self) -> Array:
        """(n,) of booleans: the best, and those whose distance from it may be chance."""
        if not len(self.means) or np.isnan(self.means).all():
            return np.zeros(len(self.means), bool)
        best = int(np.nanargmax(self.means))
        return np.nan_to_num(self.means, nan=-np.inf) >= self.means[best] - np.hypot(self.reaches, self.reaches[best])
