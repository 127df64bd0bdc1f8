"""Judges update rules, (w, dw, config) -> (next_w, config)."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.gradcheck import verify_update
from layerwise.grading.case import ORDINARY, Case
from layerwise.grading.compare import judged, same, unpacked, with_term, written
from layerwise.grading.layer import STREAM
from layerwise.grading.learner import Learner, NotDoneError
from layerwise.grading.task import Task
from layerwise.grading.verdict import NOT_DONE, Remark, remark

COURSE = {"lr": "learning_rate", "eps": "epsilon"}  # our option's name -> the courses'


def judge_rule(task: Task, learner: Learner, name: str) -> Iterator[Remark]:
    """One step from a given state, the state that it leaves, the first step, and several in a row."""
    function = learner.function(name)
    case, config, state = _drawn(task, 0)
    args = case.args()
    w, config_after = unpacked(function(*args, config), ("next_w", "config"), name)
    if w is None:
        raise NotDoneError("next_w is None")
    ours = {key: np.array(a) if isinstance(a, np.ndarray) else a for key, a in state.items()}
    want = _step(task, case, ours)
    yield from written([case.arrays["dw"]], [args[1]], ["dw"], "It")
    found = judged(w, want, "next_w", case, "w")
    if found:
        yield with_term(found, "next_w", *_why(task, learner, name)) if found.kind == "value" else found
    if not isinstance(config_after, dict):
        yield remark(
            "config", f"It returns a {type(config_after).__name__} for config, where the dict with its settings and state is needed"
        )
        return
    for key, value in ours.items():
        yield from _stored(key, config_after.get(key), value, state[key])
    if not found:
        yield from _run(task, learner, name)


def _drawn(task: Task, seed: int) -> tuple[Case, dict[str, Any], dict[str, Any]]:
    """w and dw, the course's config, and the state in it."""
    rng, shape = np.random.default_rng([STREAM, seed]), (4, 5)
    case = Case(ORDINARY, {"w": rng.normal(size=shape), "dw": rng.normal(size=shape)})
    drawn: dict[str, Any] = {"velocity": rng.normal(size=shape), "m": rng.normal(size=shape), "v": rng.uniform(0.2, 1, size=shape), "t": 5}
    drawn["cache"] = drawn["v"] + 0.1
    state = {key: drawn[key] for key in task.settings["state"]}
    options = {COURSE.get(key, key): value for key, value in task.settings["options"].items()}
    return case, copy.deepcopy({**options, **state}), state


def _step(task: Task, case: Case, state: dict[str, Any], w: Array | None = None) -> Array:
    """Our rule's next w; state is updated in place."""
    w = np.array(case.arrays["w"] if w is None else w)
    if task.reference is None:
        raise TypeError("this task has no reference")
    task.reference(w, case.arrays["dw"], state, **task.settings["options"])
    return w


def _why(task: Task, learner: Learner, name: str) -> tuple[str, str]:
    """What gradcheck says of next_w."""
    report = verify_update(learner.function(name), rule=task.op)
    finding = next((finding for finding in report.wrong if finding.result == "next_w" and finding.name), None)
    return (finding.kind, f"next_w {finding.name}: {finding.remedy}") if finding else ("", "")


def _stored(key: str, got: Any, want: Any, old: Any) -> Iterator[Remark]:
    if got is None:
        yield remark("not done", f"config[{key!r}] is not stored", verdict=NOT_DONE)
    elif np.shape(got) != np.shape(want):
        yield remark("shape", f"config[{key!r}] has shape {np.shape(got)}, where {np.shape(want)} is needed")
    elif not same(got, want) and not np.allclose(got, want, rtol=1e-6):
        stale = " It is the old one: store the new" if same(got, old) else ""
        yield remark("state", f"config[{key!r}] is wrong after a step.{stale}")


def _run(task: Task, learner: Learner, name: str) -> Iterator[Remark]:
    """Four steps from nothing, once with config None: the state that a run begins with, and settings by default."""
    function, defaults = learner.function(name), task.settings["defaults"]
    for config in (None, {"learning_rate": 0.1}):
        case, _, _ = _drawn(task, 3)
        given: Mapping[str, Any] | None = copy.deepcopy(config)
        options = {**defaults, **({"lr": 0.1} if config else {})}
        w, ours, state = np.array(case.arrays["w"]), np.array(case.arrays["w"]), dict[str, Any]()
        for step in range(1, 5):
            w, given = unpacked(function(np.array(w), case.arrays["dw"].copy(), given), ("next_w", "config"), name)
            if task.reference is not None:
                task.reference(ours, case.arrays["dw"], state, **options)
            start = "with config=None" if config is None else "with only a learning_rate in config"
            if found := judged(w, ours, "next_w", Case(f"step {step} {start}", case.arrays), "w"):
                yield found
                return
