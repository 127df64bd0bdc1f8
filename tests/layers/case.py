"""How the contract tests build a row of LAYERS: with options that are not the defaults, in both dtypes."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from tests.drawing import away_from_kinks

OPTIONS = {  # kind -> options, shape of one example; other kinds are built without options
    "dense": ({"units": 4, "weights": "glorot_normal", "bias": True, "reg": 0.1, "reg_l1": 0.2}, (4,)),
    "activation": ({"name": "leaky_relu", "negative_slope": 0.2}, (4,)),
    "dropout": ({"keep_prob": 0.6}, (4,)),
    "flatten": ({}, (2, 3)),
    "conv": ({"filters": 2, "filter_size": 3, "stride": 1, "pad": "same", "weights": 0.5, "bias": True, "reg": 0.1}, (2, 4, 5)),
    "max_pool": ({"size": 2, "stride": 1}, (2, 4, 5)),
    "average_pool": ({"size": 2, "stride": 1}, (2, 4, 5)),
    "global_average_pool": ({}, (2, 4, 5)),
    "batchnorm": ({"momentum": 0.5, "eps": 1e-3}, (4,)),
    "layernorm": ({"eps": 1e-3}, (4,)),
    "groupnorm": ({"groups": 2, "eps": 1e-3}, (4, 2, 3)),
}
DEFAULT = ({}, (4,))


@dataclass(frozen=True)
class LayerCase:
    row: Any
    rng: np.random.Generator
    dtype: type

    def __str__(self):
        return f"{self.row.kind}, {self.dtype.__name__}"

    @property
    def options(self):
        return OPTIONS.get(self.row.kind, DEFAULT)[0]

    @property
    def input_shape(self):
        return OPTIONS.get(self.row.kind, DEFAULT)[1]

    def layer(self, **changed):
        layer = self.row(**self.options | changed)
        layer.build(self.input_shape, rng=np.random.default_rng(0), dtype=self.dtype)
        return layer

    def x(self, n=5):
        return away_from_kinks(self.rng, (n, *self.input_shape)).astype(self.dtype)

    def dout(self, out):
        return away_from_kinks(self.rng, out.shape).astype(self.dtype)


def forward(layer, x, train=True):
    """With noise that is the same each time; running statistics are put back."""
    kept = copy.deepcopy(layer.buffers)
    result = layer.forward(x, train=train, rng=np.random.default_rng(7))
    layer.buffers = kept
    return result


def cases(row, rng):
    for dtype in (np.float64, np.float32):
        yield LayerCase(row, rng, dtype)
