"""The gradient of every model is the measured slope of its loss, penalties, dropout and tied weights included."""

import numpy as np
import pytest

from layerwise.gradcheck import numerical_gradient
from layerwise.layers import ACTIVATIONS, Activation, Dense, Dropout, Flatten
from layerwise.models import (
    MODELS,
    Autoencoder,
    ConvNet,
    FullyConnectedNet,
    Sequential,
    SoftmaxModel,
    SVMModel,
    ThreeLayerConvNet,
    TwoLayerNet,
)
from layerwise.models.fully_connected import NORMALIZATIONS
from layerwise.ops import LOSSES

N, D, K = 6, 4, 3
PENALISED = {"reg": 0.7, "reg_l1": 0.3, "dtype": np.float64}
SMOOTH = [name for name, op in ACTIVATIONS.items() if op.has_gradient]


BLOCKS = ["conv 4 3x3", "batchnorm", "relu", "max_pool 2", "conv 4 2x2 pad=0", "groupnorm 2", "tanh", "average_pool 2", "dense 5", "elu"]


def tied():
    middle = Dense(5, reg=0.5)
    layers = [Flatten(), Dense(5), Activation("tanh"), middle, Activation("tanh"), middle, Dropout(0.7), Dense(K, reg_l1=0.0)]
    return Sequential(layers, input_shape=(2, 2), **PENALISED)


MAKERS = {
    "SoftmaxModel": lambda: SoftmaxModel(D, K, weight_scale=1.0, **PENALISED),
    "SoftmaxModel without a bias": lambda: SoftmaxModel(D, K, weight_scale=1.0, bias=False, **PENALISED),
    "SVMModel": lambda: SVMModel(D, K, weight_scale=1.0, **PENALISED),
    "TwoLayerNet": lambda: TwoLayerNet(D, 7, K, weight_scale=1.0, reg=0.7, dtype=np.float64),
    "FullyConnectedNet": lambda: FullyConnectedNet([7, 5], input_dim=D, num_classes=K, keep_prob=0.6, **PENALISED),
    "Sequential with tied weights": tied,
    "ThreeLayerConvNet": lambda: ThreeLayerConvNet((2, 4, 6), 3, 3, 5, K, weight_scale=0.5, reg=0.7, dtype=np.float64),
    "ConvNet": lambda: ConvNet(BLOCKS, input_dim=(2, 6, 6), num_classes=K, **PENALISED),
    "Autoencoder": lambda: Autoencoder([5, 2], input_dim=D, activation="tanh", **PENALISED),
    "Autoencoder, linear and denoising": lambda: Autoencoder([5], input_dim=D, output="linear", noise=0.3, masking=0.2, **PENALISED),
    "Autoencoder under binary cross-entropy": lambda: Autoencoder([3], input_dim=D, loss="binary_cross_entropy", **PENALISED),
    "classifier on an encoder": lambda: Autoencoder([5, 2], input_dim=D, dtype=np.float64).classifier(K, [4], frozen=False, reg=0.7),
    **{
        f"FullyConnectedNet with {name}": lambda name=name: FullyConnectedNet([7, 5], input_dim=D, num_classes=K, normalization=name, **PENALISED)
        for name in NORMALIZATIONS
    },
    **{
        f"FullyConnectedNet of {name}": lambda name=name: FullyConnectedNet([7], input_dim=D, num_classes=K, activation=name, **PENALISED)
        for name in SMOOTH
    },
    **{
        f"Sequential under {name}": lambda name=name: Sequential([Dense(5), Activation("tanh"), Dense(K)], input_shape=D, loss=name, **PENALISED)
        for name in LOSSES
    },
}  # fmt: skip


def batch(model, rng):
    if isinstance(model, Autoencoder):
        return rng.uniform(size=(N, *model.input_shape)), rng.integers(0, K, N)  # the labels are for nothing
    X = rng.normal(size=(N, *model.input_shape))
    y = {"labels": rng.integers(0, K, N), "values": rng.normal(size=(N, K)), "shares": rng.uniform(size=(N, K))}
    return X, y[LOSSES[model.loss_name].targets]


def loss_with_the_same_noise(model, X, y, **options):
    model.rng = np.random.default_rng(11)
    return model.loss(X, y, **options)


def gaps(model, X, y, **options):
    """How far each parameter's gradient is from the measured slope."""
    _, grads = loss_with_the_same_noise(model, X, y, **options)
    assert list(grads) == list(model.params)
    numeric = {
        name: numerical_gradient(lambda _: loss_with_the_same_noise(model, X, y, **options)[0], w) for name, w in model.params.items()
    }
    return {name: abs(grads[name] - numeric[name]).max() / (1 + abs(numeric[name]).max()) for name in grads}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_gradient_is_the_measured_slope(make, weighted):
    rng = np.random.default_rng(0)
    model = make()
    options = {"weights": rng.uniform(0.5, 2, N)} if weighted else {}
    worst = gaps(model, *batch(model, rng), **options)
    assert max(worst.values()) < 1e-7, worst


def test_every_model_of_the_table_is_among_them():
    assert {type(make()).__name__ for make in MAKERS.values()} == set(MODELS)


def test_penalties_are_on_weight_matrices_and_not_on_biases():
    model = MAKERS["SoftmaxModel"]()
    X, y = batch(model, np.random.default_rng(0))
    model.layers[0].penalised = ()
    loss, grads = model.loss(X, y)
    del model.layers[0].penalised
    right_loss, right = model.loss(X, y)
    assert abs(right["W"] - grads["W"]).max() > 0.1
    np.testing.assert_allclose(right["b"], grads["b"])
    W = model.params["W"]
    assert right_loss - loss == pytest.approx(0.35 * (W**2).sum() + 0.3 * abs(W).sum())


def test_a_backward_that_forgets_the_mask_is_caught():
    class ForgetsTheMask(Dropout):
        def backward(self, dout, cache, *, need_dx=True):
            return dout, {}

    model = Sequential([Dense(8), ForgetsTheMask(0.5), Dense(K)], input_shape=D, dtype=np.float64)
    worst = gaps(model, *batch(model, np.random.default_rng(0)))
    assert worst["dense1.w"] > 1e-2
    assert worst["dense2.w"] < 1e-7
