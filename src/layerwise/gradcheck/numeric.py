"""Gradients by central differences, and how far a derived gradient is from them.

Every checker perturbs the very array it is given, one element at a time, and puts the element back to the bit, also
when f raises. So f may ignore its argument and read the array from elsewhere, such as a model's parameters.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.arrays import Array

Index = tuple[int, ...]

DIRECTIONS = 3  # a backward wrong by 0.1 % in one of three outputs slips past one direction 9 times in 2,000, past three never


def relative_error(a: Any, b: Any) -> float:
    """The largest |a − b| / max(1e-8, |a| + |b|): 0 when equal, 1 when the signs differ, infinite where one is not finite.

    Empty arrays agree: 0.

    >>> relative_error(np.array([1.0, 2.0]), np.array([1.0, 2.002]))
    0.00049975012493...
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.shape != b.shape:
        raise ValueError(f"relative_error: the shapes differ, {a.shape} and {b.shape}; compare like with like")
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return math.inf
    return float((abs(a - b) / np.maximum(1e-8, abs(a) + abs(b))).max(initial=0.0))


def numerical_gradient(f: Callable[[Array], Any], x: Array, *, h: float = 1e-5) -> Array:
    """The gradient (the shape of x, float64) of a function that returns one number.

    >>> numerical_gradient(lambda x: (x**2).sum(), np.array([3.0, -1.0])).round(6)
    array([ 6., -2.])
    """
    _refuse_unmovable(x, h)
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below, distance = _both_sides(lambda: _number(f(x)), x, index, h)
        grad[index] = (above - below) / distance
    return grad


def numerical_gradient_array(f: Callable[[Array], Array], x: Array, dout: Array, *, h: float = 1e-5) -> Array:
    """The gradient by x of sum(f(x) · dout), for an f that returns an array. f may return the same buffer each time.

    >>> numerical_gradient_array(lambda x: 2 * x, np.array([3.0, -1.0]), np.array([1.0, 10.0])).round(6)
    array([ 2., 20.])
    """
    _refuse_unmovable(x, h)
    dout, grad = np.asarray(dout, np.float64), np.zeros(x.shape)

    def value() -> Array:
        out = np.array(f(x), np.float64)  # a copy
        if out.shape != dout.shape:
            raise ValueError(f"numerical_gradient_array: f returns shape {out.shape}, but dout has {dout.shape}; they must be the same")
        return out

    for index in np.ndindex(x.shape):
        above, below, distance = _both_sides(value, x, index, h)
        grad[index] = ((above - below) * dout).sum() / distance
    return grad


@dataclass(frozen=True)
class Coordinate:
    """One element of a gradient, as derived and as measured."""

    index: Index
    numeric: float
    analytic: float
    relative_error: float


def sparse_check(
    f: Callable[[Array], Any], x: Array, grad: Array, *, num_checks: int = 10, h: float = 1e-5, rng: np.random.Generator
) -> list[Coordinate]:
    """Measures grad at coordinates drawn at random, with replacement: enough for a large array. f returns one number."""
    _refuse_unmovable(x, h)
    grad = np.asarray(grad)
    if grad.shape != x.shape:
        raise ValueError(f"sparse_check: the gradient has shape {grad.shape}, but x has {x.shape}; they must be the same")
    rows = []
    for _ in range(num_checks if grad.size else 0):
        index = tuple(int(rng.integers(length)) for length in grad.shape)
        above, below, distance = _both_sides(lambda: _number(f(x)), x, index, h)
        numeric, analytic = (above - below) / distance, float(grad[index])
        rows.append(Coordinate(index, numeric, analytic, relative_error(numeric, analytic)))
    return rows


def undisturbed(f: Callable[[Array], Any], x: Array) -> Any:
    """f(x), once it is seen that f left x as it was; a ValueError otherwise.

    >>> undisturbed(lambda x: x.sum(), np.ones(3))
    np.float64(3.0)
    """
    before = np.copy(x)
    result = f(x)
    if _differs(x, before):
        x[...] = before
        raise ValueError(_CHANGED)
    return result


def first_difference(numeric: Array, grad: Array, *, tol: float = 1e-4) -> Coordinate | None:
    """The first element, row by row, where grad is farther from the measured slope than the share tol of it (and 1e-8); None if none is.

    >>> first_difference(np.array([1.0, 2.0]), np.array([1.0, 2.1])).index
    (1,)
    """
    if numeric.shape != grad.shape:
        raise ValueError(f"first_difference: the gradient has shape {grad.shape}, but the slopes {numeric.shape}; they must be the same")
    wrong = ~np.isclose(numeric, grad, rtol=tol)
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    measured, derived = float(numeric[index]), float(grad[index])
    return Coordinate(index, measured, derived, relative_error(measured, derived))


def slope_gap(
    forward: Callable[..., tuple[Array, Any]],
    backward: Callable[[Array, Any], Any],
    args: Sequence[Any],
    rng: np.random.Generator,
    *,
    h: float = 1e-4,
) -> float:
    """How far backward is from the slope of forward: the largest gap over three random directions, relative to the gradient.

    Right pairs stay below 1e-6, and mostly below 1e-9; a gradient wrong by a share s gives about s. `forward(*args)` returns
    out and cache; `backward(dout, cache)` returns one gradient for each of args that is an array of floats, in their order,
    or None where there is none. All are taken to float64. Each argument is moved by itself, so that a small gradient is not
    lost beside a large one. Fix options, and arrays without a gradient, with a lambda or functools.partial.

    >>> rng = np.random.default_rng(0)
    >>> pair = lambda x, w: (x @ w, (x, w)), lambda dout, cache: (dout @ cache[1].T, cache[0].T @ dout)
    >>> slope_gap(*pair, [rng.normal(size=(4, 3)), rng.normal(size=(3, 2))], rng) < 1e-9
    True
    """
    args = _as_float64(args)
    out, cache = forward(*args)
    dout = rng.normal(size=np.shape(out))
    grads = backward(dout, cache)
    return _largest_gap(lambda *moved: forward(*moved)[0], dout, args, grads if isinstance(grads, tuple) else (grads,), rng, h)


def slope_gap_loss(loss: Callable[..., tuple[Any, ...]], args: Sequence[Any], rng: np.random.Generator, *, h: float = 1e-4) -> float:
    """slope_gap for a function that returns its value and its gradients at once: loss, dx, ...

    The loss is a number, or (P,) with one per member, whose sum is what the gradients belong to.
    """
    args = _as_float64(args)
    value, *grads = loss(*args)
    return _largest_gap(lambda *moved: loss(*moved)[0], np.ones(np.shape(value)), args, grads, rng, h)


@dataclass(frozen=True)
class GradientCheck:
    """The verdict of check_gradient. True in a condition if the gradient is right; printed, it is its sentence."""

    ok: bool
    sentence: str
    index: Index | None = None  # the worst coordinate; None when the check never came to compare
    analytic: float = math.nan
    numeric: float = math.nan
    relative_error: float = math.inf

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return self.sentence


def check_gradient(f: Callable[[Array], tuple[Any, Array]], x: Array, *, h: float = 1e-5, tol: float = 1e-4) -> GradientCheck:
    """Says whether the gradient in f(x) -> value, gradient is the slope of the value, element by element.

    An element is right within a share `tol` of it, or within the error of the measured slope, which f's own rounding and h leave.

    >>> print(check_gradient(lambda x: ((x**2).sum(), 2 * x), np.array([3.0, -1.0])))
    The gradient is right: all 2 elements agree with the measured slope...
    >>> print(check_gradient(lambda x: ((x**2).sum(), x), np.array([3.0, -1.0])))
    The gradient is wrong at (0,): 3 was derived, 6 measured (relative error 0.33); 2 of 2 elements are off. There it is 0.5 of the slope.
    """
    _refuse_unmovable(x, h)
    before = x.copy()
    value, grad = _value_and_gradient(f(x))
    coarse = _coarse(x=x, value=value, gradient=grad)
    value, grad = _number(value), np.array(grad, np.float64)  # a copy: f may reuse its buffer
    if _differs(x, before):
        x[...] = before
        return GradientCheck(False, _CHANGED)
    if not math.isfinite(value):
        return GradientCheck(
            False, f"The value of f at x is {value}, where nothing has a slope. Look for overflow, log 0 or a division by 0."
        )
    if grad.shape != x.shape:
        return GradientCheck(False, f"The gradient has shape {grad.shape}, but x has {x.shape}: one slope is needed for each element of x.")

    numeric = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below, distance = _both_sides(lambda: _number(_value_and_gradient(f(x))[0]), x, index, h)
        numeric[index] = (above - below) / distance
        if _differs(x, before):
            x[...] = before
            return GradientCheck(False, _CHANGED)
    steepest = float(abs(numeric[np.isfinite(numeric)]).max(initial=1.0))
    noise = 8 * float(np.finfo(np.float64).eps) * max(abs(value), 1.0) / h + 100 * h**2 * steepest  # rounding of f, and its curvature
    return _verdict(grad, numeric, tol, noise, coarse)


_CHANGED = "f changed x while it worked, so no slope can be measured (x was put back). Let f work on a copy of its argument."


def _verdict(grad: Array, numeric: Array, tol: float, noise: float, coarse: str) -> GradientCheck:
    if not grad.size:
        return GradientCheck(True, "x is empty, so there is nothing to check.", relative_error=0.0)
    size = np.maximum(abs(grad), abs(numeric))
    with np.errstate(invalid="ignore"):
        excess = abs(grad - numeric) / (tol * size + noise)  # at most 1 where the element is right
    excess[~np.isfinite(excess)] = math.inf
    index = tuple(int(i) for i in np.unravel_index(excess.argmax(), excess.shape))
    analytic, measured = float(grad[index]), float(numeric[index])
    error, wrong = relative_error(analytic, measured), int((excess > 1).sum())
    too_small = not wrong and size.max() <= noise and np.any(grad != numeric)
    if not math.isfinite(analytic):
        sentence = f"The gradient at {index} is {analytic}, where the measured slope is {measured:.6g}."
    elif not math.isfinite(measured):
        sentence = f"The value of f is not finite near x at {index}, so the slope there cannot be measured; move x away from it."
    elif wrong:
        sentence = f"The gradient is wrong at {index}: {analytic:.6g} was derived, {measured:.6g} measured (relative error {error:.2g}); "
        sentence += f"{wrong} of {grad.size} elements are off."
        sentence += f" There it is {analytic / measured:.4g} of the slope." if abs(measured) > noise else ""
    elif too_small:
        sentence = f"The slopes are too small to judge: none is above {noise:.1g}, the error of measuring them. Scale f up."
    else:
        sentence = f"The gradient is right: all {grad.size} elements agree with the measured slope, the worst at {index} to {error:.1g}."
    ok = not wrong and not too_small
    return GradientCheck(ok, sentence if ok else sentence + coarse, index, analytic, measured, error)


def _coarse(**arrays: Any) -> str:
    """A note on whatever is too coarse to measure slopes with, or nothing."""
    for name, array in arrays.items():
        dtype = np.asarray(array).dtype
        if dtype.kind == "f" and dtype.itemsize < 8:
            return f" But the {name} is {dtype}, too coarse to measure slopes well: repeat with everything in float64."
    return ""


def _differs(x: Array, before: Array) -> bool:
    return not np.array_equal(x, before, equal_nan=True)


def _value_and_gradient(result: Any) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError(f"check_gradient: f must return a pair, its value and its gradient, but it returned {_describe(result)}")
    return result


def _number(value: Any) -> float:
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "iufb":
        raise ValueError(f"f must return one number, but it returned {_describe(value)}; for arrays there is numerical_gradient_array")
    return float(array.reshape(()))


def _describe(value: Any) -> str:
    return f"an array of {value.dtype}, shape {value.shape}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"


def _both_sides(f: Callable[[], Any], x: Array, index: Index, h: float) -> tuple[Any, Any, float]:
    """f with one element of x a step above and a step below, and the distance that the element really moved in x's dtype."""
    kept = x[index].copy()
    try:
        x[index] = kept + h
        above, f_above = float(x[index]), f()
        x[index] = kept - h
        below, f_below = float(x[index]), f()
    finally:
        x[index] = kept
    if above == below:
        raise ValueError(f"a step of {h} does not move {kept} in {x.dtype}; give a larger h, or x in float64")
    return f_above, f_below, above - below


def _refuse_unmovable(x: Any, h: float) -> None:
    if not _is_float_array(x):
        raise TypeError(f"a slope is measured by moving x a little: x must be an array of floats, but it is {_describe(x)}")
    if not x.flags.writeable:
        raise ValueError("a slope is measured by moving x in place, but x is read-only; give x.copy()")
    if not 0 < h < math.inf:
        raise ValueError(f"h is {h}; a step must be a finite number above 0")


def _is_float_array(a: Any) -> bool:
    return isinstance(a, np.ndarray) and a.dtype.kind == "f"


def _as_float64(args: Sequence[Any]) -> list[Any]:
    return [a.astype(np.float64) if _is_float_array(a) else a for a in args]


def _largest_gap(
    f: Callable[..., Any], dout: Array, args: Sequence[Any], grads: Sequence[Any], rng: np.random.Generator, h: float
) -> float:
    """The largest gap between the slope of sum(f · dout) along a direction and <grad, direction>, over args and directions."""
    places = [place for place, arg in enumerate(args) if _is_float_array(arg)]
    if len(grads) != len(places) or all(grad is None for grad in grads):
        came = f"{len(grads)} gradients, {sum(grad is None for grad in grads)} of them None, came back for {len(places)} arrays of floats"
        raise ValueError(f"slope_gap: {came}; return one for each, in order, and None where there is none")
    # Below the floor lies the rounding error of a measured slope: there, gradients of 0 and of 1e-17 are the same.
    floor = max(1e-4 * float(np.linalg.norm(np.asarray(f(*args)) * dout)), 1e-300)
    gaps = []
    for place, grad in zip(places, grads, strict=True):
        if grad is None:
            continue
        shape = args[place].shape
        if np.shape(grad) != shape:
            raise ValueError(f"slope_gap: the gradient of argument {place} has shape {np.shape(grad)}, but the argument has {shape}")
        for _ in range(DIRECTIONS):
            direction = rng.normal(size=shape)
            numeric, analytic = _slope(f, dout, args, place, direction, h), float((grad * direction).sum())
            gaps.append(abs(numeric - analytic) / max(float(np.linalg.norm(grad)), abs(numeric), floor))
    return max(gaps) if np.all(np.isfinite(gaps)) else math.inf


def _slope(f: Callable[..., Any], dout: Array, args: Sequence[Any], place: int, direction: Array, h: float) -> float:
    """The slope of sum(f · dout) as args[place] moves along direction."""

    def central(step: float) -> float:
        above, below = (f(*args[:place], args[place] + sign * step * direction, *args[place + 1 :]) for sign in (1, -1))
        return float(((above - below) * dout).sum()) / (2 * step)

    return (4 * central(h / 2) - central(h)) / 3  # Richardson: the error falls from h² to h⁴
