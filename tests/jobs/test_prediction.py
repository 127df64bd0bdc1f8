"""What is kept of a classifier's predictions, against a count of our own."""

import numpy as np
import pytest

from layerwise.data import load_digits
from layerwise.jobs.prediction import LARGEST_SIDE, save_predictions
from layerwise.models import SoftmaxModel
from layerwise.storage import RunFolder, load_arrays


@pytest.fixture
def folder(tmp_path):
    return RunFolder(tmp_path)


def model_that_says(k, K=10, D=64):
    model = SoftmaxModel(D, K)
    model.params["b"] = np.eye(K, dtype=np.float32)[k] * 2
    model.params["W"] = np.zeros((D, K), np.float32)
    return model


def test_counts_and_mistakes_are_those_of_the_test_part(folder):
    data = load_digits().with_preprocessing("scale", "flatten")
    save_predictions(folder, model_that_says(3), data)
    arrays, document = load_arrays(folder.predictions)
    y = np.asarray(data.y_test)
    expected = np.zeros((10, 10), int)
    expected[:, 3] = [np.sum(y == k) for k in range(10)]
    np.testing.assert_array_equal(arrays["confusion"], expected)
    assert (document["part"], document["examples"], document["wrong"]) == ("test", len(y), int(np.sum(y != 3)))
    mistakes = document["mistakes"]
    assert len(mistakes) == 8  # all were taken for one class
    assert all(mistake["predicted"] == 3 and mistake["true"] == y[mistake["index"]] != 3 for mistake in mistakes)
    assert mistakes[0]["probability"] == pytest.approx(np.exp(2) / (np.exp(2) + 9))
    image = np.asarray(data.X_test[mistakes[1]["index"]])[0]
    np.testing.assert_array_equal(arrays["images"][1, :, :, 0], np.round(image / 16 * 255))


def test_without_a_test_part_the_validation_part_is_taken_and_without_either_nothing_is_written(folder):
    rng = np.random.default_rng(0)
    arrays = {"X_train": rng.random((9, 4)), "y_train": np.arange(9) % 3, "X_val": rng.random((6, 4)), "y_val": np.arange(6) % 3}
    from layerwise.data import Dataset

    names = ("a", "b", "c")
    save_predictions(folder, model_that_says(0, 3, 4), Dataset(**arrays, class_names=names))
    found, document = load_arrays(folder.predictions)
    assert document["part"] == "val"
    assert found["confusion"].tolist() == [[2, 0, 0]] * 3
    assert "images" not in found
    folder.predictions.with_suffix(".json").unlink()
    save_predictions(folder, model_that_says(0, 3, 4), Dataset(**arrays | {"X_val": None, "y_val": None}, class_names=names))
    assert not folder.predictions.with_suffix(".json").exists()


def test_large_images_are_kept_small(folder):
    from layerwise.data import Dataset

    X = np.random.default_rng(0).integers(0, 256, (4, 3, 200, 150), dtype=np.uint8)
    data = Dataset(X_train=X, y_train=np.zeros(4, int), X_test=X, y_test=np.array([0, 1, 1, 1]), class_names=("a", "b"))
    save_predictions(folder, model_that_says(0, 2, 1), data, scores=np.array([[1.0, 0]] * 4))
    images = load_arrays(folder.predictions)[0]["images"]
    assert max(images.shape[1:3]) <= LARGEST_SIDE
    np.testing.assert_array_equal(images[0], X[1].transpose(1, 2, 0)[::4, ::4])
