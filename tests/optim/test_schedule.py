"""What every schedule promises, tested on each row of SCHEDULES, and each promise tested on a schedule that breaks it."""

import copy
import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.optim import SCHEDULES, choose_rule, choose_schedule, constant, cosine, exponential, reduce_on_plateau, staircase, warmup

COUNT = st.integers(1, 20)
FACTOR = st.one_of(st.floats(0, 1), st.just(np.array([0.0, 0.3, 1.0])))  # a number, or one value per member
OPTIONS = {  # a row of SCHEDULES without a line here fails
    "constant": st.fixed_dictionaries({}),
    "exponential": st.fixed_dictionaries({"steps_per_epoch": COUNT}, optional={"decay": FACTOR}),
    "step": st.fixed_dictionaries({"every": COUNT}, optional={"factor": FACTOR, "steps_per_epoch": COUNT}),
    "cosine": st.fixed_dictionaries({}, optional={"floor": FACTOR}),
    "warmup": st.one_of(
        st.fixed_dictionaries({"steps": COUNT}),
        st.fixed_dictionaries({"steps": COUNT, "then": st.just("cosine")}, optional={"floor": FACTOR}),
        st.fixed_dictionaries({"steps": COUNT, "then": st.just("exponential"), "steps_per_epoch": COUNT}),
        st.fixed_dictionaries({"steps": COUNT, "then": st.just("reduce_on_plateau")}, optional={"patience": COUNT}),
    ),
    "reduce_on_plateau": st.fixed_dictionaries(
        {}, optional={"patience": COUNT, "factor": FACTOR, "min_factor": FACTOR, "threshold": st.floats(0, 0.1)}
    ),
}
SCORE = st.floats(-5, 5) | st.just(float("nan"))
HISTORY = st.lists(SCORE, max_size=12) | st.lists(st.lists(SCORE, min_size=3, max_size=3).map(np.array), max_size=6)


def run_so_far(scores):
    return SimpleNamespace(val_acc_history=list(scores))


def factors(schedule, num_steps, scores, options, order):
    """The factor at each step, asked for in some order, and the history afterwards."""
    history = run_so_far(scores)
    found = {step: schedule(step, num_steps, history, **options) for step in order}
    return [np.asarray(found[step], np.float64) for step in range(num_steps)], history


# The contracts.


def is_pure(schedule, num_steps, scores, options):
    given_scores, given_options = copy.deepcopy(scores), copy.deepcopy(options)
    forward, _ = factors(schedule, num_steps, scores, options, range(num_steps))
    backward, history = factors(schedule, num_steps, scores, options, reversed(range(num_steps)))
    np.testing.assert_equal(forward, backward)
    np.testing.assert_equal(history.val_acc_history, given_scores)
    np.testing.assert_equal(options, given_options)


def is_never_negative(schedule, num_steps, scores, options):
    for factor in factors(schedule, num_steps, scores, options, range(num_steps))[0]:
        assert np.all((factor >= 0) & np.isfinite(factor))


def is_a_number_or_one_per_member(schedule, num_steps, scores, options):
    population = any(np.ndim(value) for value in [*scores, *options.values()])
    for factor in factors(schedule, num_steps, scores, options, range(num_steps))[0]:
        assert factor.shape in ([(), (3,)] if population else [()])


CONTRACTS = [is_pure, is_never_negative, is_a_number_or_one_per_member]


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
@pytest.mark.parametrize("name", SCHEDULES)
@given(data=st.data(), num_steps=st.integers(1, 40), scores=HISTORY)
def test_every_schedule_keeps_every_contract(name, contract, data, num_steps, scores):
    contract(SCHEDULES[name], num_steps, scores, data.draw(OPTIONS[name]))


# A schedule with one wrong line for each contract.


def takes_a_score(step, num_steps, history):
    return 1.0 if not history.val_acc_history else max(history.val_acc_history.pop(), 0.0)


def dives(step, num_steps, history):
    return 1.0 - 2.0 * step / num_steps


def one_per_step(step, num_steps, history):
    return np.ones(num_steps)


OFFENDERS = dict(zip(CONTRACTS, [takes_a_score, dives, one_per_step], strict=True))


def breaks(schedule, contract):
    try:
        contract(schedule, 8, [0.1, 0.3, 0.2], {})
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
def test_a_schedule_that_breaks_one_contract_is_caught_by_that_one(contract):
    assert [each.__name__ for each in CONTRACTS if breaks(OFFENDERS[contract], each)] == [contract.__name__]


# Numbers by hand: the first and the last factor of ten steps.


@pytest.mark.parametrize(
    ("name", "options", "scores", "first", "last"),
    [
        ("constant", {}, [], 1, 1),
        ("exponential", {"decay": 0.5, "steps_per_epoch": 4}, [], 1, 0.25),  # steps 8 and 9 are in the third epoch
        ("step", {"every": 3}, [], 1, 1e-3),
        ("step", {"every": 2, "factor": 0.5, "steps_per_epoch": 2}, [], 1, 0.25),
        ("cosine", {}, [], 1, (1 - np.cos(np.pi / 10)) / 2),
        ("cosine", {"floor": 0.5}, [], 1, 0.5 + (1 - np.cos(np.pi / 10)) / 4),
        ("warmup", {"steps": 4}, [], 0.25, 1),
        ("warmup", {"steps": 8, "then": "cosine"}, [], 0.125, 0.5),  # the middle of the two steps that are left
        ("warmup", {"steps": 20}, [], 0.05, 0.5),
        ("reduce_on_plateau", {}, [], 1, 1),
        ("reduce_on_plateau", {"patience": 2, "factor": 0.5}, [0.1, 0.2, 0.2, 0.1, 0.2, 0.15], 0.25, 0.25),
    ],
)
def test_first_and_last_factor_by_hand(name, options, scores, first, last):
    found, _ = factors(SCHEDULES[name], 10, scores, options, range(10))
    assert (found[0], found[-1]) == (pytest.approx(first), pytest.approx(last))


def test_cosine_stays_at_its_floor_when_a_run_goes_on_past_its_steps():
    assert cosine(15, 10, None, floor=0.25) == 0.25


def test_a_plateau_starts_again_after_each_drop_and_after_each_better_score():
    def factor(*scores, **options):
        return reduce_on_plateau(0, 1, run_so_far(scores), factor=0.5, patience=2, **options)

    assert factor(0.5, 0.5) == 1
    assert factor(0.5, 0.5, 0.5) == 0.5
    assert factor(0.5, 0.5, 0.5, 0.5) == 0.5
    assert factor(0.5, 0.5, 0.6, 0.6) == 1
    assert factor(0.5, 0.50005, 0.5001) == 0.5  # not better than the best by more than the threshold
    assert factor(0.5, 0.50005, 0.5001, threshold=0.0) == 1
    assert factor(0.5, np.nan, np.nan) == 0.5
    assert factor(*[0.5] * 9, min_factor=0.2) == 0.2
    assert factor(-3.0, -2.0, -1.0) == 1  # scores may be negative, as minus a loss is


@given(data=st.data(), scores=st.lists(st.lists(SCORE, min_size=3, max_size=3), min_size=1, max_size=12))
def test_the_plateaus_of_a_population_are_those_of_its_members(data, scores):
    options = data.draw(OPTIONS["reduce_on_plateau"])
    together = reduce_on_plateau(0, 1, run_so_far(np.array(scores)), **options)
    for i in range(3):
        own = {name: value[i] if np.ndim(value) else value for name, value in options.items()}
        alone = reduce_on_plateau(0, 1, run_so_far([row[i] for row in scores]), **own)
        assert together[i] == pytest.approx(alone, rel=1e-12)  # NumPy and Python round a power differently


# Mistakes.


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: choose_rule("adma"), 'unknown update rule "adma". Did you mean "adam"? Known: '),
        (lambda: choose_rule("adam", {"beta3": 0.5}), 'the update rule adam has no option "beta3". Did you mean "beta'),
        (lambda: choose_schedule("cosin", {}, steps_per_epoch=1), 'unknown schedule "cosin". Did you mean "cosine"?'),
        (
            lambda: choose_schedule("cosine", {"flor": 0}, steps_per_epoch=1),
            'the schedule cosine has no option "flor". Did you mean "floor"?',
        ),
        (lambda: choose_schedule("constant", {"decay": 0.5}, steps_per_epoch=1), 'constant has no option "decay". It takes none.'),
        (lambda: choose_schedule("cosine", {"then": "step"}, steps_per_epoch=1), 'the schedule cosine has no option "then".'),
        (lambda: choose_schedule("warmup", {}, steps_per_epoch=1), 'the schedule warmup needs the option "steps".'),
        (lambda: choose_schedule("step", {}, steps_per_epoch=1), 'the schedule step needs the option "every".'),
        (
            lambda: choose_schedule("warmup", {"steps": 2, "then": "cosine", "flor": 0}, steps_per_epoch=1),
            'the schedule cosine after the warm-up has no option "flor". Did you mean "floor"?',
        ),
        (
            lambda: choose_schedule("warmup", {"steps": 2, "then": "cosin"}, steps_per_epoch=1),
            'unknown schedule "cosin". Did you mean "cosine"?',
        ),
        (
            lambda: choose_schedule("warmup", {"steps": 2, "then": "cosine", "floor": -1}, steps_per_epoch=1),
            "schedule cosine: floor is -1, but a factor of the learning rate needs 0 or more",
        ),
        (lambda: exponential(0, 1, None, decay=-0.5, steps_per_epoch=1), "schedule exponential: decay is -0.5, but"),
        (lambda: exponential(0, 1, None, decay=np.array([0.5, np.nan]), steps_per_epoch=1), "decay is [0.5 nan], but"),
        (lambda: staircase(0, 1, None, every=0), "schedule step: every is 0, but needs to be a whole number from 1 up"),
        (lambda: warmup(0, 1, None, steps=2.5), "schedule warmup: steps is 2.5, but needs to be a whole number from 1 up"),
        (lambda: reduce_on_plateau(0, 1, run_so_far([]), patience=0), "reduce_on_plateau: patience is 0, but"),
    ],
)
def test_a_mistake_in_a_name_or_a_value_is_named(call, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        call()


def test_a_chosen_schedule_is_told_the_steps_of_an_epoch_if_it_counts_them():
    assert choose_schedule("exponential", {"decay": 0.5}, steps_per_epoch=5)(10, 20, None) == 0.25
    assert choose_schedule("step", {"every": 2}, steps_per_epoch=5)(10, 20, None) == 0.1
    assert choose_schedule("step", {"every": 2, "steps_per_epoch": 1}, steps_per_epoch=5)(2, 20, None) == 0.1
    assert choose_schedule("warmup", {"steps": 4, "then": "exponential", "decay": 0.5}, steps_per_epoch=5)(9, 20, None) == 0.5
    assert choose_schedule("cosine", {}, steps_per_epoch=5)(10, 20, None) == 0.5


def test_a_chosen_rule_is_the_row_of_the_table():
    assert choose_rule("adam", {"lr": 0.1, "beta1": np.array([0.0, 0.9])}).__name__ == "adam"
    assert constant(0, 1, None) == 1
