"""Everything that is known of a function when the verdict is due: its calls on fresh inputs, its value, and each gradient."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.gradcheck import kink, match, precision
from layerwise.gradcheck.diagnosis import COARSE_LIMIT, LIMIT, Diagnosis, Explanation, explain, names_of_numbers, value_of
from layerwise.gradcheck.match import Match
from layerwise.gradcheck.numeric import Coordinate, relative_error
from layerwise.gradcheck.pattern import patterns, shape_pattern
from layerwise.gradcheck.report import FLOAT32, KINK, RIGHT, WRONG, Finding, Report
from layerwise.gradcheck.share import share_finding
from layerwise.gradcheck.subject import Outcome, Subject, elements
from layerwise.gradcheck.term import Case, Kitchen, Recipe, Term
from layerwise.gradcheck.update import running_findings
from layerwise.gradcheck.wording import Words, words

MOST_COORDINATES = 1500  # that are measured one by one
MOST_KINKS = 60  # coordinates that are looked at from both sides
MOST_ELEMENTS = 20_000  # of an argument that is drawn afresh
NEAR = 1e-5  # of the value: what an epsilon for safety changes
SCALAR_CASES = 8  # values that a loss is explained from


@dataclass
class Judged:
    """One argument's gradient, as far as slopes alone can tell."""

    index: int  # among the gradients that came back
    place: int  # of the argument
    name: str  # of the gradient
    array: str  # of the argument
    gradient: Array | None
    curve: precision.Curve | None = None
    wrong_shape: bool = False

    @property
    def measured_right(self) -> bool:
        return not self.wrong_shape and self.curve is not None and self.curve.kind in ("right", "float32")


@dataclass
class Drawn:
    """A call on fresh inputs of a matched op."""

    args: list[Any]
    dout: Array | None
    outcome: Outcome
    kitchen: Kitchen
    given: dict[str, Any]


@dataclass
class Trial:
    """Everything that is known when the verdict is due."""

    subject: Subject
    args: list[Any]
    dout: Array | None
    value: Array
    judged: list[Judged]
    found: Match | None
    guessed: bool
    op: str | None
    hint_level: int
    rng: np.random.Generator
    meant: str = ""  # another op, after which the function is named
    near: bool = False  # the value is the op's but for an epsilon
    forward_wrong: bool = False
    lost: bool = False  # nothing explains the value, so what the gradient lacks of the op's own may be no mistake

    def report(self) -> Report:
        groups = self._draws()
        forward, conventions, scales = self._forward(groups)
        self.forward_wrong = forward is not None
        self.lost = forward is not None and forward.kind == "value"
        findings = [self._finding(j, groups, scales) for j in self.judged]
        if forward and self.guessed and self.found:  # a value that is no op's is another function, not a mistake
            start = "" if any(not finding.ok for finding in findings) else "This is the right gradient of what it computes; but "
            note = f"{start}if it is meant to be {self.found.name}, its value {forward.name}"
            forward = replace(forward, ok=True, note=note[0].upper() + note[1:])
        findings = [forward, *findings] if forward else findings
        if self.meant and self.found and not forward:
            note = f"Its value is that of {self.found.name}, and its gradient is held against that; {self.meant}, after which it is named, is another op"
            findings = [Finding("out", True, note=note), *findings]
        overflow = self._overflow()
        findings = [overflow, *findings] if overflow else findings
        if self.found and self.found.name in ("batchnorm", "spatial_batchnorm"):
            findings += running_findings(
                self.subject,
                self.args,
                self.args[self.found.slots["x"]],
                self.rng,
                predicting=match.predicts(self.args, self.found.told),
                coarse=self._limit(self.value) > LIMIT,
            )
        kinks = any(finding.kinks for finding in findings)
        coarse = [j for j in self.judged if self._is_coarse(j)]
        wrong = [finding for finding in findings if not finding.ok]
        if wrong:
            verdict, sentence = WRONG, _wrong_sentence(wrong)
        elif kinks:
            verdict = KINK
            sentence = (
                "These inputs stand on a kink, where the slopes to the left and to the right differ; away from it the gradient is right."
            )
        elif coarse:
            verdict = FLOAT32
            floor = max(j.curve.floor for j in coarse if j.curve)
            sentence = f"The gradient is right, but only in float32 precision: it agrees with the measured slope to {floor:.1g}. Compute in float64 to check it closely."
        else:
            floor = max((j.curve.floor for j in self.judged if j.curve), default=0.0)
            verdict, sentence = RIGHT, f"The gradient is right: it agrees with the measured slope to {floor:.1g}."
        name = self.found.name if self.found else self.op
        return Report(verdict, sentence, tuple(findings), name, self.guessed, tuple(conventions), self.hint_level)

    def explains_value(self) -> bool:
        """Whether the value is the recipe's after one edit."""
        if self.found is None or elements(self.args) > MOST_ELEMENTS:
            return False
        mine = self.found.value(self.args, self.value)
        groups = self._draws() if mine is not None else []
        if len(groups) < 2 or mine is None or mine.shape != self.value.shape:
            return False
        cases = [[Case(d.kitchen, d.given, np.asarray(d.outcome.value)) for d in group] for group in groups]
        best = explain(self.found.recipe, "out", cases, limit=self._limit(self.value), most=1.5).explanation
        return best is not None and not any(edit.kind == "whole" for edit in best.edits) and any(c != "0" for c in best.coefficients)

    # Fresh inputs

    def _draws(self) -> list[list[Drawn]]:
        """Groups of calls on fresh inputs of the same sizes. Other sizes than the given are tried first."""
        if self.found is None:
            return []
        count = SCALAR_CASES if self.found.recipe.loss else 1
        groups: list[list[Drawn]] = []
        for choice in (match.SIZES, tuple({"N": sizes["N"]} for sizes in match.SIZES), (None, None)):
            if len(groups) < 2 and (choice[0] is not None or elements(self.args) <= MOST_ELEMENTS):
                made = ([call for call in (self._call(sizes) for _ in range(count)) if call] for sizes in choice)
                groups = [group for group in made if len(group) == count]
        if not groups:
            call = self._called(self.args)
            groups = [[call]] if call else []
        return groups

    def _varied(self) -> list[list[Drawn]]:
        """One more group, with other settings, which tells a setting from a number that equals it."""
        if self.found is None or not self.found.settings:
            return []
        group = [self._call(match.SIZES[0], varied=True) for _ in range(SCALAR_CASES if self.found.recipe.loss else 1)]
        return [[call for call in group if call]] if all(group) else []

    def _call(self, sizes: Mapping[str, int] | None, *, varied: bool = False) -> Drawn | None:
        if self.found is None:
            return None
        args = match.drawn(self.found, self.args, self.rng, sizes, varied=varied)
        return self._called(args) if args is not None else None

    def _called(self, args: list[Any]) -> Drawn | None:
        if self.found is None:
            return None
        dout = None
        if self.subject.backward is not None:
            value = self.subject.try_value(args)
            if value is None:
                return None
            dout = self.rng.normal(size=value.shape)
        outcome = self.subject.try_outcome(args, dout)
        if outcome is None or not np.isfinite(np.asarray(outcome.value, np.float64)).all():
            return None
        if self._loses_shape(args, outcome):
            return None
        made = self.found.kitchen(args, np.asarray(outcome.value, np.float64), dout)
        if made is None or self.found.value(args, np.asarray(outcome.value, np.float64)) is None:
            return None
        return Drawn(args, dout, outcome, *made)

    def _loses_shape(self, args: list[Any], outcome: Outcome) -> bool:
        """Whether a gradient that had its argument's shape has lost it: the function knows the sizes of the given case alone."""
        return any(
            not j.wrong_shape and j.index < len(outcome.gradients) and np.shape(outcome.gradients[j.index]) != args[j.place].shape
            for j in self.judged
        )

    def _right_for_one(self, judged: Judged, scales: dict[str, str]) -> bool:
        """Whether the gradient is right for a batch of a single example."""
        if self.found is None or not self.found.recipe.loss:
            return False
        call = self._call({**match.SIZES[0], "N": 1})
        if call is None or judged.index >= len(call.outcome.gradients):
            return False
        case = Case(call.kitchen, call.given, np.asarray(call.outcome.gradients[judged.index]))
        return _apart(case, judged.name, scales, self.found) < self._limit(judged.gradient)

    # The value

    def _forward(self, groups: list[list[Drawn]]) -> tuple[Finding | None, list[str], dict[str, str]]:
        """What is wrong with the value, the habits it shows, and the coefficients that the gradient's terms then rightly bear."""
        if self.found is None or not groups:
            return None, [], {}
        if self.found.name == "dropout":
            keep = self.found.given(self.args)["keep_prob"]
            told = share_finding(self.subject, self.found, self.args, keep, self.rng) if keep is not None or not self.guessed else None
            if isinstance(told, Finding):
                return told, [], {}
        if self.found.agrees(self.args, self.value) and all(self.found.agrees(d.args, d.outcome.value) for group in groups for d in group):
            return None, [], {}
        recipe = self.found.recipe
        limit = self._limit(self.value)
        cases = [[Case(d.kitchen, d.given, np.asarray(d.outcome.value)) for d in group] for group in groups]
        if any(np.shape(case.observed) != np.shape(case.kitchen["out"]) for group in cases for case in group):
            mine = np.shape(cases[0][0].kitchen["out"])
            text = f"has shape {np.shape(cases[0][0].observed)} where {self.found.name} gives {mine}"
            return Finding("out", False, kind="shape", name=text), [], {}
        more = [[Case(d.kitchen, d.given, np.asarray(d.outcome.value)) for d in group] for group in self._varied()]
        best = explain(recipe, "out", [*cases, *more], limit=limit).explanation
        if best is None and all(_apart(case, "out", {}, self.found) < NEAR for group in cases for case in group):
            self.near = True  # an epsilon in a logarithm or under a root
            return None, [], {}
        if best is None:
            return Finding("out", False, kind="value", note=f"The value is not that of {self.found.name}"), [], {}
        scales = _scales(recipe.results["out"], best)
        habit = _habit(recipe, recipe.results["out"], best)
        if habit:
            return None, [f"You use the other convention: {habit}"], scales
        return _explained(Finding("out", best.right, size=self.value.size), words(recipe, best), best), [], scales

    def _overflow(self) -> Finding | None:
        """Whether e to large scores overflows: inf / inf is nan. (A loss that takes the log of 0 is inf, but its gradient holds.)"""
        if self.found is None or not self.found.recipe.overflows:
            return None
        args = list(self.args)
        place = next(iter(self.found.slots.values()))
        args[place] = args[place] * (1000 / max(float(np.abs(args[place]).max(initial=0)), 1e-300))
        outcome = self.subject.try_outcome(args, self.dout)
        arrays = () if outcome is None else (outcome.value, *(g for g in outcome.gradients if g is not None))
        if not any(np.isnan(a).any() for a in arrays):
            return None
        return Finding(
            "out",
            False,
            kind="overflow",
            name="overflows at large scores: the maximum is not subtracted before the exponential",
            term="the shift by the maximum",
            formula="x - x.max(axis=1, keepdims=True)",
            remedy="take np.exp(x - x.max(axis=1, keepdims=True))",
        )

    def _limit(self, array: Any) -> float:
        dtype = np.asarray(array).dtype
        values = [j.curve.noise for j in self.judged if j.curve]
        return COARSE_LIMIT if (dtype.kind == "f" and dtype.itemsize < 8) or any(noise > precision.NOISE for noise in values) else LIMIT

    def _is_coarse(self, judged: Judged) -> bool:
        if judged.curve is not None and judged.curve.kind == "float32":
            return True
        dtypes = [np.asarray(a).dtype for a in (judged.gradient, self.value)]
        return any(dtype.kind == "f" and dtype.itemsize < 8 for dtype in dtypes)

    # One gradient

    def _finding(self, judged: Judged, groups: list[list[Drawn]], scales: dict[str, str]) -> Finding:
        diagnosis, trusted, off = self._diagnosis(judged, groups, scales)
        gradient, x = np.asarray(judged.gradient), self.args[judged.place]
        if judged.wrong_shape:
            right = self._right(judged.name, scales)
            told = shape_pattern(gradient, right, x.shape, judged.name, judged.array)
            remedy = {
                "not summed": "sum over the broadcast axis",
                "transposed": "transpose it",
                "reshape": f"return it in {judged.array}'s shape",
            }
            named = told.kind != "shape"
            return Finding(
                judged.name,
                False,
                kind=told.kind,
                name=f"is wrong in shape: {told.sentence}" if named else "",
                pattern=told.sentence,
                remedy=remedy.get(told.kind, ""),
                size=gradient.size,
            )
        finding = Finding(judged.name, True, size=gradient.size, curve=judged.curve)
        if not off and (judged.measured_right or (self.near and trusted)):
            return finding
        wrong, right, kinks = self._coordinates(judged, scales, trusted)
        if trusted and not wrong.any() and not kinks:  # the recipe's gradient, and yet not the slope here
            wrong, right, kinks = self._coordinates(judged, scales, False)
        if kinks and not wrong.any() and not off and self._right_elsewhere(judged):
            return self._tied(replace(finding, kinks=kinks), judged)
        everywhere = gradient.size <= MOST_COORDINATES and np.isfinite(gradient).all()
        if not off and not wrong.any() and (judged.measured_right or (everywhere and self._right_elsewhere(judged))):
            return finding
        finding = replace(finding, ok=False, kinks=kinks, **_places(gradient, right, wrong))
        labels = self._labels()
        told_patterns = list(patterns(np.asarray(gradient, np.float64), right, wrong, labels, self._mask()))
        if told_patterns:
            finding = replace(finding, pattern=told_patterns[0].sentence, kind=told_patterns[0].kind)
        if self._right_for_one(judged, scales):
            finding = replace(finding, pattern=f"{finding.pattern}; it is wrong only when N > 1".removeprefix("; "))
        if judged.curve and judged.curve.kind in ("not connected", "not finite"):
            finding = replace(finding, kind=judged.curve.kind)
        if gradient.dtype.kind in "iu" and np.array_equal(np.trunc(right), gradient):
            return replace(
                finding,
                kind="integers",
                name=f"is an array of integers ({gradient.dtype}), which truncates what is stored in it",
                remedy=f"make it of floats: np.zeros_like({judged.array}, dtype=float)",
            )
        best = diagnosis.explanation if diagnosis else None
        if best is not None and self.found is not None:
            if best.right or (self.forward_wrong and _is_usual(self.found.recipe, judged.name, best)):
                text = f"{judged.name} is the gradient of {self.found.name}, but the forward is not {self.found.name}: mend the forward"
                return replace(finding, kind="forward", note=text)
            if not self.lost:
                finding = _explained(finding, words(self.found.recipe, best), best)
        elif diagnosis and diagnosis.rivals and self.found is not None:
            either = " or ".join(f"{judged.name} {words(self.found.recipe, rival).name}" for rival in diagnosis.rivals[:3])
            finding = replace(finding, note=f"Not sure which: {either}")
        return finding

    def _diagnosis(self, judged: Judged, groups: list[list[Drawn]], scales: dict[str, str]) -> tuple[Diagnosis | None, bool, bool]:
        """The diagnosis; whether the recipe's gradient is that of this forward; and whether the gradient is off on fresh inputs."""
        if self.found is None or judged.name not in self.found.recipe.results:
            return None, False, False
        cases = _gradient_cases(groups, judged)
        if not cases:
            return None, False, False
        pure = self.near or bool(scales) or all(self.found.agrees(d.args, d.outcome.value) for group in groups for d in group)
        limit = max(self._limit(judged.gradient), self._limit(self.value))
        recipe = self.found.recipe
        off = pure and any(_apart(case, judged.name, scales, self.found) > limit for row in cases for case in row)
        if not off and (judged.measured_right or self.near):
            return None, pure, False
        if any(not np.isfinite(case.observed).all() for row in cases for case in row):
            return None, pure, off
        more = _gradient_cases(self._varied(), judged)
        scales = {} if self.forward_wrong else scales  # of a wrong value; what it should be is the op's own
        diagnosis = explain(recipe, judged.name, [*cases, *more], limit=limit, scales=scales)
        return diagnosis, pure, off

    def _right(self, name: str, scales: dict[str, str]) -> Array | None:
        """The recipe's gradient at the given arguments, where the forward is the recipe's."""
        if self.found is None or name not in self.found.recipe.results:
            return None
        made = self.found.kitchen(self.args, np.asarray(self.value, np.float64), self.dout)
        if made is None or not (self.found.agrees(self.args, self.value) or scales or self.near):
            return None
        return _scaled_total(made[0], name, scales)

    def _coordinates(self, judged: Judged, scales: dict[str, str], trusted: bool) -> tuple[Array, Array, tuple[tuple[int, ...], ...]]:
        """Which elements are wrong (those on a kink are not), the right values, and the coordinates on a kink."""
        x, gradient = self.args[judged.place], np.asarray(judged.gradient, np.float64)
        weights = np.ones(self.value.shape) if self.dout is None else self.dout
        f = self.subject.along(self.args, judged.place)
        right = self._right(judged.name, scales) if trusted else None
        if right is None:
            right = gradient.copy()
            indices = kink.chosen(x, MOST_COORDINATES, self.rng)
            for index, slope in zip(indices, kink.slopes(f, x, weights, indices), strict=True):
                right[index] = slope
            tolerance = 1e-5 * np.maximum(np.abs(gradient), np.abs(right)) + 1e-7 * max(float(np.abs(right).max(initial=0)), 1e-12) + 1e-9
        else:
            tolerance = 1e-7 * np.maximum(np.abs(gradient), np.abs(right)) + 1e-9 * max(float(np.abs(right).max(initial=0)), 1e-12)
        if self._limit(judged.gradient) > LIMIT:
            tolerance = tolerance + 1e-3 * np.maximum(np.abs(right), np.abs(right).max(initial=0))
        with np.errstate(invalid="ignore"):
            wrong = ~(np.abs(gradient - right) <= tolerance)
        kinks = []
        suspects = [tuple(int(i) for i in index) for index in np.argwhere(wrong)]
        shown = suspects if len(suspects) <= MOST_KINKS else [suspects[int(i)] for i in np.linspace(0, len(suspects) - 1, MOST_KINKS)]
        for index in shown:
            sides = kink.sides(f, x, weights, index)
            if sides.kink and sides.holds(float(gradient[index]), 1e-3 * max(abs(sides.left), abs(sides.right))):
                kinks.append(index)
                wrong[index] = False
                right[index] = gradient[index]
            elif (
                sides.kink is False
                and not trusted
                and abs(sides.middle - gradient[index]) <= 1e-4 * max(abs(gradient[index]), 1e-3 * np.abs(right).max(initial=0))
            ):
                wrong[index] = False  # a kink nearby, within the first step
        if len(kinks) == len(shown) < len(suspects):  # all that were looked at stand on one; so do the others
            wrong[...] = False
            kinks = suspects
        return wrong, right, tuple(kinks)

    def _tied(self, finding: Finding, judged: Judged) -> Finding:
        """A gradient that is right on each kink alone, held against what happens when those entries move together."""
        weights = np.ones(self.value.shape) if self.dout is None else self.dout
        f = self.subject.along(self.args, judged.place)
        apart = kink.together(f, self.args[judged.place], weights, np.asarray(judged.gradient, np.float64), finding.kinks)
        if apart is None:
            return finding
        return replace(
            finding,
            ok=False,
            kind="ties",
            kinks=(),
            name=f"counts ties wrongly: when the tied entries move together the slope is {apart.slope:.6g}, but their gradients add up to {apart.derived:.6g}",
            remedy="give the gradient to one of the tied entries, such as the first, or share it out among them",
        )

    def _right_elsewhere(self, judged: Judged) -> bool:
        """The same check on inputs moved a little, off the kink."""
        args = list(self.args)
        x = args[judged.place]
        args[judged.place] = x + 1e-2 * max(float(np.abs(x).mean()), 1e-2) * self.rng.normal(size=x.shape)
        outcome = self.subject.try_outcome(args, self.dout)
        if outcome is None:
            return True
        weights = np.ones(outcome.value.shape) if self.dout is None else self.dout
        curve = precision.curve(
            self.subject.along(args, judged.place), args[judged.place], weights, outcome.gradients[judged.index], self.rng
        )
        return curve.kind in ("right", "float32")

    def _labels(self) -> Array | None:
        if self.found and self.found.recipe.labels and "y" in self.found.slots:
            y = np.asarray(self.args[self.found.slots["y"]])
            return y.ravel() if y.dtype.kind in "iu" else None
        whole = [arg for arg in self.args if isinstance(arg, np.ndarray) and arg.dtype.kind in "iu" and arg.ndim == 1]
        return whole[0] if len(whole) == 1 else None

    def _mask(self) -> Array | None:
        """The entries that the forward kept, where it sets some to 0."""
        return np.asarray(self.value != 0) if self.value.ndim else None


def _gradient_cases(groups: Sequence[Sequence[Drawn]], judged: Judged) -> list[list[Case]]:
    """The gradient in each group's first call, where it has its argument's shape."""
    cases = []
    for drawn, *_ in groups:
        gradient = drawn.outcome.gradients[judged.index] if judged.index < len(drawn.outcome.gradients) else None
        if gradient is not None and np.shape(gradient) == drawn.args[judged.place].shape:
            cases.append([Case(drawn.kitchen, drawn.given, np.asarray(gradient))])
    return cases


def _apart(case: Case, name: str, scales: dict[str, str], found: Match) -> float:
    right = _scaled_total(case.kitchen, name, scales)
    size = max(float(np.linalg.norm(right)), float(np.linalg.norm(case.observed)), 1e-300)
    gap = float(np.linalg.norm(np.asarray(case.observed, np.float64) - right))
    # a gradient that cancels to nothing but rounding is compared with what it was made from
    size = max(size, 1e-6 * max((float(np.linalg.norm(t)) for t in case.kitchen.terms(name)), default=0.0))
    return gap / size if np.isfinite(gap) else math.inf


def _scaled_total(kitchen: Kitchen, name: str, scales: dict[str, str]) -> Array:
    numbers = names_of_numbers(kitchen.recipe, Case(kitchen, {}, np.zeros(0)))
    terms = kitchen.recipe.results[name]
    weighted = [
        value_of(scales.get(term.name, scales.get("", "1")), numbers) * value
        for term, value in zip(terms, kitchen.terms(name), strict=True)
    ]
    first, *others = weighted
    return np.asarray(sum(others, first))


def _scales(terms: Sequence[Term], best: Explanation) -> dict[str, str]:
    """A value whose terms have these coefficients has a gradient whose terms have them too."""
    if best.edits or best.right:
        return {}
    coefficients = dict(zip((term.name for term in terms), best.coefficients, strict=True))
    if len(set(coefficients.values())) == 1:
        return {"": next(iter(coefficients.values()))}
    shared = {name: c for name, c in coefficients.items() if name == "the penalty"}
    rest = {c for name, c in coefficients.items() if name != "the penalty"}
    return {**shared, "": rest.pop()} if shared and len(rest) == 1 else {}


def _habit(recipe: Recipe, terms: Sequence[Term], best: Explanation) -> str:
    """The convention that this explanation is, if it is one."""
    conventions = recipe.conventions
    if best.edits:
        habits = [edit.swap.instead for edit in best.edits if edit.swap and edit.swap.convention]
        return ", ".join(habits) if len(habits) == len(best.edits) and all(c == "1" for c in best.coefficients) else ""
    told = []
    groups = {c for term, c in zip(terms, best.coefficients, strict=True) if term.name != "the penalty"}
    penalty = {c for term, c in zip(terms, best.coefficients, strict=True) if term.name == "the penalty"}
    if len(groups) > 1:
        return ""
    for c in groups - {"1"}:
        told.append(conventions.get(c, ""))
    for c in penalty - {"1"}:
        told.append(conventions.get(f"the penalty·{c}", conventions.get(c, "") if groups == penalty else ""))
    return ", ".join(dict.fromkeys(told)) if told and all(told) else ""


def _is_usual(recipe: Recipe, result: str, best: Explanation) -> bool:
    """Whether this is the right gradient but for the habit of the penalty."""
    pairs = zip(recipe.results[result], best.coefficients, strict=True)
    return not best.edits and all(c == "1" or (t.name == "the penalty" and f"the penalty·{c}" in recipe.conventions) for t, c in pairs)


def _explained(finding: Finding, told: Words, best: Explanation) -> Finding:
    return replace(
        finding,
        kind=told.kind,
        name=told.name,
        term=told.term,
        formula=told.formula,
        remedy=told.remedy,
        agreement=max(best.residual, 1e-16),
    )


def _places(gradient: Array, right: Array, wrong: Array) -> dict[str, Any]:
    """The first and the worst wrong coordinate, and how many there are."""
    if not wrong.any():
        return {}

    def coordinate(index: tuple[int, ...]) -> Coordinate:
        derived, slope = float(gradient[index]), float(right[index])
        return Coordinate(index, slope, derived, relative_error(derived, slope))

    places = np.argwhere(wrong)
    with np.errstate(invalid="ignore"):
        gaps = np.where(wrong, np.abs(np.asarray(gradient, np.float64) - right), -1.0)
    gaps[np.isnan(gaps)] = math.inf
    worst = np.unravel_index(int(gaps.argmax()), gaps.shape)
    return {
        "first": coordinate(tuple(int(i) for i in places[0])),
        "worst": coordinate(tuple(int(i) for i in worst)),
        "wrong": int(wrong.sum()),
    }


def _wrong_sentence(wrong: Sequence[Finding]) -> str:
    names = " and ".join(dict.fromkeys(finding.result for finding in wrong))
    if all(finding.result == "out" for finding in wrong):
        return "The forward is wrong."
    return f"The gradient is wrong: {names}."
