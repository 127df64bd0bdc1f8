"""Judges losses, (x, y) or (W, X, y, reg) -> (loss, gradient), and functions of a value alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.gradcheck import TERMS, verify_loss
from layerwise.grading.case import LARGE, ORDINARY, Case, labels
from layerwise.grading.compare import CHANGES, blank, called, explained, from_report, gap, judged, same, unpacked, with_term, written
from layerwise.grading.layer import STREAM
from layerwise.grading.learner import Learner
from layerwise.grading.task import Task
from layerwise.grading.verdict import RIGHT, Remark, remark

DRAWS = 3  # that a convention must hold on


@dataclass(frozen=True)
class Habit:
    """How a loss is written: a sum or a mean over examples, and what λ·ΣW² is multiplied by."""

    total: bool
    penalty: float

    def words(self) -> str:
        reg = {0.0: "", 1.0: "λ·ΣW²", 0.5: "½·λ·ΣW²", 2.0: "2·λ·ΣW²"}[self.penalty]
        return " and ".join(part for part in ("a sum over examples" if self.total else "a mean over examples", reg) if part)


def habits(task: Task) -> list[Habit]:
    """The course's own first."""
    if task.penalty is None:
        return [Habit(total, 0.0) for total in (False, True)]
    others = [c for c in (1.0, 0.5) if c != task.penalty]
    return [Habit(total, c) for total in (False, True) for c in (task.penalty, *others)]


def reference(task: Task, case: Case, habit: Habit) -> tuple[float, Array]:
    """Our loss and gradient, written in this habit."""
    arrays = {key: np.asarray(a, float) if key != "y" else a for key, a in case.arrays.items()}
    reg, first = case.options.get("reg", 0.0), next(iter(arrays.values()))
    loss, gradient = task.reference(*arrays.values()) if task.reference else (0.0, np.zeros_like(first))
    scale = len(arrays["y"]) if habit.total and "y" in arrays else 1
    w = habit.penalty * reg
    return float(scale * loss + w * (first**2).sum()), scale * gradient + 2 * w * first


def judge_loss(task: Task, learner: Learner, name: str) -> Iterator[Remark]:
    """The convention, then shapes, values, gradients with their diagnosis, what it writes, state, loops."""
    function = learner.function(name)
    first, *others = task.cases(np.random.default_rng(STREAM))
    gradient = f"d{next(iter(first.arrays))}"
    names = ("loss", gradient)

    def call(case: Case) -> tuple[Any, ...]:
        return unpacked(called(learner, name, case, task.order), names, name)

    results = call(first)
    empty = blank(learner, name, results, names)
    if results[0] is not None and not np.any(results[0]) and len(empty) == 1 and results[1] is not None:
        empty = [remark("not done", "loss is still 0, and the gradient too", verdict="not done yet")]
    if empty:
        yield from empty
        if results[0] is None or not np.any(results[0]):
            return
    if np.size(results[0]) != 1:
        yield remark(
            "shape", f"loss has shape {np.shape(results[0])}, where one number is needed", term="Average over the examples: losses.mean()"
        )
        return
    yield from _writes(task, function, first)
    if not same(results, call(first)) or (others and not _pure(call, first, others[0])):
        yield CHANGES
        return
    usual, *rest = habits(task)
    habit = next((h for h in (usual, *rest) if _follows(task, call, h)), None)
    if habit not in (None, usual):
        yield remark("convention", f"You use the other convention: {habit.words()}; the sheet has {usual.words()}", verdict=RIGHT)
    reports = list(_gradient(task, function, first, habit or usual, told=habit is not None)) if not empty else []
    yield from reports
    if habit is None and not any(found.lines[3] and found.lines[3][0].startswith("out") for found in reports):
        value, right = float(np.asarray(results[0]).ravel()[0]), reference(task, first, usual)[0]
        yield remark("value", f"loss is {value:.6g}, where {right:.6g} is right (inputs: {first.shapes()})")
    if habit is not None and not reports:
        for case in others:
            if found := _special(task, call, case, habit, names, with_gradient=not empty):
                yield found
                break
    if task.vectorised:
        yield from judge_loops(task, learner, name)


def _pure(call: Callable[[Case], Any], first: Case, other: Case) -> bool:
    one = tuple(np.array(a) for a in call(first))
    kept = call(first)
    call(other)
    return same(one, tuple(np.array(a) for a in call(first))) and same(one, tuple(kept))


def _follows(task: Task, call: Callable[[Case], Any], habit: Habit) -> bool:
    """Whether the values of ordinary draws are those of this habit."""
    for seed in range(DRAWS):
        case = task.cases(np.random.default_rng([STREAM, seed]))[0]
        value = np.asarray(call(case)[0])
        if value.size != 1 or value.dtype.kind not in "fiu" or gap(value.reshape(()), reference(task, case, habit)[0]) is not None:
            return False
    return True


def _gradient(task: Task, function: Any, case: Case, habit: Habit, *, told: bool) -> Iterator[Remark]:
    """What verify says; of the value too, where it follows no convention that is known."""
    arrays = list(case.arrays)
    order = [arrays.index(key) for key in task.order or arrays]

    def loss(*args: Any) -> Any:
        return function(*(args[i] for i in order), *case.rest)

    options = {**case.options, "reg": 2 * habit.penalty * case.options["reg"]} if "reg" in case.options else case.options
    report = verify_loss(loss, *case.arrays.values(), op=task.op or None, options=options)
    if not told:
        for finding in report.findings:
            if finding.result == "out" and not finding.ok and finding.name:
                yield remark(
                    "value", "The loss is wrong", how=f"Kind of mistake: {finding.kind}", term=f"loss {finding.name}: {finding.remedy}"
                )
    overflows = [finding for finding in report.findings if finding.kind == "overflow"]
    if told and overflows:
        yield remark(
            "overflow",
            "It overflows at large scores",
            how="Kind of mistake: overflow",
            term=f"It {overflows[0].name}: {overflows[0].remedy}",
        )
    yield from from_report(report)


def _special(task: Task, call: Callable[[Case], Any], case: Case, habit: Habit, names: Any, *, with_gradient: bool) -> Remark | None:
    value, gradient = call(case)
    right, slope = reference(task, case, habit)
    found = judged(np.reshape(value, ()), right, names[0], case)
    if found or not with_gradient or not case.gradients:
        return found
    return judged(gradient, slope, names[1], case, next(iter(case.arrays)))


def _writes(task: Task, function: Any, case: Case) -> Iterator[Remark]:
    args, before = case.args(task.order), case.args(task.order)
    function(*args)
    names = list(task.order or case.arrays)
    yield from written(before[: len(names)], args[: len(names)], names, "It")


def judge_loops(task: Task, learner: Learner, name: str) -> Iterator[Remark]:
    """The lines that a call runs are counted for few and for many examples."""

    def lines(n: int, k: int) -> int:
        rng = np.random.default_rng(STREAM)
        arrays = {"W": 0.1 * rng.normal(size=(4, k)), "X": rng.normal(size=(n, 4)), "y": labels(rng, n, k)}
        return learner.lines_run(name, *(arrays[key] for key in task.order or arrays), *((0.1,) if task.penalty is not None else ()))

    few, many = lines(10, 3), lines(40, 3)
    if many > 2 * few:
        yield remark(
            "loop",
            f"It runs {many} lines for 40 examples and {few} for 10: it loops over the examples, where a vectorised function is asked for",
            how="Kind of mistake: a loop",
            term="Put whole arrays into each step: scores = X.dot(W), all rows at once",
        )
    elif lines(10, 12) > 2 * few:
        yield remark("loop", "It loops over the classes; whole arrays at once are faster", verdict=RIGHT)


def judge_value(task: Task, learner: Learner, name: str) -> Iterator[Remark]:
    """A function of a value alone: our value first, then those of other conventions."""
    function = learner.function(name)
    cases = task.cases(np.random.default_rng(STREAM))
    results = [called(learner, name, case) for case in cases]
    (value,) = unpacked(results[0], ("value",), name)
    if empty := blank(learner, name, (value,), ("the result",)):
        yield from empty
        return
    for case in cases[:1]:
        args, before = case.args(), case.args()
        function(*args)
        yield from written(before[: len(case.arrays)], args[: len(case.arrays)], list(case.arrays), "It")
    if not same(results[0], function(*cases[0].args())):
        yield CHANGES
        return
    wants = [task.reference(*case.arrays.values()) if task.reference else 0.0 for case in cases]
    for text, scale in task.settings.get("conventions", ()):
        others = [scale(case) * want for case, want in zip(cases, wants, strict=True)]
        if _agree(results, others) and not _agree(results, wants):
            yield remark("convention", f"You use the other convention: {text}", verdict=RIGHT)
            return
    for case, got, want in zip(cases, results, wants, strict=True):
        got = np.reshape(got, ()) if np.ndim(want) == 0 and np.size(got) == 1 else got
        if found := judged(got, want, "the result", case):
            why = _value_term(task, learner, name) if case.name == ORDINARY and task.op else ("", "")
            yield with_term(found, "it", *why) if found.kind == "value" and case.name != LARGE and any(why) else found
            return


def _agree(results: list[Any], wants: list[Any]) -> bool:
    return all(np.size(a) == np.size(b) and gap(np.reshape(a, np.shape(b)), b) is None for a, b in zip(results, wants, strict=True))


def _value_term(task: Task, learner: Learner, name: str) -> tuple[str, str]:
    observed = []
    for seed in (1, 2):
        case = task.cases(np.random.default_rng([STREAM, seed]))[0]
        observed.append((dict(case.arrays), learner.function(name)(*case.args())))
    return explained(TERMS[task.op], "out", observed)
