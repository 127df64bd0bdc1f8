"""Autoencoders: encoder and decoder are the whole's own layers, labels count for nothing, noise goes in and clean is asked back."""

import json

import numpy as np
import pytest
from tests.contract import refusal
from tests.drawing import close

from layerwise.data import load_digits
from layerwise.models import Autoencoder, load
from layerwise.train import Solver

X = np.random.default_rng(0).uniform(size=(6, 4))


def net(**options):
    return Autoencoder(**{"hidden_dims": [3, 2], "input_dim": 4, "activation": "tanh", "dtype": np.float64} | options)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_the_decoder_mirrors_the_encoder():
    shapes = {"W1": (4, 3), "b1": (3,), "W2": (3, 2), "b2": (2,), "W3": (2, 3), "b3": (3,), "W4": (3, 4), "b4": (4,)}
    assert {name: w.shape for name, w in net().params.items()} == shapes


def test_encode_decode_and_reconstruct_are_plain_products():
    p = (model := net(rng=3)).params
    codes = np.tanh(np.tanh(X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"])
    close(model.encode(X), codes)
    out = sigmoid(np.tanh(codes @ p["W3"] + p["b3"]) @ p["W4"] + p["b4"])
    for again in (model.decode(codes), model.reconstruct(X), model.predict(X), model.loss(X)):
        close(again, out)


def test_linear_output_may_leave_the_unit_interval():
    model = net(output="linear")
    model.params["b4"] += 5
    assert model.reconstruct(X).min() > 1


def test_encoder_and_decoder_share_the_layers_of_the_whole():
    model = net()
    model.params["W1"] = np.zeros((4, 3))
    assert not model.encoder.params["dense1.w"].any()
    model.decoder.params["dense2.b"] = np.full(4, 7.0)
    assert (model.params["b4"] == 7).all()


def test_the_squared_loss_is_the_mean_over_values_and_examples():
    model = net(reg=0.5)
    loss, reconstructed = model.evaluate(X)
    penalty = 0.25 * sum((model.params[f"W{i}"] ** 2).sum() for i in range(1, 5))
    assert loss == pytest.approx(((reconstructed - X) ** 2).mean() + penalty)
    assert model.loss(X, 0)[0] == pytest.approx(loss)
    close(reconstructed, model.reconstruct(X))


def test_binary_cross_entropy_is_of_the_probabilities_that_are_put_out():
    model = net(loss="binary_cross_entropy")
    loss, p = model.evaluate(X)
    assert loss == pytest.approx(-(X * np.log(p) + (1 - X) * np.log(1 - p)).mean())
    assert model.loss(X, 0)[0] == pytest.approx(loss)
    close(p, model.predict_proba(X))
    close(p, model.decode(model.encode(X)))


def test_weights_of_examples_count():
    weights = np.array([2.0, 1, 0, 0, 0, 0])
    expected = net().evaluate(X[[0, 0, 1]])[0]
    assert net().loss(X, 0, weights=weights)[0] == pytest.approx(expected)
    assert net().evaluate(X, weights=weights)[0] == pytest.approx(expected)


@pytest.mark.parametrize("y", [0, np.arange(6), np.ones((6, 4)), np.array(list("abcdef"))], ids=["0", "classes", "values", "letters"])
def test_labels_are_not_looked_at(y):
    loss, grads = net().loss(X, y)
    own_loss, own = net().loss(X, X)
    assert loss == own_loss
    for name, grad in own.items():
        np.testing.assert_array_equal(grads[name], grad)
    assert net().evaluate(X, y)[0] == own_loss


def test_images_are_flattened():
    images = X.reshape(6, 1, 2, 2)
    np.testing.assert_array_equal(net().reconstruct(images), net().reconstruct(X))
    assert net().loss(images, 0)[0] == net().loss(X, 0)[0]
    assert net().evaluate(images)[0] == net().evaluate(X)[0]


# Denoising


def test_noise_goes_in_and_the_clean_input_is_asked_back():
    model = net(noise=0.5, masking=0.3, rng=9)
    model.rng = np.random.default_rng(4)
    loss, _ = model.loss(X, 0)
    rng = np.random.default_rng(4)
    corrupted = X + 0.5 * rng.normal(size=X.shape)
    corrupted = np.where(rng.random(X.shape) < 0.3, 0, corrupted)
    assert loss == pytest.approx(((net(rng=9).reconstruct(corrupted) - X) ** 2).mean())


def test_prediction_is_without_noise():
    noisy, plain = net(noise=3.0, masking=0.9), net()
    np.testing.assert_array_equal(noisy.reconstruct(X), plain.reconstruct(X))
    np.testing.assert_array_equal(noisy.encode(X), plain.encode(X))
    assert noisy.evaluate(X)[0] == plain.evaluate(X)[0]


def test_the_batch_itself_stays_clean():
    batch = X.copy()
    net(noise=1.0, masking=0.5).loss(batch, 0)
    np.testing.assert_array_equal(batch, X)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_noise_does_not_change_the_dtype(dtype):
    loss, grads = net(noise=0.1, masking=0.1, dtype=dtype).loss(X.astype(dtype), 0)
    assert {loss.dtype, *(grad.dtype for grad in grads.values())} == {np.dtype(dtype)}


def test_noise_is_a_setting_that_may_be_changed():
    model = net()
    model.settings["noise"] = 0.5
    assert model.noise == 0.5
    assert model.config()["noise"] == 0.5
    assert model.loss(X, 0)[0] != net().loss(X, 0)[0]


# A classifier on the encoder


def test_a_classifier_reads_the_codes():
    model = net()
    classifier = model.classifier(3, [5])
    heads = list(classifier.params.values())
    hidden = np.maximum(model.encode(X) @ heads[0] + heads[1], 0)
    close(classifier.loss(X), hidden @ heads[2] + heads[3])


def test_a_frozen_encoder_stays_and_a_free_one_is_tuned():
    y = np.array([0, 1, 2, 0, 1, 2])
    for frozen in (True, False):
        model = net()
        classifier = model.classifier(3, frozen=frozen)
        before = {name: w.copy() for name, w in model.params.items()}
        Solver(classifier, {"X_train": X, "y_train": y}, num_epochs=3, batch_size=6, verbose=False).train()
        assert [name for name, w in model.params.items() if (w != before[name]).any()] == ([] if frozen else ["W1", "b1", "W2", "b2"])


def test_the_autoencoder_can_still_be_trained_and_saved_when_a_classifier_froze_its_encoder(tmp_path):
    model = net()
    classifier = model.classifier(3)
    _, grads = model.loss(X, 0)
    assert list(grads) == [f"{kind}{i}" for i in range(1, 5) for kind in "Wb"]
    model.save(tmp_path / "whole")
    classifier.save(tmp_path / "classifier")
    np.testing.assert_array_equal(load(tmp_path / "whole").encode(X), model.encode(X))
    np.testing.assert_array_equal(load(tmp_path / "classifier").loss(X), classifier.loss(X))
    before = classifier.loss(X)
    model.params["W1"] *= 2  # in place
    model.params["W2"] = model.params["W2"] + 1  # by assignment
    assert abs(classifier.loss(X) - before).max() > 1e-3
    close(classifier.loss(X), model.encode(X) @ classifier.params["dense3.w"] + classifier.params["dense3.b"])


# Training


def test_a_solver_trains_it_on_labelled_pixels_as_they_are():
    data = load_digits().with_preprocessing("scale", "flatten")
    model = Autoencoder([16], input_dim=64)
    solver = Solver(model, data, update_rule="adam", optim_config={"lr": 5e-3}, num_epochs=40, batch_size=50, verbose=False)
    solver.train()
    test = data.preprocessing.apply(np.asarray(data.X_test))
    error = float(((model.reconstruct(test) - test) ** 2).mean())
    assert error < 0.3 * test.var(axis=0).mean()  # what the mean image leaves
    assert solver.best_val_acc == max(solver.val_acc_history) == -min(solver.val_loss_history)
    assert solver.check_accuracy(data.X_test, data.y_test) == pytest.approx(-error, rel=1e-4)
    assert solver.best_val_acc > solver.val_acc_history[0]


def test_a_solver_needs_no_labels_for_it():
    solver = Solver(net(), {"X_train": X, "X_val": X}, num_epochs=2, batch_size=3, verbose=False)
    solver.train()
    assert len(solver.loss_history) == 4


def test_it_can_be_made_again_from_a_config_that_went_through_json():
    model = Autoencoder([3], input_dim=4, activation="elu", loss="binary_cross_entropy", noise=0.1, masking=0.2, weight_scale=0.3, reg=0.1)
    again = Autoencoder.from_config(json.loads(json.dumps(model.config())))
    assert again.config() == model.config()
    np.testing.assert_array_equal(again.reconstruct(X), model.reconstruct(X))


WRONG = {
    "another output": (lambda: net(output="relu"), 'output is "relu", but must be "sigmoid" or "linear"'),
    "another loss": (lambda: net(loss="softmax"), 'loss is "softmax", but must be "squared" or "binary_cross_entropy"'),
    "probabilities from a line": (lambda: net(output="linear", loss="binary_cross_entropy"), 'give output="sigmoid", or loss="squared"'),
    "no code": (lambda: net(hidden_dims=[]), "hidden_dims is empty, but needs at least the width of the code: [32]"),
    "negative noise": (lambda: net(noise=-1), "noise is -1, but a standard deviation is 0 or more"),
    "masking everything": (lambda: net(masking=1.0), "masking is 1.0, but must be in [0, 1): it is the share of values that is lost"),
    "pixels that were not scaled": (lambda: net().loss(X * 255, 0), 'preprocess it with "scale" alone, or build the net with output="linear"'),
    "centred pixels": (lambda: net().evaluate(X - 0.5), "a sigmoid gives values in 0 .. 1, but X has some from -0.4"),
    "probabilities of values": (lambda: net().predict_proba(X), 'the loss "squared" gives scores, not probabilities'),
    "rows of another width": (lambda: net().loss(np.ones((2, 5)), 0), "build the net with input_dim=5"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "text"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_fix(call, text):
    assert text in refusal(ValueError, call)
