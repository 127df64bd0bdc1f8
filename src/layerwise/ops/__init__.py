"""Forward and backward pairs of plain functions, and losses: the formula you read is the code that trains."""

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
from layerwise.ops.batchnorm import batchnorm_backward, batchnorm_backward_staged, batchnorm_forward
from layerwise.ops.convolution import conv_backward, conv_forward
from layerwise.ops.dropout import dropout_backward, dropout_forward
from layerwise.ops.layernorm import layernorm_backward, layernorm_forward
from layerwise.ops.linear import linear_softmax_loss, linear_svm_loss
from layerwise.ops.naive import (
    affine_backward_naive,
    affine_forward_naive,
    conv_backward_naive,
    conv_forward_naive,
    max_pool_backward_naive,
    max_pool_forward_naive,
    softmax_loss_naive,
    svm_loss_naive,
)
from layerwise.ops.penalty import add_l1_penalty, add_l2_penalty
from layerwise.ops.pooling import (
    average_pool_backward,
    average_pool_forward,
    global_average_pool_backward,
    global_average_pool_forward,
    max_pool_backward,
    max_pool_forward,
)
from layerwise.ops.regression import absolute_loss, binary_cross_entropy_loss, huber_loss, squared_loss
from layerwise.ops.softmax import (
    cross_entropy,
    log_softmax_backward,
    log_softmax_forward,
    softmax_backward,
    softmax_forward,
    softmax_loss,
)
from layerwise.ops.spatial_norm import (
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
    spatial_groupnorm_backward,
    spatial_groupnorm_forward,
)
from layerwise.ops.svm import svm_loss
from layerwise.ops.table import LOSSES, OPS, Loss, Op

__all__ = [
    "LOSSES",
    "OPS",
    "Loss",
    "Op",
    "absolute_loss",
    "add_l1_penalty",
    "add_l2_penalty",
    "affine_backward",
    "affine_backward_naive",
    "affine_forward",
    "affine_forward_naive",
    "average_pool_backward",
    "average_pool_forward",
    "batchnorm_backward",
    "batchnorm_backward_staged",
    "batchnorm_forward",
    "binary_cross_entropy_loss",
    "conv_backward",
    "conv_backward_naive",
    "conv_forward",
    "conv_forward_naive",
    "dropout_backward",
    "dropout_forward",
    "elu_backward",
    "elu_forward",
    "gelu_backward",
    "gelu_forward",
    "global_average_pool_backward",
    "global_average_pool_forward",
    "huber_loss",
    "layernorm_backward",
    "layernorm_forward",
    "leaky_relu_backward",
    "leaky_relu_forward",
    "cross_entropy",
    "linear_softmax_loss",
    "linear_svm_loss",
    "log_softmax_backward",
    "log_softmax_forward",
    "max_pool_backward",
    "max_pool_backward_naive",
    "max_pool_forward",
    "max_pool_forward_naive",
    "relu_backward",
    "relu_forward",
    "sigmoid_backward",
    "sigmoid_forward",
    "softmax_backward",
    "softmax_forward",
    "softmax_loss",
    "softmax_loss_naive",
    "softplus_backward",
    "softplus_forward",
    "spatial_batchnorm_backward",
    "spatial_batchnorm_forward",
    "spatial_groupnorm_backward",
    "spatial_groupnorm_forward",
    "squared_loss",
    "step_backward",
    "step_forward",
    "svm_loss",
    "svm_loss_naive",
    "tanh_backward",
    "tanh_forward",
]
