"""Right files, in every convention of the courses, are called right; another convention is called so, and not wrong."""

from pathlib import Path

import pytest

from layerwise.grading import RIGHT, TASKS, check_file

FILES = Path(__file__).parent / "right"
COUNTS = {
    "course/layers.py": 23,
    "course/optim.py": 4,
    "course/classifiers/fc_net.py": 2,
    "linear.py": 4,
    "linear_classifer.py": 5,
    "neural_net.py": 1,
}


@pytest.mark.parametrize("name", COUNTS)
def test_a_right_file_is_right(name):
    verdicts = check_file(FILES / name)
    assert [(v.name, v.told(3)) for v in verdicts if v.verdict != RIGHT] == []
    assert len(verdicts) == COUNTS[name]
    assert [line for v in verdicts for line in v.told(3)] == []


def test_every_task_has_a_right_solution():
    defined = " ".join(path.read_text(encoding="utf-8") for path in FILES.rglob("*.py"))
    alike = {"FullyConnectedNetBasic", "FullyConnectedNetImproved"}
    assert [name for name in TASKS if name not in alike and f"def {name}(" not in defined and f"class {name}" not in defined] == []


CONVENTIONS = {
    "half": (
        (
            "import numpy as np\nfrom linear import softmax_loss_vectorized as other\n\n"
            "def softmax_loss_vectorized(W, X, y, reg):\n    return other(W, X, y, 0.5 * reg)\n"
        ),
        "softmax_loss_vectorized",
        "the other convention: a mean over examples and ½·λ·ΣW²",
    ),
    "sum": (
        "from layers import softmax_loss as mean\n\ndef softmax_loss(x, y):\n    loss, dx = mean(x, y)\n    return loss * len(x), dx * len(x)\n",
        "softmax_loss",
        "the other convention: a sum over examples",
    ),
    "dropped": (
        (
            "from layers import dropout_forward as keeps\n\ndef dropout_forward(x, dropout_param):\n"
            "    return keeps(x, {**dropout_param, 'p': 1 - dropout_param['p']})\n"
        ),
        "dropout_forward",
        "p is the share dropped",
    ),
    "cross entropy": (
        (
            "import numpy as np\n\ndef cross_entropy_loss(probs, target_index):\n    p = np.atleast_2d(probs)\n"
            "    return -np.log(p[np.arange(len(p)), np.ravel(target_index)]).sum()\n"
        ),
        "cross_entropy_loss",
        "a sum over examples",
    ),
    "the book's form": (
        "from linear import softmax_loss_vectorized\n\ndef softmax_loss(W, X, y, reg):\n    return softmax_loss_vectorized(W, X, y, reg)\n",
        "softmax_loss",
        "the other convention: a mean over examples and λ·ΣW²",
    ),
    "scaled in prediction": (
        (
            "import numpy as np\n\ndef dropout_forward(x, dropout_param):\n    np.random.seed(dropout_param.get('seed', 0))\n"
            "    if dropout_param['mode'] == 'test':\n        return x * dropout_param['p'], None\n"
            "    mask = np.random.rand(*x.shape) < dropout_param['p']\n    return x * mask, mask\n"
        ),
        "dropout_forward",
        "values are scaled in prediction",
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with right files under the names that the conventions import."""
    folder = tmp_path_factory.mktemp("conventions")
    for source in (FILES / "linear.py", FILES / "course" / "layers.py"):
        (folder / source.name).write_bytes(source.read_bytes())
    return folder


@pytest.mark.parametrize("name", CONVENTIONS)
def test_another_convention_is_called_so_and_not_wrong(folder, name):
    source, function, told = CONVENTIONS[name]
    path = folder / "mine.py"
    path.write_text(source, encoding="utf-8")
    (verdict,) = check_file(path, only=[function])
    assert verdict.verdict == RIGHT, verdict.told(3)
    assert told in " ".join(verdict.told(1))
