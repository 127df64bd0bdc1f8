"""Dropout as a layer: active in training only."""

from typing import Any, ClassVar

import numpy as np

from layerwise.arrays import Array
from layerwise.layers.layer import Layer
from layerwise.ops.dropout import checked_keep_prob, dropout_backward, dropout_forward


class Dropout(Layer):
    """In training each value is kept with probability keep_prob (1 turns it off); in prediction nothing happens."""

    kind = "dropout"
    settings: ClassVar[tuple[str, ...]] = ("keep_prob",)
    train_differs: ClassVar[bool] = True

    def __init__(self, keep_prob: Any = 0.5) -> None:
        super().__init__()
        checked_keep_prob(keep_prob, "Dropout")
        self.keep_prob = keep_prob

    @property
    def idle(self) -> bool:
        return bool(np.all(np.asarray(self.keep_prob) == 1))

    def forward(self, x: Array, *, train: bool, rng: Any) -> tuple[Array, Any]:
        if not train or self.idle:
            return x, None
        return dropout_forward(x, keep_prob=self.keep_prob, rng=rng)

    def backward(self, dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, dict[str, Array]]:
        if not need_dx:
            return None, {}
        return dout if cache is None else dropout_backward(dout, cache), {}

    def config(self) -> dict[str, Any]:
        return {"keep_prob": self.keep_prob}
