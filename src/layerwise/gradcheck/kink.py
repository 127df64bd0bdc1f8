"""Single coordinates: the slope on each side, and whether they differ however small the step."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from layerwise.arrays import Array

Index = tuple[int, ...]
STEPS = (1e-5, 1e-7)
APART = 1e-3  # of the larger side's slope: more than curvature leaves at these steps


@dataclass(frozen=True)
class Sides:
    """The slope of one coordinate to the left and to the right, at the smaller step."""

    index: Index
    left: float
    right: float
    kink: bool

    @property
    def middle(self) -> float:
        return 0.5 * (self.left + self.right)

    def holds(self, slope: float, tolerance: float) -> bool:
        """Whether a slope lies between the two sides: each such is a right answer on a kink."""
        low, high = sorted((self.left, self.right))
        return low - tolerance <= slope <= high + tolerance


def sides(f: Callable[[Array], Array], x: Array, dout: Array, index: Index) -> Sides:
    """Slopes of sum(f · dout) on both sides of x[index]; a kink if they stay apart when the step shrinks a hundredfold."""
    here = np.asarray(f(x), np.float64)
    pairs = []
    for h in STEPS:
        step = h * max(1.0, abs(float(x[index])))
        with np.errstate(all="ignore"):
            right = float(((f(moved(x, index, step)) - here) * dout).sum()) / step
            left = float(((here - f(moved(x, index, -step))) * dout).sum()) / step
        pairs.append((left, right))
    (left, right), (left2, right2) = pairs
    size = max(abs(left2), abs(right2), 1e-8)
    apart, apart2 = abs(right - left), abs(right2 - left2)
    return Sides(index, left2, right2, apart2 > APART * size and apart2 > 0.5 * apart)


@dataclass(frozen=True)
class Together:
    """Tied entries that move together: the slope that the value then has, and the sum of their gradients."""

    slope: float
    derived: float


def together(f: Callable[[Array], Array], x: Array, dout: Array, gradient: Array, kinks: Sequence[Index]) -> Together | None:
    """Where entries that each stand on a kink move together and the value is smooth, the gradient must say how steep it is.

    A maximum of equal entries is such a case: none of them has a slope alone, but all of them together have one.
    None if the gradient does say so, or if the value has a kink that way too.
    """
    tied = np.zeros_like(x)
    tied[tuple(np.array(kinks).T)] = 1
    here = np.asarray(f(x), np.float64)
    for direction in (tied, np.ones_like(x)):
        h = STEPS[0] * max(1.0, float(np.abs(x).max(initial=0)))
        with np.errstate(all="ignore"):
            right = float(((f(x + h * direction) - here) * dout).sum()) / h
            left = float(((here - f(x - h * direction)) * dout).sum()) / h
            derived = float((gradient * direction).sum())
        size = max(abs(left), abs(right), abs(derived), 1e-8)
        if abs(right - left) <= 0.1 * APART * size and abs(derived - 0.5 * (left + right)) > APART * size:
            return Together(0.5 * (left + right), derived)
    return None


def moved(x: Array, index: Index, step: float) -> Array:
    other = x.copy()
    other[index] += step
    return other


def slopes(f: Callable[[Array], Array], x: Array, dout: Array, indices: Iterable[Index], h: float = 1e-5) -> list[float]:
    """Central differences at these coordinates."""
    found = []
    for index in indices:
        step = h * max(1.0, abs(float(x[index])))
        with np.errstate(all="ignore"):
            found.append(float(((np.asarray(f(moved(x, index, step)), np.float64) - f(moved(x, index, -step))) * dout).sum()) / (2 * step))
    return found


def chosen(x: Array, most: int, rng: np.random.Generator) -> Sequence[Index]:
    """All coordinates, or so many drawn at random."""
    if x.size <= most:
        return list(np.ndindex(x.shape))
    flat = np.sort(rng.choice(x.size, most, replace=False))
    return [tuple(int(i) for i in np.unravel_index(place, x.shape)) for place in flat]
