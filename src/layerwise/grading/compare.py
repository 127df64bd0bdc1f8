"""A learner's result held against the right one: not there, another shape, other values, and where."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.gradcheck.diagnosis import explain
from layerwise.gradcheck.report import Finding, Report
from layerwise.gradcheck.term import Case as Observation
from layerwise.gradcheck.term import Kitchen, Recipe
from layerwise.gradcheck.wording import words
from layerwise.grading.case import ORDINARY, Case
from layerwise.grading.learner import Learner, LearnerError, NotDoneError
from layerwise.grading.verdict import NOT_DONE, RIGHT, Remark, remark

TOLERANCE = 1e-6  # of the largest value
COARSE = 1e-3  # in float32


def as_array(value: Any, name: str) -> Array:
    """The value as numbers; NotDoneError for None, LearnerError for what holds no numbers."""
    if value is None:
        raise NotDoneError(f"{name} is None")
    try:
        array = np.asarray(value)
    except ValueError:
        raise LearnerError(f"{name} is a {type(value).__name__} that makes no array") from None
    if array.dtype.kind not in "fiub":
        raise LearnerError(f"{name} is a {type(value).__name__}, where an array of numbers is needed")
    return array


def unpacked(result: Any, names: Sequence[str], function: str) -> tuple[Any, ...]:
    """So many results as there are names."""
    if result is None:
        raise NotDoneError("it returns None")
    if len(names) == 1 and not isinstance(result, tuple | list):
        return (result,)
    if not isinstance(result, tuple | list) or len(result) != len(names):
        count = f"{len(result)} things" if isinstance(result, tuple | list) else f"one {type(result).__name__}"
        raise LearnerError(f"it returns {count}, where ({', '.join(names)}) is needed")
    return tuple(result)


def gap(got: Any, want: Any) -> tuple[int, ...] | None:
    """Where they lie furthest apart; None where they agree. They have one shape."""
    got, want = np.asarray(got), np.asarray(want, np.float64)
    if not want.size:
        return None
    limit = COARSE if got.dtype.kind == "f" and got.dtype.itemsize < 8 else TOLERANCE
    with np.errstate(all="ignore"):
        apart = np.asarray(np.abs(got.astype(np.float64) - want))
    apart[np.isnan(apart) & ~np.isnan(want)] = math.inf
    worst = np.unravel_index(int(np.nanargmax(apart)), apart.shape) if not np.isnan(apart).all() else None
    if worst is None or apart[worst] <= limit * max(float(np.abs(want).max()), 1e-4):
        return None
    return tuple(int(i) for i in worst)


def same(a: Any, b: Any) -> bool:
    """Whether two results of one call are equal, but for the last places."""
    if isinstance(a, tuple | list) or isinstance(b, tuple | list):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) or isinstance(b, dict):
        return isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if a is None or b is None or np.asarray(a).dtype.kind not in "fiub" or np.asarray(b).dtype.kind not in "fiub":
        return True
    return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, rtol=1e-10, atol=1e-14, equal_nan=True))


def judged(got: Any, want: Any, name: str, case: Case, array: str = "") -> Remark | None:
    """What is wrong with one result; None if nothing is. array is the argument whose shape it must have, if it is a gradient."""
    got, want = as_array(got, name), np.asarray(want)
    where = "" if case.name == ORDINARY else f" for {case.name}"
    if got.shape != want.shape:
        hint = f", the shape of {array}" if array else ""
        return remark("shape", f"{name} has shape {got.shape}{where}, where {want.shape} is needed{hint} (inputs: {case.shapes()})")
    worst = gap(got, want)
    if worst is None:
        return None
    value, right = got[worst], want[worst]
    place = f" at {worst}" if worst else ""
    if not np.isfinite(value):
        shift = "x - x.max(axis=1, keepdims=True)"
        return remark(
            "overflow",
            f"{name} is {value}{place}{where}, where {right:.6g} is right",
            how="Kind of mistake: overflow (inf, or inf / inf)",
            term=f"{name} overflows: e to a large number is inf. Where there is an exponential, subtract the largest score first: {shift}",
        )
    return remark(
        "value", f"{name} is wrong{where}: {float(value):.6g}{place}, where {float(right):.6g} is right (inputs: {case.shapes()})"
    )


def explained(recipe: Recipe, result: str, observed: Sequence[tuple[Mapping[str, Any], Any]]) -> tuple[str, str]:
    """What kind of mistake makes these values, and which term it is; empty where it is not sure.

    observed: pairs of what the op was given (arrays and options by our names) and what came, on draws of different sizes.
    """
    groups = []
    for given, value in observed:
        floats = {key: np.asarray(a, np.float64) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for key, a in given.items()}
        made = {"dout": np.linspace(-1, 1, np.size(value)).reshape(np.shape(value)), **recipe.options, **floats}
        groups.append([Observation(Kitchen(recipe, made), made, np.asarray(value, np.float64))])
    best = explain(recipe, result, groups).explanation
    if best is None or best.right:
        return "", ""
    told = words(recipe, best)
    return told.kind, f"{result} {told.name}" + (f": {told.remedy}" if told.remedy else "")


def called(learner: Learner, name: str, case: Case, order: tuple[str, ...] = ()) -> Any:
    """What the learner's function makes of a case; an error says which case it was."""
    try:
        return learner.function(name)(*case.args(order))
    except LearnerError as error:
        raise LearnerError(f"{error}, for {case.name}: {case.shapes()}") from None


def with_term(found: Remark, name: str, kind: str, term: str) -> Remark:
    """The remark with its explanation."""
    where = found.lines[1][0]
    return remark(
        found.kind, where, how=f"Kind of mistake: {kind}" if kind else "", term=term or f"Which term of {name} it is, I am not sure"
    )


def from_finding(finding: Finding) -> Remark:
    """What verify found out about one gradient."""
    lines = tuple(tuple(f"{line}." for line in finding.sentences(level)) if level else () for level in range(4))
    if finding.kind == "forward":  # it belongs to the right forward, which the learner's is not
        return remark("forward", f"Mend the forward first: {finding.result} is the gradient of the right one", verdict=NOT_DONE)
    return Remark(finding.kind or "gradient", lines)


def from_report(report: Report, without: Sequence[str] = ()) -> list[Remark]:
    """What verify says of gradients that are wrong, but for some of them; of a right one in float32, a note."""
    found = [from_finding(finding) for finding in report.findings if not finding.ok and finding.result not in ("out", *without)]
    if not report.ok and not report.findings:
        found.append(remark("gradient", report.sentence))
    if report.verdict.startswith("right, but"):
        found.append(remark("precision", report.sentence, verdict=RIGHT))
    return found


def written(before: Sequence[Any], after: Sequence[Any], names: Sequence[str], who: str) -> list[Remark]:
    """A remark for each argument that the call has changed."""
    found = []
    for one, other, name in zip(before, after, names, strict=True):
        if isinstance(one, np.ndarray) and (one.shape != other.shape or not np.array_equal(one, other, equal_nan=one.dtype.kind == "f")):
            found.append(
                remark(
                    "writes its input",
                    f"{who} writes into its argument {name}, which belongs to the caller",
                    term=f"Work on a copy: {name} = {name}.copy()",
                )
            )
    return found


def config_changed(before: Mapping[str, Any], after: Mapping[str, Any], may: Sequence[str], name: str) -> list[Remark]:
    """A remark if settings were changed or deleted, other than those that may be."""
    lost = [key for key in before if key not in after]
    changed = [key for key in before if key in after and key not in may and not same(before[key], after[key])]
    if not lost and not changed:
        return []
    what = " and ".join([f"deletes {key!r}" for key in lost] + [f"changes {key!r}" for key in changed])
    return [remark("writes its input", f"It {what} in {name}, which belongs to the caller")]


CHANGES = remark(
    "changes from call to call",
    "It gives other results when it is called again with the same inputs",
    how="Kind of mistake: unseeded noise, or state that one call leaves to the next (a global, a cache that is written to)",
    term="Make the result depend on the arguments alone, and hand what backward needs on in the cache",
)


def blank(learner: Learner, name: str, results: Sequence[Any], names: Sequence[str]) -> list[Remark]:
    """A remark for each result that is still None, or the zeros that the stub sets it to."""
    untouched = learner.blanks(name)
    untouched = untouched if len(untouched) == len(results) else [False] * len(results)
    found = []
    for value, is_blank, what in zip(results, untouched, names, strict=True):
        if value is None:
            found.append(remark("not done", f"{what} is None", verdict=NOT_DONE))
        elif is_blank and not np.any(value):
            found.append(remark("not done", f"{what} is still the zeros that it is set to first", verdict=NOT_DONE))
    return found
