"""Nearest neighbours: distances by three ways, votes with ties, bounded memory."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from layerwise.models import NearestNeighbors, nearest

WAYS = [nearest.distances, nearest.distances_one_loop, nearest.distances_two_loops]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("metric", "name"), [("l2", "euclidean"), ("l1", "cityblock")])
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(0, 4), m=st.integers(1, 5), d=st.integers(1, 6), pixels=st.booleans())
def test_distances_are_scipys(way, metric, name, seed, n, m, d, pixels):
    rng = np.random.default_rng(seed)
    A, B = rng.integers(0, 256, (n, d), np.uint8), rng.integers(0, 256, (m, d), np.uint8)  # bytes must not wrap
    if not pixels:
        A, B = rng.normal(size=(n, d)), rng.normal(size=(m, d)).astype(np.float32)
    np.testing.assert_allclose(way(A, B, metric=metric), cdist(A, B, name), rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_distances_by_hand_of_images_as_of_rows(way):
    A, B = np.zeros((1, 1, 2)), np.array([[[3.0, 4.0]], [[0.0, 0.0]]])
    assert way(A, B).tolist() == [[5.0, 0.0]]
    assert way(A, B, metric="l1").tolist() == [[7.0, 0.0]]


def test_one_block_after_another_gives_the_same(monkeypatch):
    rng = np.random.default_rng(0)
    A, B, y = rng.normal(size=(7, 5)), rng.normal(size=(23, 5)), rng.integers(0, 3, 23)
    whole, labels = nearest.distances(A, B), NearestNeighbors(4).fit(B, y).predict(A)
    monkeypatch.setattr(nearest, "AT_ONCE", 8 * 5 * 4)
    monkeypatch.setattr(nearest, "BLOCK", 8 * 5 * 4)
    np.testing.assert_allclose(nearest.distances_one_loop(A, B), whole, rtol=1e-12)
    np.testing.assert_allclose(nearest.distances(A, B), whole, rtol=1e-12)
    np.testing.assert_array_equal(NearestNeighbors(4).fit(B, y).predict(A), labels)


@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 6))
def test_votes_are_those_of_a_plain_count(seed, k):
    rng = np.random.default_rng(seed)
    dists, y = rng.integers(0, 4, (5, 6)).astype(float), rng.integers(-2, 3, 6)  # many ties
    expected = []
    for row in dists:
        asked = [int(y[j]) for j in sorted(range(6), key=lambda j: (row[j], j))[:k]]
        expected.append(max(sorted(set(asked)), key=asked.count))  # the first of equal counts is the smallest
    assert nearest.vote(dists, y, k).tolist() == expected


def test_labels_may_be_of_any_kind():
    model = NearestNeighbors(1, metric="l1").fit([[0.0], [5.0]], [True, False])
    assert model.predict([[4.0], [1.0]]).tolist() == [False, True]
    assert model.predict(np.zeros((0, 1))).shape == (0,)


def test_a_prediction_holds_a_part_of_the_distances_at_a_time(monkeypatch):
    monkeypatch.setattr(nearest, "AT_ONCE", 1 << 20)
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (2000, 30), np.uint8), rng.integers(0, 10, 2000)
    model = NearestNeighbors(3).fit(X, y)
    tracemalloc.start()
    model.predict(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 << 20  # all distances are 30 MiB


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: NearestNeighbors(0), "k is 0, but must be a whole number from 1 up"),
        (lambda: NearestNeighbors(1, metric="cosine"), 'unknown metric "cosine"'),
        (lambda: NearestNeighbors().fit(np.ones((3, 2)), [0, 1]), r"X has shape \(3, 2\) and y \(2,\)"),
        (lambda: NearestNeighbors(4).fit(np.ones((3, 2)), [0, 1, 1]).predict(np.ones((1, 2))), "k is 4, but there are 3 training examples"),
        (lambda: NearestNeighbors(1).fit(np.ones((3, 2)), [0, 1, 1]).predict(np.ones((1, 5))), r"\(5,\) in A \(1, 5\) and \(2,\) in B"),
    ],
)
def test_what_cannot_be_is_told(call, told):
    with pytest.raises(ValueError, match=told):
        call()
