"""Says whether a gradient that was written by hand is right, and if not, which term is missing.

First the verdict, from measured slopes alone: it holds for any function. Then, where the function is one of the table's ops,
the diagnosis: its results on fresh inputs are explained by the smallest edit of the op's recipe.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import look_up
from layerwise.gradcheck import match, precision
from layerwise.gradcheck.match import Match
from layerwise.gradcheck.report import HINT_LEVEL, IMPURE, WRONG, Finding, Report
from layerwise.gradcheck.subject import Outcome, Subject, elements, impurity, in_float64, is_floats
from layerwise.gradcheck.table import TERMS
from layerwise.gradcheck.trial import MOST_ELEMENTS, Judged, Trial

STREAM = (0x6C, 0x77)


def verify(
    forward: Callable[..., Any],
    backward: Callable[[Array, Any], Any],
    args: Sequence[Any],
    *,
    op: str | None = None,
    options: Mapping[str, Any] | None = None,
    hint_level: int = HINT_LEVEL,
    seed: int = 0,
) -> Report:
    """Judges a pair: forward(*args) -> out, cache, and backward(dout, cache) -> one gradient for each float array of args.

    op names a row of TERMS; left out, the forward's values are compared with all of them. options are values that the
    functions know and the arguments do not show (stride, eps, reg, a closed-over y, ...), under their usual names.

    >>> def forward(x):
    ...     return np.tanh(x), x
    >>> report = verify(forward, lambda dout, x: dout * (1 - x**2), [np.linspace(-1, 1, 12).reshape(3, 4)])
    >>> report.ok, report.op
    (False, 'tanh')
    >>> report.names
    ('dx has 1 − x²: the input is used for the output, in the place of (1 - out ** 2)',)
    """
    return _judge(Subject(forward, backward), list(args), op, dict(options or {}), hint_level, seed)


def verify_loss(
    loss: Callable[..., Any],
    *args: Any,
    op: str | None = None,
    options: Mapping[str, Any] | None = None,
    hint_level: int = HINT_LEVEL,
    seed: int = 0,
) -> Report:
    """Judges loss(*args) -> value, gradient (or several gradients), which belong to the first float arrays of args.

    >>> def squared(x, y):
    ...     return np.mean((x - y) ** 2), 2 * (x - y) / len(x)
    >>> rng = np.random.default_rng(0)
    >>> print(verify_loss(squared, rng.normal(size=(4, 3)), rng.normal(size=(4, 3))).names[0])
    dx lacks the factor 1/K (it is not divided by K)
    """
    return _judge(Subject(loss), list(args), op, dict(options or {}), hint_level, seed)


def verify_function(
    f: Callable[[Array], Any],
    x: Array,
    *,
    op: str | None = None,
    options: Mapping[str, Any] | None = None,
    hint_level: int = HINT_LEVEL,
    seed: int = 0,
) -> Report:
    """Judges f(x) -> value, gradient. The value may be an array: then the gradient is that of its sum.

    >>> print(verify_function(lambda x: ((x**3).sum(), 3 * x**2), np.array([1.0, 2.0])))
    The gradient is right: it agrees with the measured slope to ...
    """
    return _judge(Subject(f), [x], op, dict(options or {}), hint_level, seed)


def _judge(subject: Subject, args: list[Any], op: str | None, options: dict[str, Any], hint_level: int, seed: int) -> Report:
    if op is not None:
        look_up(TERMS, op, "op")
    if hint_level not in (0, 1, 2, 3):
        raise ValueError(f"verify: hint_level is {hint_level}, but must be 0 (verdict), 1 (where), 2 (what kind) or 3 (the missing term).")
    args = in_float64(args)
    if not any(is_floats(arg) for arg in args):
        raise TypeError(
            "verify: a slope is measured by moving an array of floats, but there is none among the arguments. Give x.astype(float)."
        )
    rng = np.random.default_rng([seed, *STREAM])  # not the caller's own default_rng(seed), whose numbers may be in args
    value = subject.value(args)
    dout = None if subject.backward is None else rng.normal(size=value.shape)
    fault = impurity(subject, args, dout)
    if fault:
        return Report(IMPURE, fault[1], (Finding("out", False, kind=fault[0], name=fault[1]),), op=op, hint_level=hint_level)
    if not np.isfinite(np.asarray(value, np.float64)).all():
        sentence = "The value is not finite at these inputs, where nothing has a slope. Look for overflow, log 0 or a division by 0."
        return Report(WRONG, sentence, (Finding("out", False, kind="not finite", name="is not finite"),), op=op, hint_level=hint_level)
    outcome = subject.outcome(args, dout)
    found, guessed = _matched(subject, args, value, op, options, rng)
    judged = _arguments(subject, args, outcome, found)
    for j in judged:
        _measure(subject, args, dout, value, j, rng)
    meant = _other_meant(subject, args, options, found.name) if found and guessed else ""
    return Trial(subject, args, dout, value, judged, found, guessed, op, hint_level, rng, meant).report()


def _arguments(subject: Subject, args: Sequence[Any], outcome: Outcome, found: Match | None) -> list[Judged]:
    """Each gradient and the argument that it belongs to."""
    places = [place for place, arg in enumerate(args) if is_floats(arg)]
    gradients = outcome.gradients
    if subject.backward is not None and len(gradients) > len(places):
        raise ValueError(f"verify: {len(gradients)} gradients came back, but only {len(places)} of the arguments are arrays of floats.")
    parameters = _parameter_names(subject.forward, len(args))
    of_slot = {place: name for name, place in found.slots.items()} if found else {}
    judged = []
    for index, (place, gradient) in enumerate(zip(places, gradients, strict=False)):
        if gradient is None:
            continue
        array = of_slot.get(place, parameters[place])
        judged.append(Judged(index, place, f"d{array}", array, gradient))
    if not judged:
        raise ValueError("verify: no gradient came back: return one for each array of floats among the arguments, in their order.")
    return judged


def _parameter_names(function: Callable[..., Any], count: int) -> list[str]:
    try:
        names = [p.name for p in inspect.signature(function).parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        names = []
    return (names + [f"arg{i}" for i in range(len(names), count)])[:count]


def _measure(subject: Subject, args: Sequence[Any], dout: Array | None, value: Array, judged: Judged, rng: np.random.Generator) -> None:
    x = args[judged.place]
    gradient = np.asarray(judged.gradient)
    if gradient.shape != x.shape or gradient.dtype.kind not in "fiub":
        judged.wrong_shape = True
        return
    weights = np.ones(value.shape) if dout is None else dout
    judged.curve = precision.curve(subject.along(args, judged.place), x, weights, gradient, rng)


def _matched(
    subject: Subject, args: list[Any], value: Array, op: str | None, options: dict[str, Any], rng: np.random.Generator
) -> tuple[Match | None, bool]:
    """The recipe whose values these are; the one that was named, if it can be bound at all. And whether it was guessed."""
    names = [op] if op else [name for name, recipe in TERMS.items() if recipe.guessable and recipe.loss == (subject.backward is None)]
    first: Match | None = None
    for name in names:
        for candidate in match.matches(name, TERMS[name], args, options):
            if candidate.agrees(args, value) and (op or _agrees_elsewhere(subject, candidate, args, rng)):
                return candidate, op is None
            first = first or candidate
    if op:
        return first, False
    return _nearly(subject, args, value, _meant(subject, names), options, rng), True


def _nearly(
    subject: Subject, args: list[Any], value: Array, names: list[str], options: dict[str, Any], rng: np.random.Generator
) -> Match | None:
    """The one op whose value this is after one edit; None if there are several, or none."""
    found: list[Match] = []
    for name in names:
        candidates = match.matches(name, TERMS[name], args, options)
        trials = (Trial(subject, args, None, value, [], candidate, True, None, HINT_LEVEL, rng) for candidate in candidates)
        found += [trial.found for trial in trials if trial.found and trial.explains_value()][:1]
        if len(found) > 1:
            return None
    return found[0] if found else None


def _other_meant(subject: Subject, args: list[Any], options: dict[str, Any], found: str) -> str:
    """The op that the function is named after, if it takes these arguments and is not the one that was found."""
    names = _meant(subject, [name for name, recipe in TERMS.items() if recipe.guessable and recipe.loss == (subject.backward is None)])
    takes = len(names) == 1 and names[0] != found and any(match.matches(names[0], TERMS[names[0]], args, options))
    return names[0] if takes else ""


def _meant(subject: Subject, names: list[str]) -> list[str]:
    """The op that the function is named after, if it is; else all of them."""
    own = getattr(subject.forward, "__name__", "")
    named = [name for name in names if own.startswith(name)]
    return [max(named, key=len)] if named else names


def _agrees_elsewhere(subject: Subject, candidate: Match, args: Sequence[Any], rng: np.random.Generator) -> bool:
    """On fresh inputs of the same sizes too; what cannot be called there is not held against it."""
    if elements(args) > MOST_ELEMENTS:
        return True
    other = match.drawn(candidate, args, rng, None)
    if other is None:
        return True
    value = subject.try_value(other)
    return value is None or candidate.agrees(other, value)
