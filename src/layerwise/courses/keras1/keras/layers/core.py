"""Layers as Keras 1 calls them: each stands for one or two of Layerwise's, and may be called on a tensor."""

from copy import copy
from typing import Any

import numpy as np

from layerwise import layers as _layers
from layerwise.conventions import keep_from_drop
from layerwise.errors import look_up

INITIALIZERS = {
    "glorot_uniform": "glorot_uniform",
    "glorot_normal": "glorot_normal",
    "he_normal": "he_normal",
    "he_uniform": "he_uniform",
    "lecun_uniform": "lecun_uniform",
    "zero": "zeros",
    "normal": 0.05,
}


class Tensor:
    """What comes out of a layer: the layers that led to it from an input, and the shape of one example."""

    def __init__(self, path: tuple["Layer", ...], shape: tuple[int, ...]) -> None:
        self.path, self.shape = path, shape


class Layer:
    """parts are Layerwise's layers, first to last; trainable counts from the next compile on."""

    def __init__(self, *parts: Any, input_shape: Any = None, input_dim: int | None = None, name: str | None = None) -> None:
        self.parts, self.trainable, self.name = parts, True, name or type(self).__name__.lower()
        self.input_shape = (input_dim,) if input_dim is not None else None if input_shape is None else tuple(input_shape)

    def build(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Draw the weights from the global generator, if they are not there yet; gives the shape of one output."""
        for part in self.parts:
            shape = part.build(shape, rng=np.random, dtype=np.float32)
        return shape

    def __call__(self, tensor: Tensor) -> Tensor:
        """The layer on top of a tensor. One that is called twice has one set of weights."""
        return Tensor((*tensor.path, self), self.build(tensor.shape))

    def frozen_copies(self, copies: dict[Any, Any]) -> list[Any]:
        """The parts on the same arrays, each with a switch of its own for training; copies holds those made for this model before."""
        for part in self.parts:
            copies.setdefault(part, copy(part)).trainable = self.trainable
        return [copies[part] for part in self.parts]

    def get_weights(self) -> list[Any]:
        """Copies of the weights: [W, b]."""
        return [np.copy(array) for part in self.parts for array in part.params.values()]

    def set_weights(self, weights: Any) -> None:
        """Put other weights, [W, b], in their place."""
        places = [(part.params, name) for part in self.parts for name in part.params]
        for (params, name), array in zip(places, weights, strict=True):
            params[name] = np.asarray(array, np.float32)


class InputLayer(Layer):
    """Where examples come in."""

    def __init__(self, input_shape: Any = None, name: str | None = None) -> None:
        super().__init__(input_shape=input_shape, name=name)


def Input(shape: Any = None, name: str | None = None) -> Tensor:
    """A tensor for examples of that shape."""
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    return Tensor((InputLayer(input_shape=shape, name=name),), shape)


class Activation(Layer):
    """relu, tanh, sigmoid, softmax, ... or linear, which does nothing."""

    def __init__(self, activation: str, **options: Any) -> None:
        super().__init__(*([] if activation == "linear" else [_layers.Activation(activation)]), **options)


class Dense(Layer):
    """Fully connected, then an activation. Weights start as `init` says, Glorot's uniform by default; biases at 0."""

    def __init__(
        self, output_dim: int, init: str = "glorot_uniform", activation: str | None = None, bias: bool = True, **options: Any
    ) -> None:
        dense = _layers.Dense(output_dim, weights=look_up(INITIALIZERS, init, "init"), bias=bias)
        super().__init__(dense, *Activation(activation or "linear").parts, **options)
        self.output_dim = output_dim


class Dropout(Layer):
    """p is the share that is dropped in training."""

    def __init__(self, p: float, **options: Any) -> None:
        super().__init__(_layers.Dropout(keep_from_drop(p)), **options)


class Flatten(Layer):
    """Images as rows."""

    def __init__(self, **options: Any) -> None:
        super().__init__(_layers.Flatten(), **options)
