"""Images to rows."""

import math
from typing import Any

from layerwise.arrays import Array
from layerwise.layers.layer import Layer, Shape


class Flatten(Layer):
    """x (N, C, H, W)  ->  (N, C·H·W). Rows, and the rows (P, N, D) of a population, pass through."""

    kind = "flatten"

    def output_shape(self, input_shape: Shape) -> Shape:
        return (math.prod(input_shape),)

    def forward(self, x: Array, *, train: bool, rng: Any) -> tuple[Array, Any]:
        rows = x.reshape(len(x), math.prod(x.shape[1:])) if x.shape[1:] == self.input_shape else x
        return rows, x.shape

    def backward(self, dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, dict[str, Array]]:
        shape = cache
        return dout.reshape(shape) if need_dx else None, {}
