"""Nets of fully connected layers, with the courses' parameter names W1, b1, W2, b2, ..."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from layerwise.errors import look_up
from layerwise.layers.activation import Activation
from layerwise.layers.dense import Dense
from layerwise.layers.dropout import Dropout
from layerwise.layers.layer import Layer
from layerwise.layers.norm import BatchNorm, LayerNorm
from layerwise.models.course import CourseNet

NORMALIZATIONS: dict[str, type[Layer]] = {"batchnorm": BatchNorm, "layernorm": LayerNorm}


class FullyConnectedNet(CourseNet):
    """(affine - norm - activation - dropout) for each hidden width, then affine and the loss.

    hidden_dims    the widths of the hidden layers
    normalization  "batchnorm" or "layernorm" of each hidden layer, with parameters gamma1, beta1, ...; None for neither
    keep_prob      the share that dropout keeps, 1 = no dropout
    weight_scale   standard deviation of the initial weights, or an initializer's name (He's normal by default)
    rng            a seed, or a generator that draws W1, W2, ... in this order and nothing before

    >>> net = FullyConnectedNet([100, 50], input_dim=784)
    >>> {name: w.shape for name, w in net.params.items()}
    {'W1': (784, 100), 'b1': (100,), 'W2': (100, 50), 'b2': (50,), 'W3': (50, 10), 'b3': (10,)}
    """

    def __init__(
        self,
        hidden_dims: Sequence[int],
        *,
        input_dim: int = 3 * 32 * 32,
        num_classes: int = 10,
        activation: str = "relu",
        normalization: str | None = None,
        keep_prob: Any = 1.0,
        weight_scale: float | str = "he_normal",
        loss: str = "softmax",
        reg: Any = 0.0,
        reg_l1: Any = 0.0,
        rng: Any = 0,
        dtype: Any = np.float32,
    ) -> None:
        if not isinstance(hidden_dims, Iterable):
            raise TypeError(
                f"FullyConnectedNet: hidden_dims is {hidden_dims!r}, but must be a list of widths: [{hidden_dims}] is one layer."
            )
        self._config: dict[str, Any] = {
            "hidden_dims": [int(n) for n in hidden_dims],
            "input_dim": input_dim,
            "num_classes": num_classes,
            "activation": activation,
            "normalization": normalization,
            "weight_scale": weight_scale,
        }
        norm = None if normalization is None else look_up(NORMALIZATIONS, normalization, "normalization")
        layers: list[Layer] = []
        for width in hidden_dims:
            layers += [Dense(width, weights=weight_scale), *([norm()] if norm else []), Activation(activation), Dropout(keep_prob)]
        layers.append(Dense(num_classes, weights=weight_scale))
        super().__init__(layers, input_shape=(input_dim,), loss=loss, reg=reg, reg_l1=reg_l1, rng=rng, dtype=dtype)

    def config(self) -> dict[str, Any]:
        return {
            **self._config,
            "keep_prob": next((layer.keep_prob for layer in self.layers if isinstance(layer, Dropout)), 1.0),
            "loss": self.loss_name,
            "reg": self.reg,
            "reg_l1": self.reg_l1,
            "dtype": self.dtype.name,
        }


class TwoLayerNet(FullyConnectedNet):
    """affine - relu - affine - softmax, as the courses' first net: small normal initial weights, zero biases.

    >>> list(TwoLayerNet(input_dim=4, hidden_dim=50, num_classes=7).params)
    ['W1', 'b1', 'W2', 'b2']
    """

    def __init__(
        self,
        input_dim: int = 3 * 32 * 32,
        hidden_dim: int = 100,
        num_classes: int = 10,
        weight_scale: float | str = 1e-3,
        reg: Any = 0.0,
        *,
        rng: Any = 0,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__(
            [hidden_dim], input_dim=input_dim, num_classes=num_classes, weight_scale=weight_scale, reg=reg, rng=rng, dtype=dtype
        )

    def config(self) -> dict[str, Any]:
        kept = ("input_dim", "num_classes", "weight_scale", "reg", "dtype")
        return {"hidden_dim": self._config["hidden_dims"][0], **{key: value for key, value in super().config().items() if key in kept}}
