import gzip
import tarfile

import numpy as np
import pytest
from tests.data.files import cifar_batch, write_cifar_binary, write_cifar_python, write_mnist, write_svhn

from layerwise.data import leftover, place
from layerwise.data.mirror import MIRRORS
from layerwise.data.place import FORMS, roots
from layerwise.data.table import load
from layerwise.errors import DataError, MissingDataError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of the test's own, and a working folder in it."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("LAYERWISE_DATA", "KERAS_HOME", "SCIKIT_LEARN_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LAYERWISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("layerwise.data.place.roots", lambda: [root for root in roots() if tmp_path in root.parents])
    return tmp_path


def write_openml(path, arrays, quoted=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.concatenate([arrays["X_train"], arrays["X_test"]]).reshape(-1, arrays["X_train"][0].size)
    labels = np.concatenate([arrays["y_train"], arrays["y_test"]])
    mark = "'" if quoted else ""
    rows = "\n".join(",".join(map(str, row)) + f",{mark}{label}{mark}" for row, label in zip(pixels.tolist(), labels, strict=True))
    path.write_bytes(gzip.compress(f"% a comment\n@RELATION x\n@ATTRIBUTE pixel1 INTEGER\n@DATA\n{rows}\n".encode()))


def archive(path, folder, below):
    with tarfile.open(path, "w:gz") as tar:
        for file in sorted(folder.iterdir()):
            tar.add(file, f"{below}/{file.name}")


def test_every_form_that_is_looked_for_can_be_read():
    assert {form.kind for forms in FORMS.values() for form in forms} == set(leftover.READERS)


def test_what_torchvision_left_is_read_without_being_asked_for(home):
    arrays = write_mnist(home / "data" / "MNIST" / "raw")
    np.testing.assert_array_equal(load("mnist").X_test, arrays["X_test"][:, None])
    write_svhn(home / "data")
    assert load("svhn").X_test.shape == (20, 3, 32, 32)


def test_keras_file_is_read(home):
    arrays = write_mnist(home / "elsewhere")
    (home / ".keras" / "datasets").mkdir(parents=True)
    np.savez(home / ".keras" / "datasets" / "mnist.npz", **{f"x{k[1:]}" if k[0] == "X" else k: a for k, a in arrays.items()})
    data = load("mnist")
    np.testing.assert_array_equal(data.X_test, arrays["X_test"][:, None])
    np.testing.assert_array_equal(data.y_test, arrays["y_test"])


@pytest.mark.parametrize("quoted", [False, True])
def test_scikit_learns_table_is_read(home, monkeypatch, quoted):
    monkeypatch.setattr(leftover, "NUM_TEST", 20)
    monkeypatch.setattr(leftover, "LINES_AT_ONCE", 7)
    arrays = write_mnist(home / "elsewhere")
    write_openml(home / "scikit_learn_data" / "openml/openml.org/data/v1/download/52667/mnist_784.arff.gz", arrays, quoted)
    data = load("mnist", validation=0)
    np.testing.assert_array_equal(data.X_train, arrays["X_train"][:, None])
    np.testing.assert_array_equal(data.y_test, arrays["y_test"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"@relation x\n", "has no @data"),
        (b"@data\n1,2,300\n", "not a table of bytes"),
        (b"@data\n1,2,x\n", "not a table of bytes"),
        (b"@data\n1,2\n" + b"1,2\n" * 11, "are not square images"),
        (b"@data\n", "has 0 rows"),
        (b"@data\n" + b"1,2\n" * 500 + b"1,2,3\n", "has rows of 2 and of 3 numbers"),
    ],
)
def test_a_table_of_something_else_is_refused(tmp_path, monkeypatch, content, message):
    monkeypatch.setattr(leftover, "NUM_TEST", 5 if b"x" in content else 20)
    (tmp_path / "t.arff.gz").write_bytes(gzip.compress(content))
    with pytest.raises(DataError, match=message):
        list(leftover.read_openml({"table": tmp_path / "t.arff.gz"}))


@pytest.mark.parametrize("kind", ["binary", "python"])
def test_a_whole_archive_is_unpacked_for_the_time_of_reading(home, monkeypatch, kind):
    write, below = {"binary": (write_cifar_binary, "cifar-10-batches-bin"), "python": (write_cifar_python, "cifar-10-batches-py")}[kind]
    write(home / "elsewhere")
    name = f"cifar-10-{kind}.tar.gz"
    (home / "data").mkdir()
    archive(home / "data" / name, home / "elsewhere", below)
    monkeypatch.setitem(place._SIZES, name, (home / "data" / name).stat().st_size)
    data = load("cifar10")
    np.testing.assert_array_equal(data.X_test, cifar_batch(seed=5)[0].reshape(-1, 3, 32, 32))
    assert not [path for path in (home / "cache").iterdir() if path.is_dir() and not path.name.startswith("cifar10-")]


def test_a_folder_that_is_named_is_the_only_one(home):
    write_mnist(home / "data" / "MNIST" / "raw")
    (home / "mine").mkdir()
    with pytest.raises(MissingDataError):
        load("mnist", home / "mine")


def test_the_folder_of_the_variable_comes_before_others(home, monkeypatch):
    write_mnist(home / "data" / "MNIST" / "raw")
    own = write_mnist(home / "own" / "MNIST" / "raw", seed=1)
    monkeypatch.setenv("LAYERWISE_DATA", str(home / "own"))
    np.testing.assert_array_equal(load("mnist").X_test, own["X_test"][:, None])
    monkeypatch.setenv("LAYERWISE_DATA", str(home / "nowhere"))
    assert len(load("mnist").X_test) == 20


def test_an_npz_of_floats_is_refused(home):
    np.savez(home / "mnist.npz", x_train=np.zeros((4, 2, 2)), y_train=np.zeros(4))
    with pytest.raises(DataError, match='"X_train" is float64, but must be bytes'):
        list(leftover.read_keras({"arrays": home / "mnist.npz"}))


def test_the_published_files_hold_what_the_readers_ask_for():
    assert {file.name for files in MIRRORS.values() for file in files if file.members} == {
        "cifar-10-binary.tar.gz",
        "cifar-10-python.tar.gz",
    }
