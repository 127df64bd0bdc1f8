"""Convolutional nets: the courses' three layers, and any row of blocks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from layerwise.errors import did_you_mean
from layerwise.layers.activation import ACTIVATIONS, Activation
from layerwise.layers.convolution import Conv2D
from layerwise.layers.dense import Dense
from layerwise.layers.layer import Layer
from layerwise.layers.pooling import MaxPool2D
from layerwise.layers.table import LAYERS
from layerwise.models.course import CourseNet
from layerwise.models.network import Network

KINDS: dict[str, type[Layer]] = {kind: layer for kind, layer in LAYERS.items() if kind != "activation"}  # those go by their own names
NEEDED: dict[str, tuple[str, ...]] = {"conv": ("filters", "filter_size"), "dense": ("units",), "groupnorm": ("groups",)}
MAIN: dict[str, tuple[str, ...]] = {**NEEDED, "max_pool": ("size",), "average_pool": ("size",)}  # written without their names


def _side(text: str) -> int:
    """The side of a square: 3, or 3x3."""
    height, _, width = text.partition("x")
    if width not in ("", height):
        raise ValueError("not square")
    return int(height)


def _scale(text: str) -> float | str:
    """A standard deviation, or a name."""
    try:
        return float(text)
    except ValueError:
        return text


READERS: dict[str, tuple[Callable[[str], Any], str]] = {  # option -> how its value is read, and what it must be; others are numbers
    **dict.fromkeys(("filters", "units", "groups", "stride"), (int, "a whole number")),
    **dict.fromkeys(("filter_size", "size"), (_side, "the side of a square: 3 or 3x3")),
    "pad": (lambda text: text if text == "same" else int(text), "same, or a whole number"),
    "bias": ({"true": True, "false": False}.__getitem__, "true or false"),
    "weights": (_scale, "a name or a number"),
}


class ThreeLayerConvNet(CourseNet):
    """conv - relu - 2 × 2 max pool - affine - relu - affine - softmax, as the courses' first convolutional net.

    input_dim     (C, H, W) of an image, H and W even; filters of odd size keep H and W
    weight_scale  standard deviation of the initial weights, or an initializer's name
    rng           a seed, or a generator that draws W1, W2, W3 in this order and nothing before

    >>> net = ThreeLayerConvNet((1, 8, 8), num_filters=4, filter_size=3, hidden_dim=20)
    >>> {name: w.shape for name, w in net.params.items()}
    {'W1': (4, 1, 3, 3), 'b1': (4,), 'W2': (64, 20), 'b2': (20,), 'W3': (20, 10), 'b3': (10,)}
    """

    def __init__(
        self,
        input_dim: Sequence[int] = (3, 32, 32),
        num_filters: int = 32,
        filter_size: int = 7,
        hidden_dim: int = 100,
        num_classes: int = 10,
        weight_scale: float | str = 1e-3,
        reg: Any = 0.0,
        *,
        rng: Any = 0,
        dtype: Any = np.float32,
    ) -> None:
        self._config: dict[str, Any] = {
            "input_dim": [int(n) for n in input_dim],
            "num_filters": num_filters,
            "filter_size": filter_size,
            "hidden_dim": hidden_dim,
            "num_classes": num_classes,
            "weight_scale": weight_scale,
        }
        layers = [
            Conv2D(num_filters, filter_size, pad=(filter_size - 1) // 2, weights=weight_scale),
            Activation("relu"),
            MaxPool2D(2),
            Dense(hidden_dim, weights=weight_scale),
            Activation("relu"),
            Dense(num_classes, weights=weight_scale),
        ]
        super().__init__(layers, input_shape=tuple(input_dim), reg=reg, rng=rng, dtype=dtype)

    def config(self) -> dict[str, Any]:
        return {**self._config, "reg": self.reg, "dtype": self.dtype.name}


class ConvNet(Network):
    """Layers as a list of blocks, closed by a dense layer with one score per class.

    A block is a line of words: the kind, its main options in order, and others by name. They are the layers and options of
    this package, and an activation goes by its own name.

        conv 32 3x3      conv 32 5x5 stride=2 pad=2      max_pool 2      average_pool 2      global_average_pool
        batchnorm        groupnorm 4      relu           leaky_relu negative_slope=0.1
        dense 256        dropout keep_prob=0.8

    weight_scale is for conv and dense blocks without weights=... of their own. Parameters are called conv1.w, conv1.b,
    batchnorm1.gamma, dense1.w, ...

    >>> net = ConvNet(["conv 8 3x3", "batchnorm", "relu", "max_pool 2", "dense 20", "relu"], input_dim=(1, 8, 8))
    >>> net.shapes
    [(8, 8, 8), (8, 8, 8), (8, 8, 8), (8, 4, 4), (20,), (20,), (10,)]
    """

    def __init__(
        self,
        blocks: Sequence[str],
        *,
        input_dim: Sequence[int] = (3, 32, 32),
        num_classes: int = 10,
        weight_scale: float | str = "he_normal",
        loss: str = "softmax",
        reg: Any = 0.0,
        reg_l1: Any = 0.0,
        rng: Any = 0,
        dtype: Any = np.float32,
    ) -> None:
        if isinstance(blocks, str):
            raise TypeError(f'ConvNet: blocks is the text "{blocks}", but must be a list of blocks: ["conv 32 3x3", "relu"].')
        self._config: dict[str, Any] = {
            "blocks": list(blocks),
            "input_dim": [int(n) for n in input_dim],
            "num_classes": num_classes,
            "weight_scale": weight_scale,
        }
        layers = [layer_of(block, weight_scale) for block in blocks]
        layers.append(Dense(num_classes, weights=weight_scale))
        super().__init__(layers, input_shape=tuple(input_dim), loss=loss, reg=reg, reg_l1=reg_l1, rng=rng, dtype=dtype)

    def config(self) -> dict[str, Any]:
        return {**self._config, "loss": self.loss_name, "reg": self.reg, "reg_l1": self.reg_l1, "dtype": self.dtype.name}


def layer_of(block: str, weight_scale: float | str = "he_normal") -> Layer:
    """The layer that a block describes; see `ConvNet`.

    >>> layer_of("conv 32 5x5 stride=2").config()
    {'filters': 32, 'filter_size': 5, 'stride': 2, 'pad': 'same', 'weights': 'he_normal', 'bias': True}
    """
    kind, *words = str(block).split() or [""]
    if kind not in KINDS and kind not in ACTIVATIONS:
        raise ValueError(f'the block "{block}" begins with no kind of layer.{did_you_mean(kind, KINDS.keys() | ACTIVATIONS.keys())}')
    given = _options(block, kind, words)
    try:
        if kind in ACTIVATIONS:
            return Activation(kind, **given)
        return KINDS[kind](**({"weights": weight_scale} if kind in ("conv", "dense") else {}) | given)
    except ValueError as error:
        raise ValueError(f'the block "{block}": {error}') from None


def _options(block: str, kind: str, words: Sequence[str]) -> dict[str, Any]:
    """The options that a block gives, main ones first; all that is not understood is refused."""
    main = MAIN.get(kind, ())
    form = f'write it as "{" ".join([kind, *map(str.upper, main)])}"'
    known = [
        name for name in inspect.signature(ACTIVATIONS[kind].forward if kind in ACTIVATIONS else KINDS[kind]).parameters if name != "x"
    ]
    options: dict[str, Any] = {}
    for position, word in enumerate(words):
        name, equals, value = word.rpartition("=")
        if not equals:
            if position >= len(main):
                raise ValueError(f'the block "{block}": "{word}" is one too many; {form}, and by name {", ".join(known) or "nothing"}.')
            name = main[position]
        if name not in known:
            hint = did_you_mean(name, known) if known else " There are none."
            raise ValueError(f'the block "{block}": {kind} has no option "{name}".{hint}')
        if name in options:
            raise ValueError(f'the block "{block}" gives {name} twice; {form}.')
        read, needed = READERS.get(name, (float, "a number"))
        try:
            options[name] = read(value)
        except (ValueError, KeyError):
            raise ValueError(f'the block "{block}": {name} is "{value}", but must be {needed}.') from None
    if missing := [name for name in NEEDED.get(kind, ()) if name not in options]:
        raise ValueError(f'the block "{block}" does not say its {missing[0]}; {form}.')
    return options
