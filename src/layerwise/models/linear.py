"""Linear classifiers as models: one layer and a loss."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from layerwise.arrays import Array
from layerwise.initializers import normal
from layerwise.layers.dense import Dense
from layerwise.layers.layer import Layer
from layerwise.models.network import Network
from layerwise.ops.affine import affine_forward


class LinearModel(Network):
    """Scores X @ W + b. With bias=False the bias is a column of ones in X (the preprocessing "bias"), penalised like the rest."""

    loss_of_class: ClassVar[str]

    def __init__(
        self,
        input_dim: int,
        num_classes: int = 10,
        *,
        weight_scale: float = 1e-3,
        bias: bool = True,
        reg: Any = 0.0,
        reg_l1: Any = 0.0,
        rng: Any = 0,
        dtype: Any = np.float32,
    ) -> None:
        self._config = {"input_dim": input_dim, "num_classes": num_classes, "weight_scale": weight_scale, "bias": bias}
        layer = Dense(num_classes, weights=weight_scale, bias=bias)
        super().__init__([layer], input_shape=(input_dim,), loss=self.loss_of_class, reg=reg, reg_l1=reg_l1, rng=rng, dtype=dtype)

    def key(self, layer: Layer, name: str) -> str:
        return {"w": "W", "b": "b"}[name]

    def config(self) -> dict[str, Any]:
        return {**self._config, "reg": self.reg, "reg_l1": self.reg_l1, "dtype": self.dtype.name}


class SoftmaxModel(LinearModel):
    """Multinomial logistic regression: linear scores under the softmax loss. Parameters W (D, K) and b (K,).

    >>> SoftmaxModel(784, 10)
    <SoftmaxModel (784,) -> (10,), 7,850 parameters, float32>
    """

    loss_of_class = "softmax"


class SVMModel(LinearModel):
    """A linear support vector machine for several classes: linear scores under the hinge loss. Parameters W (D, K) and b (K,)."""

    loss_of_class = "svm"


def first_weights(X: Array, y: Array, *, rng: Any, scale: float = 1e-3) -> Array:
    """Small normal weights W (D, K), float64, for examples X (N, D) with labels y (N,) from 0 to K − 1.

    >>> first_weights(np.ones((3, 5)), np.array([0, 2, 1]), rng=np.random.default_rng(0)).shape
    (5, 3)
    """
    return normal((X.shape[1], int(np.max(y)) + 1), rng=rng, scale=scale, dtype=np.float64)


def classes_of(X: Array, W: Array) -> Array:
    """The class with the largest score X @ W, the first of equal ones.  X (N, D), W (D, K)  ->  (N,)"""
    return affine_forward(X, W)[0].argmax(axis=1)
