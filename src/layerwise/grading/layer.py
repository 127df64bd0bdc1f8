"""Judges a forward, and a backward: (x, w, b[, config]) -> (out, cache), and (dout, cache) -> one gradient for each array."""

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.gradcheck import TERMS, verify
from layerwise.gradcheck.recipe_norm import RUNNING
from layerwise.grading.case import ORDINARY, Case
from layerwise.grading.compare import (
    CHANGES,
    as_array,
    blank,
    called,
    config_changed,
    explained,
    from_report,
    judged,
    same,
    unpacked,
    with_term,
    written,
)
from layerwise.grading.learner import Learner, NotDoneError
from layerwise.grading.task import Task
from layerwise.grading.verdict import NOT_DONE, Remark, remark

AVERAGES = ("running_mean", "running_var")
STREAM = 0x67


def judge_forward(task: Task, learner: Learner, name: str) -> Iterator[Remark]:
    """Shapes, values, what it writes, state between calls; then the task's extras."""
    rng = np.random.default_rng(STREAM)
    cases = task.cases(rng)
    value, _ = unpacked(called(learner, name, cases[0]), ("out", "cache"), name)
    if value is None or (any(learner.blanks(name)[:1]) and not as_array(value, "out").any()):
        raise NotDoneError("out is None" if value is None else "out is still the zeros that it is set to first")
    as_array(value, "out")
    if not _is_steady(learner, name, cases):
        yield CHANGES
        return
    for case in cases:
        value, _ = unpacked(called(learner, name, case), ("out", "cache"), name)
        found = judged(value, reference(task, case)[0], "out", case)
        if found:
            yield with_term(found, "out", *_why(task, learner, name)) if case.name == ORDINARY and found.kind == "value" else found
            break
    yield from _writes(learner, name, cases[0])
    for extra in task.extras:
        yield from extra(task, learner, name)


def reference(task: Task, case: Case) -> Any:
    if task.reference is None:
        raise TypeError("this task has no reference")
    return task.reference(*(np.asarray(a) for a in case.arrays.values()), **case.options)


def _why(task: Task, learner: Learner, name: str) -> tuple[str, str]:
    """The forward's mistake in words, from two ordinary draws."""
    observed = []
    for seed in (1, 2):
        case = task.cases(np.random.default_rng([STREAM, seed]))[0]
        value, _ = unpacked(called(learner, name, case), ("out", "cache"), name)
        if np.shape(value) != np.shape(reference(task, case)[0]) or not np.isfinite(value).all():
            return "", ""
        observed.append(({**case.options, **case.arrays}, value))
    return explained(TERMS[task.op], "out", observed) if task.op else ("", "")


def _writes(learner: Learner, name: str, case: Case) -> Iterator[Remark]:
    args, before = case.args(), case.args()
    learner.function(name)(*args)
    yield from written(before[: len(case.arrays)], args[: len(case.arrays)], list(case.arrays), "It")
    for one, other in zip(before, args, strict=True):
        if isinstance(one, dict):
            yield from config_changed(one, other, AVERAGES, "its config")


def _is_steady(learner: Learner, name: str, cases: list[Case]) -> bool:
    """Whether the value is the same when it is called on one input, another, and the first again."""
    one = np.array(called(learner, name, cases[0])[0])
    kept = called(learner, name, cases[0])[0]
    called(learner, name, cases[-1])
    return same(one, called(learner, name, cases[0])[0]) and same(one, kept)


def judge_backward(task: Task, learner: Learner, name: str) -> Iterator[Remark]:
    """The gradients against the measured slopes of the learner's own forward, and their values for special inputs."""
    backward = learner.function(name)
    cases = task.cases(np.random.default_rng(STREAM))
    first = cases[0]
    names = [f"d{array}" for array in first.arrays]
    out, cache = _forward(task, learner, first)
    rng = np.random.default_rng([STREAM, 1])
    dout = rng.normal(size=out.shape)
    results = unpacked(backward(dout.copy(), cache), names, name)
    empty = blank(learner, name, results, names)
    yield from empty
    if len(empty) == len(names):
        return
    yield from _backward_writes(task, learner, name, first, dout)
    if not empty and not _is_pure(task, learner, name, cases, dout):
        yield CHANGES
        return
    report = verify(
        _pair(task, learner, first),
        _detached(backward, list(first.arrays.values())),
        list(first.arrays.values()),
        op=task.op or None,
        options=first.options,
    )
    missing = [gradient for gradient, result in zip(names, results, strict=True) if result is None]
    found = from_report(report, without=missing)
    yield from found
    if found or empty:
        return
    for case in cases[1:]:
        yield from _special(task, learner, name, case, rng)


def _forward(task: Task, learner: Learner, case: Case) -> tuple[Array, Any]:
    """The learner's own out and cache; not being able to have them is no mistake of the backward."""
    try:
        out, cache = unpacked(called(learner, task.forward, case), ("out", "cache"), task.forward)
        if out is None:
            raise NotDoneError("out is None")
    except (NotDoneError, ValueError) as error:
        raise NotDoneError(f"{task.forward} comes first: {error}") from None
    return np.asarray(out), cache


def _pair(task: Task, learner: Learner, case: Case) -> Any:
    """The forward as verify calls it: arrays alone, the config made anew each time."""
    forward = learner.function(task.forward)
    parameters = ", ".join(case.arrays)

    def pair(*arrays: Array) -> Any:
        return forward(*arrays, *case.args()[len(case.arrays) :])

    pair.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # so that verify calls the gradients by the arrays' names
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in parameters.split(", ")]
    )
    return pair


def _detached(backward: Any, arrays: list[Array]) -> Any:
    """The backward on a copy of dout, for that it writes into it is told already; zeros stand for what it does not return yet."""

    def detached(dout: Array, cache: Any) -> tuple[Any, ...]:
        gradients = backward(dout.copy(), cache)
        gradients = gradients if isinstance(gradients, tuple | list) else (gradients,)
        return tuple(np.zeros_like(a) if gradient is None else gradient for gradient, a in zip(gradients, arrays, strict=True))

    return detached


def _backward_writes(task: Task, learner: Learner, name: str, case: Case, dout: Array) -> Iterator[Remark]:
    args, before, mine = case.args(), case.args(), dout.copy()
    _, cache = unpacked(learner.function(task.forward)(*args), ("out", "cache"), task.forward)
    before = [np.array(a) if isinstance(a, np.ndarray) else a for a in args]
    learner.function(name)(mine, cache)
    count = len(case.arrays)
    yield from written([dout, *before[:count]], [mine, *args[:count]], ["dout", *case.arrays], "It")


def _is_pure(task: Task, learner: Learner, name: str, cases: list[Case], dout: Array) -> bool:
    """Whether the gradients stay the same when it is called twice, and when another forward came in between."""
    backward, forward = learner.function(name), learner.function(task.forward)
    one = _kept(backward(dout.copy(), forward(*cases[0].args())[1]))
    _, cache = forward(*cases[0].args())
    forward(*cases[-1].args())
    two = _kept(backward(dout.copy(), cache))
    return same(one, two) and same(one, _kept(backward(dout.copy(), cache)))


def _kept(results: Any) -> tuple[Any, ...]:
    results = results if isinstance(results, tuple | list) else (results,)
    return tuple(None if result is None else np.array(result) for result in results)


def _special(task: Task, learner: Learner, name: str, case: Case, rng: Any) -> Iterator[Remark]:
    """Values against ours, where the learner's forward agrees with ours."""
    if not case.gradients:
        return
    want, cache = reference(task, case)
    out, own = _forward(task, learner, case)
    if judged(out, want, "out", case):
        return
    dout = rng.normal(size=np.shape(want))
    ours = task.settings["backward"](dout, cache)
    ours = ours if isinstance(ours, tuple) else (ours,)
    names = [f"d{array}" for array in case.arrays]
    for got, right, gradient, array in zip(
        unpacked(learner.function(name)(dout.copy(), own), names, name), ours, names, case.arrays, strict=True
    ):
        if found := judged(got, right, gradient, case, array):
            yield found
            return


def judge_modes(task: Task, learner: Learner, name: str) -> Iterator[Remark]:
    """Batch norm's running averages: blended in training, used and left alone in prediction."""
    case = task.cases(np.random.default_rng([STREAM, 3]))[0]
    x, gamma, beta = case.arrays.values()
    axes = (0,) if x.ndim == 2 else (0, 2, 3)
    mean, var = x.mean(axis=axes), x.var(axis=axes)
    old = {"running_mean": 0.5 * mean + 1, "running_var": 2 * var + 0.5}
    config = {"mode": "train", "momentum": 0.7, **{key: a.copy() for key, a in old.items()}}
    function = learner.function(name)
    function(*(np.array(a) for a in (x, gamma, beta)), config)
    for key, now in (("running_mean", mean), ("running_var", var)):
        yield from _blended(key, config.get(key), old[key], now, np.moveaxis(x, 1, -1).reshape(-1, len(mean)))
    fresh: dict[str, Any] = {"mode": "train"}
    function(*(np.array(a) for a in (x, gamma, beta)), fresh)
    blends = gap_free(config.get("running_mean"), 0.7 * old["running_mean"] + 0.3 * mean)
    if blends and not gap_free(fresh.get("running_mean"), 0.1 * mean):
        yield remark("running averages", "Without a setting, the running averages must start at 0 and momentum must be 0.9")
    yield from _prediction(function, (x, gamma, beta), old)


def _blended(key: str, got: Any, old: Array, now: Array, rows: Array) -> Iterator[Remark]:
    right = 0.7 * old + 0.3 * now
    if got is not None and np.shape(got) == right.shape and np.allclose(got, right, rtol=1e-6):
        return
    formula = f"{key} = momentum * {key} + (1 - momentum) * sample_{key.removeprefix('running_')}"
    if got is None:
        yield remark("not done", f"bn_param[{key!r}] is not stored in training", term=f"Store {formula}", verdict=NOT_DONE)
        return
    if np.shape(got) != right.shape:
        yield remark("shape", f"bn_param[{key!r}] has shape {np.shape(got)}, where {right.shape} is needed")
        return
    given = {"x": rows, "momentum": 0.7, "old_mean": old, "old_var": old}
    kind, term = explained(RUNNING, key, [(given, got)])
    where = f"bn_param[{key!r}] is wrong after a step in training"
    yield remark(
        "running averages",
        where,
        how=f"Kind of mistake: running averages ({kind})".replace(" ()", ""),
        term=term or f"It should be {formula}",
    )


def _prediction(function: Any, arrays: tuple[Array, ...], running: dict[str, Array]) -> Iterator[Remark]:
    config: dict[str, Any] = {"mode": "test", **{key: a.copy() for key, a in running.items()}}
    result = function(*(np.array(a) for a in arrays), config)
    out = result[0] if isinstance(result, tuple | list) else result
    if out is None:
        yield remark("not done", "out is None in test mode", verdict=NOT_DONE)
        return
    x, gamma, beta = arrays
    wide = (1, -1, 1, 1) if x.ndim == 4 else (1, -1)
    m, v, g, b = (np.reshape(a, wide) for a in (running["running_mean"], running["running_var"], gamma, beta))
    found = judged(
        out, (x - m) / np.sqrt(v + 1e-5) * g + b, "out", Case("test mode", dict(zip(("x", "gamma", "beta"), arrays, strict=True)))
    )
    if found:
        yield with_term(found, "out", "prediction", "In test mode, out = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta")
    for key, old in running.items():
        if key not in config or not same(config[key], old):
            yield remark(
                "running averages",
                f"bn_param[{key!r}] is changed in test mode",
                how="Kind of mistake: running averages",
                term="Update the running averages in training alone: predictions must not depend on what was predicted before",
            )


def judge_dropout_forward(task: Task, learner: Learner, name: str) -> Iterator[Remark]:
    """The share that is kept, the scale, test mode, and the seed."""
    function = learner.function(name)
    x = np.random.default_rng(STREAM).uniform(0.5, 2, size=(60, 80))
    p = 0.7
    param: dict[str, Any] = {"mode": "train", "p": p, "seed": 123}
    before, mine = dict(param), x.copy()
    out, _ = unpacked(function(mine, param), ("out", "cache"), name)
    if out is None:
        raise NotDoneError("out is None")
    case = Case(ORDINARY, {"x": x})
    if np.shape(out) != x.shape:
        yield remark("shape", f"out has shape {np.shape(out)}, where {x.shape} is needed")
        return
    yield from written([x], [mine], ["x"], "It")
    yield from config_changed(before, param, (), "dropout_param")
    ratios = np.asarray(out) / x
    kept = ratios != 0
    share, scales = float(kept.mean()), np.unique(np.round(ratios[kept], 9))
    if share in (0.0, 1.0):
        raise NotDoneError("it drops nothing") if share and same(out, x) else NotDoneError("out is all zeros")
    sigma = (p * (1 - p) / x.size) ** 0.5
    keeps, drops = abs(share - p) < 5 * sigma, abs(share - (1 - p)) < 5 * sigma
    keep = p if keeps else 1 - p
    if drops:
        yield remark("convention", "You use the other convention: p is the share dropped; the sheet's p is the share kept", verdict="right")
    elif not keeps:
        yield remark(
            "share", f"{share:.1%} of the values are kept, where p = {p} of them should be", term="mask = np.random.rand(*x.shape) < p"
        )
    plain = len(scales) == 1 and abs(scales[0] - 1) < 1e-6
    tested, _ = unpacked(function(x.copy(), {**before, "mode": "test"}), ("out", "cache"), name)
    if tested is None:
        yield remark("not done", "out is None in test mode", verdict=NOT_DONE)
    elif plain and gap_free(tested, x * keep):
        yield remark(
            "convention", "You use the other convention: values are scaled in prediction; the sheet scales in training", verdict="right"
        )
        plain = False
    else:
        if found := judged(tested, x, "out", Case("test mode", case.arrays)):
            yield with_term(found, "out", "prediction", "In test mode, out = x: the division by p was done in training")
        if (keeps or drops) and (len(scales) != 1 or abs(scales[0] - 1 / keep) > 1e-6):
            yield remark(
                "scale",
                f"The kept values are {float(scales[0]):.4g} times x, where 1/p = {1 / keep:.4g} times is needed",
                how="Kind of mistake: factor",
                term="Inverted dropout divides the mask by the share kept, p: out = x * mask / p",
            )
    if not same(np.array(out), function(x.copy(), dict(before))[0]):
        yield remark(
            "seed", "Two calls with the same dropout_param['seed'] drop other values", term="np.random.seed(dropout_param['seed'])"
        )
    rows = np.asarray(kept)
    if share < 1 and (rows.all(axis=1) | ~rows.any(axis=1)).all():
        yield remark("mask", "Whole examples are dropped", term="Draw one number for each value: np.random.rand(*x.shape)")


def gap_free(got: Any, want: Array) -> bool:
    return got is not None and np.shape(got) == want.shape and bool(np.allclose(got, want, rtol=1e-6))


def judge_dropout_backward(task: Task, learner: Learner, name: str) -> Iterator[Remark]:
    """dout through the mask that the forward drew, which out shows; unchanged in test mode."""
    function, forward = learner.function(name), learner.function(task.forward)
    rng = np.random.default_rng(STREAM)
    x, dout = rng.uniform(0.5, 2, size=(7, 9)), rng.normal(size=(7, 9))
    case = Case(ORDINARY, {"x": x})
    out, cache = _forward(task, learner, Case(ORDINARY, {"x": x}, ({"mode": "train", "p": 0.7, "seed": 5},)))
    mine = dout.copy()
    (dx,) = unpacked(function(mine, cache), ("dx",), name)
    empty = blank(learner, name, (dx,), ("dx",))
    if empty:
        yield from empty
        return
    yield from written([dout], [mine], ["dout"], "It")
    found = judged(dx, dout * (out / x), "dx", case, "x")
    if found:
        keep = float(np.median((x / out)[out != 0])) if np.any(out) else 0.7
        given = {"x": x, "dout": dout, "keep_prob": keep, "mask": (out != 0) * 1.0, "scale": 1 / keep}
        yield with_term(found, "dx", *explained(TERMS[task.op], "dx", [(given, dx)])) if np.shape(dx) == x.shape else found
    _, cache = unpacked(forward(x.copy(), {"mode": "test", "p": 0.7}), ("out", "cache"), task.forward)
    (dx,) = unpacked(function(dout.copy(), cache), ("dx",), name)
    if dx is None:
        yield remark("not done", "dx is None in test mode", verdict=NOT_DONE)
    elif found := judged(dx, dout, "dx", Case("test mode", case.arrays), "x"):
        yield found
