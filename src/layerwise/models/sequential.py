"""A model from any list of layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerwise.errors import look_up
from layerwise.layers.layer import Layer, Shape
from layerwise.layers.table import LAYERS
from layerwise.models.network import Network
from layerwise.ops.table import Loss


class Sequential(Network):
    """Layers in a row. A layer built in another model is shared with it; one that stands twice shares its weights.

    rng: a seed, or a generator that draws the weights first to last. Parameters are named dense1.w, dense1.b, dense2.w, ...

    >>> from layerwise.layers import Activation, Dense
    >>> net = Sequential([Dense(20), Activation("relu"), Dense(3)], input_shape=(4,))
    >>> sorted(net.params)
    ['dense1.b', 'dense1.w', 'dense2.b', 'dense2.w']
    >>> net.loss(np.zeros((5, 4))).shape
    (5, 3)
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        *,
        input_shape: Shape | int,
        loss: str | Loss = "softmax",
        reg: Any = 0.0,
        reg_l1: Any = 0.0,
        rng: Any = 0,
        dtype: Any = np.float32,
    ) -> None:
        shape = (input_shape,) if isinstance(input_shape, int) else tuple(input_shape)
        super().__init__(layers, input_shape=shape, loss=loss, reg=reg, reg_l1=reg_l1, rng=rng, dtype=dtype)

    def config(self) -> dict[str, Any]:
        described: list[dict[str, Any]] = []
        for i, layer in enumerate(self.layers):
            first = self.layers.index(layer)
            if LAYERS.get(layer.kind) is not type(layer):
                raise ValueError(
                    f"a layer of type {type(layer).__name__} is not in LAYERS, so a file could not name it. Save its params yourself."
                )
            described.append({"same_as": first} if first < i else {"kind": layer.kind, "trainable": layer.trainable, **layer.config()})
        return {
            "layers": described,
            "input_shape": list(self.input_shape),
            "loss": self.loss_name,
            "reg": self.reg,
            "reg_l1": self.reg_l1,
            "dtype": self.dtype.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], *, rng: Any = 0) -> Sequential:
        """The model that config() describes, with weights drawn by rng."""
        layers: list[Layer] = []
        for entry in config["layers"]:
            if "same_as" in entry:
                layers.append(layers[entry["same_as"]])
                continue
            options = {key: value for key, value in entry.items() if key not in ("kind", "trainable")}
            layer = look_up(LAYERS, entry["kind"], "layer")(**options)
            layer.trainable = bool(entry["trainable"])
            layers.append(layer)
        return cls(layers, **{key: value for key, value in config.items() if key != "layers"}, rng=rng)
