"""Notebooks in every listed year's style run on the course packages: each cell, with the bounds that it names."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.courses.notebook import cells
from tests.courses.sheet import outcomes
from tests.courses.sheet import run as run_in_kernel
from tests.data.files import write_cifar_python

COURSES = Path(importlib.import_module("layerwise.courses").__file__).parent
STANFORD = ("assignment1", "features", "two_layer_net", "fully_connected_nets", "batch_normalization", "dropout", "convolutional_networks")


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder like a notebook's, with a small CIFAR-10 where each course looks for it."""
    folder = tmp_path_factory.mktemp("notebook")
    write_cifar_python(folder / "cs231n" / "datasets" / "cifar-10-batches-py")
    for package in ("cse493g1", ""):
        (folder / package).mkdir(exist_ok=True)
        (folder / package / "datasets").symlink_to(folder / "cs231n" / "datasets", target_is_directory=True)
    return folder


def run(course, name, package, workplace, cache):
    """All cells in a process of their own, where the course's folder is first on the path; gives what they printed."""
    program = workplace / f"{course}_{name}.py"
    program.write_text("\n".join(cells(name, package)), encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(COURSES / course),
        "MPLBACKEND": "agg",
        "PYTHONSAFEPATH": "1",
        "LAYERWISE_CACHE": str(cache),
    }
    done = subprocess.run(
        [sys.executable, "-X", "utf8", program], cwd=workplace, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("package", ["cs231n", pytest.param("cse493g1", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", STANFORD)
def test_every_cell_runs(name, package, workplace, tmp_path_factory):
    printed = run(package, name, package, workplace, tmp_path_factory.getbasetemp() / "cache")
    for line in PRINTED.get(name, ()):
        assert line in printed, printed


def test_the_textbooks_chapter_runs(workplace, tmp_path_factory):
    printed = run("book", "softmax_chapter", "", workplace, tmp_path_factory.getbasetemp() / "cache")
    assert [line.partition(":")[0] for line in printed.splitlines() if line.startswith("迭代")][:3] == [
        "迭代次数 0 / 1001",
        "迭代次数 500 / 1001",
        "迭代次数 1000 / 1001",
    ]
    assert printed.count("numerical: ") == 10


PRINTED = {
    "assignment1": (
        "numerical: ",
        "iteration 0 / 150: loss ",
        "iteration 100 / 150: loss ",
        "softmax.npy saved.\n",
        "softmax.npy loaded.\n",
    ),
    "two_layer_net": (
        "X_train: (1078, 3, 32, 32)\n",
        "(Iteration 1 / 10) loss: 2.3",
        "(Epoch 0 / 2) train acc: 0.",
        "(Epoch 2 / 2) train acc: 0.",
        "not_there.npy not available.\n",
    ),
    "convolutional_networks": ("(Iteration 4 / 4) loss: ", "(Epoch 2 / 2) train acc: "),
}


@pytest.mark.slow
@pytest.mark.parametrize("package", ["cs231n", "cse493g1"])
@pytest.mark.parametrize("name", STANFORD)
def test_every_cell_runs_in_a_kernel(name, package, workplace, tmp_path):
    data = workplace / "cs231n" / "datasets" / "cifar-10-batches-py"
    said = run_in_kernel(tmp_path, cells(name, package), "--as", package, "--data", data)
    assert set(outcomes(said)) == {"ran"}, said["cells"]


@pytest.mark.slow
def test_the_textbooks_chapter_runs_in_a_kernel(workplace, tmp_path):
    said = run_in_kernel(
        tmp_path, cells("softmax_chapter"), "--as", "book", "--data", workplace / "cs231n" / "datasets" / "cifar-10-batches-py"
    )
    assert set(outcomes(said)) == {"ran"}, said["cells"]
