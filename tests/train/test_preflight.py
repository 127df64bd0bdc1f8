"""Pre-flight names the setting that would mend a run, with a value that does, and leaves everything as it was."""

import copy
import math
import time

import numpy as np
import pytest

from layerwise.data import load_digits
from layerwise.layers import Activation, Conv2D, Dense, Flatten
from layerwise.models import FullyConnectedNet, Sequential, SoftmaxModel, SVMModel, TwoLayerNet
from layerwise.train import Solver, stack
from layerwise.train.preflight import expected_initial_loss, overfit, preflight, summary


@pytest.fixture(scope="module")
def digits():
    return load_digits().with_preprocessing("scale", "flatten")


def mattering(model, data, lr=1e-2, **options):
    return {finding.check: finding for finding in preflight(model, data, optim_config={"lr": lr}, **options) if finding.matters}


@pytest.mark.parametrize(
    ("loss", "classes", "expected"), [("softmax", 10, math.log(10)), ("svm", 10, 9), ("binary_cross_entropy", 3, math.log(2))]
)
def test_the_initial_loss_is_theory_s(loss, classes, expected):
    assert expected_initial_loss(loss, classes) == pytest.approx(expected)


def test_a_loss_of_values_has_no_initial_value_of_its_own():
    with pytest.raises(ValueError, match="compares values"):
        expected_initial_loss("squared", 10)
    with pytest.raises(ValueError, match='Did you mean "softmax"'):
        expected_initial_loss("sofmax")


MODELS = [
    FullyConnectedNet([100], input_dim=64),
    FullyConnectedNet([50, 50], input_dim=64, keep_prob=0.5, reg=1e-3),
    FullyConnectedNet([50], input_dim=64, normalization="batchnorm"),
    TwoLayerNet(64, 100, 10),
    SoftmaxModel(64, 10),
    SVMModel(64, 10, reg=1e-3),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: repr(model))
def test_nothing_matters_where_all_is_well(digits, model):
    assert mattering(model, digits) == {}
    text = summary(preflight(model, digits, optim_config={"lr": 1e-2}))
    assert text.count("\n") == 0
    assert "initial loss" in text
    assert "learned by heart" in text


@pytest.mark.parametrize(
    "model", [SoftmaxModel(64, 10, weight_scale=2.0), TwoLayerNet(64, 100, 10, weight_scale=1.0)], ids=["linear", "two"]
)
def test_too_large_weights_are_told_with_a_scale_that_mends_it(digits, model):
    found = mattering(model, digits)["initial loss"]
    assert found.knob == "weight_scale"
    assert "expected 2.30: scores are" in found.text
    assert f"→ {found.mend:.2g}" in found.text
    mended = type(model)(64, *([100] if isinstance(model, TwoLayerNet) else []), 10, weight_scale=found.mend)
    assert "initial loss" not in mattering(mended, digits)


def test_weights_that_fade_are_told_with_a_scale_that_mends_it(digits):
    found = mattering(FullyConnectedNet([100] * 6, input_dim=64, weight_scale=1e-3), digits)["signals"]
    assert "signals fade; weight_scale 0.001" in found.text
    assert found.mend == pytest.approx(math.sqrt(2 / 100))
    assert "signals" not in mattering(FullyConnectedNet([100] * 6, input_dim=64, weight_scale=found.mend), digits)


def test_a_rate_that_blows_up_is_told_with_one_that_does_not(digits):
    found = mattering(TwoLayerNet(64, 50, 10), digits, lr=1e3)["step"]
    assert found.knob == "lr"
    assert "step" not in mattering(TwoLayerNet(64, 50, 10), digits, lr=found.mend)


@pytest.mark.parametrize("rule", ["sgd", "adam"])
@pytest.mark.parametrize("lr", [1e6, 1e12, 1e300])
def test_no_rate_is_so_high_that_the_gradient_is_blamed_for_it(digits, rule, lr):
    model = TwoLayerNet(64, 50, 10)
    found = mattering(model, digits, lr=lr, update_rule=rule)["step"]
    assert found.knob == "lr"
    assert "step" not in mattering(model, digits, lr=found.mend, update_rule=rule)


def test_a_gradient_of_the_wrong_sign_is_blamed_at_any_rate(digits):
    class Uphill(SoftmaxModel):
        def loss(self, X, y=None):
            out = super().loss(X, y)
            return out if y is None else (out[0], {name: -grad for name, grad in out[1].items()})

    for lr in (3.0, 1e6):
        assert "the gradient points the wrong way" in mattering(Uphill(64, 10), digits, lr=lr)["step"].text


def test_a_rate_that_does_nothing_is_told_with_one_that_does(digits):
    found = mattering(SoftmaxModel(64, 10), digits, lr=1e-12)["step"]
    assert "too little to learn; lr 1e-12 →" in found.text
    assert "step" not in mattering(SoftmaxModel(64, 10), digits, lr=found.mend)


def test_a_penalty_that_outweighs_the_data_is_told_with_one_that_does_not(digits):
    found = mattering(FullyConnectedNet([50], input_dim=64, reg=10.0), digits)["penalty"]
    assert found.knob == "reg"
    assert "penalty" not in mattering(FullyConnectedNet([50], input_dim=64, reg=found.mend), digits)


def arrays(n=300, width=12, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, width)), rng.integers(classes, size=n)
    return {"X_train": X, "y_train": y, "X_val": rng.normal(size=(60, width)), "y_val": rng.integers(classes, size=60)}


def test_labels_beyond_the_classes_are_told_in_either_part():
    data = arrays()
    assert "give num_classes=3" in mattering(SoftmaxModel(12, 2), data)["labels"].text
    assert mattering(SoftmaxModel(12, 4), data)["labels"].text.startswith("no training example has the label 3")
    data["y_val"][5] = 7
    assert "validation part run from 0 to 7" in mattering(SoftmaxModel(12, 3), data)["labels"].text
    data["y_val"][5] = -1
    assert "count labels from 0" in mattering(SoftmaxModel(12, 3), data)["labels"].text


def test_a_class_that_holds_nearly_all_is_told():
    data = arrays()
    data["y_train"][:280] = 1
    assert "to answer 1 always is right as often" in mattering(SoftmaxModel(12, 3), data)["balance"].text


def test_inputs_out_of_scale_are_told_and_blamed_for_large_scores():
    data = arrays()
    data["X_train"] = 128 + 60 * data["X_train"]
    found = mattering(FullyConnectedNet([20], input_dim=12, num_classes=3), data)
    assert "scale and center pixels" in found["inputs"].text
    assert found["initial loss"].knob == "preprocess"


def test_validation_examples_that_are_trained_on_are_told():
    data = arrays()
    data["X_val"][:6] = data["X_train"][10:16]
    assert "6 of 60 validation examples stand in the training part too" in mattering(SoftmaxModel(12, 3), data)["duplicates"].text


def test_units_that_are_dead_from_the_start_are_told(digits):
    model = FullyConnectedNet([40], input_dim=64)
    model.params["b1"] = np.full(40, -50.0, np.float32)
    found = mattering(model, digits)
    assert "100% of the units of layer 2 activation" in found["dead units"].text
    assert found["dead units"].mend == "leaky_relu"


class Own:
    """A learner's class: params, and loss; its noise comes from NumPy's global generator."""

    def __init__(self, sign=1.0, reg_counts=True):
        self.params = {"W": 0.01 * np.random.default_rng(0).normal(size=(12, 3))}
        self.reg, self.sign, self.reg_counts, self.calls = 0.1, sign, reg_counts, 0

    def loss(self, X, y=None):
        self.calls += 1
        W = self.params["W"]
        if y is None:
            return X @ W
        scores = (X * (np.random.rand(*X.shape) < 0.9)) @ W
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(len(y)), y]).mean() + self.reg_counts * 0.5 * self.reg * (W**2).sum()
        p[np.arange(len(y)), y] -= 1
        return loss, {"W": self.sign * X.T @ p / len(y) + self.reg_counts * self.reg * W}


def test_a_learner_s_own_class_is_judged_and_its_wrong_sign_found():
    easy = arrays()
    easy["y_train"] = easy["X_train"][:, :3].argmax(axis=1)
    assert mattering(Own(), easy) == {}
    found = mattering(Own(sign=-1.0), easy)
    assert "20 examples cannot be learned by heart" in found["by heart"].text


def test_a_reg_that_does_nothing_is_told():
    model = Own(reg_counts=False)
    model.loss_name = "softmax"
    assert "reg does nothing" in mattering(model, arrays())["penalty"].text


def test_everything_is_left_as_it_was():
    np.random.seed(7)
    state, model, data = np.random.get_state()[1].copy(), Own(), arrays()
    before, copies = copy.deepcopy(vars(model)), copy.deepcopy(data)
    preflight(model, data)
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    np.testing.assert_array_equal(model.params["W"], before["params"]["W"])
    assert (model.calls, model.reg) == (before["calls"], before["reg"])
    for name in data:
        np.testing.assert_array_equal(data[name], copies[name])


@pytest.mark.parametrize("options", [{"keep_prob": 0.6}, {"normalization": "batchnorm"}], ids=["noise", "buffers"])
def test_training_afterwards_is_to_the_bit_what_it_would_have_been(digits, options):
    losses = []
    for looked in (False, True):
        model = FullyConnectedNet([30], input_dim=64, rng=3, **options)
        solver = Solver(model, digits, update_rule="adam", num_epochs=2, verbose=False)
        if looked:
            preflight(model, digits, update_rule="adam", optim_config=solver.optim_config)
        solver.train()
        losses.append((solver.loss_history, {**model.params}, {**model.buffers}))
    assert losses[0][0] == losses[1][0]
    for one, other in zip(losses[0][1:], losses[1][1:], strict=True):
        assert all(np.array_equal(one[name], other[name]) for name in one)


def test_of_a_population_nothing_is_said(digits):
    assert preflight(stack([SoftmaxModel(64, 10), SoftmaxModel(64, 10, rng=1)]), digits) == []


def test_values_instead_of_classes_are_learned_by_heart_too():
    data = arrays()
    data["y_train"], data["y_val"] = data["X_train"][:, :2].copy(), data["X_val"][:, :2].copy()
    model = FullyConnectedNet([30], input_dim=12, num_classes=2, loss="squared")
    assert mattering(model, data) == {}


def test_overfit_tells_a_net_that_learns_from_one_whose_examples_contradict():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 8)).astype(np.float32)
    found = overfit(TwoLayerNet(8, 30, 4), X, np.arange(20) % 4)
    assert found.learned
    assert found.share == 1.0
    X[:] = X[0]
    assert not overfit(TwoLayerNet(8, 30, 4), X, np.arange(20) % 4, steps=20).learned


def test_a_net_of_convolutions_is_looked_at_too():
    data = load_digits().with_preprocessing("scale")
    model = Sequential([Conv2D(4, 3), Activation("relu"), Flatten(), Dense(10)], input_shape=data.X_train.shape[1:])
    assert mattering(model, data) == {}


def test_it_takes_less_than_a_second_for_dense_nets(digits):
    began = time.process_time()
    preflight(FullyConnectedNet([100], input_dim=64), digits, update_rule="adam", optim_config={"lr": 1e-3})
    assert time.process_time() - began < 2 * 1.0  # of two cores
