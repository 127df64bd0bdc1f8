"""The function under test: called on copies, so that what it does to its inputs is seen and does no harm."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.arrays import Array

Args = list[Any]
CRASHES = (ValueError, IndexError, TypeError, KeyError, AssertionError, AttributeError, ArithmeticError)  # on inputs it need not take


@dataclass(frozen=True)
class Outcome:
    """What one call gave: the value, and the gradients as they came."""

    value: Array
    gradients: tuple[Any, ...]


@dataclass(frozen=True)
class Subject:
    """A pair forward and backward, or a loss that returns its gradients at once (backward is None)."""

    forward: Callable[..., Any]
    backward: Callable[[Array, Any], Any] | None = None

    def value(self, args: Sequence[Any]) -> Array:
        """The value alone, as a fresh array in the dtype that it came in."""
        return self.call(fresh(args))[0]

    def outcome(self, args: Sequence[Any], dout: Array | None = None) -> Outcome:
        value, rest = self.call(fresh(args))
        if self.backward is None:
            return Outcome(value, rest)
        with np.errstate(all="ignore"):
            gradients = self.backward(np.ones_like(value) if dout is None else np.array(dout), rest)
        return Outcome(value, tuple(kept(g) for g in _as_tuple(gradients)))

    def try_value(self, args: Sequence[Any]) -> Array | None:
        """The value on drawn inputs; None if the function cannot take them, which it need not."""
        try:
            return self.value(args)
        except CRASHES:
            return None

    def try_outcome(self, args: Sequence[Any], dout: Array | None) -> Outcome | None:
        try:
            return self.outcome(args, dout)
        except CRASHES:
            return None

    def along(self, args: Sequence[Any], place: int) -> Callable[[Array], Array]:
        """The value as a function of one argument."""
        return lambda x: np.asarray(self.value([*args[:place], x, *args[place + 1 :]]), np.float64)

    def call(self, args: Args) -> tuple[Array, Any]:
        """The value, and the cache or the gradients."""
        with np.errstate(all="ignore"):
            result = self.forward(*args)
        if not isinstance(result, tuple | list) or len(result) < 2:
            wanted = "its value and its gradients" if self.backward is None else "out and cache"
            raise TypeError(f"verify: the function must return {wanted} as a tuple, but it returned {type(result).__name__}.")
        value = np.array(result[0])
        if value.dtype.kind not in "fiub":
            raise TypeError(f"verify: the value must be a number or an array of numbers, but it is {value.dtype}.")
        if self.backward is not None:
            return value, (result[1] if len(result) == 2 else tuple(result[1:]))
        gradients = result[1] if len(result) == 2 else tuple(result[1:])
        return value, tuple(kept(g) for g in _as_tuple(gradients))


def _as_tuple(gradients: Any) -> tuple[Any, ...]:
    if isinstance(gradients, dict):
        return tuple(gradients.values())
    return tuple(gradients) if isinstance(gradients, tuple | list) else (gradients,)


def kept(gradient: Any) -> Any:
    """A copy, for the function may use its buffer again."""
    return None if gradient is None else np.array(gradient)


def fresh(args: Sequence[Any]) -> Args:
    """Copies that the function may do with as it likes; what cannot be copied is passed as it is."""
    return [_copied(arg) for arg in args]


def _copied(arg: Any) -> Any:
    if isinstance(arg, np.ndarray):
        return arg.copy(order="K")
    try:
        return copy.deepcopy(arg)
    except (TypeError, ValueError, AttributeError):
        return arg


def elements(args: Sequence[Any]) -> int:
    """Of the largest array."""
    return max((arg.size for arg in args if isinstance(arg, np.ndarray)), default=0)


def is_floats(arg: Any) -> bool:
    return isinstance(arg, np.ndarray) and arg.dtype.kind == "f"


def in_float64(args: Sequence[Any]) -> Args:
    return [arg.astype(np.float64) if is_floats(arg) else arg for arg in args]


def impurity(subject: Subject, args: Sequence[Any], dout: Array | None) -> tuple[str, str] | None:
    """Why this is no function, as a kind and a sentence: it writes its inputs, or a second call gives something else."""
    mine = fresh(args)
    value, rest = subject.call(mine)
    for i, (before, after) in enumerate(zip(args, mine, strict=True)):
        if isinstance(before, np.ndarray) and not same(before, after):
            return "writes its input", f"The forward writes into its input (argument {i}). Work on a copy: x = x.copy()."
    again = subject.value(args)
    if not same(value, again):
        return "changes", (
            f"The value changes from call to call, by up to {_apart(value, again):.2g}, with the same inputs. "
            "Look for unseeded noise, or for state that one call leaves to the next; seed the noise to check the gradient."
        )
    if subject.backward is None:
        first, second = rest, subject.outcome(args).gradients
        return _changing(first, second, "function")
    sent = np.ones_like(value, dtype=np.float64) if dout is None else np.array(dout)
    with np.errstate(all="ignore"):
        before_dout = sent.copy()
        first = tuple(kept(g) for g in _as_tuple(subject.backward(sent, rest)))
        if not same(sent, before_dout):
            return "writes its input", "The backward writes into dout, which belongs to the caller. Work on a copy: dout = dout.copy()."
        for i, (before, after) in enumerate(zip(args, mine, strict=True)):
            if isinstance(before, np.ndarray) and not same(before, after):
                return "writes its input", f"The backward writes into the forward's input (argument {i}). Work on a copy."
        second = tuple(kept(g) for g in _as_tuple(subject.backward(sent, rest)))
    changing = _changing(first, second, "backward")
    if changing:
        return changing
    third = subject.outcome(args, dout).gradients
    return _changing(first, third, "backward") or _stale(subject, args, sent, first)


def _stale(subject: Subject, args: Sequence[Any], dout: Array, first: tuple[Any, ...]) -> tuple[str, str] | None:
    """Whether a backward takes what the latest forward left behind, and not what its own cache holds."""
    _, cache = subject.call(fresh(args))
    try:
        subject.call(_moved(args))
    except CRASHES:  # it need not take other inputs
        return None
    with np.errstate(all="ignore"):
        again = tuple(kept(g) for g in _as_tuple(subject.backward(dout.copy(), cache))) if subject.backward else first
    if len(again) == len(first) and all(same(a, b) for a, b in zip(first, again, strict=True)):
        return None
    return "stale cache", (
        "The backward gives another gradient if the forward is called with other inputs in between: it reads state of the latest call "
        "(a stale cache, a global, an attribute) instead of the cache that it is given. Hand on what it needs in the cache."
    )


def _moved(args: Sequence[Any]) -> Args:
    """Other values of the same shapes and kinds."""
    return [arg + arg.dtype.type(1) if is_floats(arg) else _copied(arg) for arg in args]


def _changing(first: Sequence[Any], second: Sequence[Any], who: str) -> tuple[str, str] | None:
    if len(first) != len(second) or not all(same(a, b) for a, b in zip(first, second, strict=True)):
        return "changes", (
            f"The {who} gives other gradients when it is called again with the same inputs: "
            "it keeps state, draws noise, or writes into its cache. Make its result depend on its arguments alone."
        )
    return None


def same(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    if a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        return True
    with np.errstate(all="ignore"):  # threads may sum in another order: the last places do not count
        return bool(np.allclose(a, b, rtol=1e-12 if a.dtype.itemsize >= 8 else 1e-5, atol=0, equal_nan=True))


def _apart(a: Array, b: Array) -> float:
    return float(np.abs(np.asarray(a, np.float64) - b).max(initial=0)) if a.shape == b.shape else np.inf
