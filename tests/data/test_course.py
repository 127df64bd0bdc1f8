"""CIFAR-10 as the courses cut it."""

import numpy as np
import pytest
from tests.data.files import cifar_batch, write_cifar_binary, write_cifar_python

from layerwise.data.course import course_arrays, course_parts
from layerwise.errors import DataError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERWISE_CACHE", str(tmp_path / "cache"))
    write_cifar_python(tmp_path / "cifar-10-batches-py")
    return tmp_path / "cifar-10-batches-py"


def images(seed):
    pixels, labels = cifar_batch(seed=seed)
    return pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).astype(float), labels


def test_images_come_in_the_files_order_as_float64_with_channels_last(folder):
    X, y, X_test, y_test = course_arrays(folder)
    expected = [images(seed) for seed in range(6)]
    np.testing.assert_array_equal(X, np.concatenate([x for x, _ in expected[:5]]))
    np.testing.assert_array_equal(y, np.concatenate([labels for _, labels in expected[:5]]))
    np.testing.assert_array_equal(X_test, expected[5][0])
    assert X.dtype == np.float64
    assert X.flags.c_contiguous
    assert y.dtype == y_test.dtype == np.int64


def test_parts_are_cut_in_order_less_the_mean_of_the_first(folder):
    X, y, X_test, y_test = course_arrays(folder)
    X, X_test = (a.transpose(0, 3, 1, 2) for a in (X, X_test))
    data = course_parts(folder, num_training=900, num_validation=50, num_test=30)
    mean = X[:900].mean(axis=0)
    assert list(data) == ["X_train", "y_train", "X_val", "y_val", "X_test", "y_test"]
    np.testing.assert_array_equal(data["X_train"], X[:900] - mean)
    np.testing.assert_array_equal(data["X_val"], X[900:950] - mean)
    np.testing.assert_array_equal(data["X_test"], X_test[:30] - mean)
    np.testing.assert_array_equal(data["y_val"], y[900:950])
    np.testing.assert_array_equal(data["y_test"], y_test[:30])
    np.testing.assert_array_equal(course_parts(folder, num_training=2, num_validation=1, subtract_mean=False)["X_train"], X[:2])


def test_of_a_smaller_set_the_last_fiftieth_validates(folder):
    data = course_parts(folder)
    assert [len(data[f"X_{part}"]) for part in ("train", "val", "test")] == [1078, 22, 220]


def test_both_versions_of_the_files_are_the_same_data(folder, tmp_path):
    write_cifar_binary(tmp_path / "cifar-10-batches-bin")
    for a, b in zip(course_arrays(folder), course_arrays(tmp_path / "cifar-10-batches-bin"), strict=True):
        np.testing.assert_array_equal(a, b)


def test_no_examples_are_refused(folder):
    with pytest.raises(DataError, match="0 to train on, 1 to validate"):
        course_parts(folder, num_training=0, num_validation=1)
