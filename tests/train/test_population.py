"""The oracle of a population is each member trained alone."""

import re

import numpy as np
import pytest
from tests.train.case import At, Recorder, blobs, linear, net, params, same_bits, trained, with_noise_of

from layerwise.errors import DivergenceWarning
from layerwise.layers import Activation, Dense
from layerwise.models import Sequential, SoftmaxModel, SVMModel, TwoLayerNet
from layerwise.train import Solver, member, stack

LR = np.array([0.05, 0.2, 0.1, 0.02])
REG = [0.0, 0.1, 0.01, 0.3]
KEEP = [1.0, 0.9, 0.7, 0.5]
SETTINGS = {  # a kind of model, an update rule, and its options per member
    "net, momentum": (net, "sgd_momentum", {"lr": LR, "momentum": np.array([0.9, 0.5, 0.0, 0.95])}),
    "net, adam": (net, "adam", {"lr": LR / 10, "beta1": np.array([0.9, 0.8, 0.5, 0.95])}),
    "net, nadam": (net, "nadam", {"lr": LR / 10, "beta1": np.array([0.9, 0.8, 0.5, 0.95])}),
    "softmax, sgd": (linear, "sgd", {"lr": LR}),
}


def members(kind, dtype=np.float64):
    own = [
        {"reg": reg, "rng": i, **({"keep_prob": keep} if kind is net else {})} for i, (reg, keep) in enumerate(zip(REG, KEEP, strict=True))
    ]
    return [kind(dtype=dtype, **options) for options in own]


def together(setting, *, dtype=np.float64, **options):
    kind, rule, config = SETTINGS[setting]
    return trained(stack(members(kind, dtype)), update_rule=rule, optim_config=config, batch_size=32, **options)


def alone(setting, i, *, dtype=np.float64, change=lambda w: w, **options):
    kind, rule, config = SETTINGS[setting]
    first, model = members(kind, dtype)[0], members(kind, dtype)[i]
    for w in model.params.values():
        w[...] = change(w)
    own = {key: value[i] for key, value in config.items()}
    return trained(with_noise_of(model, first), update_rule=rule, optim_config=own, batch_size=32, **options)


def gap(a, b):
    return max(np.abs(a[name] - b[name]).max() for name in a)


@pytest.mark.parametrize("setting", SETTINGS)
def test_in_float64_each_member_is_what_it_is_alone_to_1e_9_after_200_steps(setting):
    options = {"num_steps": 200, "lr_decay": 0.9, "clip_norm": 1.0, "restore_best": False}
    population = together(setting, **options)
    for i in range(4):
        solo = alone(setting, i, **options)
        assert gap(params(solo.model), member(population.model.params, i)) < 1e-9
        assert gap(solo.best_params, member(population.best_params, i)) < 1e-9
        for name in ("loss_history", "train_acc_history", "val_acc_history", "val_loss_history", "lr_history"):
            np.testing.assert_allclose(np.array(getattr(population.history, name))[:, i], getattr(solo.history, name), rtol=0, atol=1e-9)
        assert population.best_val_acc[i] == solo.best_val_acc


def one_unit_up(w):
    """The next larger float, in the last place."""
    return np.nextafter(w, np.inf, dtype=w.dtype)


@pytest.mark.parametrize("setting", SETTINGS)
def test_in_float32_each_member_is_what_it_is_alone_as_far_as_rounding_lets_it(setting):
    """A convex fit forgets a change of its start altogether; then what is left is the rounding of the result, below 1e-6."""
    for num_steps in (20, 200):
        options = {"dtype": np.float32, "num_steps": num_steps, "restore_best": False}
        population = together(setting, **options)
        for i in range(4):
            solo = params(alone(setting, i, **options).model)
            sensitivity = gap(solo, params(alone(setting, i, **options, change=one_unit_up).model))
            assert gap(solo, member(population.model.params, i)) < (1e-5 if num_steps == 20 else max(1e-6, 10 * sensitivity))


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_member_with_another_setting_is_told_apart(setting):
    """The tolerances above have teeth: a rate that is off by a ten-thousandth breaks them."""
    kind, rule, config = SETTINGS[setting]
    options = {"num_steps": 20, "restore_best": False}
    population = together(setting, **options)
    model = with_noise_of(members(kind)[1], members(kind)[0])
    own = {key: value[1] * (1.0001 if key == "lr" else 1) for key, value in config.items()}
    other = trained(model, update_rule=rule, optim_config=own, batch_size=32, **options)
    assert gap(params(other.model), member(population.model.params, 1)) > 1e-6


def wide(lr, callbacks=(), **options):
    """Four members at the batch size of which bits are promised."""
    data = blobs(N=512, D=64, K=10)
    models = [net(D=64, K=10, hidden=(32,), dtype=np.float32, keep_prob=0.8, reg=reg, rng=i) for i, reg in enumerate(REG)]
    config = {"lr": np.array(lr), "momentum": 0.9}
    return trained(
        stack(models), data, update_rule="sgd_momentum", optim_config=config, batch_size=128, num_epochs=6, callbacks=callbacks, **options
    )


def test_a_member_that_diverges_leaves_the_others_as_they_are_to_the_bit():
    calm = wide([0.1, 0.05, 0.02, 0.01])
    with pytest.warns(DivergenceWarning, match="diverged at step 2: the loss became"):
        wild = wide([0.1, 1e6, 0.02, 0.01])
    others = [0, 2, 3]
    for name, w in wild.model.params.items():
        np.testing.assert_array_equal(w[others], calm.model.params[name][others])
        np.testing.assert_array_equal(wild.best_params[name][others], calm.best_params[name][others])
    for name in ("loss_history", "val_acc_history"):
        np.testing.assert_array_equal(np.array(getattr(wild, name))[:, others], np.array(getattr(calm, name))[:, others])


def test_a_member_that_diverges_is_frozen_with_its_reason_and_its_best_parameters():
    with pytest.warns(DivergenceWarning):
        solver = wide([0.1, 1e6, 0.02, 0.01], restore_best=False)
    assert list(solver.frozen) == [1]
    reason = r"diverged at step 2: the loss became \S+\. lr 1e\+06 is probably too large: try 1e\+05, or clip_norm 1\."
    assert re.fullmatch(reason, solver.frozen[1])
    assert solver.stop_reason is None
    assert not solver.diverged
    initial = net(D=64, K=10, hidden=(32,), dtype=np.float32, rng=1)
    same_bits(member(solver.model.params, 1), params(initial))
    losses, scores = np.array(solver.loss_history), np.array(solver.val_acc_history)
    assert np.isfinite(losses[0, 1])
    assert np.isnan(losses[2:, 1]).all()
    assert np.isnan(scores[1:, 1]).all()
    assert solver.best_val_acc[1] == scores[0, 1]
    assert np.isfinite(np.delete(losses, 1, axis=1)).all()


def test_a_run_stops_when_every_member_has_diverged():
    with pytest.warns(DivergenceWarning, match=r"diverged: all 4 members\. Member 3 diverged at step 2: .* lr 1e\+09"):
        solver = wide([1e6, 1e7, 1e8, 1e9])
    assert solver.diverged
    assert sorted(solver.frozen) == [0, 1, 2, 3]
    same_bits(params(solver.model), params(stack([net(D=64, K=10, hidden=(32,), dtype=np.float32, rng=i) for i in range(4)])))


def removing(step, positions):
    return At(step, lambda state: state.solver.keep(positions))


def test_removing_members_leaves_the_others_as_they_are_to_the_bit():
    rates = [0.1, 0.05, 0.02, 0.01]
    whole, cut = (
        wide(rates, restore_best=False),
        wide(rates, [removing(10, [0, 2, 3]), removing(17, [False, True, True])], restore_best=False),
    )
    for name, w in cut.model.params.items():
        np.testing.assert_array_equal(w, whole.model.params[name][[2, 3]])
        np.testing.assert_array_equal(cut.best_params[name][[2, 3]], whole.best_params[name][[2, 3]])
    losses = np.array(cut.loss_history)
    assert losses.shape == (24, 4)
    np.testing.assert_array_equal(losses[:, 2:], np.array(whole.loss_history)[:, 2:])
    np.testing.assert_array_equal(losses[:17, 0], np.array(whole.loss_history)[:17, 0])
    assert np.isnan(losses[10:, 1]).all()
    assert np.isnan(losses[17:, 0]).all()


def test_removing_members_keeps_the_fast_layout_and_cuts_every_setting():
    cut = wide([0.1, 0.05, 0.02, 0.01], [removing(10, [3, 1])], lr_decay=np.array([1.0, 0.9, 0.8, 0.7]))
    w = cut.model.params["W1"]
    assert w.swapaxes(-1, -2).flags.c_contiguous
    assert cut.rule_state["W1"]["velocity"].shape == w.shape
    np.testing.assert_array_equal(cut.optim_config["lr"], [0.01, 0.05])
    np.testing.assert_array_equal(cut.lr_decay, [0.7, 0.9])
    np.testing.assert_array_equal(cut.model.reg, [0.3, 0.1])
    np.testing.assert_array_equal(cut.roster.members, [3, 1])
    np.testing.assert_allclose(cut.history.lr_history[-1], [np.nan, 0.05 * 0.9**6, np.nan, 0.01 * 0.7**6])


def test_a_plateau_is_each_members_own():
    options = {"num_steps": 60, "schedule": "reduce_on_plateau", "schedule_options": {"patience": 1, "factor": 0.5}, "restore_best": False}
    population = together("net, momentum", **options)
    rates = np.array(population.history.lr_history)
    assert len({tuple(rate / rates[0]) for rate in rates}) > 1
    for i in range(4):
        np.testing.assert_array_equal(rates[:, i], alone("net, momentum", i, **options).history.lr_history)


def test_removing_members_in_mid_run_keeps_each_ones_plateaus():
    options = {"schedule": "reduce_on_plateau", "schedule_options": {"patience": 1, "factor": 0.5}}
    rates = [0.1, 0.05, 0.02, 0.01]
    whole, cut = wide(rates, **options), wide(rates, [removing(10, [1, 3])], **options)
    np.testing.assert_array_equal(np.array(cut.history.lr_history)[:, [1, 3]], np.array(whole.history.lr_history)[:, [1, 3]])


def test_each_member_keeps_its_own_best():
    solver = together("net, adam", num_steps=80)
    scores = np.array(solver.val_acc_history)
    np.testing.assert_array_equal(solver.best_val_acc, scores.max(axis=0))
    np.testing.assert_array_equal(solver.check_accuracy(solver.X_val, solver.y_val), solver.best_val_acc)
    assert len(set(scores.argmax(axis=0))) > 1


def test_every_figure_of_a_population_has_one_value_per_member():
    solver = together("net, momentum", num_epochs=2)
    assert [np.shape(loss) for loss in solver.loss_history] == [(4,)] * 14
    for name in ("train_acc_history", "val_acc_history", "val_loss_history", "lr_history"):
        assert [np.shape(figure) for figure in getattr(solver.history, name)] == [(4,)] * 3
    assert {name: w.shape for name, w in solver.best_params.items()} == {"W1": (4, 8, 6), "b1": (4, 6), "W2": (4, 6, 3), "b2": (4, 3)}


def test_a_population_of_one_is_a_population():
    solver = trained(stack([net(rng=3)]))
    solo = trained(net(rng=3))
    assert np.shape(solver.loss_history) == (18, 1)
    np.testing.assert_allclose(np.ravel(solver.loss_history), solo.loss_history, rtol=1e-12)


def test_a_stack_shares_no_array_with_its_models():
    models = [linear(rng=i) for i in range(2)]
    before = [params(model) for model in models]
    trained(stack(models))
    same_bits(params(models[0]), before[0])
    same_bits(params(models[1]), before[1])


def test_a_layer_that_stands_twice_is_stacked_once():
    def tied(seed):
        shared = Dense(5)
        return Sequential([shared, Activation("relu"), shared, Dense(3)], input_shape=5, rng=seed, dtype=np.float64)

    population = stack([tied(seed) for seed in range(2)])
    assert population.layers[0] is population.layers[2]
    assert {name: w.shape for name, w in population.params.items()} == {
        "dense1.w": (2, 5, 5),
        "dense1.b": (2, 5),
        "dense2.w": (2, 5, 3),
        "dense2.b": (2, 3),
    }


def test_a_frozen_layer_is_stacked_and_stays():
    def half_frozen(seed):
        model = Sequential([Dense(6), Activation("relu"), Dense(3)], input_shape=8, rng=seed, dtype=np.float64)
        model.layers[0].trainable = False
        return model

    population = stack([half_frozen(seed) for seed in range(3)])
    before = {name: np.copy(w) for name, w in population.buffers.items()}
    solver = trained(population, callbacks=[removing(10, [0, 2])])
    assert before.keys() == {"dense1.w", "dense1.b"}
    same_bits({name: w[[0, 2]] for name, w in before.items()}, dict(solver.model.buffers))


DIFFERENT = {
    "their class: SoftmaxModel and SVMModel": (SoftmaxModel(4, 3), SVMModel(4, 3)),
    "params['W']: float32 (4, 3) and float32 (5, 3)": (SoftmaxModel(4, 3), SoftmaxModel(5, 3)),
    "params['W']: float32 (4, 3) and float64 (4, 3)": (SoftmaxModel(4, 3), SoftmaxModel(4, 3, dtype=np.float64)),
    "the names of their params: W, b and W": (SoftmaxModel(4, 3), SoftmaxModel(4, 3, bias=False)),
    "the names of their settings: reg, reg_l1 and reg, reg_l1, dense1.reg": (
        Sequential([Dense(3)], input_shape=4),
        Sequential([Dense(3, reg=0.1)], input_shape=4),
    ),
}


@pytest.mark.parametrize("difference", DIFFERENT)
def test_models_that_cannot_train_together_are_refused(difference):
    one, other = DIFFERENT[difference]
    with pytest.raises(ValueError, match=re.escape(f"stack: models 0 and 2 differ in {difference}. Only models of one class")):
        stack([one, one, other])


def test_no_models_are_no_population():
    with pytest.raises(ValueError, match="at least one model"):
        stack([])


def test_keep_refuses_what_leaves_no_population():
    solver = Solver(linear(), blobs(), verbose=False)
    with pytest.raises(ValueError, match="trains one model, not a population"):
        solver.keep([0])
    solver = trained(stack([linear(), linear(rng=1)]))
    for positions in ([], [0, 0], [False, False]):
        with pytest.raises(ValueError, match="must name at least one member, and none twice"):
            solver.keep(positions)
    with pytest.raises(IndexError):
        solver.keep([2])
    with pytest.raises(IndexError):
        solver.keep([True, False, True])


@pytest.mark.parametrize(
    ("models", "options", "words"),
    [
        (
            [0],
            {"optim_config": {"lr": np.array([0.1, 0.2])}},
            r"lr has shape \(2,\), but this is one model: give a number, or train stack\(models\)",
        ),
        ([0, 1, 2], {"optim_config": {"lr": [0.1, 0.2]}}, r"lr has shape \(2,\), but this is a population of 3: give a number or \(3,\)"),
        ([0, 1, 2], {"lr_decay": [0.1, 0.2]}, r"lr_decay has shape \(2,\), but this is a population of 3"),
    ],
)
def test_options_must_be_one_per_member(models, options, words):
    models = [linear(rng=seed) for seed in models]
    with pytest.raises(ValueError, match=words):
        trained(stack(models) if len(models) > 1 else models[0], **options)


def test_figures_must_be_one_per_member():
    with pytest.raises(
        ValueError, match=r"3 figures make it a population of 3, but W has shape \(8, 3\)\. The metric must give one model one number"
    ):
        trained(linear(), metric=lambda scores, y: scores.mean(axis=0))
    with pytest.raises(ValueError, match=r"the metric has shape \(\), but a population needs one figure each: \(2,\)"):
        trained(stack([linear(), linear(rng=1)]), metric=lambda scores, y: 0.0)


def test_a_population_sees_the_same_events_as_one_model():
    one, many = Recorder(), Recorder()
    trained(linear(), callbacks=[one])
    trained(stack([linear(), linear(rng=1)]), callbacks=[many])
    assert one.events == many.events


def test_a_two_layer_population_has_a_number_for_each_setting_that_agrees():
    population = stack([TwoLayerNet(4, 5, 3, rng=i) for i in range(2)])
    assert population.settings["reg"] == 0.0
