import numpy as np
import pytest

from layerwise.data.dataset import Dataset
from layerwise.data.profile import profile
from layerwise.data.rows import Rows

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.integers(0, 256, (60, 3, 4, 5), dtype=np.uint8), np.arange(60) % 4


def data(X=IMAGES, y=LABELS, **changes):
    parts = {"X_train": X[:40], "y_train": y[:40], "X_val": X[40:45], "y_val": y[40:45], "X_test": X[45:], "y_test": y[45:]}
    return Dataset(**{**parts, **changes})


@pytest.mark.parametrize("chunk", [1 << 20, 130])
def test_means_spreads_and_pixels_are_those_of_the_training_part(monkeypatch, chunk):
    monkeypatch.setattr("layerwise.data.rows.chunks.__defaults__", (chunk,))
    found = profile(data())
    train = IMAGES[:40].astype(np.float64)
    np.testing.assert_allclose(found.mean, train.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.spread, train.std(axis=0), rtol=1e-10)
    for k in range(4):
        np.testing.assert_allclose(found.class_means[k], train[LABELS[:40] == k].mean(axis=0), rtol=1e-12)
    for channel in range(3):
        np.testing.assert_array_equal(found.pixels[channel], np.bincount(IMAGES[:40, channel].ravel(), minlength=256))
    assert found.counts == {"train": 40, "val": 5, "test": 15}
    assert {part: counts.tolist() for part, counts in found.class_counts.items()} == {
        "train": [10] * 4,
        "val": [2, 1, 1, 1],
        "test": [3, 4, 4, 4],
    }
    assert found.duplicates == ()


def test_duplicates_are_found_within_and_between_parts_with_their_contradictions():
    X = IMAGES.copy()
    X[7] = X[3]  # within the training part
    X[41] = X[4]  # validation = training; labels 1 and 0
    X[45] = X[41]  # test = the first of them, which is training
    X[50] = X[46]  # within the test part
    X[49] = X[45]
    found = {(d.part, d.other): (d.pairs.tolist(), d.contradictions) for d in profile(data(X)).duplicates}
    assert found == {
        ("train", "train"): ([[7, 3]], 0),
        ("val", "train"): ([[1, 4]], 1),
        ("test", "train"): ([[0, 4], [4, 4]], 2),
        ("test", "test"): ([[5, 1]], 0),
    }
    assert [(d.part, d.other) for d in profile(data(X)).leaks] == [("val", "train"), ("test", "train")]


def test_rows_of_a_mapped_set_give_what_the_array_gives():
    index = RNG.permutation(60)
    found, expected = (profile(data(X, LABELS[index])) for X in (Rows(IMAGES, index), IMAGES[index]))
    np.testing.assert_array_equal(found.class_means, expected.class_means)
    np.testing.assert_array_equal(found.pixels, expected.pixels)


def test_targets_and_tables_have_what_fits_them():
    found = profile(data(IMAGES.reshape(60, 60).astype(float), LABELS / 2))
    assert (found.class_counts, found.class_means, found.pixels) == (None, None, None)
    assert found.mean.shape == (60,)
    np.testing.assert_allclose(found.mean, IMAGES[:40].reshape(40, 60).mean(axis=0))


def test_a_class_without_training_examples_has_no_mean():
    found = profile(data(class_names=("a", "b", "c", "d", "e")))
    assert np.isnan(found.class_means[4]).all()
    assert found.class_counts["train"][4] == 0


def test_large_values_with_little_spread_keep_their_digits():
    X = np.random.default_rng(0).normal(1.6e9, 1.0, (60, 2))
    np.testing.assert_allclose(profile(data(X)).spread, X[:40].std(axis=0), rtol=1e-6)
