"""A run that was stopped anywhere goes on to the bits it would have had."""

import contextlib
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.train.case import At, Stopped, blobs, fall_over, linear, net, params, same_bits, same_run, trained
from tests.train.run import EVERY, RUNS, one, population

from layerwise.errors import DivergenceWarning, ModelFileError
from layerwise.storage.array_file import load_arrays, save_arrays
from layerwise.train import Checkpoint, Solver, stack

ROOT = Path(__file__).parents[2]


def process(*arguments):
    command = [sys.executable, "-m", "tests.train.run", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("run", ["one", "population"])
def test_a_killed_run_goes_on_in_another_process_to_the_same_bits(run, tmp_path):
    folder = tmp_path / "größe 1"
    ended = process("killed", folder, run, 17)
    assert ended.returncode not in (0, 1), ended.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoint.json", "checkpoint.safetensors"]
    ended = process("resumed", folder, run)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("resumed at 16")
    undisturbed = RUNS[run]()
    undisturbed.train()
    arrays, _ = load_arrays(folder / "result")
    for name, w in undisturbed.model.params.items():
        np.testing.assert_array_equal(arrays[f"params/{name}"], w)
        np.testing.assert_array_equal(arrays[f"best/{name}"], undisturbed.best_params[name])
    for name, values in vars(undisturbed.history).items():
        if name != "seconds_history":
            np.testing.assert_array_equal(arrays[name], np.asarray(values))


def cut_off(build, folder, step, *, every=EVERY):
    """A run that ends in an error after so many steps, and its second life in a solver built anew."""
    with pytest.raises(Stopped):
        build(callbacks=[Checkpoint(folder, every=every, seconds=1e9), At(step, fall_over)]).train()
    solver = build()
    solver.resume(folder)
    solver.train()
    return solver


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("step", [5, 7, 14, 19, 35])
def test_a_run_cut_off_anywhere_goes_on_to_the_same_bits(run, step, tmp_path):
    undisturbed = RUNS[run]()
    undisturbed.train()
    same_run(cut_off(RUNS[run], tmp_path, step), undisturbed)


@pytest.mark.parametrize("step", [7, 14, 35])
def test_a_checkpoint_between_an_epochs_last_step_and_its_evaluation_is_no_exception(step, tmp_path):
    undisturbed = one()
    undisturbed.train()
    same_run(cut_off(one, tmp_path, step, every=7), undisturbed)


@pytest.mark.parametrize("rule", ["sgd", "sgd_momentum", "nesterov", "rmsprop", "adagrad", "adadelta", "adam", "adamw", "nadam"])
def test_every_rules_memory_comes_back(rule, tmp_path):
    def build(**options):
        config = {"lr": np.array([1e-2, 1e-3, 2e-3])}
        model = stack([net(rng=i) for i in range(3)])
        return Solver(model, blobs(), update_rule=rule, optim_config=config, num_epochs=2, verbose=False, **options)

    undisturbed = build()
    undisturbed.train()
    same_run(cut_off(build, tmp_path, 3, every=2), undisturbed)


@settings(max_examples=settings.default.max_examples // 5)
@given(step=st.integers(9, 34), every=st.integers(3, 9))
def test_no_step_is_special(step, every, tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoint")

    def build(**options):
        model = net(hidden=(4,), keep_prob=0.8)
        options = {"num_epochs": 5, "batch_size": 32, "update_rule": "adam", "num_train_samples": 50, "verbose": False, **options}
        return Solver(model, blobs(), **options)

    undisturbed = build()
    undisturbed.train()
    same_run(cut_off(build, folder, step, every=every), undisturbed)


def test_a_forgotten_part_of_the_state_is_found_out(tmp_path):
    """The comparison above bites: each of these, changed by a little after resume, gives another run."""
    undisturbed = one()
    undisturbed.train()

    def forget_noise(solver):
        solver.model.rng.random(1)

    def forget_memory(solver):
        solver.rule_state["W1"]["m"] *= 0.99

    def forget_count(solver):
        solver.rule_state["W1"]["t"] += 1

    def forget_order(solver):
        solver.batches.order = solver.batches.order[::-1].copy()

    def forget_sample(solver):
        solver.sample_rng.random(1)

    def forget_scores(solver):
        del solver.val_acc_history[1:]

    for forget in (forget_noise, forget_memory, forget_count, forget_order, forget_sample, forget_scores):
        folder = tmp_path / forget.__name__
        with pytest.raises(Stopped):
            one(callbacks=[Checkpoint(folder, every=EVERY), At(17, fall_over)]).train()
        solver = one()
        solver.resume(folder)
        forget(solver)
        solver.train()
        with pytest.raises(AssertionError):
            same_run(solver, undisturbed)


def test_a_population_that_lost_members_goes_on_to_the_same_bits(tmp_path):
    def build(folder=None, *callbacks):
        def shrink(state):
            state.solver.keep([2, 0])

        own = [At(9, shrink), *([Checkpoint(folder, every=2)] if folder else []), *callbacks]
        return population(callbacks=own)

    undisturbed = build()
    undisturbed.train()
    with pytest.raises(Stopped):
        build(tmp_path, At(17, fall_over)).train()
    solver = build(tmp_path)
    solver.resume(tmp_path)
    np.testing.assert_array_equal(solver.roster.members, [2, 0])
    solver.train()
    same_run(solver, undisturbed)


def test_a_resumed_population_has_its_arrays_in_the_fast_layout(tmp_path):
    def build():
        options = {"update_rule": "adam", "batch_size": 60, "num_epochs": 2, "verbose": False}
        return Solver(stack([net(hidden=(7,), rng=i) for i in range(3)]), blobs(), **options)

    solver = build()
    solver.callbacks.append(At(3, lambda state: state.solver.save_checkpoint(tmp_path)))
    solver.train()
    again = build()
    again.resume(tmp_path)
    W1 = again.model.params["W1"]
    assert W1.shape == (3, 8, 7)
    for a in (W1, again.rule_state["W1"]["m"], again.rule_state["W1"]["v"]):
        assert a.swapaxes(-1, -2).flags.c_contiguous
    again.train()
    same_run(again, solver)


@pytest.mark.filterwarnings("ignore::layerwise.errors.DivergenceWarning")
def test_a_frozen_member_stays_frozen_with_its_reason(tmp_path):
    def build(**options):
        solver = population(**options)
        solver.optim_config["lr"] = np.array([0.02, 1e30, 0.05])
        return solver

    undisturbed = build()
    undisturbed.train()
    assert list(undisturbed.frozen) == [1]
    solver = cut_off(build, tmp_path, 17)
    same_run(solver, undisturbed)
    assert solver.frozen == undisturbed.frozen


def test_training_goes_on_in_the_same_solver_after_it_was_stopped():
    undisturbed = trained(net(), restore_best=False)
    solver = Solver(net(), blobs(), batch_size=40, num_epochs=3, restore_best=False, verbose=False)
    solver.callbacks.append(At(6, lambda state: state.stop("enough for today")))
    solver.train()
    assert (solver.state.step, solver.stop_reason) == (6, "enough for today")
    solver.train()
    assert solver.stop_reason is None
    same_run(solver, undisturbed)


def test_seconds_count_what_was_spent_before_the_kill(tmp_path):
    solver = one(callbacks=[Checkpoint(tmp_path, every=1), At(10, fall_over)])
    with pytest.raises(Stopped):
        solver.train()
    again = one()
    again.resume(tmp_path)
    before = again.seconds
    assert 0 < before <= solver.seconds
    again.train()
    assert again.seconds > before
    assert again.history.seconds_history == sorted(again.history.seconds_history)


def test_what_is_not_finite_is_never_saved(tmp_path):
    """The step overflows the parameters while its loss is still fine; a checkpoint after each step must not keep them."""
    solver = Solver(linear(), blobs(), callbacks=[Checkpoint(tmp_path, every=1)], verbose=False)
    solver.optim_config["lr"] = np.inf
    with pytest.warns(DivergenceWarning, match="diverged at step 1: parameters are no longer finite"):
        solver.train()
    assert not list(tmp_path.iterdir())
    same_bits(params(solver.model), params(linear()))


def test_a_stopped_run_leaves_a_checkpoint_of_where_it_stopped(tmp_path):
    solver = one(callbacks=[At(10, lambda state: state.stop("enough")), Checkpoint(tmp_path, seconds=1e9)])
    solver.train()
    undisturbed = one()
    undisturbed.train()
    again = one()
    again.resume(tmp_path)
    assert again.state.step == 10
    again.train()
    same_run(again, undisturbed)


def test_checkpoints_come_at_epoch_ends_no_more_often_than_asked(tmp_path):
    solver = one(callbacks=[Checkpoint(tmp_path / "rare", seconds=1e9), Checkpoint(tmp_path / "each")])
    solver.train()
    assert not (tmp_path / "rare").exists()
    assert load_arrays(tmp_path / "each" / "checkpoint")[1]["step"] == 35


OTHERWISE = {
    "update_rule adam, but now it is sgd": lambda: one(update_rule="sgd"),
    "num_steps 35, but now it is 42": lambda: one(num_epochs=6),
    "steps_per_epoch 7, but now it is 8": lambda: one(batch_size=30, num_steps=35),
    "dtype float32, but now it is float64": lambda: Solver(net(hidden=(7, 5)), blobs(), update_rule="adam", batch_size=32, num_epochs=5),
    "params/W1 has shape (8, 7), where the model has (8, 9)": lambda: Solver(
        net(hidden=(9, 5), dtype=np.float32), blobs(), update_rule="adam", batch_size=32, num_epochs=5
    ),
    "sampling shuffle, but now it is replacement": lambda: one(sampling="replacement"),
    "batch_size 32, but now it is 31": lambda: one(batch_size=31),
    "params/W1 has shape (8, 7), where the model has (3, 8, 7)": population,
}


@pytest.mark.parametrize("difference", OTHERWISE)
def test_another_run_does_not_go_on_from_this_checkpoint(difference, tmp_path):
    one(num_epochs=5, callbacks=[Checkpoint(tmp_path)]).train()
    with pytest.raises(ModelFileError, match=re.escape(difference)) as refusal:
        OTHERWISE[difference]().resume(tmp_path)
    assert str(tmp_path) in str(refusal.value)
    assert "Resume with the same model, data and settings" in str(refusal.value)


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(ModelFileError, match=r"checkpoint\.json: there is no such file"):
        one().resume(tmp_path)


LEAVES = st.none() | st.booleans() | st.integers(-3, 10**25) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3)
JUNK = LEAVES | st.lists(LEAVES, max_size=2) | st.dictionaries(st.sampled_from(["W1", "state", "1", "x"]), LEAVES, max_size=2)


@given(data=st.data())
def test_a_mutated_checkpoint_is_refused_or_resumed_and_never_crashes(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoint")
    solver = one(num_epochs=1, callbacks=[Checkpoint(folder, every=EVERY)])
    solver.train()
    arrays, document = load_arrays(folder / "checkpoint")
    place = document
    while True:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    if data.draw(st.booleans()):
        del place[key]
    else:
        place[key] = data.draw(JUNK)
    name = data.draw(st.sampled_from(sorted(arrays)))
    mutation = data.draw(st.sampled_from(["none", "gone", "shape", "type"]))
    if mutation == "gone":
        del arrays[name]
    elif mutation == "shape":
        arrays[name] = np.concatenate([np.ravel(arrays[name])] * 2)
    elif mutation == "type":
        arrays[name] = arrays[name].astype(np.int8)
    save_arrays(folder / "checkpoint", arrays, document)
    again = one(num_epochs=1)
    with contextlib.suppress(ModelFileError):
        again.resume(folder)


def test_a_generator_without_a_state_cannot_be_saved(tmp_path):
    solver = one(rng=np.random.RandomState(0), num_epochs=1, callbacks=[Checkpoint(tmp_path)])
    with pytest.raises(TypeError, match=r"drawn by a RandomState cannot be saved to go on: use numpy\.random\.default_rng") as error:
        solver.train()
    assert error.value.__notes__ == ["raised by the callback Checkpoint at epoch_end, after step 7"]


def test_a_checkpoint_holds_no_code(tmp_path):
    one(num_epochs=1, callbacks=[Checkpoint(tmp_path)]).train()
    assert sorted(json.loads((tmp_path / "checkpoint.json").read_text())) == ["arrays", "document", "format", "version"]


@pytest.mark.parametrize("bits", [np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_any_numpy_generator_comes_back(bits, tmp_path):
    def build(**options):
        return one(rng=np.random.Generator(bits(5)), **options)

    undisturbed = build()
    undisturbed.train()
    same_run(cut_off(build, tmp_path, 17), undisturbed)
