"""Judges what a function leaves behind: an update rule's next weights and state, and batch norm's running averages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import look_up
from layerwise.gradcheck.diagnosis import COARSE_LIMIT, LIMIT, explain
from layerwise.gradcheck.recipe_norm import RUNNING
from layerwise.gradcheck.report import HINT_LEVEL, IMPURE, RIGHT, WRONG, Finding, Report
from layerwise.gradcheck.subject import CRASHES, Subject, fresh, same
from layerwise.gradcheck.table import TERMS
from layerwise.gradcheck.term import Case, Kitchen, Recipe
from layerwise.gradcheck.wording import words

SHAPES = ((7, 5), (4, 3), (5, 6))
CLEAR = {  # settings of which each shows in the step
    "lr": 0.1,
    "eps": 1e-2,
    "momentum": 0.8,
    "decay_rate": 0.85,
    "rho": 0.85,
    "beta1": 0.8,
    "beta2": 0.93,
    "decay": 0.3,
    "schedule_decay": 0.4,
    "momentum_product": 0.6,
}
POSITIVE = ("cache", "step_cache", "v")
TOLERANCE, COARSE_TOLERANCE = 1e-9, 1e-5
MOMENTA = (0.9, 0.99, 0.999, 0.95, 0.8, 0.5)  # that running averages are kept with where the config has none


def verify_update(
    update: Callable[..., Any], *, rule: str, config: Mapping[str, Any] | None = None, hint_level: int = HINT_LEVEL, seed: int = 0
) -> Report:
    """Judges update(w, dw, config) -> next_w, config, an update rule as the courses write it; rule is a row of optim's RULES.

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
    counts: list[tuple[dict[str, Any], int]] = []
    for step, shape in enumerate(SHAPES):
        options = {key: told.get(key, step + 1 if key == "t" else CLEAR.get(key, value)) for key, value in recipe.options.items()}
        arrays = {name: rng.normal(size=shape) for name in recipe.arrays}
        arrays |= {name: np.abs(arrays[name]) + 0.1 for name in POSITIVE if name in arrays}
        values = {**options, **arrays}
        settings = {**options, **{theirs: options[ours] for theirs, ours in recipe.aliases.items() if ours in options}}
        w, dw, *_ = arrays.values()
        states = {name: arrays[name] for name in list(recipe.arrays)[2:]}
        found = _stepped(update, w, dw, {**settings, **(config or {}), **states})
        again = _stepped(update, w, dw, {**settings, **(config or {}), **states})
        if not all(same(found[key], again[key]) for key in recipe.results if key in found):
            return Report(IMPURE, "The update changes from call to call with the same arguments.", op=rule, hint_level=hint_level)
        if "t" in options:
            counts.append((found, options["t"] + 1))
        for result in recipe.results:
            if result in found and np.shape(found[result]) == shape:
                groups[result].append([Case(Kitchen(recipe, values), values, np.asarray(found[result]))])
    findings = [_finding(recipe, result, "next_w" if result == "out" else result, cases) for result, cases in groups.items()]
    if any(found.get("t", count) != count for found, count in counts):
        remedy = "config['t'] += 1, once for each step, and before the bias correction"
        findings.append(Finding("t", False, "state", "is not counted up by one at each step", remedy=remedy))
    return _report(findings, f"The update is that of {rule}", f"The update is not that of {rule}", rule, hint_level)


def _stepped(update: Callable[..., Any], w: Array, dw: Array, config: dict[str, Any]) -> dict[str, Any]:
    with np.errstate(all="ignore"):
        result = update(
            w.copy(), dw.copy(), {key: np.copy(value) if isinstance(value, np.ndarray) else value for key, value in config.items()}
        )
    if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[1], Mapping):
        raise TypeError("verify_update: the rule must return its next weights and its config, as a tuple.")
    return {**result[1], "out": result[0]}


def _is_coarse(a: Array) -> bool:
    return a.dtype.kind == "f" and a.dtype.itemsize < 8


def _finding(recipe: Recipe, result: str, name: str, groups: list[list[Case]], coarse: bool = False) -> Finding:
    """Whether a result is the recipe's, and if not, how it differs. coarse: it was computed in float32."""
    if not groups:
        return Finding(name, False, kind="missing", name="is not there, or has another shape than the weights")
    coarse = coarse or any(_is_coarse(case.observed) for group in groups for case in group)
    tolerance = COARSE_TOLERANCE if coarse else TOLERANCE
    if all(np.allclose(case.observed, case.kitchen.total(result), rtol=tolerance, atol=tolerance) for group in groups for case in group):
        return Finding(name, True)
    best = explain(recipe, result, groups, limit=COARSE_LIMIT if coarse else LIMIT).explanation
    if best is None or best.right:
        return Finding(name, False, kind="value")
    told = words(recipe, best)
    if best.edits and all(edit.swap and edit.swap.convention for edit in best.edits) and all(c == "1" for c in best.coefficients):
        return Finding(name, True, note=f"{name} {told.name}: another convention")
    return Finding(name, False, told.kind, told.name, told.term, told.formula, told.remedy, agreement=max(best.residual, 1e-16))


def _report(findings: Sequence[Finding], right: str, wrong: str, op: str, hint_level: int) -> Report:
    names = [finding.result for finding in findings if not finding.ok]
    sentence = f"{wrong}: {' and '.join(names)}." if names else f"{right}."
    return Report(WRONG if names else RIGHT, sentence, tuple(findings), op, hint_level=hint_level)


@dataclass(frozen=True)
class Averages:
    """Where a forward keeps its running averages: in the mapping at this place of its arguments."""

    place: int
    told: bool  # their momentum is in it too


def averages_in(subject: Subject, args: Sequence[Any]) -> Averages | None:
    """Whether a call moves running averages in a mapping among its arguments."""
    mine = fresh(args)
    subject.call(mine)
    for place, (before, after) in enumerate(zip(args, mine, strict=True)):
        if isinstance(after, Mapping) and {"running_mean", "running_var"} <= after.keys():
            return Averages(place, "momentum" in before)
    return None


def running_findings(
    subject: Subject, args: Sequence[Any], x: Array, rng: np.random.Generator, *, predicting: bool, coarse: bool
) -> list[Finding]:
    """What is wrong with the running averages that batch norm's forward leaves in its config."""
    averages = averages_in(subject, args)
    if averages is None:
        return []
    momenta = (0.7, 0.9) if averages.told else (None, None)
    calls = [call for momentum in momenta if (call := _kept(subject, args, averages, x.shape[1], momentum, rng))]
    if predicting:
        moved = any(not same(state[key], after[key]) for state, after, _ in calls for key in state)
        name = "is updated while predicting: the running averages are for reading then"
        return [Finding("running_mean", False, kind="state", name=name)] if moved else []
    findings: list[Finding] = []
    for momentum in (None,) if averages.told else MOMENTA:  # the first that fits, or the usual one's faults
        found = [
            _finding(RUNNING, result, result, groups, coarse)
            for result in RUNNING.results
            if (groups := [[_running_case(x, state, after, m or momentum or MOMENTA[0], result)] for state, after, m in calls])
        ]
        if all(finding.ok for finding in found):
            return []
        findings = findings or found
    return [finding for finding in findings if not finding.ok]


def _kept(
    subject: Subject, args: Sequence[Any], averages: Averages, width: int, momentum: float | None, rng: np.random.Generator
) -> tuple[dict[str, Array], dict[str, Array], float | None] | None:
    """The averages before and after a call, and their momentum if it was told."""
    state = {"running_mean": rng.normal(size=width), "running_var": rng.uniform(0.5, 2, size=width)}
    mine = fresh(args)
    mine[averages.place] = {**mine[averages.place], **{key: np.copy(value) for key, value in state.items()}}
    if momentum is not None:
        mine[averages.place]["momentum"] = momentum
    try:
        subject.call(mine)
    except CRASHES:
        return None
    after = {key: np.asarray(mine[averages.place][key]) for key in state}
    return (state, after, momentum) if all(value.shape == (width,) for value in after.values()) else None


def _running_case(x: Array, state: Mapping[str, Array], after: Mapping[str, Array], momentum: float, result: str) -> Case:
    values = {"x": x, "momentum": momentum, "old_mean": state["running_mean"], "old_var": state["running_var"]}
    return Case(Kitchen(RUNNING, values), values, after[result])
