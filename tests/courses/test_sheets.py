"""The courses' kinds of notebooks, in our words, run as a user runs them: every name of a course's modules stands in one of them."""

import re

import numpy as np
import pytest
from tests.courses.sheet import cells_of, outcomes, run
from tests.data.files import write_mnist, write_svhn

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
    assert float(re.findall(r"[\d.]+", texts[5])[-1]) == 5.006760443547122
    epochs = re.findall(r"Epoch (\d+), loss: (\d+\.\d{6})", texts[10])
    assert [int(k) for k, _ in epochs] == list(range(10))
    losses = [float(loss) for _, loss in epochs]
    assert losses[0] > losses[-1] > 2


def test_the_sample_of_svhn_and_the_split_are_the_seeded_ones(svhn):
    cells = [
        "from dataset import *\na, b, c, d = load_svhn('data', 50, 15)\nprint(list(b), list(d), list(random_split_train_val(b, b, 10)[3]))"
    ]
    cells += [
        "e, f = load_data_mat('data/train_32x32.mat', 50)\nimport numpy as np\nprint(np.array_equal(a, e), np.array_equal(b, f), a.dtype)"
    ]
    said = run(svhn, [f"{cells[0]}", cells[1]], "--as", "dlcourse", "--data", svhn / "svhn")
    train, test, val = (np.array(re.findall(r"\d+(?=\))", part), int) for part in said["texts"][0].split("]")[:3])
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
    sheets = "\n".join("\n".join(cells_of(f"dlcourse_assignment{k}")) for k in (1, 2, 3))
    folder = COURSES["dlcourse"].folders()[-1]
    for path in folder.glob("*.py"):
        names = re.findall(r"^(?:def|class) ([a-zA-Z]\w*)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert [name for name in names if name not in sheets and name not in ELSEWHERE] == [], path.name


ELSEWHERE = ("load_data_mat", "Param", "KNN")  # in tests of their own, or behind the layers
