"""The gradient checker against the bank: nothing wrong passes, nothing right is blamed, and a name is the right name or none."""

import re
import time
from collections import defaultdict

import numpy as np
import pytest
from tests.mistakes.bank import names, says
from tests.mistakes.table import MISTAKES, RIGHT

from layerwise import gradcheck

SETTINGS = ("learning_rate", "momentum", "decay_rate", "beta1", "beta2", "epsilon")


def judged(entry, *, told):
    """The report on an entry; told: whether the checker hears which op it is meant to be."""
    args = entry.make_args(np.random.default_rng(0))
    op = entry.op if told and entry.op in gradcheck.TERMS else None
    if not entry.differentiated:
        return gradcheck.verify_update(entry.forward, rule=entry.op, config={key: args[2][key] for key in SETTINGS if key in args[2]})
    if entry.backward is None:
        return gradcheck.verify_loss(entry.forward, *args, op=op)
    return gradcheck.verify(entry.forward, entry.backward, list(args), op=op)


def diagnosis(report):
    """The names that a report gives, without the right formulas; where it says that there is no function to differentiate, what it says."""
    said = "; ".join(re.sub(r", in the place of .*?(?=, and (has|lacks|is) |, throughout|$)", "", name) for name in report.names)
    return said or (report.sentence if report.verdict == "not a function" else "")


@pytest.fixture(scope="module")
def verdicts():
    """Reports on the wrong entries and on the right ones, by entry, and the seconds that all took."""
    start = time.perf_counter()
    wrong = {entry.name: (entry, judged(entry, told=True)) for entry in MISTAKES}
    right = {entry.name: (entry, judged(entry, told=True)) for entry in RIGHT}
    return wrong, right, time.perf_counter() - start


def test_every_wrong_entry_is_called_wrong(verdicts):
    wrong, _, _ = verdicts
    assert [name for name, (_, report) in wrong.items() if report.ok] == []


def test_no_right_entry_is_called_wrong(verdicts):
    _, right, _ = verdicts
    assert {name: report.sentence for name, (_, report) in right.items() if not report.ok} == {}


def test_no_right_entry_is_called_wrong_when_the_checker_must_guess_the_op():
    reports = {entry.name: judged(entry, told=False) for entry in RIGHT}
    assert {name: report.sentence for name, report in reports.items() if not report.ok} == {}


def test_no_entry_is_named_wrongly(verdicts):
    """A name says something that is the matter, if not all of it."""
    wrong, _, _ = verdicts
    named = [(entry, diagnosis(report)) for entry, report in wrong.values() if diagnosis(report)]
    apart = {entry.name: said for entry, said in named if not any(says(said, phrase) for phrases in entry.expected for phrase in phrases)}
    assert apart == {}


def test_what_no_term_explains_gets_no_name(verdicts):
    wrong, _, _ = verdicts
    assert {entry.name: diagnosis(report) for entry, report in wrong.values() if entry.unexplained and diagnosis(report)} == {}


def test_most_of_what_has_a_name_gets_it(verdicts):
    wrong, _, _ = verdicts
    nameable = [(entry, report) for entry, report in wrong.values() if not entry.unexplained]
    unnamed = [entry.name for entry, report in nameable if not names(diagnosis(report), entry)]
    assert len(unnamed) <= 0.1 * len(nameable), unnamed


def test_no_op_is_left_without_a_name(verdicts):
    wrong, _, _ = verdicts
    share = defaultdict(list)
    for entry, report in wrong.values():
        if not entry.unexplained:
            share[entry.op].append(names(diagnosis(report), entry))
    assert {op: hits for op, hits in share.items() if sum(hits) < len(hits) / 3} == {}


def test_the_whole_bank_is_judged_in_under_three_minutes(verdicts):
    _, _, seconds = verdicts
    assert seconds < 180
