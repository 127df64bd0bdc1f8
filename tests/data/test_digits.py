import numpy as np
import pytest

from layerwise.data.digits import read_digits


def test_the_parts_are_1197_300_and_300_with_every_classs_share():
    arrays = read_digits()
    assert [len(arrays[f"y_{part}"]) for part in ("train", "val", "test")] == [1197, 300, 300]
    for part, share in (("train", 119.7), ("val", 30), ("test", 30)):
        counts = np.bincount(arrays[f"y_{part}"], minlength=10)
        assert abs(counts - share).max() <= 4
    assert arrays["X_train"].dtype == np.uint8
    assert arrays["X_train"].max() == 16


def test_no_image_is_in_two_parts():
    arrays = read_digits()
    images = np.concatenate([arrays[f"X_{part}"].reshape(-1, 64) for part in ("train", "val", "test")])
    assert len(np.unique(images, axis=0)) == 1797


@pytest.mark.peer
def test_they_are_scikit_learns_digits():
    from sklearn.datasets import load_digits

    theirs, arrays = load_digits(), read_digits()
    images = np.concatenate([arrays[f"X_{part}"].reshape(-1, 64) for part in ("train", "val", "test")])
    labels = np.concatenate([arrays[f"y_{part}"] for part in ("train", "val", "test")])
    order, their_order = np.lexsort(images.T), np.lexsort(theirs.data.T)
    np.testing.assert_array_equal(images[order], theirs.data[their_order])
    np.testing.assert_array_equal(labels[order], theirs.target[their_order])
