"""A population is its members: loss, gradients, predictions of stacked models are those of the solo models."""

import numpy as np
import pytest

from layerwise.layers import Activation, Dense, Dropout
from layerwise.models import Autoencoder, FullyConnectedNet, Sequential, SoftmaxModel, SVMModel
from layerwise.train import Solver, stack

N, D, K = 6, 4, 3
SETTINGS = [{"reg": 0.0, "reg_l1": 0.2}, {"reg": 0.3, "reg_l1": 0.0}, {"reg": 1.0, "reg_l1": 0.1}]
KEEPS = [0.4, 0.7, 1.0]
DTYPES = {np.float64: 1e-12, np.float32: 1e-5}


def fully_connected(i, dtype):
    return FullyConnectedNet([7, 5], input_dim=D, num_classes=K, keep_prob=KEEPS[i], rng=i, dtype=dtype, **SETTINGS[i])


def after_input_dropout(i, dtype):
    tied = Dense(D)
    layers = [Dropout(KEEPS[i]), tied, Activation("softmax"), tied, Activation("elu"), Dense(K, reg=0.1 * (i + 1))]
    return Sequential(layers, input_shape=D, rng=i, dtype=dtype, **SETTINGS[i])


def normalised(name):
    def make(i, dtype):
        return FullyConnectedNet(
            [7, 5], input_dim=D, num_classes=K, normalization=name, keep_prob=KEEPS[i], rng=i, dtype=dtype, **SETTINGS[i]
        )

    return make


def denoising(i, dtype):
    return Autoencoder([5, 3], input_dim=D, output="linear", noise=0.1 * i, masking=0.2, rng=i, dtype=dtype, **SETTINGS[i])


MAKERS = {
    "FullyConnectedNet": fully_connected,
    "SoftmaxModel": lambda i, dtype: SoftmaxModel(D, K, weight_scale=1.0, rng=i, dtype=dtype, **SETTINGS[i]),
    "SVMModel without a bias": lambda i, dtype: SVMModel(D, K, weight_scale=1.0, bias=False, rng=i, dtype=dtype, **SETTINGS[i]),
    "Sequential with dropout of the input": after_input_dropout,
    "FullyConnectedNet with batchnorm": normalised("batchnorm"),
    "FullyConnectedNet with layernorm": normalised("layernorm"),
    "Autoencoder": denoising,
}
every_model = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
every_dtype = pytest.mark.parametrize(("dtype", "tolerance"), DTYPES.items(), ids=lambda value: getattr(value, "__name__", ""))


def close(actual, desired, tolerance):
    np.testing.assert_allclose(actual, desired, rtol=tolerance, atol=tolerance)


def drawn(make, dtype):
    rng = np.random.default_rng(0)
    models = [make(i, dtype) for i in range(3)]
    return models, rng.normal(size=(N, D)), rng.integers(0, K, N), rng.uniform(0.5, 2, N)


@every_model
@every_dtype
def test_loss_and_gradients_are_the_members(make, dtype, tolerance):
    models, X, y, weights = drawn(make, dtype)
    population = stack(models)
    for options in ({}, {"weights": weights}):
        for model in (*models, population):
            model.rng = np.random.default_rng(3)  # the noise that all members share
        loss, grads = population.loss(X, y, **options)
        assert (loss.shape, loss.dtype) == ((3,), dtype)
        for i, model in enumerate(models):
            own_loss, own_grads = model.loss(X, y, **options)
            close(loss[i], own_loss, tolerance)
            assert list(grads) == list(own_grads)
            for name, own in own_grads.items():
                assert grads[name].dtype == dtype
                close(grads[name][i], own, tolerance)


@every_model
@every_dtype
def test_predictions_are_the_members(make, dtype, tolerance):
    models, X, y, _ = drawn(make, dtype)
    population = stack(models)
    loss, scores = population.evaluate(X, y)
    penalty, classes = population.penalty(), population.predict(X)
    for i, model in enumerate(models):
        own_loss, own_scores = model.evaluate(X, y)
        close(loss[i], own_loss, tolerance)
        close(scores[i], own_scores, tolerance)
        close(penalty[i], model.penalty(), tolerance)
        close(classes[i], model.predict(X), tolerance)  # classes, or an autoencoder's values
        for out, own in zip(outputs_of(population, X), outputs_of(model, X), strict=True):
            close(out[i], own, tolerance)


def outputs_of(model, X):
    """What each layer puts out, but dropout: it has no place in a model where it is off."""
    return [out for name, out in model.activations(X).items() if not name.endswith("dropout")]


@every_model
def test_gradients_lie_in_memory_as_the_weights_do(make):
    models, X, y, _ = drawn(make, np.float32)
    population = stack(models)
    _, grads = population.loss(X, y)
    for name, w in population.params.items():
        assert grads[name].strides == w.strides, name


def test_members_with_their_own_batches_read_their_own():
    models, _, _, _ = drawn(fully_connected, np.float64)
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(3, N, D)), rng.integers(0, K, (3, N))
    population = stack(models)
    for model in (*models, population):
        model.rng = np.random.default_rng(3)
    loss, _ = population.loss(X, y)
    close(loss, [model.loss(X[i], y[i])[0] for i, model in enumerate(models)], 1e-12)


def test_a_member_that_has_diverged_leaves_the_others_as_they_are():
    models, X, y, _ = drawn(fully_connected, np.float64)
    population = stack(models)
    population.rng = np.random.default_rng(3)
    loss, grads = population.loss(X, y)
    population.params["W1"][1] = np.nan
    population.rng = np.random.default_rng(3)
    nan_loss, nan_grads = population.loss(X, y)
    np.testing.assert_array_equal(nan_loss[[0, 2]], loss[[0, 2]])
    assert np.isnan(nan_loss[1])
    for name, grad in grads.items():
        np.testing.assert_array_equal(nan_grads[name][[0, 2]], grad[[0, 2]])


def test_stacking_leaves_the_models_alone():
    models, X, y, _ = drawn(fully_connected, np.float64)
    before = [{name: w.copy() for name, w in model.params.items()} for model in models]
    population = stack(models)
    population.loss(X, y)
    population.params["W1"][...] = 0
    assert [model.reg for model in models] == [options["reg"] for options in SETTINGS]
    for model, kept in zip(models, before, strict=True):
        for name, w in kept.items():
            np.testing.assert_array_equal(model.params[name], w)


@pytest.mark.parametrize("make", [normalised("batchnorm"), denoising], ids=["FullyConnectedNet with batchnorm", "Autoencoder"])
def test_after_many_steps_a_member_is_what_it_is_alone(make):
    models, X, y, _ = drawn(make, np.float64)
    rates = np.array([1e-3, 1e-2, 3e-3])
    data = {"X_train": X, "y_train": y, "X_val": X, "y_val": y}
    population = stack(models)
    for model, lr in [(population, rates), *zip(models, rates, strict=True)]:
        model.rng = np.random.default_rng(3)
        options = {"update_rule": "adam", "optim_config": {"lr": lr}, "num_steps": 200, "batch_size": 4, "verbose": False}
        Solver(model, data, restore_best=False, **options).train()
    scores = population.loss(X)
    for i, model in enumerate(models):
        close(scores[i], model.loss(X), 1e-9)
