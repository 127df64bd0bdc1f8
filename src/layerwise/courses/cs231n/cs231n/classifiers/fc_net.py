"""Fully connected nets, and every layer that their notebooks call."""

from typing import Any

import numpy as np

from layerwise import models as _models
from layerwise.courses.generator import ByColumn

from ..layer_utils import *
from ..layers import *
from ..saving import Saved


class TwoLayerNet(Saved, _models.TwoLayerNet):  # type: ignore[misc]
    """affine - relu - affine - softmax in float64; the penalty is half of reg · Σ(W1² + W2²)."""

    def __init__(
        self, input_dim: int = 3072, hidden_dim: int = 100, num_classes: int = 10, weight_scale: float = 1e-3, reg: float = 0.0
    ) -> None:
        super().__init__(input_dim, hidden_dim, num_classes, weight_scale, reg, rng=ByColumn(), dtype=np.float64)


class FullyConnectedNet(Saved, _models.FullyConnectedNet):  # type: ignore[misc]
    """(affine - norm - relu - dropout) for each hidden width, then affine and softmax; the penalty is half of reg · ΣW².

    The share that dropout keeps is `dropout` in the years to 2020 and `dropout_keep_ratio` since; 1 turns it off.
    """

    def __init__(
        self,
        hidden_dims: Any,
        input_dim: int = 3072,
        num_classes: int = 10,
        dropout_keep_ratio: float = 1,
        normalization: str | None = None,
        reg: float = 0.0,
        weight_scale: float = 1e-2,
        dtype: Any = np.float32,
        seed: int | None = None,
        *,
        dropout: float | None = None,
    ) -> None:
        keep = dropout_keep_ratio if dropout is None else dropout
        shape: dict[str, Any] = {"input_dim": input_dim, "num_classes": num_classes, "normalization": normalization, "keep_prob": keep}
        super().__init__(hidden_dims, **shape, weight_scale=weight_scale, reg=reg, rng=ByColumn(seed), dtype=dtype)
        for name, start in self.buffers.items():
            self.buffers[name] = np.zeros_like(start)  # the course's running variance starts at 0, too


class FullyConnectedNetBasic(FullyConnectedNet):
    """Without dropout and normalisation, as the third assignment of CSE493G1 has it beside the improved one."""

    def __init__(
        self,
        hidden_dims: Any,
        input_dim: int = 3072,
        num_classes: int = 10,
        reg: float = 0.0,
        weight_scale: float = 1e-2,
        dtype: Any = np.float32,
        seed: int | None = None,
    ) -> None:
        super().__init__(hidden_dims, input_dim, num_classes, reg=reg, weight_scale=weight_scale, dtype=dtype, seed=seed)


class FullyConnectedNetImproved(FullyConnectedNet):
    """With dropout and normalisation."""
