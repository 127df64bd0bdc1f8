"""The recipes by the names of their ops, in the order in which a forward is compared with them when its op is not told."""

from layerwise.gradcheck.recipe_dense import (
    AFFINE,
    DROPOUT,
    ELU,
    GELU,
    LEAKY_RELU,
    LOG_SOFTMAX,
    RELU,
    SIGMOID,
    SOFTMAX,
    SOFTPLUS,
    TANH,
)
from layerwise.gradcheck.recipe_image import AVERAGE_POOL, CONV, GLOBAL_AVERAGE_POOL, MAX_POOL
from layerwise.gradcheck.recipe_loss import (
    ABSOLUTE_LOSS,
    BINARY_CROSS_ENTROPY_LOSS,
    HUBER_LOSS,
    L2_PENALTY,
    LINEAR_SOFTMAX_LOSS,
    LINEAR_SVM_LOSS,
    SOFTMAX_LOSS,
    SQUARED_LOSS,
    SVM_LOSS,
)
from layerwise.gradcheck.recipe_norm import BATCHNORM, LAYERNORM, SPATIAL_BATCHNORM, SPATIAL_GROUPNORM
from layerwise.gradcheck.recipe_rule import ADAM, RMSPROP, SGD, SGD_MOMENTUM
from layerwise.gradcheck.term import Recipe

TERMS: dict[str, Recipe] = {
    "affine": AFFINE,
    "relu": RELU,
    "leaky_relu": LEAKY_RELU,
    "elu": ELU,
    "gelu": GELU,
    "sigmoid": SIGMOID,
    "tanh": TANH,
    "softplus": SOFTPLUS,
    "softmax": SOFTMAX,
    "log_softmax": LOG_SOFTMAX,
    "batchnorm": BATCHNORM,
    "layernorm": LAYERNORM,
    "spatial_batchnorm": SPATIAL_BATCHNORM,
    "spatial_groupnorm": SPATIAL_GROUPNORM,
    "conv": CONV,
    "max_pool": MAX_POOL,
    "average_pool": AVERAGE_POOL,
    "global_average_pool": GLOBAL_AVERAGE_POOL,
    "softmax_loss": SOFTMAX_LOSS,
    "svm_loss": SVM_LOSS,
    "squared_loss": SQUARED_LOSS,
    "absolute_loss": ABSOLUTE_LOSS,
    "huber_loss": HUBER_LOSS,
    "binary_cross_entropy_loss": BINARY_CROSS_ENTROPY_LOSS,
    "linear_softmax_loss": LINEAR_SOFTMAX_LOSS,
    "linear_svm_loss": LINEAR_SVM_LOSS,
    "l2_penalty": L2_PENALTY,
    "dropout": DROPOUT,
    "sgd": SGD,
    "sgd_momentum": SGD_MOMENTUM,
    "rmsprop": RMSPROP,
    "adam": ADAM,
}
