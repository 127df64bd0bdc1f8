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
    for package in ("cs231n", "cse493g1", ""):
        write_cifar_python(folder / package / "datasets" / "cifar-10-batches-py")
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
    "features": ("Done extracting features for 1000 / 1020 images\n", "(1020, 154)\n"),
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


HALF_FINISHED = {
    "layers.py": """
import numpy as np

def affine_forward(x, w, b):
    print("a learner's affine_forward")
    out = x.reshape(len(x), -1).dot(w) + b
    return out, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = None, None, None
    # TODO: Implement the affine backward pass.
    pass
    return dx, dw, db
""",
    "classifiers/linear_classifier.py": """
import numpy as np
from PKG.classifiers.linear_svm import *

class LinearClassifier(object):
    def __init__(self):
        self.W = None

    def train(self, X, y, learning_rate=1e-3, reg=1e-5, num_iters=100, batch_size=200, verbose=False):
        # TODO
        pass

    def predict(self, X):
        print("a learner's predict")
        return np.argmax(X.dot(self.W), axis=1)

class LinearSVM(LinearClassifier):
    def loss(self, X_batch, y_batch, reg):
        return svm_loss_vectorized(self.W, X_batch, y_batch, reg)
""",
    "classifiers/linear_svm.py": """
import numpy as np

def svm_loss_vectorized(W, X, y, reg):
    loss = 0.0
    dW = np.zeros(W.shape)
    # TODO
    pass
    return loss, dW
""",
    "__init__.py": "",
    "classifiers/__init__.py": "from PKG.classifiers.linear_classifier import *\n",
}
MIXED = """
from PKG.classifiers.fc_net import *
from PKG.gradient_check import eval_numerical_gradient_array
import numpy as np
# %%
x, w, b, dout = np.random.randn(3, 2, 2), np.random.randn(4, 5), np.random.randn(5), np.random.randn(3, 5)
dx, dw, db = affine_backward(dout, affine_forward(x, w, b)[1])
assert np.allclose(dw, eval_numerical_gradient_array(lambda w: affine_forward(x, w, b)[0], w, dout))
# %%
from PKG.classifiers import LinearSVM
svm = LinearSVM()
np.random.seed(0)
X, y = np.random.randn(50, 4), np.arange(50) % 3
losses = svm.train(X, y, learning_rate=1e-1, num_iters=20, batch_size=20)
assert losses[-1] < losses[0]
svm.predict(X).shape
"""


@pytest.mark.slow
@pytest.mark.parametrize("package", ["cs231n", "cse493g1"])
def test_a_half_finished_assignment_runs_to_its_end(package, tmp_path):
    for name, text in HALF_FINISHED.items():
        file = tmp_path / "mine" / package / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("PKG", package), encoding="utf-8")
    said = run_in_kernel(tmp_path, MIXED.replace("PKG", package).split("# %%\n"), "--as", package, "--mine", tmp_path / "mine")
    assert outcomes(said) == ["ran", "ran", "ran"], said["cells"]
    assert said["texts"][1].startswith("a learner's affine_forward")
    assert "a learner's predict" in said["texts"][2]
    assert "(50,)" in said["texts"][2]
