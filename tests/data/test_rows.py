import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.data.rows import Rows, chunks, gather, select

BASE = np.arange(60).reshape(10, 3, 2)
INDEX = np.array([7, 0, 3, 3, 9])
KEYS = [0, -1, slice(1, 4), slice(None, None, -2), [4, 0], range(2), np.array([True, False, True, False, False]), (2, 1), (slice(1, 3), 0)]
KEYS += [(slice(None), [0, 2]), ([0, 1], [2, 0]), ([0, 1], slice(None), 1), ..., (..., 1), np.array([[0, 1], [2, 3]])]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_indexing_gives_what_the_gathered_array_would(key):
    result = Rows(BASE, INDEX)[key]
    np.testing.assert_array_equal(np.asarray(result), BASE[INDEX][key])
    assert isinstance(result, Rows) == isinstance(key, slice)


def test_it_has_the_face_of_an_array():
    rows = Rows(BASE, INDEX)
    assert (len(rows), rows.shape, rows.ndim, rows.dtype) == (5, (5, 3, 2), 3, BASE.dtype)
    assert np.asarray(rows, np.float32).dtype == np.float32
    np.testing.assert_array_equal(np.stack(list(rows)), BASE[INDEX])


def test_nothing_is_copied_and_nothing_can_be_written():
    base = BASE.copy()
    rows = Rows(base, INDEX)
    assert np.shares_memory(rows.base, base)
    assert np.shares_memory(rows[1:].base, base)
    with pytest.raises(ValueError, match="read-only"):
        rows[0][...] = 1
    base[7] = -1  # the owner's own array stays writeable
    assert (rows[0] == -1).all()


def test_rows_of_rows_stand_on_the_base_itself():
    twice = Rows(Rows(BASE, INDEX), [4, 0])
    assert np.shares_memory(twice.base, BASE)
    np.testing.assert_array_equal(twice, BASE[[9, 7]])


@pytest.mark.parametrize(
    ("index", "error"), [([-1], ValueError), ([10], ValueError), ([0.5], TypeError), ([[1]], TypeError), ([True], TypeError)]
)
def test_a_wrong_index_is_refused(index, error):
    with pytest.raises(error, match="Rows: "):
        Rows(BASE, index)


def test_rows_that_follow_each_other_are_a_slice():
    assert isinstance(select(BASE, np.arange(3, 8)), np.ndarray)
    assert np.shares_memory(select(BASE, np.arange(3, 8)), BASE)
    assert isinstance(select(BASE, np.array([1, 3, 2])), Rows)
    assert isinstance(select(BASE, np.array([1, 1, 3])), Rows)
    assert len(select(BASE, np.array([], int))) == 0


@given(seed=st.integers(0, 999), layout=st.sampled_from(["C", "F", "strided", "Rows"]), into=st.booleans())
def test_gather_takes_the_rows_from_any_layout(seed, layout, into):
    rng = np.random.default_rng(seed)
    base = {"C": BASE, "F": np.asfortranarray(BASE), "strided": BASE[:, ::-1], "Rows": Rows(BASE, rng.permutation(10))}[layout]
    index = rng.integers(0, 10, rng.integers(1, 6))
    out = np.empty((len(index), 3, 2), BASE.dtype) if into else None
    result = gather(base, index, out)
    np.testing.assert_array_equal(result, np.asarray(base)[index])
    assert out is None or result is out


def test_chunks_cover_every_row_once():
    X = np.arange(1000 * 700).reshape(1000, 700)
    pieces = list(chunks(X))
    assert len(pieces) > 3
    np.testing.assert_array_equal(np.concatenate([rows for _, rows in pieces]), X)
    assert all((rows[0] == X[start]).all() for start, rows in pieces)
