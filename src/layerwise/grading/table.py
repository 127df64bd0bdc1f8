"""What the courses ask for, by the names that their notebooks call."""

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.grading import case
from layerwise.grading.layer import judge_backward, judge_dropout_backward, judge_dropout_forward, judge_forward, judge_modes
from layerwise.grading.loss import judge_loss, judge_value
from layerwise.grading.net import judge_fully_connected, judge_two_layer
from layerwise.grading.rule import judge_rule
from layerwise.grading.task import Task
from layerwise.ops import (
    affine_backward,
    affine_forward,
    batchnorm_backward,
    batchnorm_forward,
    conv_backward,
    conv_forward,
    layernorm_backward,
    layernorm_forward,
    linear_softmax_loss,
    linear_svm_loss,
    max_pool_backward,
    max_pool_forward,
    relu_backward,
    relu_forward,
    softmax_forward,
    softmax_loss,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
    spatial_groupnorm_backward,
    spatial_groupnorm_forward,
    svm_loss,
)
from layerwise.optim import adam, rmsprop, sgd, sgd_momentum

SUM_OR_MEAN = (("a sum over examples; the sheet has a mean", lambda case: np.size(case.arrays["y"])),)


def affine_relu_forward(x: Array, w: Array, b: Array) -> tuple[Array, Any]:
    out, first = affine_forward(x, w, b)
    out, second = relu_forward(out)
    return out, (first, second)


def affine_relu_backward(dout: Array, cache: Any) -> Any:
    first, second = cache
    return affine_backward(relu_backward(dout, second), first)


def softmax(x: Array) -> Array:
    return softmax_forward(x)[0]


def cross_entropy(probs: Array, y: Array) -> Any:
    """Of one row and its label, or of a batch: the mean."""
    rows = np.atleast_2d(probs)
    return -np.log(rows[np.arange(len(rows)), np.ravel(y)]).mean()


def softmax_with_cross_entropy(x: Array, y: Array) -> Any:
    loss, dx = softmax_loss(np.atleast_2d(x), np.ravel(y))
    return loss, dx.reshape(x.shape)


def linear_softmax(W: Array, X: Array, y: Array) -> Any:
    return linear_softmax_loss(W, X, np.ravel(y))


def _rule(name: str, rule: Any, state: tuple[str, ...], options: dict[str, float], defaults: dict[str, float]) -> Task:
    settings = {"state": state, "options": options, "defaults": defaults}
    return Task(judge_rule, f"{name}(w, dw, config=None) -> next_w, config", reference=rule, op=name, settings=settings)


LINEAR = "(W, X, y, reg) -> loss, dW"

TASKS: dict[str, tuple[Task, ...]] = {  # more than one where courses call different functions by one name: the parameters' number tells
    "affine_forward": (Task(judge_forward, "(x, w, b) -> out, cache", case.affine, affine_forward, "affine"),),
    "affine_backward": (
        Task(
            judge_backward,
            "(dout, cache) -> dx, dw, db",
            case.affine,
            affine_forward,
            "affine",
            "affine_forward",
            settings={"backward": affine_backward},
        ),
    ),
    "relu_forward": (Task(judge_forward, "(x) -> out, cache", case.elementwise, relu_forward, "relu"),),
    "relu_backward": (
        Task(
            judge_backward,
            "(dout, cache) -> dx",
            case.elementwise,
            relu_forward,
            "relu",
            "relu_forward",
            settings={"backward": relu_backward},
        ),
    ),
    "affine_relu_forward": (Task(judge_forward, "(x, w, b) -> out, cache", case.affine, affine_relu_forward),),
    "affine_relu_backward": (
        Task(
            judge_backward,
            "(dout, cache) -> dx, dw, db",
            case.affine,
            affine_relu_forward,
            forward="affine_relu_forward",
            settings={"backward": affine_relu_backward},
        ),
    ),
    "svm_loss": (
        Task(judge_loss, "(x, y) -> loss, dx", case.scores, svm_loss, "svm_loss", parameters=2),
        Task(judge_loss, LINEAR, case.penalised, linear_svm_loss, "linear_svm_loss", penalty=0.5, parameters=4),
    ),
    "softmax_loss": (
        Task(judge_loss, "(x, y) -> loss, dx", case.scores, softmax_loss, "softmax_loss", parameters=2),
        Task(judge_loss, LINEAR, case.penalised, linear_softmax_loss, "linear_softmax_loss", penalty=0.5, parameters=4),
    ),
    "svm_loss_naive": (Task(judge_loss, LINEAR, case.penalised, linear_svm_loss, "linear_svm_loss", penalty=1.0),),
    "svm_loss_vectorized": (Task(judge_loss, LINEAR, case.penalised, linear_svm_loss, "linear_svm_loss", penalty=1.0, vectorised=True),),
    "softmax_loss_naive": (Task(judge_loss, LINEAR, case.penalised, linear_softmax_loss, "linear_softmax_loss", penalty=1.0),),
    "softmax_loss_vectorized": (
        Task(judge_loss, LINEAR, case.penalised, linear_softmax_loss, "linear_softmax_loss", penalty=1.0, vectorised=True),
    ),
    "batchnorm_forward": (
        Task(judge_forward, "(x, gamma, beta, bn_param) -> out, cache", case.rows, batchnorm_forward, "batchnorm", extras=(judge_modes,)),
    ),
    "batchnorm_backward": (
        Task(
            judge_backward,
            "(dout, cache) -> dx, dgamma, dbeta",
            case.rows,
            batchnorm_forward,
            "batchnorm",
            "batchnorm_forward",
            settings={"backward": batchnorm_backward},
        ),
    ),
    "batchnorm_backward_alt": (
        Task(
            judge_backward,
            "(dout, cache) -> dx, dgamma, dbeta",
            case.rows,
            batchnorm_forward,
            "batchnorm",
            "batchnorm_forward",
            settings={"backward": batchnorm_backward},
        ),
    ),
    "layernorm_forward": (Task(judge_forward, "(x, gamma, beta, ln_param) -> out, cache", case.layers, layernorm_forward, "layernorm"),),
    "layernorm_backward": (
        Task(
            judge_backward,
            "(dout, cache) -> dx, dgamma, dbeta",
            case.layers,
            layernorm_forward,
            "layernorm",
            "layernorm_forward",
            settings={"backward": layernorm_backward},
        ),
    ),
    "dropout_forward": (Task(judge_dropout_forward, "(x, dropout_param) -> out, cache", op="dropout"),),
    "dropout_backward": (Task(judge_dropout_backward, "(dout, cache) -> dx", op="dropout", forward="dropout_forward"),),
    "conv_forward_naive": (Task(judge_forward, "(x, w, b, conv_param) -> out, cache", case.images, conv_forward, "conv"),),
    "conv_backward_naive": (
        Task(
            judge_backward,
            "(dout, cache) -> dx, dw, db",
            case.images,
            conv_forward,
            "conv",
            "conv_forward_naive",
            settings={"backward": conv_backward},
        ),
    ),
    "max_pool_forward_naive": (Task(judge_forward, "(x, pool_param) -> out, cache", case.pools, max_pool_forward, "max_pool"),),
    "max_pool_backward_naive": (
        Task(
            judge_backward,
            "(dout, cache) -> dx",
            case.pools,
            max_pool_forward,
            "max_pool",
            "max_pool_forward_naive",
            settings={"backward": max_pool_backward},
        ),
    ),
    "spatial_batchnorm_forward": (
        Task(
            judge_forward,
            "(x, gamma, beta, bn_param) -> out, cache",
            case.channels,
            spatial_batchnorm_forward,
            "spatial_batchnorm",
            extras=(judge_modes,),
        ),
    ),
    "spatial_batchnorm_backward": (
        Task(
            judge_backward,
            "(dout, cache) -> dx, dgamma, dbeta",
            case.channels,
            spatial_batchnorm_forward,
            "spatial_batchnorm",
            "spatial_batchnorm_forward",
            settings={"backward": spatial_batchnorm_backward},
        ),
    ),
    "spatial_groupnorm_forward": (
        Task(judge_forward, "(x, gamma, beta, G, gn_param) -> out, cache", case.groups, spatial_groupnorm_forward, "spatial_groupnorm"),
    ),
    "spatial_groupnorm_backward": (
        Task(
            judge_backward,
            "(dout, cache) -> dx, dgamma, dbeta",
            case.groups,
            spatial_groupnorm_forward,
            "spatial_groupnorm",
            "spatial_groupnorm_forward",
            settings={"backward": spatial_groupnorm_backward},
        ),
    ),
    "sgd": (_rule("sgd", sgd, (), {"lr": 0.05}, {"lr": 1e-2}),),
    "sgd_momentum": (_rule("sgd_momentum", sgd_momentum, ("velocity",), {"lr": 0.05, "momentum": 0.8}, {"lr": 1e-2, "momentum": 0.9}),),
    "rmsprop": (_rule("rmsprop", rmsprop, ("cache",), {"lr": 0.05, "decay_rate": 0.95, "eps": 1e-5}, {"lr": 1e-2, "decay_rate": 0.99}),),
    "adam": (_rule("adam", adam, ("m", "v", "t"), {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "eps": 1e-5}, {"lr": 1e-3}),),
    "TwoLayerNet": (Task(judge_two_layer, "TwoLayerNet(input_dim, hidden_dim, num_classes, weight_scale, reg)"),),
    "FullyConnectedNet": (Task(judge_fully_connected, "FullyConnectedNet(hidden_dims, input_dim, num_classes, ...)"),),
    "FullyConnectedNetBasic": (Task(judge_fully_connected, "FullyConnectedNetBasic(hidden_dims, input_dim, num_classes, ...)"),),
    "FullyConnectedNetImproved": (Task(judge_fully_connected, "FullyConnectedNetImproved(hidden_dims, input_dim, num_classes, ...)"),),
    "softmax": (Task(judge_value, "(predictions) -> probs", case.predictions, softmax, "softmax"),),
    "cross_entropy_loss": (
        Task(judge_value, "(probs, target_index) -> loss", case.probabilities, cross_entropy, settings={"conventions": SUM_OR_MEAN}),
    ),
    "softmax_with_cross_entropy": (
        Task(judge_loss, "(predictions, target_index) -> loss, dprediction", case.targets, softmax_with_cross_entropy, "softmax_loss"),
    ),
    "linear_softmax": (
        Task(
            judge_loss,
            "(X, W, target_index) -> loss, dW",
            case.linear,
            linear_softmax,
            "linear_softmax_loss",
            order=("X", "W", "y"),
        ),
    ),
    "l2_regularization": (Task(judge_loss, "(W, reg_strength) -> loss, grad", case.weights, op="l2_penalty", penalty=1.0),),
}
