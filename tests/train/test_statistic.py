"""What the layers are measured at, against loops of our own, and that nothing is lost when a run goes on."""

import numpy as np
import pytest
from tests.train.case import At, Callback, Linear, Stopped, blobs, fall_over, net, trained

from layerwise.models import ConvNet
from layerwise.storage import read_journal
from layerwise.train import Solver, Statistics, stack


def of(rows, layer, key):
    return [row[key] for row in rows if row["layer"] == layer]


class Steps(Callback):
    """The weights before the first step and after each."""

    def __init__(self):
        self.W = []

    def run_start(self, state):
        self.W.append(state.solver.model.params["W1"].copy())

    def step_end(self, state):
        self.run_start(state)


def test_spread_and_update_are_those_of_a_loop(tmp_path):
    statistics, steps, data = Statistics(tmp_path / "statistics.jsonl"), Steps(), blobs()
    model = net()
    solver = trained(model, data, callbacks=[statistics, steps], restore_best=False)
    some = data["X_train"][[round(at) for at in np.floor(np.linspace(0, 239, 64))]]
    hidden = np.maximum(some @ model.params["W1"] + model.params["b1"], 0)
    assert of(statistics.rows, "2 activation", "spread")[-1] == pytest.approx(np.sqrt(((hidden - hidden.mean()) ** 2).mean()), rel=1e-12)
    per_epoch = solver.steps_per_epoch
    for epoch, update in enumerate(of(statistics.rows, "W1", "update"), 1):
        before, after = steps.W[epoch * per_epoch - 1], steps.W[epoch * per_epoch]
        assert update == pytest.approx(np.sqrt(((after - before) ** 2).sum() / (before**2).sum()), rel=1e-12)
    assert [row["epoch"] for row in statistics.rows if row["layer"] == "1 dense"] == [0, 1, 2, 3]
    assert read_journal(tmp_path / "statistics.jsonl") == statistics.rows


def test_a_full_batch_run_has_an_update_for_each_of_its_steps():
    statistics = Statistics()
    trained(net(), batch_size=240, num_epochs=4, callbacks=[statistics])
    assert len(of(statistics.rows, "W1", "update")) == 4
    assert min(of(statistics.rows, "W1", "update")) > 0


def test_units_that_are_zero_for_all_examples_are_counted_as_dead():
    model, statistics = net(hidden=(8,)), Statistics()
    model.params["b1"] = np.array([-1e6, 0, 0, -1e6, 0, 1e6, 0, 0])
    trained(model, num_steps=0, callbacks=[statistics])
    assert of(statistics.rows, "2 activation", "dead") == [0.25]
    assert of(statistics.rows, "1 dense", "dead") == [None]


def test_a_channel_of_images_is_one_unit():
    rng = np.random.default_rng(0)
    data = {"X_train": rng.random((30, 1, 4, 4)), "y_train": np.arange(30) % 2, "X_val": None, "y_val": None}
    model, statistics = ConvNet(["conv 4 3x3", "relu"], input_dim=(1, 4, 4), num_classes=2), Statistics()
    name = next(name for name in model.params if name.startswith("b") or name.endswith(".b"))
    model.params[name] = np.array([-1e6, 1e6, 1e6, 1e6], np.float32)
    trained(model, data, num_steps=0, callbacks=[statistics])
    assert [row["dead"] for row in statistics.rows if "activation" in row["layer"] or "relu" in row["layer"]] == [0.25]


def test_a_resumed_run_has_the_rows_of_one_that_was_never_stopped(tmp_path):
    whole = Statistics()
    trained(net(), num_epochs=4, callbacks=[whole])
    solver = Solver(
        net(), blobs(), batch_size=40, num_epochs=4, verbose=False, callbacks=[Statistics(tmp_path / "rows"), At(14, fall_over)]
    )
    with pytest.raises(Stopped):
        solver.train()
    solver = Solver(net(), blobs(), batch_size=40, num_epochs=4, verbose=False, callbacks=[Statistics(tmp_path / "rows")])
    halfway = trained(net(), num_epochs=4, callbacks=[At(9, lambda state: state.solver.save_checkpoint(tmp_path / "checkpoint"))])
    assert halfway.state.step == 24
    solver.resume(tmp_path / "checkpoint")
    solver.train()
    assert read_journal(tmp_path / "rows") == whole.rows


def test_a_population_is_not_measured_and_a_learners_model_by_its_updates_alone():
    population, own = Statistics(), Statistics()
    trained(stack([net(rng=i) for i in range(2)]), callbacks=[population])
    trained(Linear(), callbacks=[own], num_epochs=2)
    assert population.rows == []
    assert [row["layer"] for row in own.rows] == ["W", "W"]


def test_a_run_that_diverges_leaves_rows_that_can_be_read(tmp_path):
    trained(net(), optim_config={"lr": 1e300}, callbacks=[Statistics(tmp_path / "rows")], guard=False)
    assert read_journal(tmp_path / "rows")[-1]["update"] is None


def test_a_long_run_is_measured_at_ten_of_its_epochs_and_at_its_end():
    statistics = Statistics()
    trained(net(), num_epochs=23, callbacks=[statistics])
    assert of(statistics.rows, "W1", "epoch") == [3, 6, 9, 12, 15, 18, 21, 23]
    assert of(statistics.rows, "1 dense", "epoch") == [0, 3, 6, 9, 12, 15, 18, 21, 23]


def test_a_run_stopped_in_mid_epoch_is_not_measured_there():
    statistics = Statistics()
    trained(net(), callbacks=[statistics, At(8, lambda state: state.stop("enough"))])
    assert of(statistics.rows, "W1", "epoch") == [1]
