"""Explains a wrong result by the smallest edit of its recipe: a coefficient, a factor, an ingredient swapped, or two of these.

For each edit the terms are fitted to what was observed by least squares. An edit explains it if what is left is below 1e-6
on every case, and the coefficients are numbers with a name on every case. A name is given only if no other explanation of
the same size comes near; two edits that make the same result are one explanation, told in the plainer words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from layerwise.arrays import Array
from layerwise.gradcheck.form import FORMS, formed
from layerwise.gradcheck.term import Case, Edit, Recipe, attempt, edited, follows, single_edits

LIMIT = 1e-6  # of what was observed may stay unexplained
COARSE_LIMIT = 3e-5  # in float32
RIVAL = 100.0  # how many times worse the runner-up must be
MOST = 2.7  # the cost of the largest explanation that is looked for: two edits
MOST_PAIRS = 6000
ZERO = 1e-12  # of the terms' size: what cancels to less is rounding
PLAIN = 11  # the first of the named numbers
MOST_NUMBERS = 3_000_000  # in all pairs' terms together

Terms = list[Array]


@dataclass(frozen=True)
class Explanation:
    """What was done instead of the right thing: edits, and the coefficient of each term, "1" where it is right."""

    result: str
    edits: tuple[Edit, ...]
    coefficients: tuple[str, ...]
    residual: float
    cost: float

    @property
    def right(self) -> bool:
        return not self.edits and all(c == "1" for c in self.coefficients)


@dataclass(frozen=True)
class Diagnosis:
    """The explanation, if there is one that can be trusted, and how many others come as near to what was observed."""

    explanation: Explanation | None
    rivals: tuple[Explanation, ...] = ()


def explain(
    recipe: Recipe,
    result: str,
    groups: Sequence[Sequence[Case]],
    *,
    limit: float = LIMIT,
    scales: Mapping[str, str] | None = None,
    most: float = MOST,
) -> Diagnosis:
    """groups: cases of the same sizes; a name must hold in all of them. most: the
    cost of the largest explanation that is looked for. scales: coefficients that the terms rightly bear, by name."""
    first, *others = groups
    scales = scales or {}
    observed = _joined(first)
    size = float(np.linalg.norm(observed))
    if not np.isfinite(size):
        return Diagnosis(None)
    largest = max(float(np.linalg.norm(term)) for term in _terms(recipe, result, first, (), scales) or [observed])
    if size <= ZERO * largest:
        count = len(recipe.results[result])
        return Diagnosis(Explanation(result, (), ("0",) * count, 0.0, 1.0))
    made: dict[tuple[Edit, ...], Terms] = {}  # from the first group, so that pairs need not be made again
    for stage in (_none, _singles, _wholes, *((_pairs,) if most >= 2 else ())):
        found = [e for e in _search(recipe, result, first, stage(recipe, result, first), limit, scales, made) if e.cost <= most]
        for group in others:
            found = _confirmed(recipe, result, group, found, limit, scales)
        if found and (stage is not _none or min(e.cost for e in found) <= 1):  # a plain coefficient needs no further search
            return _chosen(recipe, result, groups, found, limit, scales)
    return Diagnosis(None)


def _chosen(
    recipe: Recipe, result: str, groups: Sequence[Sequence[Case]], found: list[Explanation], limit: float, scales: Mapping[str, str]
) -> Diagnosis:
    """The plainest, unless another of its size makes another result and comes as near."""
    found = sorted(found, key=lambda e: e.cost)
    best = found[0]
    peers = [e for e in found[1:] if round(e.cost) <= round(best.cost)]
    best_made = _made(recipe, result, groups, best, scales)
    threshold = RIVAL * max(best.residual, limit * 1e-7)
    rivals = []
    for peer in peers:
        made = _made(recipe, result, groups, peer, scales)
        apart = float(np.linalg.norm(made - best_made)) / max(float(np.linalg.norm(best_made)), 1e-300)
        if apart > 1e-2 * limit and peer.residual < threshold:
            rivals.append(peer)
    return Diagnosis(None if rivals else best, tuple([best, *rivals] if rivals else ()))


def _made(recipe: Recipe, result: str, groups: Sequence[Sequence[Case]], explanation: Explanation, scales: Mapping[str, str]) -> Array:
    pieces = []
    for group in groups:
        numbers = names_of_numbers(recipe, group[0])
        terms = _terms(recipe, result, group, explanation.edits, scales)
        if terms is None:
            return np.zeros(1)
        pieces.append(sum(value_of(c, numbers) * term for c, term in zip(explanation.coefficients, terms, strict=True)))
    return np.concatenate([np.ravel(piece) for piece in pieces])


# What is tried


def _none(recipe: Recipe, result: str, group: Sequence[Case]) -> Iterable[tuple[Edit, ...]]:
    return [()]


def _singles(recipe: Recipe, result: str, group: Sequence[Case]) -> Iterable[tuple[Edit, ...]]:
    return [(), *((edit,) for edit in single_edits(recipe, result))]


def _wholes(recipe: Recipe, result: str, group: Sequence[Case]) -> Iterable[tuple[Edit, ...]]:
    terms = recipe.results[result]
    return (
        [(Edit("whole", "", swap.instead, swap=swap),) for swap in recipe.swaps if not swap.place and result in swap.targets]
        + [(Edit("whole", "", name),) for name in FORMS]
        + [(Edit("whole", name, "the value of another result"),) for name in _others(recipe, result, group)]
        + [(Edit("form", "", name, term.name),) for name in FORMS for term in terms if len(terms) > 1]
        + [
            tuple(Edit("form", "", name, term.name) for term in terms if term is not spared)
            for name in FORMS
            for spared in terms
            if len(terms) == 3
        ]
    )


def _others(recipe: Recipe, result: str, group: Sequence[Case]) -> list[str]:
    kitchen, shape = group[0].kitchen, np.shape(group[0].observed)
    names = [name for name in (*recipe.results, *recipe.arrays, "dout") if name != result]
    known = [name for name in names if name in kitchen.values or name in recipe.results]
    return [name for name in known if kitchen[name] is not None and np.shape(kitchen[name]) == shape]


def _pairs(recipe: Recipe, result: str, group: Sequence[Case]) -> Iterable[tuple[Edit, ...]]:
    """Pairs of edits that each make a difference; of edits that make the same, the plainest only."""
    case = group[0]
    right = case.kitchen.terms(result)
    seen: dict[bytes, Edit] = {}
    for edit in single_edits(recipe, result):
        terms = edited(case, result, (edit,))
        if terms is None or all(np.array_equal(a, b) for a, b in zip(terms, right, strict=True)):
            continue
        key = np.concatenate([np.ravel(t) for t in terms]).round(9).tobytes()
        if key not in seen or edit.cost < seen[key].cost:
            seen[key] = edit
    pairs = [(a, b) for a, b in combinations(seen.values(), 2) if (a.place, a.term) != (b.place, b.term)]
    return sorted(pairs, key=lambda pair: pair[0].cost + pair[1].cost)[
        : min(MOST_PAIRS, MOST_NUMBERS // max(1, sum(term.size for term in right)))
    ]


# How it is tried


def _search(
    recipe: Recipe,
    result: str,
    group: Sequence[Case],
    tried: Iterable[tuple[Edit, ...]],
    limit: float,
    scales: Mapping[str, str],
    made: dict[tuple[Edit, ...], Terms],
) -> list[Explanation]:
    candidates, stacks = [], []
    for edits in tried:
        terms = _side_by_side(recipe, made, edits) or _terms(recipe, result, group, edits, scales)
        if terms is not None:
            candidates.append(edits)
            stacks.append(np.stack(terms))
            if len(edits) < 2:
                made[edits] = terms
    found: list[Explanation] = []
    observed = _joined(group)
    numbers = names_of_numbers(recipe, group[0])
    table = named_numbers(numbers)
    by_count: dict[int, list[int]] = {}
    for i, stack in enumerate(stacks):
        by_count.setdefault(len(stack), []).append(i)
    for indices in by_count.values():
        coefficients, residuals = fit(np.stack([stacks[i] for i in indices]), observed)
        for i, c, residual in zip(indices, coefficients, residuals, strict=True):
            if residual < limit:
                found += _named(result, candidates[i], stacks[i], c, observed, table, limit)
    return found


def _side_by_side(recipe: Recipe, made: Mapping[tuple[Edit, ...], Terms], edits: tuple[Edit, ...]) -> Terms | None:
    """The terms after two edits that change different ones and do not follow from each other; None where that is not so."""
    if len(edits) != 2 or edits[0].kind in ("whole", "form") or not all((edit,) in made for edit in edits):
        return None
    a, b = edits
    if follows(recipe, a, b) or follows(recipe, b, a):
        return None
    both = []
    for right, one, other in zip(made[()], made[(a,)], made[(b,)], strict=True):
        if np.array_equal(one, right):
            both.append(other)
        elif np.array_equal(other, right):
            both.append(one)
        else:
            return None
    return both


def fit(stacks: Array, observed: Array) -> tuple[Array, Array]:
    """Least squares for many sets of terms at once.  stacks (P, k, n), observed (n,)  ->  coefficients (P, k), residuals (P,)

    A term that is 0 keeps the coefficient 1, and so do all where 1 fits.
    """
    norms = np.linalg.norm(stacks, axis=2)
    lengths = np.where(norms > 0, norms, 1.0)
    unit = stacks / lengths[..., None]
    gram = unit @ unit.swapaxes(1, 2)
    right = unit @ observed
    inverse = np.linalg.pinv(gram, rcond=1e-13, hermitian=True)
    c = (inverse @ right[..., None])[..., 0]
    left = observed - (c[:, None] @ unit)[:, 0]
    c = c + (inverse @ (unit @ left[..., None]))[..., 0]  # once more, for what rounding left
    size = max(float(np.linalg.norm(observed)), 1e-300)
    c = np.where(norms > 0, c / lengths, 1.0)
    residuals = np.linalg.norm(observed - (c[:, None] @ stacks)[:, 0], axis=1) / size
    plain = np.linalg.norm(observed - stacks.sum(axis=1), axis=1) / size
    exact = plain <= np.maximum(10 * residuals, 1e-12)  # where terms are alike, many coefficients fit: 1 comes first
    return np.where(exact[:, None], 1.0, c), np.where(exact, plain, residuals)


def _named(
    result: str, edits: tuple[Edit, ...], terms: Array, c: Array, observed: Array, table: Mapping[str, float], limit: float
) -> list[Explanation]:
    """An explanation for each way to name the coefficients."""
    size = float(np.linalg.norm(observed))
    names: list[list[str]] = []
    for value, term in zip(c, terms, strict=True):
        weight = float(np.linalg.norm(term)) / size
        near = [
            name
            for name, number in table.items()
            if abs(value - number) * weight <= limit and abs(value - number) <= 1e-3 * max(abs(number), 1e-3)
        ]
        if "1" in near:
            near = ["1"]
        names.append(near[:12] or [f"{value:.6g}"])
    values = dict(table)
    explanations = []
    for chosen in product(*names):
        numbers = [values[name] if name in values else float(name) for name in chosen]
        residual = float(np.linalg.norm(observed - np.tensordot(numbers, terms, 1))) / size
        if residual < 3 * limit:
            explanations.append(Explanation(result, edits, tuple(chosen), residual, _cost(edits, chosen, values)))
    return explanations


def _cost(edits: Sequence[Edit], coefficients: Sequence[str], table: Mapping[str, float]) -> float:
    wrong = [c for c in coefficients if c != "1"]
    groups = set(wrong)
    cost = sum(edit.cost for edit in edits) + len(groups) + sum(_awkwardness(c, table) for c in groups)
    if groups and len(wrong) < len(coefficients):
        cost += 0.1 * (len(wrong) - len(groups))
    return cost


def _awkwardness(name: str, table: Mapping[str, float]) -> float:
    """A little for what is not 0, −1, 2, ½, N or 1/N; more for a number without a name."""
    return 0.3 if name not in table else 0.04 * (list(table).index(name) >= PLAIN)


def _confirmed(
    recipe: Recipe, result: str, group: Sequence[Case], found: Sequence[Explanation], limit: float, scales: Mapping[str, str]
) -> list[Explanation]:
    """Those that explain this group too, in the same words."""
    kept = []
    observed = _joined(group)
    size = max(float(np.linalg.norm(observed)), 1e-300)
    numbers = names_of_numbers(recipe, group[0])
    for e in found:
        terms = _terms(recipe, result, group, e.edits, scales)
        if terms is None:
            continue
        made = sum(value_of(c, numbers) * term for c, term in zip(e.coefficients, terms, strict=True))
        residual = float(np.linalg.norm(observed - made)) / size
        if residual < 3 * limit:
            kept.append(Explanation(e.result, e.edits, e.coefficients, max(e.residual, residual), e.cost))
    return kept


def _joined(group: Sequence[Case]) -> Array:
    observed: Array = np.concatenate([np.ravel(np.asarray(case.observed, np.float64)) for case in group])
    return observed


def _terms(recipe: Recipe, result: str, group: Sequence[Case], edits: tuple[Edit, ...], scales: Mapping[str, str]) -> Terms | None:
    """Each term over all cases of the group, as one vector."""
    columns: list[Terms] = []
    for case in group:
        if edits and edits[0].kind == "whole":
            whole = _whole(case, result, edits[0])
            if whole is None:
                return None
            columns.append([whole])
            continue
        terms = edited(case, result, edits) if edits else case.kitchen.terms(result)
        if terms is None:
            return None
        if not scales:
            columns.append(terms)
            continue
        numbers = names_of_numbers(recipe, case)
        named = recipe.results[result]
        columns.append([t * value_of(scales.get(term.name, scales.get("", "1")), numbers) for t, term in zip(terms, named, strict=True)])
    return [np.concatenate([np.ravel(column[i]) for column in columns]) for i in range(len(columns[0]))]


# Whole results that are something else


def _whole(case: Case, result: str, edit: Edit) -> Array | None:
    if edit.place:
        value = np.asarray(case.kitchen[edit.place], np.float64)
        return value if value.shape == np.shape(case.observed) else None
    whole = attempt(case.kitchen, edit.swap.value) if edit.swap else formed(edit.instead, case.kitchen.total(result))
    return whole if whole is not None and whole.shape == np.shape(case.observed) else None


# Numbers with a name


def names_of_numbers(recipe: Recipe, case: Case) -> dict[str, float]:
    """The numbers of a case that a coefficient may be made of, by the symbol that they are written with."""
    found = {}
    for name in recipe.numbers:
        value = case.kitchen.values.get(name)
        if value is None and name in recipe.ingredients:
            try:
                value = case.kitchen[name]
            except (KeyError, TypeError, ZeroDivisionError):
                value = None
        if isinstance(value, int | float | np.floating | np.integer) and np.isfinite(value) and value != 0:
            found[name] = float(value)
    return found


def named_numbers(numbers: Mapping[str, float]) -> dict[str, float]:
    """Every number with a name, the plainest first.

    >>> list(named_numbers({"N": 5.0}))[:9]
    ['1', '0', '-1', '2', '1/2', 'N', '1/N', '-2', '-1/2']
    """
    table = {"1": 1.0, "0": 0.0, "-1": -1.0, "2": 2.0, "1/2": 0.5}
    for name, n in numbers.items():
        table |= {name: n, f"1/{name}": 1 / n}
    table |= {"-2": -2.0, "-1/2": -0.5, "4": 4.0, "1/4": 0.25, "3": 3.0, "3/2": 1.5, "1/3": 1 / 3}
    for name, n in numbers.items():
        table |= {
            f"-{name}": -n,
            f"-1/{name}": -1 / n,
            f"2*{name}": 2 * n,
            f"2/{name}": 2 / n,
            f"{name}/2": n / 2,
            f"1/(2*{name})": 0.5 / n,
        }
        table |= {f"{name}**2": n * n, f"1/{name}**2": 1 / n**2}
        if n > 0:
            table |= {f"sqrt({name})": n**0.5, f"1/sqrt({name})": n**-0.5}
        if n not in (0, 1):
            table |= {
                f"({name}-1)": n - 1,
                f"1/({name}-1)": 1 / (n - 1),
                f"{name}/({name}-1)": n / (n - 1),
                f"({name}-1)/{name}": (n - 1) / n,
            }
    for (a, x), (b, y) in combinations(numbers.items(), 2):
        table |= {f"{a}*{b}": x * y, f"1/({a}*{b})": 1 / (x * y), f"{a}/{b}": x / y, f"{b}/{a}": y / x, f"{a}*{b}/2": x * y / 2}
    return table


def value_of(name: str, numbers: Mapping[str, float]) -> float:
    if name == "1":
        return 1.0
    table = named_numbers(numbers)
    return table[name] if name in table else float(name)
