"""Data sets are found where other libraries leave them."""

import pytest

from layerwise.data import place
from layerwise.data.mirror import MIRRORS
from layerwise.data.place import FORMS, find_left

IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
BATCHES = (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch")
OPENML = "openml/openml.org/data/v1/download"


def put(folder, *names, size=3):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("wb") as file:
            file.truncate(size)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty machine: a home, and a folder to be in."""
    for name in ("KERAS_HOME", "SCIKIT_LEARN_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(place.Path, "home", lambda: tmp_path / "home")
    roots = place.roots
    monkeypatch.setattr(place, "roots", lambda: [root for root in roots() if "/usr/" not in root.as_posix()])
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "home"


# Who left it, what is found: kind, and the folder, by name, that holds it
LEFT = {
    "torchvision MNIST": ("mnist", "../here/data/MNIST/raw", [f"{n}.gz" for n in IDX], "idx"),
    "torchvision MNIST, unpacked": ("mnist", "../here/data/MNIST/raw", IDX, "idx"),
    "torchvision Fashion-MNIST": ("fashion_mnist", "../here/data/FashionMNIST/raw", [f"{n}.gz" for n in IDX], "idx"),
    "torchvision CIFAR-10": ("cifar10", "../here/data/cifar-10-batches-py", BATCHES, "python"),
    "torchvision SVHN": ("svhn", "../here/data", ["train_32x32.mat", "test_32x32.mat"], "mat"),
    "Keras MNIST": ("mnist", ".keras/datasets", ["mnist.npz"], "keras"),
    "Keras Fashion-MNIST": ("fashion_mnist", ".keras/datasets/fashion-mnist", [f"{n}.gz" for n in IDX], "idx"),
    "Keras CIFAR-10": ("cifar10", ".keras/datasets/cifar-10-batches-py-target/cifar-10-batches-py", BATCHES, "python"),
    "Keras CIFAR-10, older": ("cifar10", ".keras/datasets/cifar-10-batches-py", BATCHES, "python"),
    "scikit-learn MNIST": ("mnist", f"scikit_learn_data/{OPENML}/52667", ["mnist_784.arff.gz"], "openml"),
    "scikit-learn MNIST, older": ("mnist", f"scikit_learn_data/{OPENML}", ["52667.gz"], "openml"),
    "scikit-learn Fashion-MNIST": ("fashion_mnist", f"scikit_learn_data/{OPENML}/18238735", ["Fashion-MNIST.arff.gz"], "openml"),
    "scikit-learn CIFAR-10": ("cifar10", f"scikit_learn_data/{OPENML}/16797613", ["CIFAR_10.arff.gz"], "openml"),
    "the binary version, by hand": ("cifar10", "data/cifar-10-batches-bin", [f"{b}.bin" for b in BATCHES], "binary"),
    "names with a dot": ("mnist", "datasets/mnist", [n.replace("-idx", ".idx") for n in IDX], "idx"),
}


@pytest.mark.parametrize(("name", "folder", "files", "kind"), LEFT.values(), ids=LEFT)
def test_what_others_leave_behind_is_found(home, name, folder, files, kind):
    assert find_left(name) is None
    put(home / folder, *files)
    found = find_left(name)
    assert found.kind == kind
    assert sorted(path.resolve() for path in found.files.values()) == sorted((home / folder / n).resolve() for n in files)
    (home / folder / files[-1]).unlink()
    assert find_left(name) is None


@pytest.mark.parametrize("folder", [None, "given"])
@pytest.mark.parametrize(
    ("file", "left_as"),
    [
        ("cifar-10-binary.tar.gz", "cifar-10-binary.tar.gz"),
        ("cifar-10-python.tar.gz", "cifar-10-python.tar.gz"),
        ("cifar-10-python.tar.gz", "cifar-10-batches-py-target_archive"),
        ("cifar-10-python.tar.gz", "cifar-10-batches-py.tar.gz"),
    ],
)
def test_an_archive_is_found_unless_it_was_cut_short(home, folder, file, left_as):
    where = home / (folder or "data")
    size = {f.name: f.size for files in MIRRORS.values() for f in files}[file]
    put(where, left_as, size=size - 1)
    assert find_left("cifar10", folder and where) is None
    put(where, left_as, size=size)
    found = find_left("cifar10", folder and where)
    assert (found.kind, dict(found.files)) == ("archive", {file: where / left_as})


def test_unpacked_batches_come_before_an_archive(home):
    put(home / "data", "cifar-10-binary.tar.gz", size=MIRRORS["cifar10"][0].size)
    put(home / "data/cifar-10-batches-py", *BATCHES)
    assert find_left("cifar10").kind == "python"


def test_the_variables_of_keras_and_scikit_learn_are_followed(home, monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "k"))
    put(tmp_path / "k/datasets", "mnist.npz")
    assert find_left("mnist").kind == "keras"
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "s é"))
    put(tmp_path / "s é" / OPENML, "18238735/Fashion-MNIST.arff.gz")
    assert find_left("fashion_mnist").kind == "openml"


@pytest.mark.parametrize("below", [".", "MNIST/raw", "mnist"])
def test_a_folder_that_is_given_holds_the_files_or_a_folder_of_them(home, below):
    put(home / "mine" / below, *IDX)
    found = find_left("mnist", home / "mine")
    assert list(found.files) == ["X_train", "y_train", "X_test", "y_test"]
    assert find_left("mnist") is None


def test_files_of_mnist_are_not_taken_for_fashion_mnist(home):
    put(home / "data", *IDX)  # whose are they?
    put(home / "data/MNIST/raw", *IDX)
    assert find_left("fashion_mnist") is None
    assert find_left("mnist").files["X_train"].parent.name == "raw"


def test_a_folder_that_is_given_is_the_only_one_searched(home):
    put(home / ".keras/datasets", "mnist.npz")
    assert find_left("mnist", home / "mine") is None


def test_an_unknown_name_is_answered_with_the_known_ones(home):
    with pytest.raises(ValueError, match='unknown data set "mnits"') as error:
        find_left("mnits")
    assert 'Did you mean "mnist"' in str(error.value)


def test_every_data_set_that_can_be_fetched_can_be_found():
    assert {name for name in MIRRORS if name != "cifar10_python"} == set(FORMS)
