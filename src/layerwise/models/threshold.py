"""Nets of threshold units (McCulloch & Pitts 1943): set by hand instead of trained, and a proof of what one unit cannot do.

A truth table of n variables is its 2ⁿ values in the order of counting: (0, 0), (0, 1), (1, 0), (1, 1) for n = 2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.activation import step_forward
from layerwise.ops.affine import affine_forward

MOST_VARIABLES = 12  # 4,096 rows, and so many terms at most


@dataclass(frozen=True)
class ThresholdUnit:
    """1 where weights · x + bias ≥ 0, else 0.

    >>> AND.predict([[0, 0], [0, 1], [1, 0], [1, 1]])
    array([0, 0, 0, 1])
    """

    weights: tuple[float, ...]
    bias: float

    def predict(self, X: Any) -> Array:
        """X (N, n)  ->  (N,) of 0 and 1"""
        return _fire(_inputs(X, len(self.weights)), np.reshape(self.weights, (-1, 1)), np.array([self.bias]))[:, 0].astype(int)


AND = ThresholdUnit((1.0, 1.0), -1.5)
OR = ThresholdUnit((1.0, 1.0), -0.5)
NOT = ThresholdUnit((-1.0,), 0.5)


@dataclass(frozen=True, eq=False)
class ThresholdNet:
    """A disjunction of conjunctions: a hidden unit for each term, and one that fires if any of them does.

    W1 (n, T), b1 (T,), W2 (T, 1), b2 (1,) for n variables and T terms

    >>> xor = ThresholdNet.from_table([0, 1, 1, 0])
    >>> xor.W1.tolist(), xor.b1.tolist()
    ([[-1.0, 1.0], [1.0, -1.0]], [-0.5, -0.5])
    >>> xor.predict([[0, 1], [1, 1]])
    array([1, 0])
    """

    W1: Array
    b1: Array
    W2: Array
    b2: Array

    @classmethod
    def from_terms(cls, terms: Iterable[Sequence[int]], num_variables: int | None = None) -> ThresholdNet:
        """The net of a disjunctive normal form. In a term, a variable is 1 as it is, -1 negated, 0 absent.

        x₁ ∧ ¬x₃  ∨  x₂ is [(1, 0, -1), (0, 1, 0)]. num_variables is needed where there are no terms, which is never true.
        """
        rows = [tuple(term) for term in terms]
        n = num_variables if num_variables is not None else len(rows[0]) if rows else 0
        if n < 1 or any(len(row) != n or not set(row) <= {-1, 0, 1} for row in rows):
            bad = next((row for row in rows if len(row) != n or not set(row) <= {-1, 0, 1}), "missing")
            raise ValueError(
                f"ThresholdNet: a term is {bad}, but each needs one of 1, -1 (negated), 0 (absent) for each of {n or 'the'} variables."
            )
        W1 = np.array(rows, np.float64).reshape(len(rows), n).T  # (T, n) -> (n, T)
        b1 = 0.5 - (W1 > 0).sum(axis=0)  # fires where all that stand as they are are 1, and all that are negated 0
        return cls(W1, b1, np.ones((len(rows), 1)), np.array([-0.5]))

    @classmethod
    def from_table(cls, table: Sequence[int] | Array) -> ThresholdNet:
        """The net of a truth table: a term for each row that is true."""
        values, n = _table(table)
        return cls.from_terms((2 * all_inputs(n)[values == 1] - 1).tolist(), n)

    def predict(self, X: Any) -> Array:
        """X (N, n) of 0 and 1  ->  (N,) of 0 and 1"""
        hidden = _fire(_inputs(X, len(self.W1)), self.W1, self.b1)
        return _fire(hidden, self.W2, self.b2)[:, 0].astype(int)

    def truth_table(self) -> Array:
        """What it says of all 2ⁿ inputs (2ⁿ,)."""
        return self.predict(all_inputs(len(self.W1)))


@dataclass(frozen=True)
class Separation:
    """A line (a plane, ...) that separates the ones of a truth table from its zeros, at weights · x + bias = 0."""

    weights: tuple[float, ...]
    bias: float

    def __bool__(self) -> bool:
        return True

    @property
    def unit(self) -> ThresholdUnit:
        """The threshold unit whose truth table it is."""
        return ThresholdUnit(self.weights, self.bias)


@dataclass(frozen=True)
class Inseparability:
    """Proof that no line separates a truth table: inequalities that cannot hold together.

    A line would need w · x + b ≥ 0 where the table has 1, and < 0 where it has 0. multipliers (2ⁿ,) are whole numbers from 0 up,
    one for each row. Added up with them, the left sides of the ones equal those of the zeros, whatever w and b are: what is
    ≥ 0 would be < 0 (Farkas 1902).

    >>> print(linearly_separable([0, 1, 1, 0]))
    no line separates this table, for it would need
      (0, 0) -> 0:  b < 0
      (0, 1) -> 1:  w2 + b ≥ 0
      (1, 0) -> 1:  w1 + b ≥ 0
      (1, 1) -> 0:  w1 + w2 + b < 0
    The left sides of the ones add up to w1 + w2 + 2 b, and so do those of the zeros: at least 0, and below 0.
    """

    table: tuple[int, ...]
    multipliers: tuple[int, ...]

    def __bool__(self) -> bool:
        return False

    def sums(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The coefficients of w1, w2, ..., b in the sum of the ones' left sides, and in that of the zeros'; exact."""
        n = (len(self.table) - 1).bit_length()
        rows = [(*map(int, x), 1) for x in all_inputs(n)]
        ones, zeros = (
            tuple(sum(m * row[i] for m, row, value in zip(self.multipliers, rows, self.table, strict=True) if value == side) for i in range(n + 1))
            for side in (1, 0)
        )  # fmt: skip
        return ones, zeros

    def holds(self) -> bool:
        """Whether this is a proof, by whole numbers alone."""
        ones, zeros = self.sums()
        return ones == zeros and ones[-1] > 0 and min(self.multipliers) >= 0

    def __str__(self) -> str:
        lines = ["no line separates this table, for it would need"]
        inputs = all_inputs((len(self.table) - 1).bit_length())
        for x, value, factor in zip(inputs.tolist(), self.table, self.multipliers, strict=True):
            if factor:
                times = "" if factor == 1 else f", {factor} times"
                lines.append(f"  {tuple(x)} -> {value}:  {_side((*x, 1))} {'≥' if value else '<'} 0{times}")
        total = _side(self.sums()[0])
        return "\n".join([*lines, f"The left sides of the ones add up to {total}, and so do those of the zeros: at least 0, and below 0."])


def linearly_separable(table: Sequence[int] | Array) -> Separation | Inseparability:
    """A line that separates a truth table's ones from its zeros, or the proof that there is none. True or false in an `if`.

    >>> linearly_separable([0, 0, 0, 1])
    Separation(weights=(2.0, 2.0), bias=-3.0)
    """
    from scipy.optimize import linprog  # slow to import, and needed here alone

    values, n = _table(table)
    signs = 2 * values - 1
    rows = signs[:, None] * np.hstack([all_inputs(n), np.ones((2**n, 1), int)])  # (2ⁿ, n + 1): rows · (w, b) ≥ 1 is a line
    small = [1] * (2 * n) + [0, 0]  # of all lines the one with the least Σ|w|: w and b are differences of two parts ≥ 0
    parts = np.hstack([rows[:, :n], -rows[:, :n], rows[:, n:], -rows[:, n:]])
    line = linprog(small, A_ub=-parts, b_ub=-np.ones(2**n), method="highs-ds")
    if line.status == 0:
        weights = (line.x[:n] - line.x[n : 2 * n] + 0.0).tolist()  # + 0.0 makes -0.0 a zero
        found = Separation(tuple(weights), float(line.x[2 * n] - line.x[2 * n + 1]))
        if np.array_equal(found.unit.predict(all_inputs(n)), values):
            return found
    balance = np.vstack([rows.T, np.ones(2**n)])
    factors = linprog(np.zeros(2**n), A_eq=balance, b_eq=[*[0] * (n + 1), 1], method="highs-ds")
    if factors.status == 0:
        used = np.flatnonzero(factors.x > 1e-9)
        exact = _null_vector(rows[used].tolist())
        multipliers = np.zeros(2**n, object)
        multipliers[used] = [int(factor * math.lcm(*(f.denominator for f in exact))) for factor in exact]
        proof = Inseparability(tuple(values.tolist()), tuple(int(factor) for factor in multipliers))
        if proof.holds():
            return proof
    raise ArithmeticError(f"linearly_separable: the linear program of this table of {n} variables was not solved: {line.message}")


def all_inputs(n: int) -> Array:
    """All rows of 0 and 1, in the order of counting.  (2ⁿ, n)

    >>> all_inputs(2).tolist()
    [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    return np.arange(2**n)[:, None] >> np.arange(n)[::-1] & 1


def _table(table: Sequence[int] | Array) -> tuple[Array, int]:
    """Its values as integers (2ⁿ,), and n."""
    values = np.asarray(table)
    n = max(values.size - 1, 0).bit_length()
    if values.ndim != 1 or not 1 <= n <= MOST_VARIABLES or values.size != 2**n or not np.isin(values, (0, 1)).all():
        raise ValueError(
            f"a truth table of n variables has 2ⁿ values of 0 and 1, n from 1 to {MOST_VARIABLES}, but this one has shape {values.shape}"
            + ("" if values.size != 2**n or not n else f" and values {np.unique(values)[:5].tolist()}")
        )
    return values.astype(int), n


def _inputs(X: Any, n: int) -> Array:
    X = np.asarray(X, np.float64)
    if X.ndim != 2 or X.shape[1] != n:
        raise ValueError(f"X has shape {X.shape}, but (N, {n}) is needed: a row of {n} inputs for each example.")
    return X


def _fire(x: Array, w: Array, b: Array) -> Array:
    """x (N, D), w (D, M), b (M,)  ->  (N, M) of 0.0 and 1.0"""
    return step_forward(affine_forward(x, w, b)[0])[0]


def _null_vector(rows: list[list[int]]) -> list[Fraction]:
    """Factors of the rows, not all 0, with which they add up to nothing, by elimination; the last of those left free is 1."""
    columns = [[Fraction(row[i]) for row in rows] for i in range(len(rows[0]))]  # each an equation for the factors
    pivots: list[int] = []
    for at in range(len(rows)):
        lead = next((i for i in range(len(pivots), len(columns)) if columns[i][at]), None)
        if lead is None:
            continue
        place = len(pivots)
        columns[place], columns[lead] = columns[lead], columns[place]
        columns[place] = [value / columns[place][at] for value in columns[place]]
        for i in range(len(columns)):
            if i != place and columns[i][at]:
                columns[i] = [value - columns[i][at] * first for value, first in zip(columns[i], columns[place], strict=True)]
        pivots.append(at)
    free = next((at for at in reversed(range(len(rows))) if at not in pivots), 0)
    factors = [Fraction(0)] * len(rows)
    factors[free] = Fraction(1)
    for place, at in enumerate(pivots):
        factors[at] = -columns[place][free]
    return factors


def _side(coefficients: Sequence[int]) -> str:
    """The left side of an inequality: the last coefficient is of b.

    >>> _side((1, 0, 2, 3))
    'w1 + 2 w3 + 3 b'
    """
    names = [*(f"w{i}" for i in range(1, len(coefficients))), "b"]
    return " + ".join(name if c == 1 else f"{c} {name}" for c, name in zip(coefficients, names, strict=True) if c)
