import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.data import Dataset, load
from layerwise.data.split import split_last, split_random, split_stratified


def rng():
    return np.random.default_rng(0)


def test_the_last_rows_are_held_out():
    kept, held = split_last(50000, 1000)
    np.testing.assert_array_equal(kept, np.arange(49000))
    np.testing.assert_array_equal(held, np.arange(49000, 50000))
    assert len(split_last(10, 0.25)[1]) == 2


@given(seed=st.integers(0, 999), counts=st.lists(st.integers(2, 30), min_size=1, max_size=6), share=st.floats(0.01, 0.99))
def test_a_stratified_split_gives_every_class_its_share(seed, counts, share):
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    total = int(np.clip(round(share * len(y)), len(counts), len(y) - len(counts)))
    kept, held = split_stratified(y, total, np.random.default_rng(seed))
    assert len(held) == total
    np.testing.assert_array_equal(np.sort(np.concatenate([kept, held])), np.arange(len(y)))
    assert (np.diff(held) > 0).all()
    taken = np.bincount(y[held], minlength=len(counts))
    assert (taken >= 1).all()
    assert (taken < counts).all()
    exact = total * np.array(counts) / len(y)
    fits = (np.floor(exact) >= 1) & (np.ceil(exact) < counts)
    if fits.all():
        assert (abs(taken - exact) < 1).all()


def test_the_same_seed_gives_the_same_split_and_another_another():
    y = np.arange(100) % 5
    first = split_stratified(y, 20, np.random.default_rng(1))[1]
    np.testing.assert_array_equal(first, split_stratified(y, 20, np.random.default_rng(1))[1])
    assert (first != split_stratified(y, 20, np.random.default_rng(2))[1]).any()


def test_a_random_split_takes_each_row_once():
    kept, held = split_random(20, 0.3, rng())
    assert len(held) == 6
    np.testing.assert_array_equal(np.sort(np.concatenate([kept, held])), np.arange(20))


def test_a_share_is_raised_to_one_row_of_each_class():
    assert len(split_stratified(np.arange(20) % 5, 0.05, rng())[1]) == 5


def test_a_class_with_one_example_is_named():
    with pytest.raises(ValueError, match=r'class "cat" has one example'):
        split_stratified(np.array([0, 0, 1]), 1, rng(), class_names=["dog", "cat"])


@pytest.mark.parametrize("held", [2, 18])
def test_too_few_for_every_class_is_refused_with_the_bounds(held):
    with pytest.raises(ValueError, match="between 3 and 17 rows"):
        split_stratified(np.arange(20) % 3, held, rng())


@pytest.mark.parametrize(
    ("held", "error", "message"),
    [
        (0, ValueError, "each side needs"),
        (10, ValueError, "each side needs"),
        (-1, ValueError, "each side needs"),
        (1.0, ValueError, "between 0 and 1"),
        (float("nan"), ValueError, "between 0 and 1"),
        ("1", TypeError, "number of rows, or a share"),
        (True, TypeError, "number of rows, or a share"),
    ],
)
def test_a_count_or_share_out_of_range_is_refused(held, error, message):
    with pytest.raises(error, match=message):
        split_last(10, held)


def test_targets_cannot_be_stratified():
    with pytest.raises(TypeError, match="Split at random instead"):
        split_stratified(np.linspace(0, 1, 9), 3, rng())


def test_the_last_rows_of_a_set_can_be_held_out_of_one_that_is_stratified_by_default():
    whole = load("digits", validation=0)
    data = load("digits", validation=100, split="last")
    np.testing.assert_array_equal(data.y_val, whole.y_train[-100:])
    np.testing.assert_array_equal(np.asarray(data.X_train), np.asarray(whole.X_train)[:-100])
    arrays = Dataset.from_arrays(np.arange(20.0).reshape(10, 2), np.arange(10) % 2, validation=2, test=1, split="last")
    np.testing.assert_array_equal(np.asarray(arrays.X_val)[:, 0], [14, 16])
    np.testing.assert_array_equal(np.asarray(arrays.X_test)[:, 0], [18])


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match='split is "lst", but must be one of stratified, random, last'):
        load("digits", split="lst")
