"""What a rule remembers of a gradient that became 0 does not stay as denormal floats."""

import numpy as np
import pytest
from tests.train.case import At, blobs, linear, net, same_run, trained

from layerwise.arrays import members_first
from layerwise.train import Solver, denormal, solver
from layerwise.train.denormal import EVERY, clear_denormals


def count_denormals(rule_state):
    arrays = [a for state in rule_state.values() for a in state.values() if isinstance(a, np.ndarray)]
    return sum(int(((a != 0) & (np.abs(a) < np.finfo(a.dtype).tiny)).sum()) for a in arrays)


def fading(rule, **options):
    """Half of the inputs go out after some steps, as where an image's border is cropped: their weights' gradients are 0 from then on."""
    data = blobs()

    def go_out(state):
        state.solver.X_train[:, :4] = 0

    model = net(dtype=np.float32, hidden=(6,))
    return trained(model, data, update_rule=rule, num_steps=5 * EVERY, callbacks=[At(20, go_out)], num_train_samples=10, **options)


@pytest.mark.parametrize("rule", ["sgd_momentum", "nesterov", "rmsprop", "adam"])
def test_no_denormals_are_left_when_inputs_go_out(rule, monkeypatch):
    options = {"optim_config": {"decay_rate": 0.9}} if rule == "rmsprop" else {}
    assert count_denormals(fading(rule, **options).rule_state) == 0
    monkeypatch.setattr(solver, "clear_denormals", lambda state: None)
    assert count_denormals(fading(rule, **options).rule_state) > 0


def test_denormals_are_cleared_without_moving_a_weight(monkeypatch):
    cleared = fading("sgd_momentum")
    monkeypatch.setattr(solver, "clear_denormals", lambda state: None)
    same_run(cleared, fading("sgd_momentum"))


@pytest.mark.parametrize(("dtype", "gone", "kept"), [(np.float32, 9e-31, 1.1e-30), (np.float64, 9e-291, 1.1e-290)])
@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray, members_first])
def test_what_is_cleared(dtype, gone, kept, layout):
    array = layout(np.array([gone, -gone, kept, -kept, 0, 1, np.nan, np.inf], dtype).reshape(2, 2, 2) * np.ones((2, 2, 2), dtype))
    large = layout(np.full((2, 300, 300), gone, dtype))
    state = {"m": array, "large": large, "t": 3, "product": 1e-300, "count": np.array(5)}
    clear_denormals(state)
    np.testing.assert_array_equal(state["m"].ravel(), np.array([0, 0, kept, -kept, 0, 1, np.nan, np.inf], dtype))
    assert not large.any()
    assert (state["t"], state["product"], state["count"]) == (3, 1e-300, 5)


def test_they_are_cleared_at_fixed_steps(monkeypatch):
    steps = []
    monkeypatch.setattr(solver, "clear_denormals", lambda state: steps.append(run.state.step))
    run = Solver(linear(), blobs(), num_steps=2 * EVERY + 1, verbose=False)
    run.train()
    assert steps == [EVERY, EVERY, 2 * EVERY, 2 * EVERY]  # W and b
    assert denormal.EVERY == 256
