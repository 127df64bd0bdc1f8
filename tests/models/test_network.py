"""What every model of the package does: parameters that write through, frozen and shared layers, prediction that touches nothing."""

import copy

import numpy as np
import pytest
from tests.drawing import close
from tests.oracles.loss import softmax_loss as oracle

from layerwise.layers import Activation, Dense, Dropout, Flatten, Layer
from layerwise.models import FullyConnectedNet, Network, Sequential, SoftmaxModel, SVMModel
from layerwise.ops import softmax_forward

X = np.random.default_rng(0).normal(size=(6, 4))
Y = np.array([0, 1, 2, 2, 1, 0])


def net(**options):
    return FullyConnectedNet([5, 5], **{"input_dim": 4, "num_classes": 3, "keep_prob": 0.7, "reg": 0.1, "dtype": np.float64} | options)


def state(model):
    """Everything that training changes, to compare."""
    arrays = {name: a.tobytes() for tree in (model.params, model.buffers) for name, a in tree.items()}
    return arrays, copy.deepcopy(model.rng.bit_generator.state), dict(model.settings)


# Parameters


def test_an_assignment_replaces_the_layers_own_array():
    model = net()
    new = np.ones_like(model.params["W2"])
    model.params["W2"] = new
    assert model.params["W2"] is new
    assert model.layers[3].params["w"] is new


def test_parameters_are_read_afresh_at_each_call():
    model = net(keep_prob=1.0)
    params = model.params
    before = model.loss(X)
    params["b3"] += 1.0  # in place
    close(model.loss(X), before + 1)
    params["b3"] = params["b3"] - 1.0  # by assignment
    close(model.loss(X), before)


def test_names_that_the_model_does_not_have_are_refused():
    params = net().params
    with pytest.raises(KeyError, match=r"the model has no parameter 'W9'; it has W1, b1, W2, b2, W3, b3"):
        params["W9"] = np.ones(3)
    with pytest.raises(KeyError, match="W9"):
        params["W9"]
    with pytest.raises(TypeError, match="a parameter cannot be deleted"):
        del params["W1"]
    assert dict(params).keys() == {"W1", "b1", "W2", "b2", "W3", "b3"}
    assert repr(params).startswith("{'W1': (4, 5), 'b1': (5,)")


def test_a_penalty_may_be_set_at_any_time():
    model = net(reg=0.0, keep_prob=1.0)
    loss, grads = model.loss(X, Y)
    model.reg = 0.5
    weights = [model.params[name] for name in ("W1", "W2", "W3")]
    penalised, penalised_grads = model.loss(X, Y)
    assert penalised - loss == pytest.approx(0.25 * sum((w**2).sum() for w in weights))
    close(penalised_grads["W2"] - grads["W2"], 0.5 * model.params["W2"])
    np.testing.assert_array_equal(penalised_grads["b2"], grads["b2"])
    model.settings["reg_l1"] = 0.1
    assert model.loss(X, Y)[0] - penalised == pytest.approx(0.1 * sum(abs(w).sum() for w in weights))
    assert model.penalty() == pytest.approx(model.loss(X, Y)[0] - loss)


def test_settings_are_those_of_the_model_and_of_its_layers():
    assert dict(net().settings) == {"reg": 0.1, "reg_l1": 0.0, "dropout1.keep_prob": 0.7, "dropout2.keep_prob": 0.7}
    model = Sequential([Dense(2, reg=0.3)], input_shape=4)
    model.settings["dense1.reg"] = 0.4
    assert model.layers[0].reg == 0.4


# What loss returns


def test_what_loss_returned_is_never_written_again():
    model = net()
    first = model.loss(X, Y)
    kept = copy.deepcopy(first)
    scores = model.loss(X)
    scores_kept = scores.copy()
    model.loss(-X, Y[::-1])
    model.loss(-X)
    assert first[0] == kept[0]
    for name, grad in kept[1].items():
        np.testing.assert_array_equal(first[1][name], grad)
    np.testing.assert_array_equal(scores, scores_kept)


def test_gradients_are_not_views_of_parameters_or_of_each_other():
    _, grads = net().loss(X, Y)
    arrays = [*grads.values(), *net().params.values()]
    assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_net_computes_in_its_dtype_whatever_it_is_fed(dtype):
    model = net(dtype=dtype)
    for batch in (X, X.astype(np.float32), (X * 10).astype(np.int8)):
        loss, grads = model.loss(batch, Y)
        assert {loss.dtype, model.loss(batch).dtype, *(grad.dtype for grad in grads.values())} == {np.dtype(dtype)}


def test_the_loss_is_the_oracles():
    model = net(keep_prob=1.0, reg=0.0)
    p = model.params
    scores = np.maximum(np.maximum(X @ p["W1"] + p["b1"], 0) @ p["W2"] + p["b2"], 0) @ p["W3"] + p["b3"]
    close(model.loss(X), scores)
    assert model.loss(X, Y)[0] == pytest.approx(oracle(scores, Y))
    weights = np.arange(1.0, 7)
    assert model.loss(X, Y, weights=weights)[0] == pytest.approx(oracle(scores, Y, weights))


# Prediction


def test_prediction_touches_nothing():
    model = net()
    before = state(model)
    model.loss(X)
    model.predict(X)
    model.predict_proba(X)
    model.activations(X)
    model.evaluate(X, Y)
    model.summary()
    assert state(model) == before


def test_training_draws_noise_and_prediction_does_not():
    model = net()
    assert model.loss(X, Y)[0] != model.loss(X, Y)[0]
    assert model.evaluate(X, Y)[0] == model.evaluate(X, Y)[0]
    np.testing.assert_array_equal(model.loss(X), model.loss(X))


def test_evaluate_is_the_loss_with_penalties_and_the_scores():
    model = net(reg_l1=0.2)
    loss, scores = model.evaluate(X, Y)
    np.testing.assert_array_equal(scores, model.loss(X))
    weights = [model.params[name] for name in ("W1", "W2", "W3")]
    penalty = sum(0.05 * (w**2).sum() + 0.2 * abs(w).sum() for w in weights)
    assert loss == pytest.approx(oracle(scores, Y) + penalty)
    assert model.evaluate(X, Y, weights=np.arange(6))[0] == pytest.approx(oracle(scores, Y, np.arange(6)) + penalty)


def test_predictions_follow_the_loss():
    scores = net().loss(X)
    np.testing.assert_array_equal(net().predict(X), scores.argmax(axis=1))
    close(net().predict_proba(X), softmax_forward(scores)[0])
    np.testing.assert_array_equal(net(loss="squared").predict(X), scores)
    shares = net(loss="binary_cross_entropy")
    np.testing.assert_array_equal(shares.predict(X), scores > 0)
    close(shares.predict_proba(X), 1 / (1 + np.exp(-scores)))


@pytest.mark.parametrize("loss", ["svm", "squared"])
def test_a_loss_without_probabilities_says_so(loss):
    with pytest.raises(ValueError, match=rf'the loss "{loss}" gives scores, not probabilities: train with loss="softmax", or use predict'):
        net(loss=loss).predict_proba(X)


def test_activations_are_named_by_position_and_kind_and_end_in_the_scores():
    model = net()
    outputs = model.activations(X)
    assert list(outputs) == ["1 dense", "2 activation", "3 dropout", "4 dense", "5 activation", "6 dropout", "7 dense"]
    assert list(net(keep_prob=1.0).activations(X)) == ["1 dense", "2 activation", "3 dense", "4 activation", "5 dense"]
    np.testing.assert_array_equal(outputs["7 dense"], model.loss(X))
    np.testing.assert_array_equal(outputs["2 activation"], np.maximum(outputs["1 dense"], 0))


# Frozen and shared layers


class Impassable(Activation):
    """No gradient may go through it."""

    def backward(self, dout, cache, *, need_dx=True):
        raise RuntimeError("a gradient came by")


def test_a_frozen_layers_parameters_are_buffers_without_gradients_or_penalties():
    model = net()
    model.layers[3].trainable = False
    assert list(model.params) == ["W1", "b1", "W3", "b3"]
    assert list(model.buffers) == ["W2", "b2"]
    _, grads = model.loss(X, Y)
    assert list(grads) == ["W1", "b1", "W3", "b3"]
    model.params["W1"][...] = model.params["W3"][...] = 0
    assert model.penalty() == 0
    model.buffers["W2"] = np.zeros((5, 5))
    assert not model.layers[3].params["w"].any()
    model.layers[3].trainable = True
    assert list(model.params) == ["W1", "b1", "W2", "b2", "W3", "b3"]


def test_a_gradient_passes_through_a_frozen_layer_to_those_below():
    model = net(keep_prob=1.0)
    _, whole = model.loss(X, Y)
    model.layers[3].trainable = False
    _, grads = model.loss(X, Y)
    for name, grad in grads.items():
        np.testing.assert_array_equal(grad, whole[name])


def test_backward_stops_above_the_lowest_layer_that_trains():
    frozen = Dense(5)
    model = Sequential([Impassable("tanh"), frozen, Impassable("tanh"), Dense(3)], input_shape=4)
    with pytest.raises(RuntimeError, match="a gradient came by"):
        model.loss(X, Y)
    frozen.trainable = False
    _, grads = model.loss(X, Y)
    assert list(grads) == ["dense2.w", "dense2.b"]


def test_the_lowest_layer_that_trains_is_not_asked_for_dx():
    class Asked(Dense):
        def backward(self, dout, cache, *, need_dx=True):
            asked.append(need_dx)
            return super().backward(dout, cache, need_dx=need_dx)

    asked = []
    Sequential([Activation("tanh"), Asked(5), Asked(3)], input_shape=4).loss(X, Y)
    assert asked == [True, False]


def test_with_everything_frozen_there_is_a_loss_and_no_gradient():
    model = SoftmaxModel(4, 3)
    model.layers[0].trainable = False
    loss, grads = model.loss(X, Y)
    assert np.isfinite(loss)
    assert grads == {}


def test_two_models_share_the_layers_they_are_given():
    encoder, decoder = Dense(2), Dense(4)
    whole = Sequential([encoder, Activation("tanh"), decoder], input_shape=4, loss="squared", dtype=np.float64)
    half = Sequential([encoder, Activation("tanh")], input_shape=4, rng=99, dtype=np.float64)
    close(half.loss(X), whole.activations(X)["2 activation"])
    half.params["dense1.w"] = np.zeros((4, 2))
    assert not whole.params["dense1.w"].any()
    whole.params["dense1.b"] += 3
    close(half.loss(X), np.full((6, 2), np.tanh(3)))


def test_a_shared_layer_refuses_inputs_of_another_width():
    shared = Dense(2)
    Sequential([shared], input_shape=4)
    with pytest.raises(ValueError, match=r"dense: this layer was built for examples of shape \(4,\), and is now given \(5,\)"):
        Sequential([shared], input_shape=5)


def test_a_layer_that_stands_twice_has_one_name_and_one_penalty():
    tied = Dense(4)
    model = Sequential([tied, Activation("relu"), tied, Dense(3)], input_shape=4, reg=2.0, dtype=np.float64)
    assert list(model.params) == ["dense1.w", "dense1.b", "dense2.w", "dense2.b"]
    assert model.penalty() == pytest.approx(sum((model.params[name] ** 2).sum() for name in ("dense1.w", "dense2.w")))


# Randomness


def test_a_seed_gives_the_same_net_and_the_same_noise():
    one, other = net(rng=5), net(rng=5)
    for name, w in one.params.items():
        np.testing.assert_array_equal(other.params[name], w)
    assert one.loss(X, Y)[0] == other.loss(X, Y)[0]
    assert not np.array_equal(net(rng=6).params["W1"], one.params["W1"])


def test_weights_and_noise_are_separate_streams_of_a_seed():
    narrow, wide = net(rng=5), net(rng=5, num_classes=9)
    assert narrow.rng.bit_generator.state == wide.rng.bit_generator.state
    assert not np.allclose(narrow.rng.normal(size=(4, 5)), narrow.params["W1"] / np.sqrt(2 / 4)), "the noise repeats the weights"
    sequence = np.random.SeedSequence(5)
    np.testing.assert_array_equal(net(rng=sequence).params["W1"], narrow.params["W1"])


def test_a_generator_that_is_handed_in_draws_everything():
    rng = np.random.default_rng(5)
    model = net(rng=rng)
    assert model.rng is rng
    close(model.params["W1"], np.random.default_rng(5).normal(size=(4, 5)) * np.sqrt(2 / 4))


# For people


def test_the_summary_counts_what_trains_and_leaves_out_what_is_off():
    model = Sequential([Flatten(), Dense(5), Dropout(1), Activation("relu"), Dropout(0.5), Dense(3)], input_shape=(2, 2))
    model.layers[1].trainable = False
    assert model.summary().splitlines() == [
        "layer        output  parameters  trains",
        "flatten1       (4,)           0       -",
        "dense1         (5,)          25  frozen",
        "activation1    (5,)           0       -",
        "dropout2       (5,)           0       -",
        "dense2         (3,)          18     yes",
        "total: 43 parameters (18 train), 0.00 MiB as float32; outputs: 0.1 KiB per example",
    ]


def test_the_summary_counts_tied_weights_once():
    tied = Dense(4)
    model = Sequential([tied, tied, Dense(3)], input_shape=4)
    assert "total: 35 parameters (35 train)" in model.summary()
    assert repr(model) == "<Sequential (4,) -> (3,), 35 parameters, float32>"


WRONG = {
    "a loss by another name": (lambda: net(loss="softmx"), ValueError, 'unknown loss "softmx". Did you mean "softmax"?'),
    "an activation by another name": (lambda: net(activation="rleu"), ValueError, 'Did you mean "relu"?'),
    "integers to compute in": (lambda: net(dtype=int), TypeError, "dtype is int64, but a network computes in floats"),
    "no layers": (lambda: Sequential([], input_shape=4), ValueError, "a network needs at least one layer"),
    "text for numbers": (lambda: net().loss(np.array([["a"]])), TypeError, "X has dtype <U1, but a network needs numbers"),
    "images of another size": (lambda: net().loss(np.ones((2, 5))), ValueError, "build the net with input_dim=5"),
    "more labels than classes": (lambda: net().loss(X, Y + 1), ValueError, "label 3 is outside 0 .. 2"),
    "a layer without a forward": (lambda: Sequential([Layer()], input_shape=4).loss(X), NotImplementedError, "Layer has no forward"),
    "a negative penalty": (lambda: SoftmaxModel(4, 3, reg=-0.1), ValueError, "reg=-0.1 must be a finite strength, 0 or above"),
    "a penalty in words": (lambda: SoftmaxModel(4, 3, reg_l1="x"), TypeError, "reg_l1='x' is not a number; it must be a finite strength"),
    "a class for a layer": (
        lambda: Sequential([Dense], input_shape=4),
        TypeError,
        "a network is made of layers, but one of them is the class Dense: make an object of it.",
    ),
    "a name for a layer": (lambda: Sequential([Dense(3), "relu"], input_shape=4), TypeError, "but one of them is 'relu'."),
    "a network without a config": (lambda: Network([Dense(3)], input_shape=(4,)).config(), NotImplementedError, "Network cannot be saved"),
}


@pytest.mark.parametrize(("call", "error", "text"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_fix(call, error, text):
    with pytest.raises(error) as raised:
        call()
    assert text in str(raised.value)


def test_the_loss_of_a_model_can_be_any_of_the_table_and_its_scores_are_the_same():
    for loss in ("svm", "absolute", "huber"):
        np.testing.assert_array_equal(net(loss=loss).loss(X), net().loss(X))
    assert SVMModel(4, 3, dtype=np.float64).loss(X, Y)[0] == pytest.approx(2, abs=0.05)  # every wrong class one margin too high
