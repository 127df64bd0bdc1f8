"""Pooling layers."""

from collections.abc import Callable
from typing import Any, ClassVar

from layerwise.arrays import Array
from layerwise.layers.convolution import image_needed
from layerwise.layers.layer import Layer, Shape
from layerwise.ops.pooling import (
    average_pool_backward,
    average_pool_forward,
    global_average_pool_backward,
    global_average_pool_forward,
    max_pool_backward,
    max_pool_forward,
)
from layerwise.ops.window import window_counts


class _Pool(Layer):
    """One value for each window of size × size pixels, stride apart (by default as far as the windows reach)."""

    _pair: ClassVar[tuple[Callable[..., tuple[Array, Any]], Callable[..., Array]]]

    def __init__(self, size: int = 2, *, stride: int | None = None) -> None:
        super().__init__()
        self.size, self.stride = int(size), int(size if stride is None else stride)
        window_counts(type(self).__name__, (self.size, self.size), (self.size, self.size), stride=self.stride)  # refuses lengths below 1

    def output_shape(self, input_shape: Shape) -> Shape:
        image_needed(type(self).__name__, input_shape)
        return (input_shape[0], *window_counts(type(self).__name__, input_shape, (self.size, self.size), stride=self.stride))

    def forward(self, x: Array, *, train: bool, rng: Any) -> tuple[Array, Any]:
        return self._pair[0](x, pool_height=self.size, pool_width=self.size, stride=self.stride)

    def backward(self, dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, dict[str, Array]]:
        return self._pair[1](dout, cache) if need_dx else None, {}

    def config(self) -> dict[str, Any]:
        return {"size": self.size, "stride": self.stride}


class MaxPool2D(_Pool):
    """The largest value of each window.  x (N, C, H, W)  ->  (N, C, H / size, W / size)"""

    kind = "max_pool"
    _pair = (max_pool_forward, max_pool_backward)


class AveragePool2D(_Pool):
    """The mean of each window.  x (N, C, H, W)  ->  (N, C, H / size, W / size)"""

    kind = "average_pool"
    _pair = (average_pool_forward, average_pool_backward)


class GlobalAveragePool2D(Layer):
    """The mean of each channel over all places.  x (N, C, H, W)  ->  (N, C)"""

    kind = "global_average_pool"

    def output_shape(self, input_shape: Shape) -> Shape:
        image_needed("GlobalAveragePool2D", input_shape)
        return input_shape[:1]

    def forward(self, x: Array, *, train: bool, rng: Any) -> tuple[Array, Any]:
        return global_average_pool_forward(x)

    def backward(self, dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, dict[str, Array]]:
        return global_average_pool_backward(dout, cache) if need_dx else None, {}
