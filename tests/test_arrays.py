import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.arrays import columns, from_columns, members_first, per_member

SIDE = st.integers(1, 6)


def stacked(members, rows, cols):
    return np.arange(members * rows * cols, dtype=np.float32).reshape(members, rows, cols)


@given(SIDE, SIDE, SIDE)
def test_members_first_changes_memory_and_nothing_else(p, d, m):
    a = stacked(p, d, m)
    result = members_first(a)
    np.testing.assert_array_equal(result, a)
    assert result.dtype == a.dtype
    assert result.swapaxes(-1, -2).flags.c_contiguous


@given(SIDE, SIDE, SIDE)
def test_a_member_and_a_slice_of_members_stay_in_the_layout(p, d, m):
    a = members_first(stacked(p, d, m))
    assert np.shares_memory(members_first(a), a)
    assert np.shares_memory(columns(a[p // 2 :]), a)
    assert a[0].T.flags.c_contiguous
    assert np.zeros_like(a).swapaxes(-1, -2).flags.c_contiguous
    assert np.copy(a).swapaxes(-1, -2).flags.c_contiguous


@pytest.mark.parametrize("shape", [(5,), (5, 4), (2, 3, 4, 5)])
def test_other_numbers_of_axes_are_in_c_order(shape):
    a = np.asfortranarray(np.arange(np.prod(shape), dtype=float).reshape(shape))
    assert members_first(a).flags.c_contiguous
    np.testing.assert_array_equal(members_first(a), a)


@given(SIDE, SIDE, SIDE)
def test_the_rows_of_columns_are_the_columns_member_by_member(p, d, m):
    a = stacked(p, d, m)
    for layout in (a, members_first(a)):
        rows = columns(layout)
        assert rows.shape == (p * m, d)
        for i in range(p):
            for j in range(m):
                np.testing.assert_array_equal(rows[i * m + j], a[i, :, j])
    assert np.shares_memory(columns(members_first(a)), a) == (m == 1 or d == 1)  # then (P, D, M) already lies so


@given(SIDE, SIDE, SIDE)
def test_from_columns_is_the_way_back_and_a_view(p, d, m):
    a = stacked(p, d, m)
    rows = columns(a)
    back = from_columns(rows, a)
    np.testing.assert_array_equal(back, a)
    assert np.shares_memory(back, rows)


def test_columns_and_from_columns_take_empty_arrays():
    a = np.zeros((2, 0, 3))
    assert columns(a).shape == (6, 0)
    assert from_columns(columns(a), a).shape == (2, 0, 3)


@given(value=st.floats(0, 1), dtype=st.sampled_from([np.float32, np.float64]))
def test_a_number_stays_a_number_in_the_dtype_of_the_array(value, dtype):
    result = per_member(value, np.zeros((2, 3), dtype))
    assert result.shape == ()
    assert result.dtype == dtype
    assert result == dtype(value)


@given(axes=st.integers(2, 4), p=SIDE)
def test_one_value_per_member_lies_along_the_first_axis(axes, p):
    like = np.zeros((p, *range(2, axes + 1)), np.float32)
    result = per_member(np.arange(p), like)
    assert result.shape == (p,) + (1,) * (axes - 1)
    assert result.dtype == np.float32
    np.testing.assert_array_equal((like + result)[:, ..., 0].reshape(p, -1)[:, 0], np.arange(p))


@pytest.mark.parametrize(("value", "shape"), [([1, 2], (3, 4)), ([[1.0]], (3, 4)), ([1, 2, 3], (3,))])
def test_a_setting_that_does_not_fit_the_population_is_refused(value, shape):
    text = f"a per-member setting has shape {np.shape(value)}, but the population's array has shape {shape}: give a number or ({shape[0]},)"
    with pytest.raises(ValueError, match=re.escape(text)):
        per_member(value, np.zeros(shape))
