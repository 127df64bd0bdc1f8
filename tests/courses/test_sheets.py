"""The courses' kinds of notebooks, in our words, run as a user runs them: every name of a course's modules stands in one of them."""

import re

import numpy as np
import pytest
from tests.courses.sheet import cells_of, outcomes, run
from tests.data.files import write_cifar_python, write_mnist, write_svhn

from layerwise.courses import COURSES

pytestmark = pytest.mark.slow
CHECKED = "Gradient check passed!"


@pytest.fixture
def svhn(tmp_path):
    write_svhn(tmp_path / "svhn", num_train=120, num_test=40)
    return tmp_path


def test_dlcourses_first_assignment(svhn):
    said = run(svhn, cells_of("dlcourse_assignment1"), "--as", "dlcourse", "--data", svhn / "svhn")
    assert outcomes(said) == ["ran"] * (len(said["cells"]) - 1) + ["not done yet"], said["cells"]
    assert said["assignment"] is None
    texts = said["texts"]
    assert [text.count(CHECKED) for text in texts[3:10]] == [3, 0, 0, 1, 2, 1, 1]
    assert texts[5] == "5.006760443547122"
    epochs = re.findall(r"Epoch (\d+), loss: (\d+\.\d{6})", texts[10])
    assert [int(k) for k, _ in epochs] == list(range(10))
    losses = [float(loss) for _, loss in epochs]
    assert losses[0] > losses[-1] > 2


def test_dlcourses_neighbours(svhn):
    said = run(svhn, cells_of("dlcourse_neighbours"), "--as", "dlcourse", "--data", svhn / "svhn")
    assert outcomes(said) == ["ran"] * 5 + ["not done yet"], said["cells"]
    assert said["texts"][3].startswith("KNN with k = 1\nAccuracy: ")
    assert said["texts"][4] == "1.0\n"


def test_the_sample_of_svhn_and_the_split_are_the_seeded_ones(svhn):
    cells = [
        "from dataset import *\na, b, c, d = load_svhn('data', 50, 15)\nprint(b.tolist(), d.tolist(), random_split_train_val(b, b, 10)[3].tolist())"
    ]
    cells += [
        "e, f = load_data_mat('data/train_32x32.mat', 50)\nimport numpy as np\nprint(np.array_equal(a, e), np.array_equal(b, f), a.dtype)"
    ]
    said = run(svhn, [f"{cells[0]}", cells[1]], "--as", "dlcourse", "--data", svhn / "svhn")
    train, test, val = (np.array(re.findall(r"\d+", part), int) for part in said["texts"][0].split("]")[:3])
    np.random.seed(42)
    expected = np.random.choice(120, 50, replace=False) % 10
    np.testing.assert_array_equal(train, expected)
    np.random.seed(42)
    np.testing.assert_array_equal(test, np.random.choice(40, 15, replace=False) % 10)
    np.random.seed(42)
    order = np.arange(50)
    np.random.shuffle(order)
    np.testing.assert_array_equal(val, expected[order[-10:]])
    assert said["texts"][1] == "True True float32\n"


def test_dlcourses_second_assignment(svhn):
    said = run(svhn, cells_of("dlcourse_assignment2"), "--as", "dlcourse", "--data", svhn / "svhn")
    assert set(outcomes(said)) == {"ran"}, said["cells"]
    assert [text.count(CHECKED) for text in said["texts"][1:4]] == [1, 3, 8]
    assert re.findall(r"Checking gradient for (\w+)", said["texts"][3]) == ["W1", "B1", "W2", "B2"] * 2
    assert re.search(r"^Loss: \d\.\d{6}, Train accuracy: 0\.\d{6}, val accuracy: 0\.\d{6}$", said["texts"][4], re.MULTILINE)
    assert float(said["texts"][5].splitlines()[-1]) == 1e-2 / 4


def test_dlcourses_third_assignment_is_told_by_its_names(tmp_path):
    said = run(tmp_path, cells_of("dlcourse_assignment3"), "--as", "dlcourse")
    assert set(outcomes(said)) == {"ran"}, said["cells"]
    assert said["assignment"] == 3
    assert "0.75" in said["texts"][-1]  # accuracy first


def test_the_mnist_lab_of_keras_1(tmp_path):
    write_mnist(tmp_path / "mnist", num_train=300, num_test=60)
    cells = [cell.replace("STEPS", "5").replace("EPOCHS", "2") for cell in cells_of("keras_mnist")]
    said = run(tmp_path, cells, "--as", "keras1", "--data", tmp_path / "mnist")
    assert set(outcomes(said)) == {"ran"}, said["cells"]
    texts = said["texts"]
    assert texts[1] == "(300, 28, 28) uint8 (300,) (60, 28, 28)\n"
    assert re.search(r"<keras\.callbacks\.History at 0x\w+>", texts[3])
    told = texts[7].splitlines()
    assert told[:2] == ["Train on 300 samples, validate on 60 samples", "Epoch 1/2"]
    figure = r"\d+\.\d{4}"
    ending = rf"300/300 \[={{30}}\] - \d+s - loss: {figure} - acc: {figure} - val_loss: {figure} - val_acc: {figure}"
    assert re.fullmatch(ending, told[2].rpartition("\r")[2].strip())


def test_every_public_name_of_dlcourse_is_in_a_sheet():
    sheets = "\n".join("\n".join(cells_of(f"dlcourse_assignment{k}")) for k in (1, 2, 3)) + "\n".join(cells_of("dlcourse_neighbours"))
    folder = COURSES["dlcourse"].folders()[-1]
    for path in folder.glob("*.py"):
        names = re.findall(r"^(?:def|class) ([a-zA-Z]\w*)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert [name for name in names if name not in sheets and name not in ELSEWHERE] == [], path.name


ELSEWHERE = ("load_data_mat", "Param")  # in tests of their own, or behind the layers


@pytest.mark.parametrize("package", ["cs231n", "cse493g1"])
def test_a_notebook_for_colab_runs_to_its_end_and_its_search_is_the_learners(tmp_path, package):
    write_cifar_python(tmp_path / "cifar-10-batches-py")
    cells = [cell.replace("PKG", package) for cell in cells_of("colab_softmax")]
    said = run(tmp_path, cells, "--as", package, "--data", tmp_path)
    assert outcomes(said) == ["skipped", "ran", "ran", "ran", "ran", "ran", "not done yet", "not done yet", "skipped"], said["cells"]
    assert said["cells"][6]["why"] == "best_softmax is not there yet, for the TODO of cell 6 is open"
    assert said["texts"][4].splitlines() == ["Loss difference: 0.000000", "Gradient difference: 0.000000"]
    assert said["texts"][5] == "best validation accuracy achieved during cross-validation: -1.000000\n"


LAYERS = """from builtins import range
import numpy as np


def affine_forward(x, w, b):
    print("my affine_forward")
    out = x.reshape(x.shape[0], -1) @ w + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = None, None, None
    ###########################################################################
    # TODO: Implement the affine backward pass.                               #
    ###########################################################################
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

    pass

    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    ###########################################################################
    #                             END OF YOUR CODE                            #
    ###########################################################################
    return dx, dw, db
"""
NEIGHBOURS = """from builtins import object
import numpy as np
from past.builtins import xrange


class KNearestNeighbor(object):
    def __init__(self):
        pass

    def train(self, X, y):
        self.X_train = X
        self.y_train = y

    def compute_distances_two_loops(self, X):
        dists = np.zeros((X.shape[0], self.X_train.shape[0]))
        for i in xrange(X.shape[0]):
            for j in xrange(self.X_train.shape[0]):
                dists[i, j] = np.sqrt(np.sum((X[i] - self.X_train[j]) ** 2))
        print("my two loops")
        return dists

    def compute_distances_one_loop(self, X):
        dists = np.zeros((X.shape[0], self.X_train.shape[0]))
        for i in xrange(X.shape[0]):
            #######################################################################
            # TODO:                                                               #
            #######################################################################
            pass
            #######################################################################
            #                         END OF YOUR CODE                            #
            #######################################################################
        return dists
"""
NET = """from builtins import object
import numpy as np

from ..layers import *
from ..layer_utils import *


class TwoLayerNet(object):
    def __init__(self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        self.params = {}
        self.reg = reg
        ############################################################################
        # TODO: Initialize the weights and biases of the two-layer net.            #
        ############################################################################
        pass
        ############################################################################
        #                             END OF YOUR CODE                             #
        ############################################################################

    def loss(self, X, y=None):
        scores = None
        ############################################################################
        # TODO: Implement the forward pass for the two-layer net.                  #
        ############################################################################
        pass
        ############################################################################
        #                             END OF YOUR CODE                             #
        ############################################################################
        return scores
"""


@pytest.mark.parametrize("package", ["cs231n", "cse493g1"])
def test_a_half_finished_package_runs_to_its_end(tmp_path, package):
    files = {
        "__init__.py": "",
        "layers.py": LAYERS,
        "classifiers/__init__.py": "from cs231n.classifiers.k_nearest_neighbor import *\nfrom cs231n.classifiers.linear_classifier import *\n",
        "classifiers/k_nearest_neighbor.py": NEIGHBOURS,
        "classifiers/fc_net.py": NET,
    }
    for name, text in files.items():
        path = tmp_path / "mine" / package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("cs231n", package), encoding="utf-8")
    cells = [
        (
            "%load_ext autoreload\n%autoreload 2\nimport numpy as np\nfrom cs231n.classifiers.fc_net import *\nnp.random.seed(493)\n"
            "out, cache = affine_forward(np.ones((2, 3)), np.ones((3, 4)), np.zeros(4))\ndx, dw, db = affine_backward(out, cache)\nprint(dw[0])"
        ),
        (
            "from cs231n.classifiers import KNearestNeighbor, LinearSVM\nknn = KNearestNeighbor()\nknn.train(np.eye(4), np.arange(4))\n"
            "a, b, c = knn.compute_distances_two_loops(np.eye(4)), knn.compute_distances_one_loop(np.eye(4)), knn.compute_distances_no_loops(np.eye(4))\n"
            "print(np.allclose(a, b), np.allclose(a, c), knn.predict(np.eye(4)), knn.predict_labels(a, k=1))"
        ),
        "model = TwoLayerNet(input_dim=4, hidden_dim=5, num_classes=3)\nprint(sorted(model.params), model.loss(np.eye(4)).shape)",
        "from cs231n.classifiers.linear_svm import svm_loss_naive\nfrom cs231n.optim import adam",
    ]
    cells = [cell.replace("cs231n", package) for cell in cells]
    for folder in ("mine", f"mine/{package}"):
        said = run(tmp_path, cells, "--as", package, "--mine", tmp_path / folder)
        assert outcomes(said) == ["ran"] * 4, said["cells"]
        assert said["texts"][0] == "my affine_forward\n[6. 6. 6. 6.]\n"
        assert said["texts"][1] == "my two loops\nTrue True [0 1 2 3] [0 1 2 3]\n"
        assert said["texts"][2] == "['W1', 'W2', 'b1', 'b2'] (4, 3)\n"
        told = {(one["module"], one["name"]): (one["whose"], one["why"]) for one in said["names"]}
        assert told[f"{package}.layers", "affine_forward"] == ("yours", "")
        assert told[f"{package}.layers", "affine_backward"] == ("ours", "its TODO is open")
        assert told[f"{package}.layers", "softmax_loss"] == ("ours", "it is not there")
        assert told[f"{package}.classifiers.k_nearest_neighbor", "KNearestNeighbor"][0] == "yours"
        assert told[f"{package}.classifiers.fc_net", "TwoLayerNet"][0] == "ours"
        assert said["notes"] == []
