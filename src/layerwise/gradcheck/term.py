"""Backward passes taken apart: named terms, made of named ingredients, and what people write in an ingredient's place.

A recipe's functions take their ingredients by name, so that any one of them can be swapped and all that follows from it be
made again. Nothing here knows a particular op: the recipes are in recipe_*.py, and table.py lists them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.gradcheck.form import formed

Function = Callable[..., Any]  # its parameters' names say which ingredients it takes


@dataclass(frozen=True)
class Term:
    """One summand of a result: what it is called, how it is written, and its value from its ingredients."""

    name: str
    formula: str
    value: Function
    branch: bool = False  # it is the whole result in some places, and 0 in others


@dataclass(frozen=True)
class Swap:
    """What is written by mistake in the place of an ingredient, or of a whole result (place is empty); value may take the right ingredients."""

    place: str
    instead: str
    value: Function
    targets: tuple[str, ...] = ()  # the results in which it is looked for; all when empty
    convention: bool = False  # another habit rather than a mistake


@dataclass(frozen=True)
class Recipe:
    """How an op's results are made. The arguments come first among the ingredients, then options, then what follows from them."""

    arrays: Mapping[str, str]  # each argument's axes in the design's letters, in the order of the signature
    ingredients: Mapping[str, Function]
    results: Mapping[str, tuple[Term, ...]]  # "out", and "dx" for the gradient by "x"
    swaps: tuple[Swap, ...] = ()
    factors: tuple[str, ...] = ()  # ingredients that multiply a term, of which one may be missing or doubled
    numbers: tuple[str, ...] = ("N",)  # numbers that a wrong coefficient may be made of
    options: Mapping[str, Any] = field(default_factory=dict)
    guesses: tuple[Mapping[str, Any], ...] = ()  # other options to try when the op or its options are not told
    symbols: Mapping[str, str] = field(default_factory=dict)  # how an ingredient is written in a sentence
    fixed: str = ""  # letters of axes that a drawn case keeps
    aliases: Mapping[str, str] = field(default_factory=dict)  # option names of the courses -> ours
    conventions: Mapping[str, str] = field(default_factory=dict)  # coefficient of out's term or of all -> which habit that is
    labels: bool = False  # y is labels of K classes
    shares: bool = False  # y is shares in 0 .. 1
    infer: Function | None = None  # ingredients that only the learner's out can tell, such as a dropout mask
    loss: bool = False  # out is one number, and there is no dout
    guessable: bool = True
    scalars: tuple[str, ...] = ()  # which options plain numbers among the arguments are, in order
    targets: bool = False  # y is values
    overflows: bool = False  # e to the scores must not overflow
    scale: float = 1.0  # of the arrays that are drawn
    predicting: "Recipe | None" = None  # how the op is made while predicting, where that differs

    @cached_property
    def upstream(self) -> dict[str, frozenset[str]]:
        """All that each ingredient is made from."""
        found: dict[str, frozenset[str]] = {}

        def collect(name: str) -> frozenset[str]:
            if name not in found:
                direct = needs(self.ingredients[name]) if name in self.ingredients else ()
                found[name] = frozenset(direct).union(*map(collect, direct))
            return found[name]

        for name in self.ingredients:
            collect(name)
        return found

    def gradients(self) -> list[str]:
        return [name for name in self.results if name != "out"]

    def symbol(self, name: str) -> str:
        return self.symbols.get(name, name)


@cache
def needs(function: Function) -> tuple[str, ...]:
    """The names of a function's parameters, or those that it says it needs."""
    if hasattr(function, "needs"):
        return tuple(function.needs)
    code = function.__code__
    return tuple(code.co_varnames[: code.co_argcount])


def depends(recipe: Recipe, function: Function, place: str, *, deep: bool) -> bool:
    """Whether a function takes an ingredient, or, looking deep, something that is made from it."""
    names = needs(function)
    return place in names or (deep and any(place in recipe.upstream.get(name, ()) for name in names))


class Kitchen:
    """Ingredients on demand: those given, those swapped in, and the rest made by the recipe."""

    def __init__(self, recipe: Recipe, given: Mapping[str, Any]) -> None:
        self.recipe, self.values = recipe, dict(given)

    def __getitem__(self, name: str) -> Any:
        if name not in self.values:
            made = self.recipe.ingredients.get(name)
            self.values[name] = self.call(made) if made else self.total(name)
        return self.values[name]

    def call(self, function: Function) -> Any:
        return function(*(self[name] for name in needs(function)))

    def terms(self, result: str) -> list[Array]:
        return [np.asarray(self.call(term.value), np.float64) for term in self.recipe.results[result]]

    def total(self, result: str) -> Array:
        first, *others = self.terms(result)
        return np.asarray(sum(others, first))


@dataclass(frozen=True)
class Edit:
    """A change to a result: an ingredient swapped, a factor's power changed, or the whole replaced by something else."""

    kind: str  # "swap", "power", "whole", or "form" for one term's whole value
    place: str  # the ingredient or factor
    instead: str
    term: str = ""  # the one term that it is in; all of them when empty
    deep: bool = False  # what follows from the ingredient was made from the wrong one too
    swap: Swap | None = None
    power: float = 0.0

    @property
    def cost(self) -> float:
        """1, and a little more for what is rarer, so that of two edits that come to the same the plainer is named."""
        return 1 + 0.01 * bool(self.term) + 0.03 * self.deep + 0.002 * (self.kind != "power")


POWERS = {
    -1.0: "is missing",
    1.0: "is there once too often",
    -2.0: "has a power that is 2 too low",
    2.0: "has a power that is 2 too high",
}


@dataclass
class Case:
    """One call of the learner's function: what went in, and one of the arrays that came out."""

    kitchen: Kitchen
    given: Mapping[str, Any]
    observed: Array


def single_edits(recipe: Recipe, result: str) -> Iterator[Edit]:
    """Every edit that the recipe knows for this result, the plainer first."""
    terms = recipe.results[result]
    for swap in recipe.swaps:
        if not swap.place or (swap.targets and result not in swap.targets):
            continue
        direct = [term for term in terms if swap.place in needs(term.value)]
        if direct:
            yield Edit("swap", swap.place, swap.instead, swap=swap)
        yield Edit("swap", swap.place, swap.instead, deep=True, swap=swap)
        if len(terms) > 1:
            yield from (Edit("swap", swap.place, swap.instead, term.name, swap=swap) for term in direct)
    for name in recipe.factors:
        for power, text in POWERS.items():
            yield Edit("power", name, text, power=power)
            if len(terms) > 1:
                yield from (Edit("power", name, text, term.name, power=power) for term in terms)


def edited(case: Case, result: str, edits: Sequence[Edit]) -> list[Array] | None:
    """The result's terms after the edits; None where these shapes or values do not allow them."""
    recipe, right = case.kitchen.recipe, case.kitchen
    values = _swapped(case, edits)
    if values is None:
        return None
    deep = {edit.place: value for edit, value in values.items() if edit.deep}
    base = Kitchen(recipe, {**case.given, **deep}) if deep else right
    found = []
    for term, wanted in zip(recipe.results[result], right.terms(result), strict=True):
        value = attempt(base, term.value)
        here = {edit.place: wrong for edit, wrong in values.items() if not edit.deep and edit.term in ("", term.name)}
        if here and value is not None and not here.keys().isdisjoint(needs(term.value)):
            value = attempt(Kitchen(recipe, {**base.values, **here}), term.value)
        for edit in edits:
            if edit.kind == "power" and edit.term in ("", term.name) and value is not None:
                value = _scaled(value, right[edit.place], edit.power)
            if edit.kind == "form" and edit.term == term.name and value is not None:
                value = formed(edit.instead, np.asarray(value, np.float64))
        if value is None or np.shape(value) != np.shape(wanted) or not np.isfinite(value).all():
            return None
        found.append(np.asarray(value, np.float64))
    return found


def _swapped(case: Case, edits: Sequence[Edit]) -> dict[Edit, Any] | None:
    """What each swap puts in its place. Of two, one that is made from the other's place is made from what is put there."""
    recipe = case.kitchen.recipe
    swaps = [edit for edit in edits if edit.swap]
    values: dict[Edit, Any] = {}
    if len(swaps) == 2 and follows(recipe, *swaps):
        swaps.reverse()
    for edit in swaps:
        first = next(iter(values), None)
        before = {first.place: values[first]} if first and first.deep and follows(recipe, edit, first) else {}
        kitchen = Kitchen(recipe, {**case.given, **before}) if before else case.kitchen
        values[edit] = attempt(kitchen, edit.swap.value) if edit.swap else None
        if values[edit] is None:
            return None
    return values


def follows(recipe: Recipe, edit: Edit, first: Edit) -> bool:
    """Whether a swap's value is made from the place of another, and that one's not from the first's place too (an exchange)."""
    if not edit.swap or not first.swap:
        return False
    mutual = depends(recipe, first.swap.value, edit.place, deep=True)
    return depends(recipe, edit.swap.value, first.place, deep=True) and not mutual


def _scaled(term: Array, factor: Any, power: float) -> Array | None:
    with np.errstate(all="ignore"):
        try:
            return term * np.asarray(factor, np.float64) ** power
        except ValueError:
            return None


def attempt(kitchen: Kitchen, function: Function) -> Any:
    """The function's value, or None where these shapes or values have none."""
    with np.errstate(all="ignore"):
        try:
            return kitchen.call(function)
        except (ValueError, IndexError, TypeError, ZeroDivisionError, KeyError):
            return None
