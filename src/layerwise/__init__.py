"""Layerwise: neural networks on the CPU you have, every layer a pair of plain NumPy functions.

Rooms load when they are first named (lw.ops, lw.models, ...), and so do the names that most programs need:

>>> import layerwise as lw
>>> data = lw.load_digits().with_preprocessing("scale", "flatten")
>>> model = lw.FullyConnectedNet([50], input_dim=64, num_classes=10)
>>> solver = lw.Solver(model, data, update_rule="adam", num_epochs=20, verbose=False)
>>> solver.train()
>>> bool(solver.check_accuracy(data.X_test, data.y_test) > 0.9)
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0.dev0"

NAMES = {
    "Dataset": "data",
    "load_cifar10": "data",
    "load_digits": "data",
    "load_fashion_mnist": "data",
    "load_file": "data",
    "load_folder": "data",
    "load_mnist": "data",
    "load_svhn": "data",
    "check_gradient": "gradcheck",
    "verify": "gradcheck",
    "Activation": "layers",
    "BatchNorm": "layers",
    "Conv2D": "layers",
    "Dense": "layers",
    "Dropout": "layers",
    "Flatten": "layers",
    "LayerNorm": "layers",
    "MaxPool2D": "layers",
    "Autoencoder": "models",
    "ConvNet": "models",
    "FullyConnectedNet": "models",
    "SVMModel": "models",
    "Sequential": "models",
    "SoftmaxModel": "models",
    "ThreeLayerConvNet": "models",
    "TwoLayerNet": "models",
    "load": "models",
    "Solver": "train",
    "stack": "train",
}

__all__ = [
    "__version__",
    "conventions",
    "courses",
    "data",
    "errors",
    "estimators",
    "export",
    "features",
    "gradcheck",
    "grading",
    "initializers",
    "layers",
    "metrics",
    "models",
    "ops",
    "optim",
    "report",
    "storage",
    "sweep",
    "train",
    "Dataset",
    "load_cifar10",
    "load_digits",
    "load_fashion_mnist",
    "load_file",
    "load_folder",
    "load_mnist",
    "load_svhn",
    "check_gradient",
    "verify",
    "Activation",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "LayerNorm",
    "MaxPool2D",
    "Autoencoder",
    "ConvNet",
    "FullyConnectedNet",
    "SVMModel",
    "Sequential",
    "SoftmaxModel",
    "ThreeLayerConvNet",
    "TwoLayerNet",
    "load",
    "Solver",
    "stack",
]

if TYPE_CHECKING:
    from layerwise import (
        conventions,
        courses,
        data,
        errors,
        estimators,
        export,
        features,
        gradcheck,
        grading,
        initializers,
        layers,
        metrics,
        models,
        ops,
        optim,
        report,
        storage,
        sweep,
        train,
    )
    from layerwise.data import Dataset, load_cifar10, load_digits, load_fashion_mnist, load_file, load_folder, load_mnist, load_svhn
    from layerwise.gradcheck import check_gradient, verify
    from layerwise.layers import Activation, BatchNorm, Conv2D, Dense, Dropout, Flatten, LayerNorm, MaxPool2D
    from layerwise.models import (
        Autoencoder,
        ConvNet,
        FullyConnectedNet,
        Sequential,
        SoftmaxModel,
        SVMModel,
        ThreeLayerConvNet,
        TwoLayerNet,
        load,
    )
    from layerwise.train import Solver, stack


def __getattr__(name: str) -> Any:
    if name in NAMES:
        value = getattr(import_module(f"layerwise.{NAMES[name]}"), name)
        globals()[name] = value
        return value
    if name in __all__:
        return import_module(f"layerwise.{name}")
    from layerwise.errors import did_you_mean

    raise AttributeError(f'layerwise has no "{name}".{did_you_mean(name, __all__)}')


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
