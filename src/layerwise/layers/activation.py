"""An elementwise activation as a layer."""

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import look_up
from layerwise.layers.layer import Layer
from layerwise.ops.table import OPS, Op
from layerwise.optim.option import check_options

ACTIVATIONS: dict[str, Op] = {
    name: OPS[name] for name in ("relu", "leaky_relu", "elu", "gelu", "sigmoid", "tanh", "softplus", "softmax", "log_softmax", "step")
}


class Activation(Layer):
    """One of the activations by name, with its options: Activation("relu"), Activation("leaky_relu", negative_slope=0.1)"""

    kind = "activation"

    def __init__(self, name: str, **options: float) -> None:
        super().__init__()
        self._op = look_up(ACTIVATIONS, name, "activation")
        check_options(self._op.forward, options, f"the activation {name}")
        for option, value in options.items():
            if isinstance(value, bool) or not isinstance(value, int | float | np.number):
                raise TypeError(f"the activation {name}: {option} is {value!r}, but must be a number.")
        self.name, self.options = name, {option: float(value) for option, value in options.items()}

    def forward(self, x: Array, *, train: bool, rng: Any) -> tuple[Array, Any]:
        return self._op.forward(x, **self.options)

    def backward(self, dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, dict[str, Array]]:
        return self._op.backward(dout, cache) if need_dx else None, {}

    def config(self) -> dict[str, Any]:
        return {"name": self.name, **self.options}
