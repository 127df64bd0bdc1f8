"""A learner's files before the course's, name by name: as the report tells it, and as the kernel makes it."""

import subprocess
import sys

import pytest
from tests.courses.sheet import outcomes, run

from layerwise.courses.merge import learner_root, owners
from layerwise.courses.scratch import copy_mine
from layerwise.courses.table import course
from layerwise.errors import DataError

MINE = '''import numpy as np


def softmax(predictions):
    print("my softmax")
    exps = np.exp(predictions - np.max(predictions))
    return exps / exps.sum()


def cross_entropy_loss(probs, target_index):
    """Loss of the right class."""
    # TODO implement cross-entropy
    raise Exception("Not implemented!")


def softmax_with_cross_entropy(predictions, target_index):
    loss = cross_entropy_loss(softmax(predictions), target_index)  # mine calls ours through mine
    return loss, None


def my_own_helper():
    return 7


class LinearSoftmaxClassifier:
    def __init__(self):
        self.W = None

    def fit(self, X, y, batch_size=100, learning_rate=1e-7, reg=1e-5, epochs=1):
        loss_history = []
        # TODO implement
        raise Exception("Not implemented!")
        return loss_history

    def predict(self, X):
        return "mine"
'''


@pytest.fixture
def mine(tmp_path):
    folder = tmp_path / "assignment 1"
    folder.mkdir()
    (folder / "linear_classifer.py").write_text(MINE, encoding="utf-8")
    (folder / "metrics.py").write_text("def multiclass_accuracy(a, b):\n    return 'my accuracy'\n", encoding="utf-8")
    (folder / "optim.py").write_text("class SGD\n    pass\n", encoding="utf-8")
    (folder / "trainer.py").write_text("import no_such_module\n\ndef mine():\n    return 1\n", encoding="utf-8")
    return folder


def test_the_report_says_whose_each_name_is_and_why(mine):
    rows = {(one.module, one.name): (one.whose, one.why) for one in owners(course("dlcourse"), mine)}
    assert rows["linear_classifer", "softmax"] == ("yours", "")
    assert rows["linear_classifer", "cross_entropy_loss"] == ("ours", 'it raises "not implemented"')
    assert rows["linear_classifer", "my_own_helper"] == ("yours", "")
    assert rows["linear_classifer", "l2_regularization"] == ("ours", "it is not there")
    assert rows["linear_classifer", "LinearSoftmaxClassifier"] == ("ours", 'fit: it raises "not implemented"')
    assert rows["metrics", "multiclass_accuracy"] == ("yours", "")
    assert rows["metrics", "binary_classification_metrics"] == ("ours", "it is not there")
    assert rows["optim", "*"] == ("ours", "optim.py, line 1: expected ':'")
    assert rows["layers", "*"] == ("ours", "there is no such file")
    assert ("linear_classifer", "Any") not in rows  # what ours imports for its own use is nobody's to write


def test_what_a_base_class_leaves_to_others_and_an_empty_init_are_written(tmp_path):
    folder = tmp_path / "cs231n" / "classifiers"
    folder.mkdir(parents=True)
    (folder / "linear_classifier.py").write_text(
        "from .softmax import *\n\n\nclass LinearClassifier(object):\n    def __init__(self):\n        pass\n\n"
        "    def loss(self, X, y, reg):\n        pass\n\n    def predict(self, X):\n        pass\n\n\n"
        "class Softmax(LinearClassifier):\n    def loss(self, X, y, reg):\n        return softmax_loss_vectorized(self.W, X, y, reg)\n",
        encoding="utf-8",
    )
    rows = {one.name: (one.whose, one.why) for one in owners(course("cs231n"), tmp_path) if one.module.endswith("linear_classifier")}
    assert rows == {
        "LinearClassifier": ("yours", "but predict: its body is empty: that is ours"),
        "Softmax": ("yours", ""),
        "LinearSVM": ("ours", "it is not there"),
    }  # and softmax_loss_vectorized has its row where it is from


def test_a_copy_of_a_learners_package_has_the_folder_that_models_are_saved_in(tmp_path):
    (tmp_path / "mine" / "cs231n").mkdir(parents=True)
    (tmp_path / "mine" / "cs231n" / "optim.py").write_text("", encoding="utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    copy_mine(course("cs231n"), tmp_path / "mine", scratch)
    assert (scratch / "cs231n" / "saved").is_dir()
    assert (scratch / "cs231n" / "optim.py").is_file()
    assert not (tmp_path / "mine" / "cs231n" / "saved").exists()


PROGRAM = """
import sys
from pathlib import Path
from layerwise.courses import use
from layerwise.courses.merge import Merged
from layerwise.courses.table import course
use("dlcourse")
sys.meta_path.insert(0, Merged(course("dlcourse"), Path(sys.argv[1]), None))
import numpy as np
"""


def program(mine, text):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM + text, str(mine)], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), done.stderr.splitlines()


def test_what_is_written_is_used_and_what_is_not_is_ours(mine):
    out, err = program(
        mine,
        "import linear_classifer as lc\n"
        "print(lc.softmax_with_cross_entropy(np.array([-5.0, 0, 5]), 1)[0])\n"
        "print(lc.l2_regularization(np.ones((2, 2)), 1.0)[0], lc.my_own_helper(), lc.__file__)\n"
        "c = lc.LinearSoftmaxClassifier()\nc.fit(np.eye(4), np.array([0, 1, 1, 0]), epochs=1)\nprint(c.predict(np.eye(4)).shape)\n",
    )
    assert out[0] == "my softmax"
    assert float(out[1]) == pytest.approx(5.006760443547122, rel=1e-12)
    assert out[2] == f"4.0 7 {mine / 'linear_classifer.py'}"
    assert out[3].startswith("Epoch 0, loss: ")
    assert out[4] == "(4,)"
    assert err == []


def test_our_functions_keep_to_our_own(mine):
    """What of ours is called by ours is not exchanged: only what the notebook and the learner's functions ask for."""
    out, _ = program(
        mine, "import metrics\nprint(metrics.multiclass_accuracy(1, 2), metrics.binary_classification_metrics(*[np.array([True])] * 2))\n"
    )
    assert out == ["my accuracy (np.float64(1.0), np.float64(1.0), np.float64(1.0), np.float64(1.0))"]


def test_a_file_that_cannot_be_read_or_run_is_ours_and_told(mine):
    out, err = program(mine, "import optim, trainer\nprint(optim.SGD().update(np.ones(1), np.ones(1), 0.5), hasattr(trainer, 'Trainer'))\n")
    assert out == ["[0.5] True"]
    assert err[0] == "layerwise: your optim cannot be used (optim.py, line 1: expected ':'); ours is"
    assert (
        err[1]
        == "layerwise: your trainer cannot be used (trainer.py raises ModuleNotFoundError: No module named 'no_such_module'); ours is"
    )


def test_the_folder_may_be_the_assignments_only(mine, tmp_path):
    assert learner_root(course("dlcourse"), mine) == mine
    with pytest.raises(DataError, match=r"holds nothing of dlcourse.ai, assignments 1 to 3; needed is dataset.py or .* in it"):
        learner_root(course("dlcourse"), tmp_path)


@pytest.mark.slow
def test_a_half_finished_assignment_runs_to_its_end(mine, tmp_path):
    cells = [
        "import linear_classifer, optim\nfrom metrics import multiclass_accuracy\nprint(multiclass_accuracy(1, 2))",
        "import numpy as np\nlinear_classifer.softmax_with_cross_entropy(np.array([-5.0, 0, 5]), 1)[0]",
        "open('linear_classifer.py', 'a').write('# changed')",
    ]
    said = run(tmp_path, cells, "--as", "dlcourse", "--mine", mine)
    assert outcomes(said) == ["ran"] * 3
    assert "my accuracy" in said["texts"][0].splitlines()
    assert "my softmax" in said["texts"][1]
    assert {"module": "linear_classifer", "name": "softmax", "whose": "yours", "why": ""} in said["names"]
    assert said["notes"] == ["your optim cannot be used (optim.py, line 1: expected ':'); ours is"]
    assert (mine / "linear_classifer.py").read_text(encoding="utf-8") == MINE
