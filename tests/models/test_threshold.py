"""Units set by hand, nets from any truth table, and lines or proofs that there is none, held in exact fractions."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract import refusal

from layerwise.models.threshold import AND, NOT, OR, Inseparability, ThresholdNet, ThresholdUnit, all_inputs, linearly_separable

tables = st.integers(1, 6).flatmap(lambda n: st.lists(st.integers(0, 1), min_size=2**n, max_size=2**n))


def tables_of(n):
    return itertools.product((0, 1), repeat=2**n)


@pytest.mark.parametrize(("unit", "table"), [(AND, [0, 0, 0, 1]), (OR, [0, 1, 1, 1]), (NOT, [1, 0])])
def test_a_unit_set_by_hand_has_its_truth_table(unit, table):
    assert unit.predict(all_inputs(len(unit.weights))).tolist() == table


def test_a_unit_fires_at_its_threshold():
    assert ThresholdUnit((1.0,), -1.0).predict([[1], [0.999]]).tolist() == [1, 0]


def test_inputs_are_in_the_order_of_counting():
    assert all_inputs(3).tolist() == [list(x) for x in itertools.product((0, 1), repeat=3)]


# Two layers say everything


@pytest.mark.parametrize("n", [1, 2, 3])
def test_every_table_of_few_variables_has_a_net(n):
    for table in tables_of(n):
        assert ThresholdNet.from_table(table).truth_table().tolist() == list(table)


@pytest.mark.parametrize("n", range(4, 11))
def test_a_table_of_many_variables_has_a_net(n):
    table = np.random.default_rng(n).integers(0, 2, 2**n)
    np.testing.assert_array_equal(ThresholdNet.from_table(table).truth_table(), table)


@given(
    rows=st.integers(1, 6).flatmap(
        lambda n: st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=n, max_size=n), min_size=1, max_size=5)
    )
)
def test_a_net_of_terms_is_their_disjunction(rows):
    says = ThresholdNet.from_terms(rows).truth_table()
    for x, value in zip(all_inputs(len(rows[0])).tolist(), says, strict=True):
        terms = (all(bit == (sign > 0) for bit, sign in zip(x, term, strict=True) if sign) for term in rows)
        assert value == any(terms)


def test_an_absent_variable_has_weight_0():
    net = ThresholdNet.from_terms([(1, 0, -1), (0, 1, 0)])  # x1 and not x3, or x2
    assert net.W1.tolist() == [[1, 0], [0, 1], [-1, 0]]
    assert net.truth_table().tolist() == [0, 0, 1, 1, 1, 0, 1, 1]


def test_no_terms_are_never_true_and_an_empty_one_always():
    assert not ThresholdNet.from_terms([], num_variables=2).truth_table().any()
    assert ThresholdNet.from_terms([(0, 0)]).truth_table().all()


# One unit says what a line separates


def is_line(found, table):
    """Whether w · x + b is at least 0 for the ones and below for the zeros, in fractions."""
    n = len(found.weights)
    sides = [sum((Fraction(w) * int(x) for w, x in zip(found.weights, row, strict=True)), Fraction(found.bias)) for row in all_inputs(n)]
    return all((side >= 0) == bool(value) for side, value in zip(sides, table, strict=True))


def is_proof(found):
    """Farkas: factors ≥ 0, not all 0, that make 0 of the rows ±(x, 1); so that 0 would be above 0."""
    n = (len(found.table) - 1).bit_length()
    signed = [[Fraction(2 * value - 1) * int(x) for x in (*row, 1)] for row, value in zip(all_inputs(n), found.table, strict=True)]
    total = [sum(Fraction(m) * row[i] for m, row in zip(found.multipliers, signed, strict=True)) for i in range(n + 1)]
    return not any(total) and min(found.multipliers) >= 0 and any(found.multipliers)


@pytest.mark.parametrize(("n", "count"), [(1, 4), (2, 14), (3, 104)])
def test_as_many_tables_are_separable_as_there_are_threshold_functions(n, count):
    found = [(linearly_separable(table), table) for table in tables_of(n)]
    assert sum(bool(one) for one, _ in found) == count
    assert all(is_line(one, table) if one else is_proof(one) for one, table in found)


def test_xor_has_no_line_and_its_four_inequalities_are_the_proof():
    proof = linearly_separable([0, 1, 1, 0])
    assert not proof
    assert proof.multipliers == (1, 1, 1, 1)
    assert is_proof(proof)
    assert proof.sums() == ((1, 1, 2), (1, 1, 2))
    assert "(0, 1) -> 1:  w2 + b ≥ 0" in str(proof)


@given(table=tables)
def test_a_table_gets_a_line_or_a_proof(table):
    found = linearly_separable(table)
    assert is_line(found, table) if found else (is_proof(found) and found.holds() and found.table == tuple(table))


@pytest.mark.parametrize("n", [8, 10])
def test_a_line_that_is_there_is_found_and_a_proof_where_it_is_spoilt(n):
    rng = np.random.default_rng(n)
    table = (all_inputs(n) @ rng.integers(-9, 10, n) + rng.integers(-9, 9) >= 0).astype(int)
    line = linearly_separable(table)
    assert line
    assert is_line(line, table)
    np.testing.assert_array_equal(line.unit.predict(all_inputs(n)), table)
    parity = all_inputs(n).sum(axis=1) % 2
    assert is_proof(linearly_separable(parity))


@pytest.mark.parametrize("multipliers", [(1, 1, 1, 2), (0, 0, 0, 0), (-1, -1, -1, -1)])
def test_a_forged_proof_is_caught(multipliers):
    forged = Inseparability((0, 1, 1, 0), multipliers)
    assert not forged.holds()
    assert not is_proof(forged)


WRONG = {
    "three values": (lambda: linearly_separable([0, 1, 1]), "has 2ⁿ values of 0 and 1, n from 1 to 12, but this one has shape (3,)"),
    "a value of 2": (lambda: ThresholdNet.from_table([0, 2]), "but this one has shape (2,) and values [0, 2]"),
    "no values": (lambda: ThresholdNet.from_table([]), "but this one has shape (0,)"),
    "a square": (lambda: linearly_separable(np.eye(2)), "but this one has shape (2, 2)"),
    "a term with 2": (lambda: ThresholdNet.from_terms([(1, 2)]), "a term is (1, 2), but each needs one of 1, -1 (negated), 0 (absent)"),
    "terms of two lengths": (lambda: ThresholdNet.from_terms([(1, 0), (1,)]), "a term is (1,), but each needs"),
    "no terms": (lambda: ThresholdNet.from_terms([]), "a term is missing"),
    "too many inputs": (lambda: AND.predict([[1, 0, 1]]), "X has shape (1, 3), but (N, 2) is needed"),
}


@pytest.mark.parametrize(("call", "text"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told(call, text):
    assert text in refusal(ValueError, call)
