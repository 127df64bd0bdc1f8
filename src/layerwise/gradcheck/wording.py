"""An explanation said in words: what the result lacks, or has instead, and the line to write."""

import re
from dataclasses import dataclass, replace

from layerwise.gradcheck.diagnosis import Explanation
from layerwise.gradcheck.term import Edit, Recipe, Term, depends


@dataclass(frozen=True)
class Words:
    kind: str
    name: str
    term: str
    formula: str
    remedy: str


def words(recipe: Recipe, explanation: Explanation) -> Words:
    """All parts of the explanation, joined."""
    terms = recipe.results[explanation.result]
    parts = [_edit(recipe, terms, edit) for edit in explanation.edits] + _coefficients(recipe, terms, explanation)
    return Words(
        " + ".join(part.kind for part in parts),
        ", and ".join(part.name for part in parts),
        ", ".join(dict.fromkeys(part.term for part in parts if part.term)),
        "; ".join(dict.fromkeys(part.formula for part in parts if part.formula)),
        "; ".join(part.remedy for part in parts if part.remedy),
    )


def _edit(recipe: Recipe, terms: tuple[Term, ...], edit: Edit) -> Words:
    hit = [term for term in terms if edit.term in ("", term.name)]
    if edit.swap and edit.place:
        hit = [term for term in hit if depends(recipe, term.value, edit.place, deep=edit.deep)]
    formula = _sum(tuple(hit))
    scope = "" if len(terms) == 1 else " throughout" if len(hit) == len(terms) else f" in {' and '.join(term.name for term in hit)}"
    if edit.kind == "swap":
        right = recipe.symbol(edit.place)
        return Words(
            "swap", f"has {edit.instead}, in the place of {right},{scope}".rstrip(","), edit.term, formula, f"it should be {formula}"
        )
    if edit.kind == "power":
        return Words(
            "factor",
            f"has a wrong factor: {recipe.symbol(edit.place)} {edit.instead}{scope}",
            edit.term,
            formula,
            f"it should be {formula}",
        )
    if edit.place:
        return Words("whole", f"is the value of {edit.place}", "", formula, f"it should be {formula}")
    part = not edit.swap and ":" not in edit.instead and edit.instead.startswith(("the ", "only "))  # reads on with "of"
    if edit.term:
        return Words("whole", f"has {edit.instead}{' of' if part else ', for'} {edit.term}", edit.term, formula, f"it should be {formula}")
    return Words("whole", f"is {edit.instead} of the right one" if part else f"has {edit.instead}", "", formula, f"it should be {formula}")


def _coefficients(recipe: Recipe, terms: tuple[Term, ...], explanation: Explanation) -> list[Words]:
    coefficients = explanation.coefficients
    if any(edit.kind == "whole" for edit in explanation.edits):
        return [_whole_factor(recipe, terms, coefficients[0])] if coefficients[0] != "1" else []
    if all(c == "0" for c in coefficients):
        return [Words("zero", "is 0 everywhere: it is not connected", "", _sum(terms), f"it should be {_sum(terms)}")]
    if len(set(coefficients)) == 1:
        return [_whole_factor(recipe, terms, coefficients[0])] if coefficients[0] != "1" else []
    groups: dict[str, list[Term]] = {}
    for term, c in zip(terms, coefficients, strict=True):
        groups.setdefault(c, []).append(term)
    return [part for c, group in groups.items() if c != "1" for part in _group(recipe, group, c)]


def _group(recipe: Recipe, terms: list[Term], c: str) -> list[Words]:
    """Terms with the same wrong coefficient: one mistake, if it is a factor of them all."""
    if len(terms) == 1 or c == "0":
        return [_one(recipe, term, c) for term in terms]
    names, formula = " and ".join(term.name for term in terms), _sum(tuple(terms))
    if c == "-1":
        return [Words("sign", f"has {names} with the wrong sign", names, formula, f"they should be {formula}")]
    if c.startswith("-"):
        (size,) = _group(recipe, terms, c[1:])
        return [replace(size, kind="sign and factor", name=f"has {names} with the wrong sign, and {size.name}")]
    return [
        Words(
            "factor",
            f"has {names} {written(recipe, c)} times as large as they should be{_factor(recipe, formula, c)}",
            names,
            formula,
            f"they should be {formula}",
        )
    ]


def _one(recipe: Recipe, term: Term, c: str) -> Words:
    if c == "0":
        text = f"has zero for {term.name}: that branch is missing" if term.branch else f"lacks {term.name}"
        return Words("missing term", text, term.name, term.formula, f"add {term.formula}")
    if c == "-1":
        return Words("sign", f"has {term.name} with the wrong sign", term.name, term.formula, f"it should be {term.formula}")
    if c.startswith("-"):
        size = _one(recipe, term, c[1:])
        return replace(size, kind="sign and coefficient", name=f"has {term.name} with the wrong sign, and {size.name}")
    return Words(
        "coefficient",
        f"has {term.name} {written(recipe, c)} times as large as it should be{_factor(recipe, term.formula, c)}",
        term.name,
        term.formula,
        f"it should be {term.formula}",
    )


def _factor(recipe: Recipe, formula: str, c: str) -> str:
    """Which factor of the formula that is, as an afterthought; empty if it is none."""
    name, inverse = c.removeprefix("1/"), c.startswith("1/")
    symbol = written(recipe, name)
    if _multiplies(recipe, formula, name):
        return f" (the factor {symbol} is missing)" if inverse else f" (the factor {symbol} is there twice)"
    if _divides(recipe, formula, name):
        return f" (divided by {symbol} twice)" if inverse else f" (not divided by {symbol})"
    return ""


def _whole_factor(recipe: Recipe, terms: tuple[Term, ...], c: str) -> Words:
    formula = _sum(terms)
    if c == "-1":
        return Words("sign", "has the wrong sign", "", formula, f"it should be {formula}")
    if c.startswith("-"):
        size = _whole_factor(recipe, terms, c[1:])
        return replace(size, kind="sign and factor", name=f"has the wrong sign, and {size.name}")
    symbol = written(recipe, c.removeprefix("1/"))
    if c.startswith("1/") and not c[2:].isdigit():
        if _multiplies(recipe, formula, c[2:]):
            return Words("factor", f"lacks the factor {symbol}", "", formula, f"it should be {formula}")
        return Words("factor", f"is divided by {symbol} once too often", "", formula, f"it should be {formula}")
    parts = c.split("*")
    if all(part.isidentifier() and _divides(recipe, formula, part) for part in parts):
        symbol = symbol if len(parts) == 1 else f"({symbol})"
        name = f"lacks the factor 1/{symbol} (it is not divided by {symbol})"
        return Words("factor", name, "", formula, f"divide by {symbol}: it should be {formula}")
    if c.isidentifier():
        return Words(
            "factor",
            f"has the factor {symbol} once too often: it is {symbol} times as large as it should be",
            "",
            formula,
            f"it should be {formula}",
        )
    return Words("factor", f"is {written(recipe, c)} times as large as it should be", "", formula, f"it should be {formula}")


def _has(recipe: Recipe, formula: str, name: str) -> bool:
    return name in recipe.numbers and bool(re.search(rf"(?<!\w){re.escape(recipe.symbol(name))}(?!\w)", formula))


def _divides(recipe: Recipe, formula: str, name: str) -> bool:
    """Whether the formula divides by a number: outright, or by a mean."""
    if name in ("N", "K") and "mean(" in formula:
        return True
    return _has(recipe, formula, name) and bool(re.search(rf"/ ?\(?([^()]*\* ?)?{re.escape(recipe.symbol(name))}(?!\w)", formula))


def _multiplies(recipe: Recipe, formula: str, name: str) -> bool:
    """Whether the number is a factor of the formula."""
    return _has(recipe, formula, name) and not _divides(recipe, formula, name)


def written(recipe: Recipe, c: str) -> str:
    """A coefficient's name with the recipe's symbols: "1/count" -> "1/N"."""
    for name in sorted(recipe.numbers, key=len, reverse=True):
        symbol = recipe.symbol(name)
        if symbol != name:
            c = c.replace(name, symbol)
    return c.replace("-", "−").replace("**2", "²").replace("*", "·")


def _sum(terms: tuple[Term, ...]) -> str:
    first, *others = (term.formula for term in terms)
    return first + "".join(f" {formula}" if formula[0] in "−-+" else f" + {formula}" for formula in others)
