"""The tables of ops and losses. A row says what arrays it takes, so that the contract tests can draw them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from layerwise.ops.activation import (
    elu_backward,
    elu_forward,
    gelu_backward,
    gelu_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    softplus_backward,
    softplus_forward,
    step_backward,
    step_forward,
    tanh_backward,
    tanh_forward,
)
from layerwise.ops.affine import affine_backward, affine_forward
from layerwise.ops.batchnorm import batchnorm_backward, batchnorm_forward
from layerwise.ops.convolution import conv_backward, conv_forward
from layerwise.ops.dropout import dropout_backward, dropout_forward
from layerwise.ops.layernorm import layernorm_backward, layernorm_forward
from layerwise.ops.pooling import (
    average_pool_backward,
    average_pool_forward,
    global_average_pool_backward,
    global_average_pool_forward,
    max_pool_backward,
    max_pool_forward,
)
from layerwise.ops.regression import absolute_loss, binary_cross_entropy_loss, huber_loss, squared_loss
from layerwise.ops.softmax import log_softmax_backward, log_softmax_forward, softmax_backward, softmax_forward, softmax_loss
from layerwise.ops.spatial_norm import (
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
    spatial_groupnorm_backward,
    spatial_groupnorm_forward,
)
from layerwise.ops.svm import svm_loss


@dataclass(frozen=True)
class Op:
    """A forward and its backward. arrays: each array argument's axes in DESIGN's letters, in the order of the signature."""

    forward: Callable[..., tuple[Any, Any]]
    backward: Callable[..., Any]
    arrays: Mapping[str, str] = field(default_factory=lambda: {"x": "N D"})
    options: Mapping[str, Any] = field(default_factory=dict)  # an example of the options it cannot do without
    stacks: bool = True  # carries a leading axis of members
    random: bool = False  # takes rng
    has_gradient: bool = True
    mixes_examples: bool = False  # a row of out depends on the whole batch (batch norm in training), so an empty batch is refused


@dataclass(frozen=True)
class Loss:
    """A loss, what its targets are (labels, values, or shares in 0 .. 1), and its value when every score is 0."""

    function: Callable[..., tuple[Any, Any]]
    targets: str
    at_chance: Callable[[int], float] | None = None


OPS: dict[str, Op] = {
    "affine": Op(affine_forward, affine_backward, {"x": "N D", "w": "D M", "b": "M"}),
    "relu": Op(relu_forward, relu_backward),
    "leaky_relu": Op(leaky_relu_forward, leaky_relu_backward),
    "elu": Op(elu_forward, elu_backward),
    "gelu": Op(gelu_forward, gelu_backward),
    "sigmoid": Op(sigmoid_forward, sigmoid_backward),
    "tanh": Op(tanh_forward, tanh_backward),
    "softplus": Op(softplus_forward, softplus_backward),
    "step": Op(step_forward, step_backward, has_gradient=False),
    "dropout": Op(dropout_forward, dropout_backward, options={"keep_prob": 0.7}, random=True),
    "softmax": Op(softmax_forward, softmax_backward),
    "log_softmax": Op(log_softmax_forward, log_softmax_backward),
    "batchnorm": Op(batchnorm_forward, batchnorm_backward, {"x": "N D", "gamma": "D", "beta": "D"}, mixes_examples=True),
    "layernorm": Op(layernorm_forward, layernorm_backward, {"x": "N D", "gamma": "D", "beta": "D"}),
    "spatial_batchnorm": Op(
        spatial_batchnorm_forward,
        spatial_batchnorm_backward,
        {"x": "N C H W", "gamma": "C", "beta": "C"},
        stacks=False,
        mixes_examples=True,
    ),
    "spatial_groupnorm": Op(
        spatial_groupnorm_forward, spatial_groupnorm_backward, {"x": "N C H W", "gamma": "C", "beta": "C"}, {"groups": 2}, stacks=False
    ),
    "conv": Op(conv_forward, conv_backward, {"x": "N C H W", "w": "F C 3 3", "b": "F"}, {"stride": 1, "pad": 1}, stacks=False),
    "max_pool": Op(max_pool_forward, max_pool_backward, {"x": "N C H W"}, {"pool_height": 2, "pool_width": 2, "stride": 1}, stacks=False),
    "average_pool": Op(
        average_pool_forward, average_pool_backward, {"x": "N C H W"}, {"pool_height": 2, "pool_width": 2, "stride": 1}, stacks=False
    ),
    "global_average_pool": Op(global_average_pool_forward, global_average_pool_backward, {"x": "N C H W"}, stacks=False),
}


def _wrong_classes(num_classes: int) -> float:
    return num_classes - 1


def _coin_flip(num_classes: int) -> float:
    return math.log(2)


LOSSES: dict[str, Loss] = {
    "softmax": Loss(softmax_loss, "labels", math.log),
    "svm": Loss(svm_loss, "labels", _wrong_classes),
    "squared": Loss(squared_loss, "values"),
    "absolute": Loss(absolute_loss, "values"),
    "huber": Loss(huber_loss, "values"),
    "binary_cross_entropy": Loss(binary_cross_entropy_loss, "shares", _coin_flip),
}
