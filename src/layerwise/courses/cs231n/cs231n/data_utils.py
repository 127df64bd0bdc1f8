"""CIFAR-10 as the course's notebooks load it."""

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from layerwise.data.cifar10 import read_python
from layerwise.data.course import channels_last, course_arrays, course_parts
from layerwise.data.unpickle import read_pickle

__all__ = [
    "get_CIFAR10_data",
    "load_CIFAR10",
    "load_CIFAR_batch",
    "load_imagenet_val",
    "load_models",
    "load_pickle",
    "load_tiny_imagenet",
    "np",
]


def load_CIFAR10(ROOT: Any) -> Any:
    """X_train (N, 32, 32, 3) in float64 from 0 to 255, y_train, X_test, y_test.

    Where ROOT is no folder, the files are looked for in LAYERWISE_DATA and where the package keeps its data sets.
    """
    return course_arrays(_folder(ROOT))


def get_CIFAR10_data(
    num_training: int = 49000, num_validation: int = 1000, num_test: int = 1000, subtract_mean: bool = True
) -> dict[str, Any]:
    """X_train (49000, 3, 32, 32) in float64 less its mean image, y_train, X_val, y_val, X_test, y_test."""
    sizes = {"num_training": num_training, "num_validation": num_validation, "num_test": num_test}
    return course_parts(_folder(Path(__package__ or "", "datasets", "cifar-10-batches-py")), **sizes, subtract_mean=subtract_mean)


def load_CIFAR_batch(filename: Any) -> Any:
    """One file of the python version: images (N, 32, 32, 3) in float64, labels (N,)."""
    (_, images), (_, labels) = read_python({"batch": Path(filename)})
    return channels_last(images), np.asarray(labels, np.int64)


def load_pickle(f: BinaryIO) -> dict[str, Any]:
    """The dict in an open CIFAR-10 batch; nothing else that may be pickled is read."""
    batch = read_pickle(f.read(), getattr(f, "name", "pickle"))
    return {**batch, "data": batch["data"].array()}


def load_tiny_imagenet(path: Any, dtype: Any = np.float32, subtract_mean: bool = True) -> Any:
    """Not read: no assignment uses it."""
    raise NotImplementedError("load_tiny_imagenet: Layerwise does not read TinyImageNet. A folder of images: layerwise.load_folder(path).")


def load_models(models_dir: Any) -> Any:
    """Not read: such files are pickles, which may run anything."""
    raise NotImplementedError("load_models: Layerwise reads no pickled models. Save with model.save, and read with load.")


def load_imagenet_val(num: int | None = None) -> Any:
    """Not read: the assignments that use it are not in NumPy."""
    raise NotImplementedError("load_imagenet_val: Layerwise does not read ImageNet's validation images. np.load reads their .npz file.")


def _folder(name: Any) -> Path | None:
    """The folder, with either kind of slash, if it is there."""
    folder = Path(str(name).replace("\\", "/"))
    return folder if folder.is_dir() else None
