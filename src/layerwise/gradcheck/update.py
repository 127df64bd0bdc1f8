"""Judges what a function leaves behind: an update rule's next weights and state, and batch norm's running averages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import look_up
from layerwise.gradcheck.diagnosis import explain
from layerwise.gradcheck.recipe_norm import RUNNING
from layerwise.gradcheck.report import HINT_LEVEL, IMPURE, RIGHT, WRONG, Finding, Report
from layerwise.gradcheck.subject import CRASHES, Subject, fresh, same
from layerwise.gradcheck.table import TERMS
from layerwise.gradcheck.term import Case, Kitchen, Recipe
from layerwise.gradcheck.wording import words

SHAPES = ((7, 5), (4, 3), (5, 6))
CLEAR = {"lr": 0.1, "eps": 1e-2, "momentum": 0.8, "decay_rate": 0.9, "beta1": 0.8, "beta2": 0.9}  # each of them shows
COURSE_NAMES = {"lr": "learning_rate", "eps": "epsilon"}
TOLERANCE = 1e-9


def verify_update(
    update: Callable[..., Any], *, rule: str, config: Mapping[str, Any] | None = None, hint_level: int = HINT_LEVEL, seed: int = 0
) -> Report:
    """Judges update(w, dw, config) -> next_w, config, an update rule as the courses write it: sgd, sgd_momentum, rmsprop, adam.

    It is called on drawn weights, gradients and states. config holds settings that it must be called with, under its own names.

    >>> def late(w, dw, config):
    ...     next_w = w + config["velocity"]
    ...     config["velocity"] = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    ...     return next_w, config
    >>> verify_update(late, rule="sgd_momentum").names
    ('next_w has the old velocity: it is updated too late, in the place of the new velocity, in the velocity',)
    """
    recipe = look_up({name: row for name, row in TERMS.items() if not row.guessable}, rule, "update rule")
    rng = np.random.default_rng([seed, 2])
    told = {recipe.aliases.get(key, key): value for key, value in (config or {}).items()}
    groups: dict[str, list[list[Case]]] = {result: [] for result in recipe.results}
    for step, shape in enumerate(SHAPES):
        options = {key: told.get(key, step + 1 if key == "t" else CLEAR.get(key, value)) for key, value in recipe.options.items()}
        arrays = {name: rng.normal(size=shape) for name in recipe.arrays}
        for name in ("cache", "v"):
            if name in arrays:
                arrays[name] = np.abs(arrays[name]) + 0.1
        values, settings = {**options, **arrays}, {COURSE_NAMES.get(key, key): value for key, value in options.items()}
        w, dw, *_ = arrays.values()
        states = {name: arrays[name] for name in list(recipe.arrays)[2:]}
        found = _stepped(update, w, dw, {**settings, **(config or {}), **states})
        again = _stepped(update, w, dw, {**settings, **(config or {}), **states})
        if not all(same(found[key], again[key]) for key in recipe.results if key in found):
            return Report(IMPURE, "The update changes from call to call with the same arguments.", op=rule, hint_level=hint_level)
        for result in recipe.results:
            if result in found and np.shape(found[result]) == shape:
                groups[result].append([Case(Kitchen(recipe, values), values, np.asarray(found[result]))])
    findings = [_finding(recipe, result, "next_w" if result == "out" else result, cases) for result, cases in groups.items()]
    return _report(findings, f"The update is that of {rule}", f"The update is not that of {rule}", rule, hint_level)


def _stepped(update: Callable[..., Any], w: Array, dw: Array, config: dict[str, Any]) -> dict[str, Any]:
    with np.errstate(all="ignore"):
        result = update(
            w.copy(), dw.copy(), {key: np.copy(value) if isinstance(value, np.ndarray) else value for key, value in config.items()}
        )
    if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[1], Mapping):
        raise TypeError("verify_update: the rule must return its next weights and its config, as a tuple.")
    return {**result[1], "out": result[0]}


def _finding(recipe: Recipe, result: str, name: str, groups: list[list[Case]]) -> Finding:
    """Whether a result is the recipe's, and if not, how it differs."""
    if not groups:
        return Finding(name, False, kind="missing", name="is not there, or has another shape than the weights")
    if all(np.allclose(case.observed, case.kitchen.total(result), rtol=TOLERANCE, atol=TOLERANCE) for group in groups for case in group):
        return Finding(name, True)
    best = explain(recipe, result, groups).explanation
    if best is None or best.right:
        return Finding(name, False, kind="value")
    told = words(recipe, best)
    return Finding(name, False, told.kind, told.name, told.term, told.formula, told.remedy, agreement=max(best.residual, 1e-16))


def _report(findings: Sequence[Finding], right: str, wrong: str, op: str, hint_level: int) -> Report:
    names = [finding.result for finding in findings if not finding.ok]
    sentence = f"{wrong}: {' and '.join(names)}." if names else f"{right}."
    return Report(WRONG if names else RIGHT, sentence, tuple(findings), op, hint_level=hint_level)


@dataclass(frozen=True)
class Averages:
    """Where a forward keeps its running averages: in the mapping at this place of its arguments."""

    place: int
    momentum: float


def averages_in(subject: Subject, args: Sequence[Any]) -> Averages | None:
    """Whether a call moves running averages in a mapping among its arguments."""
    mine = fresh(args)
    subject.call(mine)
    for place, (before, after) in enumerate(zip(args, mine, strict=True)):
        if isinstance(after, Mapping) and {"running_mean", "running_var"} <= after.keys() and after.get("mode", "train") == "train":
            return Averages(place, float(before.get("momentum", 0.9)))
    return None


def running_findings(subject: Subject, args: Sequence[Any], x: Array, rng: np.random.Generator) -> list[Finding]:
    """What is wrong with the running averages that batch norm's forward leaves in its config."""
    averages = averages_in(subject, args)
    if averages is None:
        return []
    groups: dict[str, list[list[Case]]] = {"running_mean": [], "running_var": []}
    for momentum in (0.7, 0.9):
        width = x.shape[1]
        state: dict[str, Any] = {"running_mean": rng.normal(size=width), "running_var": rng.uniform(0.5, 2, size=width)}
        mine = fresh(args)
        mine[averages.place] = {**mine[averages.place], **{key: np.copy(value) for key, value in state.items()}, "momentum": momentum}
        try:
            subject.call(mine)
        except CRASHES:
            return []
        values = {"x": x, "momentum": momentum, "old_mean": state["running_mean"], "old_var": state["running_var"]}
        for result, cases in groups.items():
            observed = np.asarray(mine[averages.place][result])
            if observed.shape == (width,):
                cases.append([Case(Kitchen(RUNNING, values), values, observed)])
    return [finding for result, cases in groups.items() if cases and not (finding := _finding(RUNNING, result, result, cases)).ok]
