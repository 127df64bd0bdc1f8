"""The convolutional net, and every layer that its notebook calls."""

from typing import Any

import numpy as np

from layerwise import models as _models
from layerwise.courses.generator import Legacy

from ..fast_layers import *
from ..layer_utils import *
from ..layers import *
from ..saving import Saved


class ThreeLayerConvNet(Saved, _models.ThreeLayerConvNet):  # type: ignore[misc]
    """conv - relu - 2 × 2 max pool - affine - relu - affine - softmax; the penalty is half of reg · ΣW²."""

    def __init__(
        self,
        input_dim: Any = (3, 32, 32),
        num_filters: int = 32,
        filter_size: int = 7,
        hidden_dim: int = 100,
        num_classes: int = 10,
        weight_scale: float = 1e-3,
        reg: float = 0.0,
        dtype: Any = np.float32,
    ) -> None:
        sizes: dict[str, Any] = {"num_filters": num_filters, "filter_size": filter_size, "hidden_dim": hidden_dim}
        super().__init__(input_dim, **sizes, num_classes=num_classes, weight_scale=weight_scale, reg=reg, rng=Legacy(), dtype=dtype)
