"""The engine: members are what they are alone, however they are cut; those that end leave a row."""

import threading

import numpy as np
import pytest
from tests.sweep.case import dataset, linear, net, study, without_times
from tests.train.case import Linear

from layerwise.layers import Conv2D, Dense, Flatten
from layerwise.models import Sequential, SoftmaxModel
from layerwise.sweep import Plan, Serial, Threads, log
from layerwise.sweep.chunk import Chunk, capacity, cut, stacks
from layerwise.sweep.trial import Trial

EVERYTHING = {  # all that may differ between the members of a population
    "lr": [0.01, 0.1],
    "momentum": [0.5, 0.9],
    "reg": [0.0, 0.1],
    "reg_l1": [0.0, 0.01],
    "keep_prob": [0.6, 1.0],
    "weight_scale": ["he_normal", 0.1],
    "lr_decay": [0.8, 1.0],
}


def test_members_with_settings_of_every_kind_are_what_they_are_alone():
    base = {"rule": "sgd_momentum", "epochs": 4}
    result = study(EVERYTHING, build=net, base=base, plan=Plan(workers=2, verify=12)).run()
    assert len(result.checks) == 12
    assert max(check["weights"] for check in result.checks) < 1e-12
    assert max(check["val_acc"] for check in result.checks) == 0


def test_a_member_with_a_wrong_setting_would_be_noticed(monkeypatch):
    """verify has teeth: it sees a rate that is off by a millionth."""
    one = study(build=net, plan=Plan(workers=1, verify=3))
    train = one._alone
    monkeypatch.setattr(
        one, "_alone", lambda trial, **options: train(trial, **options, optim_config={"lr": 1.000001 * trial.setting["lr"]})
    )
    assert max(check["weights"] for check in one.run().checks) > 1e-10


def rows_of(**plan):
    return without_times(study(EVERYTHING, build=net, base={"rule": "sgd_momentum", "epochs": 2}, plan=Plan(**plan)).run().rows)


def test_how_trials_are_cut_and_who_trains_them_changes_no_row():
    assert rows_of(workers=1) == rows_of(workers=3)


def test_another_executor_may_stand_in():
    options = {"build": net, "plan": Plan(workers=2)}
    assert without_times(study(**options).run(executor=Serial()).rows) == without_times(study(**options).run(executor=Threads(2)).rows)


def test_chunks_are_trained_on_as_many_threads_as_there_are_workers():
    seen = set()

    class Noted(SoftmaxModel):
        def loss(self, *args, **options):
            seen.add(threading.current_thread().name)
            return super().loss(*args, **options)

    study(build=lambda config: Noted(8, 3, rng=config["seed"])).run()
    assert {name.partition("_")[0] for name in seen if name.startswith("sweep")} == {"sweep"}
    assert 1 <= len([name for name in seen if name.startswith("sweep")]) <= 2


def trials(count, **setting):
    return [Trial(number, {"lr": 0.1 * number, **setting}) for number in range(count)]


def chunks(count, *, workers, build=linear, **setting):
    return cut(trials(count, **setting), build, {}, epochs=lambda trial: 1, workers=workers)


def test_the_size_of_a_chunk_follows_from_the_size_of_a_member_alone():
    assert [capacity(size) for size in (1, 2**17, 2**20, 2**23, 2**30)] == [64, 64, 8, 2, 2]


def test_trials_are_split_evenly_over_the_workers():
    assert [len(chunk) for chunk in chunks(24, workers=2)] == [12, 12]
    assert sorted(len(chunk) for chunk in chunks(130, workers=2)) == [32, 32, 33, 33]
    assert [len(chunk) for chunk in chunks(3, workers=8)] == [1, 1, 1]
    assert sum(len(chunk) for chunk in chunks(1000, workers=3)) == 1000


def test_shapes_rules_batches_and_repeats_form_groups():
    settings = [{"width": 4}, {"width": 5}, {"width": 4, "batch": 20}, {"width": 4, "rule": "adam"}]
    many = [Trial(n, {"lr": 0.1, **setting}, repeat) for n, setting in enumerate(settings) for repeat in range(2)]
    groups = cut(many, net, {}, epochs=lambda trial: 1, workers=1)
    assert len(groups) == 8
    assert all(len({(t.repeat, str(t.setting)) for t in chunk.trials}) == 1 for chunk in groups)


def test_chunks_that_take_longest_come_first():
    many = [Trial(n, {"width": width}) for n, width in enumerate((2, 50, 10))]
    assert [chunk.trials[0].setting["width"] for chunk in cut(many, net, {}, epochs=lambda trial: 1, workers=1)] == [50, 10, 2]


def test_nets_of_images_and_learners_classes_train_one_by_one():
    conv = Sequential([Conv2D(2, 3), Flatten(), Dense(3)], input_shape=(1, 6, 6), rng=0)
    assert not stacks(conv)
    assert not stacks(Linear())
    assert stacks(SoftmaxModel(4, 3))
    assert [len(chunk) for chunk in chunks(3, workers=1, build=lambda config: Linear())] == [1, 1, 1]


def test_a_learners_class_is_swept():
    result = study({"lr": [0.01, 0.1, 0.5]}, build=lambda config: Linear(), plan=Plan(workers=2, verify=3)).run()
    assert result.counts()["finished"] == 3
    assert max(check["weights"] for check in result.checks) == 0
    assert result.best["val_acc"] > 0.5


def test_a_convolutional_net_is_swept():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 1, 6, 6)), np.arange(60) % 3
    data = {"X_train": X[:40], "y_train": y[:40], "X_val": X[40:], "y_val": y[40:], "X_test": None, "y_test": None}

    def build(config):
        layers = [Conv2D(2, 3), Flatten(), Dense(3)]
        return Sequential(layers, input_shape=(1, 6, 6), rng=config["seed"], dtype=np.float64)

    assert study({"lr": [0.01, 0.1]}, build=build, data=data).run().counts()["finished"] == 2


def test_members_may_train_for_different_epochs_and_leave_when_they_have():
    result = study({"epochs": [1, 2, 4], "lr": [0.1]}, base={"epochs": 9}, plan=Plan(workers=1, verify=3)).run()
    assert [row["epochs"] for row in result.rows] == [1, 2, 4]
    assert [len(row["curve"]["val_acc"]) for row in result.rows] == [2, 3, 5]
    assert max(check["weights"] for check in result.checks) < 1e-12


def test_steps_may_be_counted_in_place_of_epochs():
    result = study({"lr": [0.1, 0.2]}, base={"steps": 8}, plan=Plan(workers=1, verify=2)).run()
    assert [row["curve"]["step"][-1] for row in result.rows] == [8, 8]
    assert [row["epochs"] for row in result.rows] == [2, 2]
    assert max(check["weights"] for check in result.checks) < 1e-12


def test_patience_is_each_members_own():
    result = study({"lr": [1e-9, 0.05]}, base={"epochs": 12, "patience": 3}, plan=Plan(workers=1)).run()
    assert result.rows[0]["epochs"] == 3
    assert result.rows[1]["epochs"] > 3


def test_a_diverged_member_ends_with_its_reason_and_the_others_go_on():
    calm = study({"lr": [0.01, 0.1]}, plan=Plan(workers=1), base={"reg": 1.0}).run()
    wild = study({"lr": [0.01, 0.1, 1e8]}, plan=Plan(workers=1), base={"reg": 1.0}).run()
    assert [row["status"] for row in wild.rows] == ["finished", "finished", "diverged"]
    assert "diverged at step 2: the loss became" in wild.rows[2]["reason"]
    assert wild.rows[2]["val_acc"] is None
    np.testing.assert_allclose([row["val_loss"] for row in wild.rows[:2]], [row["val_loss"] for row in calm.rows], rtol=1e-12)


def test_a_sweep_in_which_all_diverge_ends_without_a_choice():
    result = study({"lr": [1e8, 1e9]}, base={"reg": 1.0}).run()
    assert result.counts()["diverged"] == 2
    assert result.model is None
    with pytest.raises(ValueError, match="no setting of this sweep has a finite validation figure"):
        _ = result.best


def test_a_sweep_of_no_epochs_measures_the_initial_weights():
    assert [row["epochs"] for row in study(base={"epochs": 0}).run().rows] == [0] * 8


def test_an_error_of_the_model_ends_the_sweep_and_is_written_down(tmp_path):
    class Broken(Linear):
        def loss(self, X, y=None):
            if y is not None:
                raise RuntimeError("mine")
            return super().loss(X)

    with pytest.raises(RuntimeError, match="mine"):
        study({"lr": [0.1]}, build=lambda config: Broken(), folder=tmp_path).run()
    assert "RuntimeError: mine" in (tmp_path / "status.json").read_text()


def test_repeats_have_weights_and_order_of_their_own():
    result = study({"lr": log(1e-2, 1e-1, 2)}, build=net, plan=Plan(repeats=3, workers=2)).run()
    assert len({row["curve"]["loss"][0] for row in result.rows}) == 6
    assert [line["runs"] for line in result.table()] == [3, 3]


def test_a_setting_may_give_its_own_seed():
    result = study({"seed": [1, 2], "lr": [0.1]}, build=net).run()
    again = study({"seed": [2, 1, 3], "lr": [0.1]}, build=net).run()
    losses = {row["setting"]["seed"]: row["val_loss"] for row in result.rows}
    assert {row["setting"]["seed"]: row["val_loss"] for row in again.rows}.items() >= losses.items()
    assert losses[1] != losses[2]


def test_a_chunk_is_as_long_as_its_trials():
    assert len(Chunk("a", tuple(trials(3)), True, 8, "")) == 3


def test_the_data_is_not_copied_for_a_chunk():
    data = dataset()
    solver = study(data=data).engine.solver(trials(2), stacked=True)
    assert np.shares_memory(solver.X_train, data.X_train)
