"""Where other libraries leave the data sets, so that nothing is downloaded that is on the machine already."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from layerwise.data.mirror import MIRRORS
from layerwise.errors import look_up


@dataclass(frozen=True)
class Form:
    """One form in which a data set may lie about: what parses it, its files by key (any one name each), its folders.

    "." is among the folders if the files' names alone say which data set they are of.
    """

    kind: str
    files: Mapping[str, tuple[str, ...]]
    folders: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """The files of a data set, found: by key, as the parser of that kind wants them."""

    kind: str
    files: Mapping[str, Path]


def _idx(*folders: str) -> Form:
    stems = {"X_train": "train-images-idx3", "y_train": "train-labels-idx1", "X_test": "t10k-images-idx3", "y_test": "t10k-labels-idx1"}
    names = {key: (f"{stem}-ubyte.gz", f"{stem}-ubyte", f"{stem.replace('-idx', '.idx')}-ubyte") for key, stem in stems.items()}
    return Form("idx", names, folders)


_BATCHES = (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch")
_OPENML = ("openml/openml.org/data/v1/download", "openml/api.openml.org/data/v1/download")

FORMS: dict[str, tuple[Form, ...]] = {
    "mnist": (
        _idx("MNIST/raw", "MNIST", "mnist"),  # torchvision's, and by hand
        Form("keras", {"arrays": ("mnist.npz",)}, (".",)),
        Form("openml", {"table": ("52667/mnist_784.arff.gz", "52667.gz")}, _OPENML),  # scikit-learn's, newer and older
    ),
    "fashion_mnist": (
        _idx("FashionMNIST/raw", "FashionMNIST", "fashion-mnist", "fashion_mnist"),
        Form("openml", {"table": ("18238735/Fashion-MNIST.arff.gz", "18238735.gz")}, _OPENML),
    ),
    "cifar10": (
        Form("binary", {b: (f"{b}.bin",) for b in _BATCHES}, ("cifar-10-batches-bin", "cifar10/cifar-10-batches-bin", "cifar10")),
        Form(
            "python",
            {b: (b,) for b in _BATCHES},
            ("cifar-10-batches-py", "cifar-10-batches-py-target/cifar-10-batches-py", "cifar10/cifar-10-batches-py", "cifar10"),
        ),
        Form("archive", {"cifar-10-binary.tar.gz": ("cifar-10-binary.tar.gz",)}, (".", "cifar10")),
        Form(
            "archive",
            {"cifar-10-python.tar.gz": ("cifar-10-python.tar.gz", "cifar-10-batches-py.tar.gz", "cifar-10-batches-py-target_archive")},
            (".", "cifar10"),
        ),
        Form("openml", {"table": ("16797613/CIFAR_10.arff.gz", "16797613.gz")}, _OPENML),
    ),
    "svhn": (Form("mat", {"train": ("train_32x32.mat",), "test": ("test_32x32.mat",)}, (".", "svhn", "SVHN")),),
}
_SIZES = {file.name: file.size for files in MIRRORS.values() for file in files if file.members}


def roots() -> list[Path]:
    """Folders in which data sets are kept by habit: torchvision's examples', Keras', scikit-learn's, and the system's."""
    home = Path.home()
    keras = Path(os.environ.get("KERAS_HOME") or home / ".keras")
    sklearn = Path(os.environ.get("SCIKIT_LEARN_DATA") or home / "scikit_learn_data")
    habits = [Path("data"), Path("datasets"), home / "data", home / "datasets", keras / "datasets", sklearn, Path("/usr/share/datasets")]
    return [path.expanduser().absolute() for path in habits]


def find_left(name: str, folder: str | Path | None = None) -> Place | None:
    """The files of that data set in the folder, in it or as others lay them out below it; by default in roots().

    The first form whose files are all there; None if there is none. An archive counts if it has its published size,
    as one that was cut short has its name, too.
    """
    forms = look_up(FORMS, name, "data set")
    for root in roots() if folder is None else [Path(folder).expanduser().absolute()]:
        for form in forms:
            for below in form.folders if folder is None else (".", *form.folders):  # a given folder may hold the files itself
                if files := _all_there(form, root / below):
                    return Place(form.kind, files)
    return None


def _all_there(form: Form, folder: Path) -> dict[str, Path] | None:
    found = {}
    for key, names in form.files.items():
        paths = (folder / name for name in names)
        path = next((p for p in paths if p.is_file() and (form.kind != "archive" or p.stat().st_size == _SIZES[key])), None)
        if path is None:
            return None
        found[key] = path
    return found
