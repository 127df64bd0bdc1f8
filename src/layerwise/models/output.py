"""A net whose last activation is its output: probabilities come out, while the loss takes the scores before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.layers.activation import Activation
from layerwise.layers.layer import Layer, Shape
from layerwise.models.sequential import Sequential

BELONGS_TO = {"softmax": "softmax", "binary_cross_entropy": "sigmoid"}  # loss -> the activation that it works out itself


class OutputNet(Sequential):
    """Layers in a row that end in what is predicted, such as Dense(10), Activation("softmax") under the softmax loss.

    Where the last activation belongs to the loss, the loss is worked out from what comes before it, which neither overflows
    nor takes the logarithm of 0. Under other losses every layer counts.

    >>> from layerwise.layers import Dense
    >>> net = OutputNet([Dense(3), Activation("softmax")], input_shape=4)
    >>> net.forward(np.zeros((2, 4)))
    array([[0.33333334, 0.33333334, 0.33333334],
           [0.33333334, 0.33333334, 0.33333334]], dtype=float32)
    >>> round(float(net.evaluate(np.zeros((2, 4)), np.array([0, 1]))[0]), 4)
    1.0986
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        *,
        input_shape: Shape | int,
        loss: str = "softmax",
        reg: Any = 0.0,
        reg_l1: Any = 0.0,
        rng: Any = 0,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__(layers, input_shape=input_shape, loss=loss, reg=reg, reg_l1=reg_l1, rng=rng, dtype=dtype)
        activation, last = BELONGS_TO.get(loss), self.layers[-1]
        if activation is not None:
            if not isinstance(last, Activation) or last.name != activation:
                what = f'Activation("{last.name}")' if isinstance(last, Activation) else type(last).__name__
                raise ValueError(
                    f'OutputNet: the loss "{loss}" needs probabilities, so the last layer must be Activation("{activation}"), but it is {what}.'
                )
            self._scored = len(self.layers) - 1

    def predict(self, X: Any) -> Array:
        """What the last layer puts out (N, K): probabilities, or values."""
        return self.forward(X)

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class (N, K), where the last activation gives them."""
        return self.forward(X) if self.loss_name in BELONGS_TO else super().predict_proba(X)
