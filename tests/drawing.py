"""Arrays for contract tests: far from kinks, in any memory layout."""

import numpy as np

from layerwise.arrays import members_first

LAYOUTS = {"C": np.ascontiguousarray, "F": np.asfortranarray, "members first": members_first}
TOLERANCE = {np.float64: 1e-12, np.float32: 2e-5}
POPULATION = 2


def away_from_kinks(rng, shape):
    """Distinct magnitudes from 0.2 to 1.5, either sign: no zero, no ties."""
    size = int(np.prod(shape))
    magnitude = 0.2 + 1.3 * (rng.permutation(size) + 0.5) / max(1, size)
    return (magnitude * rng.choice([-1.0, 1.0], size)).reshape(shape)


def strided(a):
    """The same values, stored in every way that is not C order."""
    yield np.asfortranarray(a)
    yield np.repeat(a, 2, axis=-1)[..., ::2]
    yield np.flip(np.flip(a).copy())
    yield members_first(a)


def axes_in_memory(a):
    """The axes longer than 1, slowest first."""
    return sorted((i for i in range(a.ndim) if a.shape[i] > 1), key=lambda i: -abs(a.strides[i]))


def same_order(a, like):
    assert axes_in_memory(a) == axes_in_memory(like), f"axes {axes_in_memory(like)} in memory became {axes_in_memory(a)}"


def close(actual, desired, tolerance=1e-12):
    np.testing.assert_allclose(actual, desired, rtol=tolerance, atol=tolerance)
