"""The features that the worksheet's models see are those of its images, in the parts where the images are."""

import numpy as np
import pytest
from tests.data.files import write_cifar_binary

from layerwise.data import load_cifar10
from layerwise.features import course_hog, hue_histogram
from layerwise.labs.cifar10_features import CIFAR10_FEATURES, extraction
from layerwise.labs.lab import Lab
from layerwise.storage.run_folder import RunFolder


@pytest.fixture
def lab(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERWISE_CACHE", str(tmp_path / "cache"))
    write_cifar_binary(tmp_path / "cifar10")
    return Lab(CIFAR10_FEATURES, RunFolder.create("features", tmp_path / "lab"), data_folder=str(tmp_path / "cifar10"))


def test_each_set_of_features_has_the_parts_of_the_images(lab):
    run = extraction(lab)
    images = load_cifar10(lab.data_folder, validation=1000)
    sets = {name: dict(np.load(run / f"{name}.npz")) for name in ("both", "hog", "hue")}
    for part in ("train", "val", "test"):
        edges, hues = course_hog(images[f"X_{part}"]), hue_histogram(images[f"X_{part}"])
        for name, expected in (("hog", edges), ("hue", hues), ("both", np.concatenate([edges, hues], axis=1))):
            np.testing.assert_allclose(sets[name][f"X_{part}"], expected, rtol=1e-6)
            np.testing.assert_array_equal(sets[name][f"y_{part}"], images[f"y_{part}"])
    assert tuple(sets["both"]["class_names"]) == images.class_names
