"""The part of Keras 1 that the MNIST lab uses, on Layerwise."""

from . import callbacks, datasets, layers, models, optimizers, utils

__version__ = "1.2.2"

__all__ = ["callbacks", "datasets", "layers", "models", "optimizers", "utils"]
