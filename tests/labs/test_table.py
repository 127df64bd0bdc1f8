"""Every lab, by its quick run on tiny files in the true formats: a process of its own, as a user starts it."""

import pytest
from tests.cli.command import layerwise
from tests.data.files import write_cifar_binary, write_mnist, write_svhn
from tests.labs.contract import amiss

from layerwise.data import DATASETS
from layerwise.labs.lab import read_lab
from layerwise.labs.table import LABS

FILES = {
    "mnist": lambda folder: write_mnist(folder / "mnist", num_train=2400, num_test=200),
    "cifar10": lambda folder: write_cifar_binary(folder / "cifar-10-batches-bin", n=500),
    "svhn": lambda folder: write_svhn(folder / "svhn", num_train=400, num_test=200),
}


@pytest.mark.parametrize("name", LABS)
def test_a_lab_says_what_it_is(name):
    sheet = LABS[name]
    assert sheet.name == name
    assert sheet.title
    assert sheet.source
    assert sheet.minutes >= 1
    assert sheet.data in DATASETS


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_a_quick_run_keeps_a_labs_promises(name, tmp_path):
    FILES[LABS[name].data](tmp_path / "data")
    arguments = ("lab", "run", name, "--quick", "--data", tmp_path / "data", "--output", tmp_path / "lab", "--no-progress")
    out, err = layerwise(*arguments, folder=tmp_path, LAYERWISE_CACHE=str(tmp_path / "cache"))
    assert err == ""
    assert "QUICK run, on samples" in out
    assert amiss(tmp_path / "lab") == []
    assert read_lab(tmp_path / "lab")["quick"] is True
    assert all(row["name"].split()[0] in out for section in read_lab(tmp_path / "lab")["sections"] for row in section["rows"])
