"""The loop itself: what is trained, at which rate, for how long, and what is refused before the first step."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.train.case import Linear, blobs, linear, net, params, same_bits, same_run, trained

from layerwise.data import load_digits
from layerwise.errors import DataError
from layerwise.models import FullyConnectedNet, SoftmaxModel
from layerwise.ops import softmax_loss
from layerwise.optim import adam
from layerwise.train import Solver

# What a run is


def test_a_run_is_batches_gradients_and_a_rule():
    """The whole of three epochs, written out."""
    data, model = blobs(), net(hidden=(5,), reg=0.01)
    solver = Solver(model, data, update_rule="adam", optim_config={"lr": 0.01}, batch_size=60, num_epochs=3, lr_decay=0.5, verbose=False)
    solver.restore_best = False
    order_seed, _ = np.random.SeedSequence(0).spawn(2)
    rng, twin, state, losses = np.random.default_rng(order_seed), net(hidden=(5,), reg=0.01), {}, []
    for epoch in range(3):
        order = rng.permutation(240)
        for step in range(4):
            rows = order[60 * step : 60 * (step + 1)]
            loss, grads = twin.loss(data["X_train"][rows], data["y_train"][rows])
            losses.append(loss)
            for name, w in twin.params.items():
                adam(w, grads[name], state.setdefault(name, {}), lr=0.01 * 0.5**epoch)
    solver.train()
    same_bits(params(model), params(twin))
    assert solver.loss_history == losses


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    same_run(trained(net(keep_prob=0.5, rng=1), rng=2), trained(net(keep_prob=0.5, rng=1), rng=2))
    assert trained(net(rng=1), rng=2).loss_history != trained(net(rng=1), rng=3).loss_history


def test_digits_are_learned():
    data = load_digits().with_preprocessing("scale", "flatten")
    solver = trained(FullyConnectedNet([50], input_dim=64), data, update_rule="adam", optim_config={"lr": 3e-3}, num_epochs=15)
    assert solver.check_accuracy(data.X_test, data.y_test) > 0.93


def test_the_model_ends_with_its_best_parameters():
    model = net()
    solver = trained(model, optim_config={"lr": 1.0}, num_epochs=12)
    assert solver.val_acc_history[-1] < solver.best_val_acc == max(solver.val_acc_history)
    same_bits(params(model), solver.best_params)
    assert solver.check_accuracy(solver.X_val, solver.y_val) == solver.best_val_acc


def test_the_model_keeps_its_last_parameters_where_asked():
    model = net()
    solver = trained(model, optim_config={"lr": 1.0}, num_epochs=12, restore_best=False)
    assert solver.check_accuracy(solver.X_val, solver.y_val) == solver.val_acc_history[-1]
    same_bits({name: w != solver.best_params[name] for name, w in model.params.items()}, {n: w == w for n, w in model.params.items()})


def test_without_validation_examples_the_newest_parameters_are_the_best():
    data = blobs()
    del data["X_val"], data["y_val"]
    model = net()
    solver = trained(model, data, optim_config={"lr": 1.0})
    same_bits(params(model), solver.best_params)
    assert np.isnan(solver.best_val_acc)
    same_bits(params(model), params(trained(net(), optim_config={"lr": 1.0}, restore_best=False).model))


def test_training_again_after_the_end_changes_nothing():
    solver = trained(net())
    before = params(solver.model)
    solver.train()
    same_bits(params(solver.model), before)
    assert (solver.state.step, len(solver.val_acc_history)) == (18, 4)


# How long


def test_steps_and_epochs():
    solver = trained(net(), batch_size=50)  # four batches and a rest of 40, which is left out
    assert (solver.steps_per_epoch, solver.num_steps, solver.num_epochs) == (4, 12, 3)
    assert (solver.history.epochs, solver.history.epoch_steps) == ([0, 1, 2, 3], [0, 4, 8, 12])
    solver = trained(net(), batch_size=60, num_steps=6)
    assert (solver.num_epochs, len(solver.loss_history)) == (2, 6)
    assert (solver.history.epochs, solver.history.epoch_steps) == ([0, 1, 2], [0, 4, 6])


@pytest.mark.parametrize("none", [{"num_epochs": 0}, {"num_steps": 0}])
def test_no_steps_are_an_evaluation(none):
    solver = trained(net(), **none)
    assert (solver.loss_history, len(solver.val_acc_history)) == ([], 1)
    same_bits(params(solver.model), params(net()))


def test_a_batch_size_of_none_or_above_the_set_takes_all_examples():
    for batch_size in (None, 240, 1000):
        solver = trained(net(), batch_size=batch_size)
        assert len(solver.loss_history) == 3
        assert solver.loss_history[0] == net().loss(solver.X_train, solver.y_train)[0]


def test_draws_with_replacement_repeat_examples():
    seen = []

    class Looks(Linear):
        def loss(self, X, y=None):
            if y is not None:
                seen.append(X.copy())
            return super().loss(X, y)

    trained(Looks(), sampling="replacement", num_epochs=1)
    assert len(np.unique(np.concatenate(seen), axis=0)) < 240
    seen.clear()
    trained(Looks(), num_epochs=1)
    assert len(np.unique(np.concatenate(seen), axis=0)) == 240


# At which rate


def test_lr_decay_acts_after_each_epoch():
    np.testing.assert_allclose(trained(net(), optim_config={"lr": 0.4}, lr_decay=0.5).history.lr_history, [0.4, 0.2, 0.1, 0.05])


@pytest.mark.parametrize(
    ("schedule", "options", "factors"),
    [
        ("constant", None, [1, 1, 1, 1]),
        ("exponential", {"decay": 0.5}, [1, 0.5, 0.25, 0.125]),
        ("step", {"every": 2, "factor": 0.1}, [1, 1, 0.1, 0.1]),
        ("cosine", {"floor": 0.2}, [1, 0.8, 0.4, 0.2]),
        ("warmup", {"steps": 12, "then": "constant"}, [1 / 12, 7 / 12, 1, 1]),
        (lambda step, num_steps, history: 1 - step / num_steps, None, [1, 2 / 3, 1 / 3, 0]),
        (lambda step, num_steps, history, *, power: (1 - step / num_steps) ** power, {"power": 2}, [1, 4 / 9, 1 / 9, 0]),
    ],
)
def test_a_schedules_factors_reach_the_rate(schedule, options, factors):
    solver = trained(net(), optim_config={"lr": 0.4}, schedule=schedule, schedule_options=options)
    np.testing.assert_allclose(solver.history.lr_history, 0.4 * np.array(factors))


def test_schedule_and_decay_multiply():
    solver = trained(net(), optim_config={"lr": 0.4}, lr_decay=0.5, schedule="exponential", schedule_options={"decay": 0.1})
    np.testing.assert_allclose(solver.history.lr_history, 0.4 * 0.05 ** np.arange(4))


def test_the_rules_own_rate_is_the_default():
    assert trained(net(), update_rule="adam").history.lr_history[0] == 1e-3


def test_a_rate_of_zero_trains_nothing():
    same_bits(params(trained(net(), optim_config={"lr": 0.0}).model), params(net()))


# Learners' own models


def test_a_learners_class_with_params_and_loss_trains():
    ours = trained(linear(weight_scale=0.0, rng=0), optim_config={"lr": 0.5})
    theirs = trained(Linear(), optim_config={"lr": 0.5})
    assert theirs.best_val_acc > 0.6
    np.testing.assert_allclose(theirs.loss_history, ours.loss_history, rtol=1e-12)
    assert theirs.val_acc_history == ours.val_acc_history
    assert np.isnan(theirs.val_loss_history).all()


class Line:
    """Least squares, in a learner's words."""

    def __init__(self):
        self.params = {"w": np.zeros(8), "b": np.zeros(1)}

    def loss(self, X, y=None):
        error = X @ self.params["w"] + self.params["b"]
        if y is None:
            return error
        error -= y
        return 0.5 * (error**2).mean(), {"w": X.T @ error / len(X), "b": error.mean(keepdims=True)}


class LineThatEvaluates(Line):
    def evaluate(self, X, y):
        values = self.loss(X)
        return 0.5 * ((values - y) ** 2).mean(), values


def targets():
    data, w = blobs(), np.random.default_rng(1).normal(size=8)
    return {**data, "y_train": data["X_train"] @ w + 0.5, "y_val": data["X_val"] @ w + 0.5}


def test_targets_are_scored_by_minus_the_loss_where_the_model_evaluates():
    solver = trained(LineThatEvaluates(), targets(), optim_config={"lr": 0.1}, num_epochs=20)
    np.testing.assert_array_equal(solver.val_acc_history, -np.array(solver.val_loss_history))
    assert -1e-3 < solver.best_val_acc < 0


def test_targets_need_a_metric_where_the_model_does_not_evaluate():
    with pytest.raises(
        ValueError, match=r"labels are not classes and the model has no evaluate\(X, y\): give metric=\(scores, y\) -> larger is better"
    ):
        trained(Line(), targets())
    solver = trained(Line(), targets(), optim_config={"lr": 0.1}, metric=lambda scores, y: -np.abs(scores - y).max())
    assert solver.best_val_acc == max(solver.val_acc_history) < 0


def test_regression_by_a_net_with_squared_loss():
    data = targets()
    data = {key: a[:, None] if key.startswith("y") else a for key, a in data.items()}
    model = FullyConnectedNet([16], input_dim=8, num_classes=1, loss="squared", dtype=np.float64)
    solver = trained(model, data, update_rule="adam", optim_config={"lr": 0.01}, num_epochs=60)
    assert solver.best_val_acc == -min(solver.val_loss_history)
    assert solver.best_val_acc > 0.1 * solver.val_acc_history[0]


def test_target_rows_are_scored_by_minus_the_loss():
    data = blobs()
    data = {key: np.eye(3)[a] if key.startswith("y") else a for key, a in data.items()}
    solver = trained(linear(), data, optim_config={"lr": 0.5})
    np.testing.assert_array_equal(solver.val_acc_history, -np.array(solver.val_loss_history))


class Mean:
    """Learns the mean of X, and looks at no label."""

    ignores_labels = True

    def __init__(self):
        self.params = {"mean": np.zeros(8)}

    def loss(self, X, y=None):
        if y is None:
            return np.broadcast_to(self.params["mean"], X.shape)
        error = self.params["mean"] - X
        return 0.5 * (error**2).sum(axis=1).mean(), {"mean": error.mean(axis=0)}

    def evaluate(self, X, y):
        return self.loss(X, y)[0], self.loss(X)


def test_a_model_that_ignores_labels_is_scored_by_minus_its_loss_and_needs_none():
    data = blobs()
    solver = trained(Mean(), data, optim_config={"lr": 0.5}, batch_size=None, num_epochs=30)
    np.testing.assert_array_equal(solver.val_acc_history, -np.array(solver.val_loss_history))
    np.testing.assert_allclose(solver.model.params["mean"], data["X_train"].mean(axis=0), atol=0.2)
    without = {name: a for name, a in data.items() if name.startswith("X")}
    same_run(trained(Mean(), without, optim_config={"lr": 0.5}, batch_size=None, num_epochs=30), solver)


class Wrong(Linear):
    """A learner's class with one mistake."""

    def __init__(self, mistake):
        super().__init__()
        self.mistake = mistake

    def loss(self, X, y=None):
        return super().loss(X) if y is None else self.mistake(*super().loss(X, y))


MISTAKES = {
    r"grads has no \"b\": loss must return a gradient for each parameter \(W, b\)": lambda loss, grads: (loss, {"W": grads["W"]}),
    r"grads has \"bias\", which params has not\. Known: W, b": lambda loss, grads: (loss, {**grads, "bias": grads["b"]}),
    r"the gradient of \"W\" has shape \(3, 8\), but the parameter has \(8, 3\)\. Is it transposed\?": lambda loss, grads: (
        loss,
        {**grads, "W": grads["W"].T},
    ),
    r"the gradient of \"b\" has shape \(1, 3\), but the parameter has \(3,\)\.$": lambda loss, grads: (
        loss,
        {**grads, "b": grads["b"][None]},
    ),
    r"the gradient of \"b\" is int64, but must hold floats": lambda loss, grads: (loss, {**grads, "b": grads["b"].astype(np.int64)}),
    r"returned a float64, but must return \(loss, grads\), grads a dict": lambda loss, grads: loss,
    r"returned a tuple, but must return \(loss, grads\), grads a dict": lambda loss, grads: (loss, list(grads.values())),
    r"the model's loss has shape \(3,\), but must be a number, the mean over the batch": lambda loss, grads: (np.full(3, loss), grads),
}


@pytest.mark.parametrize("words", MISTAKES)
def test_a_mistake_in_a_learners_loss_is_named_at_the_first_step(words):
    model = Wrong(MISTAKES[words])
    with pytest.raises((TypeError, ValueError), match=f"^Solver: .*{words}"):
        trained(model)
    same_bits(model.params, Linear().params)


@pytest.mark.parametrize("value", [np.zeros(3, np.int64), [0.0, 0.0, 0.0], 0.0])
def test_a_parameter_that_no_rule_can_update_is_named(value):
    model = Linear()
    model.params["b"] = value
    with pytest.raises(TypeError, match=r'the parameter "b" is an? .*, but must be an array of floats'):
        Solver(model, blobs())


def test_what_is_no_model_is_refused():
    with pytest.raises(TypeError, match=r"the model, a dict, needs the attribute params and the method loss\(X, y\)"):
        Solver({"W": np.zeros(3)}, blobs())


# Metrics


def test_a_metric_sees_the_scores_of_all_examples_at_once():
    seen = []

    def metric(scores, y):
        seen.append((scores.shape, y.shape))
        return 0.0

    solver = trained(linear(), metric=metric, num_epochs=0, num_train_samples=None)
    assert seen == [((240, 3), (240,)), ((60, 3), (60,))]
    solver.check_accuracy(solver.X_train, solver.y_train, batch_size=7)
    assert seen[-1] == ((240, 3), (240,))


@given(batch_size=st.integers(1, 300))
def test_check_accuracy_does_not_depend_on_the_batch_size(batch_size):
    solver = Solver(linear(weight_scale=1.0), blobs(), verbose=False)
    right = (solver.model.predict(solver.X_train) == solver.y_train).mean()
    assert solver.check_accuracy(solver.X_train, solver.y_train, batch_size=batch_size) == pytest.approx(right, abs=1e-12)


def test_check_accuracy_draws_a_sample_where_asked():
    solver = Solver(linear(weight_scale=1.0), blobs(), verbose=False)
    share = 10 * solver.check_accuracy(solver.X_train, solver.y_train, num_samples=10)
    assert share == pytest.approx(round(share))
    whole = solver.check_accuracy(solver.X_train, solver.y_train)
    assert solver.check_accuracy(solver.X_train, solver.y_train, num_samples=1000) == whole


def test_scoring_needs_as_many_labels_as_examples():
    solver = Solver(linear(), blobs(), verbose=False)
    with pytest.raises(ValueError, match="X has 240 examples and y has 239"):
        solver.check_accuracy(solver.X_train, solver.y_train[:-1])
    with pytest.raises(ValueError, match="X has 0 examples and y has 0"):
        solver.check_accuracy(solver.X_train[:0], solver.y_train[:0])


def test_a_validation_loss_is_the_mean_over_all_examples_with_penalties():
    solver = trained(linear(reg=0.1, weight_scale=1.0), num_epochs=0)
    model = solver.model
    loss, _ = softmax_loss(solver.X_val @ model.params["W"] + model.params["b"], solver.y_val)
    assert solver.val_loss_history == [pytest.approx(loss + 0.05 * (model.params["W"] ** 2).sum())]


# What is refused


def refused(words, kind=ValueError, data=None, **options):
    with pytest.raises(kind, match=words):
        Solver(linear(), blobs() if data is None else data, **options)


def test_unknown_names_are_refused_with_the_likely_ones():
    refused('unknown update rule "admam"\\. Did you mean "adam"\\? Known: adadelta, ', update_rule="admam")
    refused('the update rule adam has no option "beta3"\\. Did you mean "beta2"\\?', update_rule="adam", optim_config={"beta3": 1})
    refused('the update rule sgd has no option "momentum"', optim_config={"momentum": 0.9})
    refused('unknown schedule "cosin"\\. Did you mean "cosine"\\?', schedule="cosin")
    refused('the schedule cosine has no option "flor"\\. Did you mean "floor"\\?', schedule="cosine", schedule_options={"flor": 0})
    refused('the schedule step needs the option "every"', schedule="step")
    refused("schedule_options {'every': 3} belong to no schedule", schedule_options={"every": 3})
    refused('sampling is "shufle", but must be "shuffle", "every", "ordered" or "replacement"', sampling="shufle")


@pytest.mark.parametrize("value", [0, -1, 2.5, "10"])
def test_counts_must_be_whole_numbers(value):
    refused(f"Solver: batch_size is {value!r}, but must be a whole number from 1 up \\(None takes all examples\\)", batch_size=value)
    refused(f"num_train_samples is {value or -1!r}", num_train_samples=value or -1)  # 0 scores none
    refused(f"num_val_samples is {value!r}", num_val_samples=value)
    if value != 0:
        refused(f"num_epochs is {value!r}, but must be a whole number from 0 up\\.", num_epochs=value)
        refused(f"num_steps is {value!r}, but must be a whole number from 0 up \\(None goes by num_epochs\\)", num_steps=value)
        refused("num_epochs is None", num_epochs=None)


@pytest.mark.parametrize("value", [0, -1.0, np.nan])
def test_gradients_cannot_be_clipped_to_nothing(value):
    refused(f"clip_norm is {value}, but must be above 0", clip_norm=value)


@pytest.mark.parametrize("value", [-0.1, np.nan, np.inf, np.array([0.1, -0.1])])
def test_a_rate_that_no_step_can_be_taken_with_is_refused(value):
    needed = "must be a finite number from 0 up"
    refused(f"the update rule sgd: lr is {re.escape(repr(value))}, but {needed}", optim_config={"lr": value})
    refused(f"Solver: lr_decay is {re.escape(repr(value))}, but {needed}", lr_decay=value)


@pytest.mark.parametrize(("rule", "name"), [("adam", "beta1"), ("adam", "beta2"), ("sgd_momentum", "momentum"), ("adadelta", "rho")])
def test_a_share_of_what_a_rule_remembers_is_below_1(rule, name):
    refused(f"the update rule {rule}: {name} is 1.0, but must be a number from 0 to below 1", update_rule=rule, optim_config={name: 1.0})


def test_options_must_be_numbers_and_a_metric_a_function():
    refused("the update rule sgd: lr is 'fast', but must be a finite number", kind=TypeError, optim_config={"lr": "fast"})
    refused(r"metric is 'f1', but must be a function: \(scores, y\) -> larger", kind=TypeError, metric="f1")


def test_a_layer_that_is_thawed_needs_a_new_solver():
    model = net()
    model.layers[0].trainable = False
    solver = Solver(model, blobs(), verbose=False)
    model.layers[0].trainable = True
    with pytest.raises(ValueError, match="Solver: W1, b1 became trainable after this Solver was made: make a new one"):
        solver.train()


def test_data_must_be_whole():
    data = blobs()
    needs = r"data needs X_train and y_train \(and X_val, y_val to choose by\): a Dataset, or a dict with these keys"
    for wrong in ({"X": data["X_train"], "y": data["y_train"]}, (data["X_train"], data["y_train"]), data["X_train"], 3):
        refused(needs, DataError, wrong)
    refused("X_train has 240 examples, but y_train has 239", DataError, {**data, "y_train": data["y_train"][:-1]})
    refused("X_val has 60 examples, but y_val has 59", DataError, {**data, "y_val": data["y_val"][:-1]})
    refused("val needs both X_val and y_val", DataError, {**data, "y_val": None})
    refused("val needs both X_val and y_val", DataError, {**data, "X_val": None})
    refused("train needs both X_train and y_train", DataError, {**data, "y_train": None})
    refused("train needs both X_train and y_train", DataError, {**data, "y_train": 3})
    refused("X_train holds no examples", DataError, {**data, "X_train": np.zeros((0, 8)), "y_train": np.zeros(0, int)})
    refused(r"X_val has examples of shape \(7,\), but X_train of \(8,\)", DataError, {**data, "X_val": data["X_val"][:, :7]})


def test_data_must_be_numbers():
    data = blobs()
    refused("X_train holds Python objects, but must be an array of numbers", DataError, {**data, "X_train": data["X_train"].astype(object)})
    refused("y_train holds <U1, but must be an array of numbers", DataError, {**data, "y_train": data["y_train"].astype("U1")})
    refused("X_train makes no array: ", DataError, {**data, "X_train": [[1.0, 2.0], [3.0]]})


def test_lists_are_data():
    data = blobs(N=40)
    lists = {key: a.tolist() for key, a in data.items()}
    same_run(trained(linear(), lists), trained(linear(), data))


def test_data_of_another_width_than_the_model_is_refused_by_the_model():
    with pytest.raises(ValueError, match=r"w has shape \(9, 3\), but x \(240, 8\) needs \(8, M\)"):
        trained(SoftmaxModel(9, 3))


def test_a_float32_model_trains_in_float32_on_whatever_it_is_given():
    seen = set()

    class Looks(Linear):
        def loss(self, X, y=None):
            seen.add(X.dtype)
            return super().loss(X, y)

    trained(Looks(dtype=np.float32))
    assert seen == {np.dtype(np.float32)}
