"""The fully connected layer."""

from typing import Any, ClassVar

import numpy as np

from layerwise.arrays import Array
from layerwise.initializers import initializer, zeros
from layerwise.layers.layer import Layer, Shape, check_counts
from layerwise.ops.affine import affine_backward, affine_forward


class Dense(Layer):
    """x @ w + b.  x (N, ...), flattened to (N, D)  ->  (N, units)

    weights is the name of an initializer, or a number: the standard deviation of a normal draw. bias=False leaves b out.
    """

    kind = "dense"
    penalised: ClassVar[tuple[str, ...]] = ("w",)

    def __init__(self, units: int, *, weights: str | float = "he_normal", bias: bool = True, reg: Any = None, reg_l1: Any = None) -> None:
        super().__init__(reg=reg, reg_l1=reg_l1)
        check_counts("Dense", units=units)
        self.units, self.weights, self.bias = int(units), weights, bias
        self._draw = initializer(weights)

    def make(self, input_shape: Shape, *, rng: Any, dtype: Any) -> None:
        self.params["w"] = self._draw((int(np.prod(input_shape)), self.units), rng=rng, dtype=dtype)
        if self.bias:
            self.params["b"] = zeros((self.units,), rng=rng, dtype=dtype)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (self.units,)

    def forward(self, x: Array, *, train: bool, rng: Any) -> tuple[Array, Any]:
        return affine_forward(x, self.params["w"], self.params.get("b"))

    def backward(self, dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, dict[str, Array]]:
        dx, dw, db = affine_backward(dout, cache, need_dx=need_dx)
        return dx, {"w": dw} if db is None else {"w": dw, "b": db}

    def config(self) -> dict[str, Any]:
        return {"units": self.units, "weights": self.weights, "bias": self.bias, **super().config()}
