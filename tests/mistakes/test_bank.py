"""The bank is what it says it is: large and varied, its wrong entries wrong and its right ones right, by the oracle's plain means."""

from collections import Counter

import pytest
from tests.mistakes.bank import Mistake, names, says
from tests.mistakes.oracle import REFERENCES, findings
from tests.mistakes.table import MISTAKES, RIGHT


def named(entries):
    return pytest.mark.parametrize("entry", entries, ids=lambda entry: entry.name)


def test_the_bank_is_as_large_and_as_varied_as_it_should_be():
    kinds, ops = Counter(m.kind for m in MISTAKES), Counter(m.op for m in MISTAKES)
    assert len(MISTAKES) >= 170
    assert len(RIGHT) >= 70
    assert len(kinds) >= 40
    assert max(kinds.values()) <= 4
    assert set(ops) == set(REFERENCES) == {entry.op for entry in RIGHT}
    assert min(ops.values()) >= 4
    assert sum(m.two for m in MISTAKES) >= 20
    assert sum(m.unexplained for m in MISTAKES) >= 15


def test_every_entry_has_a_name_of_its_own():
    assert max(Counter(entry.name for entry in [*MISTAKES, *RIGHT]).values()) == 1


@named(MISTAKES)
def test_a_wrong_entry_is_wrong(entry):
    assert all(findings(entry, seed) for seed in (0, 1))


@named(RIGHT)
def test_a_right_entry_is_right(entry):
    assert not any(findings(entry, seed, entry.tolerance) for seed in (0, 1, 2))


@named([m for m in MISTAKES if m.two])
def test_an_entry_with_two_mistakes_expects_two_names(entry):
    assert all(entry.expected)
    assert entry.kind.startswith("two: ")


def test_a_phrase_asks_for_each_of_its_words_in_any_spelling():
    assert says("The factor 1/N is missing from dx.", "1/n & missing|forgotten")
    assert says("½·λ where λ belongs", "1/2 * reg")
    assert says("x̂ is used", "x_hat")
    assert says("it is transposed", "transpos")
    assert not says("a transposed w in a batch", "h & w")  # one or two letters stand alone
    assert not says("The factor 2 is missing from dx.", "1/n & missing")


def test_two_mistakes_are_named_only_if_both_are():
    both = Mistake("", "affine", None, None, None, "two: sign and 1/N", (frozenset({"sign"}), frozenset({"1/n", "mean"})))
    assert names("the sign is wrong, and it is a mean", both)
    assert not names("the sign is wrong", both)
