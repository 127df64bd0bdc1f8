"""NumPy's global generator, which seeded notebooks draw from, as this package's rng."""

from typing import Any

import numpy as np

from layerwise.arrays import Array


class Legacy:
    """Draws as np.random.randn, np.random.rand and np.random.choice do, in the order of the calls.

    With a seed, every draw of noise starts from it anew.

    >>> np.random.seed(231)
    >>> bool(np.all(Legacy().normal(size=(2, 3)) == np.random.RandomState(231).randn(2, 3)))
    True
    """

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed

    def normal(self, size: Any) -> Array:
        """For weights: np.random.randn."""
        return np.random.normal(size=size)

    def random(self, size: Any, dtype: Any = None) -> Array:
        """For noise: np.random.rand, in float64 whatever the dtype asked for."""
        if self.seed is not None:
            np.random.seed(self.seed)
        return np.random.random(size)

    def choice(self, count: int, size: int) -> Array:
        """For batches: np.random.choice, with replacement."""
        return np.random.choice(count, size)


class ByColumn(Legacy):
    """The same draws, for weights that lie in memory column by column, as their gradients are found fastest.

    >>> np.random.seed(231)
    >>> w = ByColumn().normal(size=(2, 3))
    >>> w.flags.f_contiguous, bool(np.all(w == np.random.RandomState(231).randn(2, 3)))
    (True, True)
    """

    def normal(self, size: Any) -> Array:
        """For weights (D, M): np.random.randn."""
        return np.asfortranarray(super().normal(size))
