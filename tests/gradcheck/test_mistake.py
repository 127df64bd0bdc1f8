"""A bank of learners' mistakes: each is called wrong, and told by its name; right implementations are called right."""

import numpy as np
import pytest
from tests.gradcheck.mistake import MISTAKES, RIGHT, UNNAMED, judged

from layerwise.gradcheck import verify, verify_loss
from layerwise.gradcheck.report import RIGHT as RIGHT_VERDICT
from layerwise.gradcheck.report import WRONG


@pytest.mark.parametrize("told", [True, False], ids=["told", "guessed"])
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named(name, told):
    op, texts, options, make = MISTAKES[name]
    report = judged(op, options, make(), told=told)
    if not told and any(finding.result == "out" for finding in judged(op, options, make()).wrong):
        return  # a value that is no op's is nobody's mistake until the op is told
    assert report.verdict == WRONG, report
    assert all(any(text in line for line in report.names) for text in texts), report.names


@pytest.mark.parametrize("told", [True, False], ids=["told", "guessed"])
@pytest.mark.parametrize("name", RIGHT)
def test_right_code_is_called_right(name, told):
    op, options, make = RIGHT[name]
    report = judged(op, options, make(), told=told)
    assert report.verdict == RIGHT_VERDICT, report
    assert report
    assert report.op == op


@pytest.mark.parametrize("name", UNNAMED)
def test_a_mistake_that_no_term_explains_gets_no_name(name):
    op, options, make = UNNAMED[name]
    report = judged(op, options, make())
    assert report.verdict == WRONG
    assert report.names == ()
    assert "not sure" in report.text()


@pytest.mark.parametrize("name", MISTAKES)
def test_a_name_does_not_depend_on_the_draw_and_inputs_are_left_as_they_were(name):
    op, texts, options, make = MISTAKES[name]
    *functions, args = make()
    before = [np.copy(a) for a in args]
    if len(functions) == 2:
        report = verify(*functions, args, op=op, options=options, seed=1)
    else:
        report = verify_loss(functions[0], *args, op=op, options=options, seed=1)
    assert all(any(text in line for line in report.names) for text in texts), report.names
    for a, kept in zip(args, before, strict=True):
        np.testing.assert_array_equal(a, kept)
