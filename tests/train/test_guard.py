"""A run that leaves the finite numbers is stopped, with what to change; one that is merely bad is not."""

import re

import numpy as np
import pytest
from tests.train.case import At, Recorder, blobs, linear, net, params, same_bits, same_run, trained

from layerwise.data import load_digits
from layerwise.data.dataset import Dataset
from layerwise.errors import DataError, DivergenceWarning
from layerwise.models import FullyConnectedNet
from layerwise.train import Solver


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("part", ["X_train", "X_val"])
def test_data_that_is_not_finite_is_refused_before_the_first_step(part, value):
    data = blobs()
    data[part][7, 2] = value
    with pytest.raises(
        DataError, match=re.escape(f"Solver: {part} holds {value} at [7, 2]: remove or fill missing values before training.")
    ):
        Solver(linear(), data)
    with pytest.raises(DataError, match=rf"{part} is {value} in row 7, column 2"):
        Dataset(**data)


def test_data_that_was_spoilt_after_it_became_a_dataset_is_refused_too():
    data = Dataset(**blobs())
    data.X_train.flags.writeable = True
    data.X_train[3, 1] = np.nan
    with pytest.raises(DataError, match=r"X_train holds nan at \[3, 1\]"):
        Solver(linear(), data)


def test_targets_that_are_not_finite_are_refused():
    data = blobs()
    data["y_train"] = data["y_train"].astype(float)
    data["y_train"][-1] = np.nan
    with pytest.raises(DataError, match=r"y_train holds nan at \[239\]"):
        Solver(linear(), data)


def test_a_diverging_run_stops_with_the_step_and_what_to_change():
    recorder, model = Recorder(), net(reg=0.1)
    solver = Solver(model, blobs(), optim_config={"lr": 1e9}, verbose=False, callbacks=[recorder], restore_best=False)
    with pytest.warns(DivergenceWarning) as warned:
        solver.train()
    reason = r"diverged at step 2: the loss became \S+\. lr 1e\+09 is probably too large: try 1e\+08, or clip_norm 1\. "
    assert re.fullmatch(reason + r"The last good parameters are kept\.", solver.stop_reason)
    assert [str(w.message) for w in warned] == [solver.stop_reason]
    assert warned[0].filename == __file__
    assert solver.diverged
    assert len(solver.loss_history) == solver.state.step == 2
    assert recorder.events == [("run_start", 0, 0), ("epoch_start", 0, 0), ("step_end", 1, 0), ("epoch_end", 2, 1), ("run_end", 2, 1)]
    same_bits(params(model), params(net()))


def test_the_last_good_parameters_are_those_of_the_best_epoch():
    def spoil(state):
        state.solver.optim_config["lr"] = 1e9

    model = net()
    solver = Solver(model, blobs(), optim_config={"lr": 0.3}, batch_size=40, verbose=False, callbacks=[At(20, spoil)], restore_best=False)
    with pytest.warns(DivergenceWarning, match="diverged at step 22"):
        solver.train()
    assert solver.check_accuracy(solver.X_val, solver.y_val) == solver.best_val_acc == max(solver.val_acc_history) > 0.5


def test_a_shown_run_says_it_once_and_does_not_warn(capsys):
    solver = Solver(net(), blobs(), optim_config={"lr": 1e9}, num_epochs=1)
    solver.train()
    assert capsys.readouterr().out.count("diverged at step 2") == 1


def test_a_shown_population_names_its_frozen_members(capsys):
    from layerwise.train import stack

    rates = np.array([0.1, *[1e9] * 5])
    Solver(stack([net(rng=i) for i in range(6)]), blobs(), optim_config={"lr": rates}, num_epochs=1).train()
    out = capsys.readouterr().out
    assert out.count("diverged at step 2") == 3
    assert "member 3 diverged at step 2: the loss became" in out
    assert "and 2 more of 6 members diverged\n" in out


def test_unscaled_inputs_are_named_as_the_cause():
    data = load_digits().with_preprocessing("flatten")
    model = FullyConnectedNet([10], input_dim=64, weight_scale=10.0)
    data = {**data, "X_train": np.asarray(data.X_train, np.float32).reshape(-1, 64) * 255, "X_val": None, "y_val": None}
    with pytest.warns(DivergenceWarning, match=r"Inputs reach \d.*: scale them \(preprocessing scale or standardize\)"):
        trained(model, data, optim_config={"lr": 10.0})


def test_a_run_that_clips_is_not_told_to():
    with pytest.warns(DivergenceWarning, match=r"lr 1e\+12 is probably too large: try 1e\+11\. The last good"):
        trained(net(), optim_config={"lr": 1e12}, clip_norm=10.0)


def test_without_the_guard_a_run_goes_on_and_nan_scores_predict_the_first_class():
    solver = trained(net(), optim_config={"lr": 1e300}, guard=False, restore_best=False)
    assert solver.state.step == 18
    assert solver.stop_reason is None
    assert np.isnan(solver.loss_history[-1])
    assert solver.val_acc_history[-1] == (blobs()["y_val"] == 0).mean()
    assert np.isfinite(solver.best_params["W1"]).all()


def test_a_bad_run_is_not_stopped():
    """A loss a thousand times the first may come back; only what cannot is stopped."""
    solver = trained(linear(), optim_config={"lr": 3e4})
    assert max(solver.loss_history) > 100 * solver.loss_history[0]
    assert not solver.diverged


def test_a_loss_that_grows_without_end_is_stopped_while_it_is_finite():
    class Runaway:
        def __init__(self):
            self.params = {"w": np.ones(1)}

        def loss(self, X, y=None):
            if y is None:
                return np.zeros((len(X), 3))
            return float(self.params["w"][0] ** 2), {"w": -self.params["w"]}

    with pytest.warns(DivergenceWarning, match=r"the loss became \d.*e\+06"):
        solver = trained(Runaway(), optim_config={"lr": 1.0}, num_epochs=20)
    assert np.isfinite(solver.loss_history).all()


def test_parameters_that_overflow_in_an_epochs_last_step_are_found_at_its_end():
    with pytest.warns(DivergenceWarning, match="diverged at step 6: parameters are no longer finite"):
        solver = trained(linear(), callbacks=[At(5, lambda state: state.solver.optim_config.update(lr=np.inf))])
    same_bits(params(solver.model), params(linear()))


def test_the_guard_changes_no_bit():
    same_run(trained(net(), guard=True), trained(net(), guard=False))
