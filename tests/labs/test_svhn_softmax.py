"""The worksheet's data are drawn as it says, and files that are not SVHN's are not judged by SVHN's figures."""

import numpy as np
import pytest
from tests.data.files import write_svhn

from layerwise.data import load_svhn
from layerwise.labs import svhn_softmax as module
from layerwise.labs.lab import Lab
from layerwise.labs.svhn_softmax import SVHN_SOFTMAX, _depends, _softmax, drawn, gradients, large_scores
from layerwise.storage.run_folder import RunFolder


@pytest.fixture
def lab(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERWISE_CACHE", str(tmp_path / "cache"))
    write_svhn(tmp_path / "svhn", num_train=120, num_test=30)
    return Lab(SVHN_SOFTMAX, RunFolder.create("svhn", tmp_path / "lab"), data_folder=str(tmp_path / "svhn"))


def test_training_validation_and_test_images_are_different_ones(lab):
    with np.load(drawn(lab)) as arrays:
        parts = dict(arrays)
    whole = load_svhn(lab.data_folder, validation=0)
    assert [len(parts[f"y_{part}"]) for part in ("train", "val", "test")] == [108, 12, 30]
    pool = np.concatenate([parts["X_train"], parts["X_val"]]).reshape(120, -1)
    assert len(np.unique(pool, axis=0)) == 120
    assert {row.tobytes() for row in pool} == {row.tobytes() for row in np.asarray(whole.X_train).reshape(120, -1)}
    number = {image.tobytes(): label for image, label in zip(np.asarray(whole.X_train), whole.y_train, strict=True)}
    assert all(number[image.tobytes()] == label for image, label in zip(parts["X_val"], parts["y_val"], strict=True))


def test_files_that_are_not_svhns_are_told_and_their_accuracies_not_judged(lab, monkeypatch):
    drawn(lab)
    assert "These files are in SVHN's format, but are not SVHN's: they hold 120 and 30 images" in lab.sections[-1]["text"]
    assert _depends(lab, "test accuracy", "0.194 ± 0.03") == ("test accuracy (not SVHN)", "")
    monkeypatch.setattr(module, "WHOLE", (120, 30))
    assert _depends(lab, "test accuracy", "0.194 ± 0.03") == ("test accuracy", "0.194 ± 0.03")


def test_gradients_and_large_scores_are_right_on_any_files(lab):
    gradients(lab)
    large_scores(lab)
    verdicts = {row["name"]: row["verdict"] for section in lab.sections for row in section["rows"]}
    assert set(verdicts.values()) == {"exact", "within tolerance"}
    assert verdicts["gradients that are right, of 8"] == verdicts["cross-entropy of -5, 0, 5 for the second"] == "exact"


def test_a_sweep_that_wrote_checkpoints_is_not_done_again(lab, monkeypatch):
    monkeypatch.setattr("layerwise.sweep.population.SECONDS", 0.0)  # a checkpoint after each step
    sample = drawn(lab)
    said = []
    lab.screen.say = said.append
    for _ in range(2):
        run = lab.sweep("rates", {"lr": "0.1,0.01"}, refit="train+validation", **_softmax(sample), steps=3)
    assert said[-1] == "rates: done already"
    assert (run / "metrics.jsonl").read_text().count('"result": true') == 1
