"""A parameter that carries its own gradient, for layers that keep their state between forward and backward."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.penalty import add_l2_penalty


def with_l2_penalties(loss: Any, params: Iterable[Param], reg: float) -> Any:
    """loss plus ½ · reg · Σw² of each parameter, whatever it is; the slopes are added to their grads.

    >>> p = Param(np.array([3.0, 4.0]))
    >>> float(with_l2_penalties(1.0, [p], 0.1)), p.grad
    (2.25, array([0.3, 0.4]))
    """
    return loss + sum(add_l2_penalty(p.grad, p.value, reg, axes=p.value.ndim) for p in params)


class Param:
    """value, and grad, into which the gradients of one step are added up.

    >>> p = Param(np.ones(2))
    >>> p.add_grad(np.array([1.0, 2.0])), p.add_grad(np.array([1.0, 0.0])), p.grad
    (None, None, array([2., 2.]))
    """

    def __init__(self, value: Array) -> None:
        self.value = value
        self.grad: Any = np.zeros_like(value)

    def add_grad(self, grad: Array) -> None:
        """Add a share of the gradient; it is reshaped to the value's shape."""
        self.grad += grad.reshape(self.value.shape)

    def zero_grad(self) -> None:
        """Forget the gradient, before the next step."""
        self.grad = np.zeros_like(self.value)
