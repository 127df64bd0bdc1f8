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
from layerwise.ops.dropout import dropout_backward, dropout_forward
from layerwise.ops.linear import linear_softmax_loss, linear_svm_loss
from layerwise.ops.naive import affine_backward_naive, affine_forward_naive, softmax_loss_naive, svm_loss_naive
from layerwise.ops.penalty import add_l1_penalty, add_l2_penalty
from layerwise.ops.regression import absolute_loss, binary_cross_entropy_loss, huber_loss, squared_loss
from layerwise.ops.softmax import log_softmax_backward, log_softmax_forward, softmax_backward, softmax_forward, softmax_loss
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
    "binary_cross_entropy_loss",
    "dropout_backward",
    "dropout_forward",
    "elu_backward",
    "elu_forward",
    "gelu_backward",
    "gelu_forward",
    "huber_loss",
    "leaky_relu_backward",
    "leaky_relu_forward",
    "linear_softmax_loss",
    "linear_svm_loss",
    "log_softmax_backward",
    "log_softmax_forward",
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
    "squared_loss",
    "step_backward",
    "step_forward",
    "svm_loss",
    "svm_loss_naive",
    "tanh_backward",
    "tanh_forward",
]
