"""Images to rows."""

import math
from typing import Any

from layerwise.arrays import Array
from layerwise.layers.layer import Layer, Shape


class Flatten(Layer):
    """x (N, C, H, W)  ->  (N, C·H·W). Rows, and the rows (P, N, D) of a population, pass through."""

    kind = "flatten"

    def __init__(self) -> None:
        super().__init__()
        self._shapes: set[Shape] = set()  # of the examples of every model it stands in: what tells (N, H, W) from (P, N, D)

    def build(self, input_shape: Shape, *, rng: Any, dtype: Any) -> Shape:
        self._shapes.add(input_shape)
        return super().build(input_shape, rng=rng, dtype=dtype)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (math.prod(input_shape),)

    def forward(self, x: Array, *, train: bool, rng: Any) -> tuple[Array, Any]:
        rows = x.reshape(len(x), math.prod(x.shape[1:])) if x.shape[1:] in self._shapes else x
        return rows, x.shape

    def backward(self, dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, dict[str, Array]]:
        shape = cache
        return dout.reshape(shape) if need_dx else None, {}
