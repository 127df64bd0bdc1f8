"""How the gap between a gradient and the measured slope depends on the step, which tells rounding from a mistake.

A right gradient in float64 has a V: the gap falls with the step's square, then rises as rounding takes over. A wrong one is
flat at the height of its error. In float32 the V has its floor at 1e-3 to 1e-4.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from layerwise.arrays import Array

STEPS = tuple(10.0**-k for k in range(1, 12))
DIRECTIONS = 3
RIGHT = 1e-6  # of the gradient's length
COARSE = 2e-3
FLOOR = 1e-4  # of the value: gradients below it are judged as if they were so large, for rounding hides them
EXACT = 1e-15  # of the value: the rounding of a few sums
NOISE = 1e-12  # of the value: more than float64 leaves, for any sum that fits in memory
POINTS, ORDER, SPACING, STRETCHES = 9, 6, 1e-6, (0.0, 1e-3, 3e-3)

Value = Callable[[Array], Array]


@dataclass(frozen=True)
class Curve:
    """The gap at each step, as a share of the gradient's length; the largest of three random directions.

    kind: "right" (V-shaped), "wrong" (flat), "float32" (its floor is float32's), "not connected" (the gradient is 0, the
    slope is not), "not finite", or "unclear" (the slope is lost in the value's rounding).
    """

    steps: tuple[float, ...]
    gaps: tuple[float, ...]
    kind: str
    noise: float  # of the value, as a share of it

    @property
    def floor(self) -> float:
        return min(self.gaps, default=math.inf)


def curve(f: Value, x: Array, dout: Array, gradient: Array, rng: np.random.Generator) -> Curve:
    """f(x) has the shape of dout; gradient that of x."""
    gradient = np.asarray(gradient, np.float64)
    if not np.isfinite(gradient).all():
        return Curve(STEPS, (math.inf,) * len(STEPS), "not finite", 0.0)
    if not gradient.size:
        return Curve(STEPS, (0.0,) * len(STEPS), "right", 0.0)
    directions = [rng.normal(size=x.shape) for _ in range(DIRECTIONS)]
    value = float(np.linalg.norm(np.asarray(f(x), np.float64) * dout))
    noise = float(np.median([noise_along(f, x, dout, v, value) for v in directions]))
    measured = np.array([[_slope(f, x, dout, v, h) for v in directions] for h in STEPS])
    derived = np.array([float((gradient * v).sum()) for v in directions])
    size = max(float(np.linalg.norm(gradient)), float(np.nanmedian(np.abs(measured[2:6]))))
    rounding = np.maximum(noise, 1e-16 * value) / np.array(STEPS)  # of a measured slope
    size = max(size, FLOOR * value, 1e-300)
    with np.errstate(invalid="ignore"):
        gaps = np.abs(measured - derived).max(axis=1) / size
    gaps[~np.isfinite(gaps)] = math.inf
    share = noise / max(value, 1e-300)
    return Curve(
        STEPS, tuple(float(g) for g in gaps), _kind(gaps, rounding / size, share, gradient, np.abs(measured).max(initial=0)), share
    )


def _kind(gaps: Array, rounding: Array, noise: float, gradient: Array, steepest: float) -> str:
    fine = rounding < 1e-7
    if (gaps[fine] < RIGHT).any():
        return "right"
    if not np.isfinite(gaps).any():
        return "not finite"
    if noise > NOISE and gaps.min() < COARSE and (gaps < np.maximum(30 * rounding, RIGHT)).any():
        return "float32"
    if not fine.any() and (gaps < np.maximum(30 * rounding, RIGHT))[:6].any() and noise <= NOISE:
        return "right"
    if not gradient.any() and steepest > 0:
        return "not connected"
    return "wrong"


def _slope(f: Value, x: Array, dout: Array, direction: Array, h: float) -> float:
    above, below = f(x + h * direction), f(x - h * direction)
    with np.errstate(all="ignore"):
        return float(((np.asarray(above, np.float64) - below) * dout).sum()) / (2 * h)


def noise_along(f: Value, x: Array, dout: Array, direction: Array, scale: float) -> float:
    """The rounding error of sum(f · dout), from sixth differences of closely spaced values (Moré & Wild 2011, ECNoise).

    A smooth function's sixth difference vanishes; what is left is noise, √(12! / 6!²) times as large. A kink would leave
    something too, so the least of three stretches counts: rounding is the same in all. Where one shows float64's rounding
    and no more, it is enough.
    """
    least = math.inf
    for away in STRETCHES:
        least = min(least, _roughness(f, x + away * direction, dout, direction))
        if least <= EXACT * scale:
            break
    return least


def _roughness(f: Value, x: Array, dout: Array, direction: Array) -> float:
    start = np.asarray(f(x), np.float64)
    with np.errstate(all="ignore"):
        values = np.array([float(((f(x + i * SPACING * direction) - start) * dout).sum()) for i in range(POINTS)])
        differences = np.diff(values, ORDER)
    if not np.isfinite(differences).all():
        return 0.0
    return float(np.sqrt(np.mean(differences**2) * math.factorial(ORDER) ** 2 / math.factorial(2 * ORDER)))
