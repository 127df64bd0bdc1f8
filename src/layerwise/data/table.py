"""The data sets known by name, and files of your own."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data import cifar10
from layerwise.data.cache import cached
from layerwise.data.dataset import Dataset
from layerwise.data.delimited import read_table
from layerwise.data.digits import read_digits
from layerwise.data.idx import read_mnist
from layerwise.data.image_folder import load_folder
from layerwise.data.layout import Layout, find
from layerwise.data.npz import read_npz
from layerwise.data.place import find_left
from layerwise.data.rows import select
from layerwise.data.split import split_rows
from layerwise.data.svhn import read_svhn
from layerwise.errors import DataError, MissingDataError, look_up

IDX_FILES = {
    "X_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "X_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
BATCHES = (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch")


@dataclass(frozen=True)
class Known:
    """A data set known by name: how it is read, and what is known of it.

    Files are read by the layout that is found; a set without layouts is in the package and is read by `packaged`.
    `validation` is a count or a share of the official training part: stratified, or its last rows.
    """

    class_names: tuple[str, ...]
    licence: str
    source: str
    example_shape: tuple[int, ...]
    full_scale: float = 255.0
    validation: int | float = 1 / 12
    split: str = "stratified"
    layouts: tuple[Layout, ...] = ()
    packaged: Callable[[], dict[str, Array]] | None = None


DATASETS: dict[str, Known] = {
    "digits": Known(
        class_names=tuple("0123456789"),
        licence="CC BY 4.0",
        source="E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits (UCI), doi:10.24432/C50P49",
        example_shape=(1, 8, 8),
        full_scale=16.0,
        packaged=read_digits,
    ),
    "mnist": Known(
        class_names=tuple("0123456789"),
        licence="CC BY-SA 3.0",
        source="Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits",
        example_shape=(1, 28, 28),
        layouts=(Layout(IDX_FILES, read_mnist, ("mnist", "MNIST", "MNIST/raw")),),
    ),
    "fashion_mnist": Known(
        class_names=("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        licence="MIT",
        source="H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST (Zalando), arXiv:1708.07747",
        example_shape=(1, 28, 28),
        layouts=(Layout(IDX_FILES, read_mnist, ("fashion_mnist", "fashion-mnist", "FashionMNIST/raw")),),
    ),
    "cifar10": Known(
        class_names=cifar10.CLASS_NAMES,
        licence="free to use, with credit",
        source="A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images (2009)",
        example_shape=(3, 32, 32),
        validation=1000,
        split="last",
        layouts=(
            Layout(
                {b: f"{b}.bin" for b in BATCHES}, cifar10.read_binary, ("cifar-10-batches-bin", "cifar10", "cifar10/cifar-10-batches-bin")
            ),
            Layout({b: b for b in BATCHES}, cifar10.read_python, ("cifar-10-batches-py", "cifar10", "cifar10/cifar-10-batches-py")),
        ),
    ),
    "svhn": Known(
        class_names=tuple("0123456789"),
        licence="free for non-commercial use, with credit",
        source="Y. Netzer et al.: Reading Digits in Natural Images with Unsupervised Feature Learning (2011)",
        example_shape=(3, 32, 32),
        layouts=(Layout({"train": "train_32x32.mat", "test": "test_32x32.mat"}, read_svhn, ("svhn", "SVHN")),),
    ),
}


def load(
    name: str, folder: str | Path | None = None, *, validation: int | float | None = None, split: str | None = None, seed: Any = 0
) -> Dataset:
    """The data set of that name, its files found in `folder`, in LAYERWISE_DATA, or where the package keeps them.

    The official test part is X_test. `validation` is the count, or the share as a float, of training examples to hold
    out; 0 for none; by default 5,000 of 60,000 for both MNIST, a twelfth
    of SVHN, the last 1,000 for CIFAR-10, and the 300 of the digits. split says how: "stratified", "random" or "last".

    >>> load("digits")
    Dataset digits: 10 classes, no preprocessing
      train X (1197, 1, 8, 8) uint8, y (1197,) int64
      val   X (300, 1, 8, 8) uint8, y (300,) int64
      test  X (300, 1, 8, 8) uint8, y (300,) int64
    """
    known = look_up(DATASETS, name, "data set")
    if known.packaged is not None:
        arrays = known.packaged()
    else:
        parse, paths = files_of(name, folder)
        arrays = cached(name, paths, lambda: parse(paths))
    if wrong := {"X_train", "y_train", "X_test", "y_test"} - arrays.keys():
        raise DataError(f"{name}: the files hold no {sorted(wrong)}")
    if arrays["X_train"].shape[1:] != known.example_shape:
        raise DataError(
            f"{name}: the examples have shape {arrays['X_train'].shape[1:]}, but must have {known.example_shape}: another data set?"
        )
    if "X_val" in arrays and (validation is not None or split is not None):  # a fixed part, but another one is asked for
        for letter in "Xy":
            arrays[f"{letter}_train"] = np.concatenate([arrays[f"{letter}_train"], arrays.pop(f"{letter}_val")])
    parts: dict[str, Any] = dict(arrays)
    if "X_val" not in parts:
        parts |= _held_out(arrays, known.validation if validation is None else validation, split or known.split, seed)
    return Dataset(
        **parts, class_names=known.class_names, licence=known.licence, source=known.source, name=name, full_scale=known.full_scale
    )


def files_of(
    name: str, folder: str | Path | None = None
) -> tuple[Callable[[Mapping[str, Path]], Iterable[tuple[str, Array]]], Mapping[str, Path]]:
    """The files of a data set and what parses them: laid out for this package, or as another library left them.

    Without a folder, others' folders are looked through last. MissingDataError says where to put which file.
    """
    known = look_up(DATASETS, name, "data set")
    try:
        layout, paths = find(name, known.layouts, folder)
        return layout.parse, paths
    except MissingDataError:
        chosen = folder or os.environ.get("LAYERWISE_DATA")
        place = (find_left(name, chosen) if chosen else None) or (None if folder else find_left(name))
        if place is None:
            raise
        from layerwise.data.leftover import READERS  # here, as few starts need archives

        return READERS[place.kind], place.files


def _held_out(arrays: Mapping[str, Array], validation: int | float, split: str, seed: Any) -> dict[str, Any]:
    """The training part cut in two, without copying images."""
    if not validation:
        return {}
    X, y = arrays["X_train"], arrays["y_train"]
    kept, held = split_rows(split, y, validation, np.random.default_rng(seed))
    return {"X_train": select(X, kept), "y_train": y[kept], "X_val": select(X, held), "y_val": y[held]}


def load_digits(*, validation: int | float | None = None, seed: Any = 0) -> Dataset:
    """1,797 real 8 × 8 digits that ship with the package: 1,197 to train, 300 to validate, 300 to test."""
    return load("digits", validation=validation, seed=seed)


def load_mnist(folder: str | Path | None = None, *, validation: int | float | None = None, seed: Any = 0) -> Dataset:
    """MNIST from its four IDX files."""
    return load("mnist", folder, validation=validation, seed=seed)


def load_fashion_mnist(folder: str | Path | None = None, *, validation: int | float | None = None, seed: Any = 0) -> Dataset:
    """Fashion-MNIST from its four IDX files."""
    return load("fashion_mnist", folder, validation=validation, seed=seed)


def load_cifar10(folder: str | Path | None = None, *, validation: int | float | None = None, seed: Any = 0) -> Dataset:
    """CIFAR-10 from its binary batches, or its python ones."""
    return load("cifar10", folder, validation=validation, seed=seed)


def load_svhn(folder: str | Path | None = None, *, validation: int | float | None = None, seed: Any = 0) -> Dataset:
    """SVHN's cropped house numbers (format 2) from its two MATLAB files."""
    return load("svhn", folder, validation=validation, seed=seed)


def load_file(
    path: str | Path,
    label: str | int | None = None,
    *,
    target: str = "class",
    ignore: tuple[str, ...] = (),
    validation: int | float = 0.15,
    test: int | float = 0.15,
    split: str | None = None,
    seed: Any = 0,
    image_size: int | tuple[int, int] | None = None,
    channels: int | None = None,
) -> Dataset:
    """A table (.csv, .tsv, .txt; the label column by name or number), an .npz with X and y, or X_train, y_train, ...,
    or a folder with a folder of images per class (see `load_folder`; image_size and channels are of images alone).

    validation and test are held out of it, stratified for classes unless split says "random" or "last"; a part that is there already is left as it is.
    """
    path = Path(path)
    if path.is_dir():
        return load_folder(path, image_size=image_size, channels=channels, validation=validation, test=test, split=split, seed=seed)
    if image_size is not None or channels is not None:
        raise ValueError(f"image_size and channels are for a folder of images, but {path} is none")
    if not path.is_file():
        raise DataError(f"{path}: there is no such file or folder")
    if path.suffix.lower() == ".npz":
        with _named(path):
            return _from_npz(path, validation, test, split, seed)
    if label is None:
        raise DataError(f"{path}: which column is to be predicted? Name it with label= (on the command line, --label COLUMN).")
    table = read_table(path, label, target=target, ignore=ignore)
    known: dict[str, Any] = {"class_names": table.class_names, "name": path.stem, "source": str(path)}
    with _named(path):
        return Dataset.from_arrays(table, table.y, validation=validation, test=test, split=split, seed=seed, **known)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """What is wrong with a file's arrays is said with the file's name."""
    try:
        yield
    except DataError as error:
        if str(path) in str(error):
            raise
        raise DataError(f"{path}: {error}") from error


def _from_npz(path: Path, validation: int | float, test: int | float, split: str | None, seed: Any) -> Dataset:
    arrays: dict[str, Any] = read_npz(path)
    names = tuple(str(name) for name in arrays.pop("class_names", ())) or None
    arrays |= {name: _channels_first(a) for name, a in arrays.items() if name.startswith("X")}
    pool = [arrays.pop(name) for name in (("X_train", "y_train") if "X_train" in arrays else ("X", "y"))]
    rest = {name: a for name, a in arrays.items() if name not in ("X", "y")}
    if rest and pool[1].dtype.kind in "USb":
        raise DataError(f"{path}: y_train is {pool[1].dtype}, but labels in several parts must be class numbers from 0")
    if rest and names is None and pool[1].dtype.kind in "iu":
        names = tuple(map(str, range(1 + max(int(np.max(y)) for y in (pool[1], *(rest[k] for k in rest if k.startswith("y")))))))
    data = Dataset.from_arrays(
        *pool,
        validation=0 if "X_val" in rest else validation,
        test=0 if "X_test" in rest else test,
        split=split,
        seed=seed,
        class_names=names,
        name=path.stem,
        source=str(path),
    )
    return Dataset(**{**data, **rest}, class_names=data.class_names, name=data.name, source=data.source)


def _channels_first(X: Array) -> Array:
    """Images (N, H, W) or (N, H, W, 1 or 3) in uint8 -> (N, C, H, W); anything else as it is."""
    if X.dtype != np.uint8:
        return X
    if X.ndim == 3:
        return X[:, None]
    if X.ndim == 4 and X.shape[-1] in (1, 3) and X.shape[1] not in (1, 3):
        return np.ascontiguousarray(X.transpose(0, 3, 1, 2))  # (N, H, W, C) -> (N, C, H, W)
    return X
