"""What every layer is: parameters, buffers, and a pair of methods whose cache travels with the call."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from layerwise.arrays import Array
from layerwise.conventions import strength

Shape = tuple[int, ...]  # of one example, without N


class Layer:
    """A forward and a backward around an op, with the parameters they need.

    params     the arrays that training changes; each backward returns gradients under the same keys
    buffers    arrays that belong to the layer but are not trained (running statistics)
    trainable  False freezes the layer: its parameters then count as buffers of the model, and get no gradient
    penalised  the parameters that a model's reg applies to
    reg, reg_l1  this layer's own penalties; None takes the model's
    settings   attributes that may be a number, or (P,) with one value per member of a population
    train_differs  True for a layer whose forward in training is not its forward in prediction

    A layer keeps nothing between calls but running statistics, so one instance may stand twice in a model, or in two models.
    """

    kind: ClassVar[str] = "layer"  # the name in LAYERS, and in the keys of a Sequential
    penalised: ClassVar[tuple[str, ...]] = ()
    settings: ClassVar[tuple[str, ...]] = ("reg", "reg_l1")
    train_differs: ClassVar[bool] = False

    def __init__(self, *, reg: Any = None, reg_l1: Any = None) -> None:
        self.params: dict[str, Array] = {}
        self.buffers: dict[str, Array] = {}
        self.trainable = True
        self.reg, self.reg_l1 = (value if value is None else strength(name, value) for name, value in (("reg", reg), ("reg_l1", reg_l1)))
        self.input_shape: Shape | None = None

    def build(self, input_shape: Shape, *, rng: Any, dtype: Any) -> Shape:
        """Make the parameters for examples of this shape, once; return the shape of one example's output."""
        if self.input_shape is None:
            self.make(input_shape, rng=rng, dtype=dtype)
            self.input_shape = input_shape
        elif self.params and self.input_shape != input_shape:
            raise ValueError(f"{self.kind}: this layer was built for examples of shape {self.input_shape}, and is now given {input_shape}.")
        return self.output_shape(input_shape)

    def make(self, input_shape: Shape, *, rng: Any, dtype: Any) -> None:
        """Draw the parameters. A layer without any needs none of this."""

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape of one example after this layer."""
        return input_shape

    def forward(self, x: Array, *, train: bool, rng: Any) -> tuple[Array, Any]:
        """x (N, ...)  ->  out (N, ...), cache"""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, dict[str, Array]]:
        """dout, cache  ->  dx (None without need_dx), gradients by the keys of params"""
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    @property
    def idle(self) -> bool:
        """True for a layer that is switched off and changes nothing; a summary leaves it out."""
        return False

    def config(self) -> dict[str, Any]:
        """The arguments that make this layer again, as JSON can hold them."""
        return {name: value for name in ("reg", "reg_l1") if (value := getattr(self, name)) is not None}


def check_counts(layer: str, **counts: Any) -> None:
    """Each is a whole number from 1 up, or the layer's name and the count's are told."""
    for name, value in counts.items():
        needed = f"{layer}: {name} is {value!r}, but must be a whole number from 1 up."
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise TypeError(needed)
        if value < 1:
            raise ValueError(needed)
