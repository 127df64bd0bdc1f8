"""The course's Solver: draws, figures, printed lines and refusals are the course's."""

import numpy as np
import pytest
from benchmarks import plain_course as plain

from layerwise.courses.cs231n.cs231n import optim
from layerwise.courses.cs231n.cs231n.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from layerwise.courses.cs231n.cs231n.solver import Solver
from layerwise.storage import load_arrays


def examples(n=120, seed=0):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n + 30, 3, 2, 2)), rng.integers(0, 4, n + 30)
    return {"X_train": X[:n], "y_train": y[:n], "X_val": X[n:], "y_val": y[n:], "X_test": X[:5], "y_test": y[:5]}


def trained(module, update_rule, data, **settings):
    np.random.seed(7)
    net, solve = (plain.FullyConnectedNet, plain.Solver) if module == "plain" else (FullyConnectedNet, Solver)
    model = net([8, 6], 12, 4, reg=0.1, weight_scale=0.3, dtype=np.float64)
    solver = solve(model, data, update_rule=update_rule, verbose=False, **settings)
    solver.train()
    return solver, np.random.randn()


@pytest.mark.parametrize("update_rule", ["sgd", "sgd_momentum", "rmsprop", "adam"])
@pytest.mark.parametrize("n", [120, 1500, 30])  # scored whole, scored by a sample, fewer than a batch
def test_a_seed_gives_the_figures_of_the_plain_loop(update_rule, n):
    data = examples(n)
    settings = {"optim_config": {"learning_rate": 5e-3}, "lr_decay": 0.9, "num_epochs": 4, "batch_size": 40}
    (expected, after), (solver, drawn) = (trained(who, update_rule, data, **settings) for who in ("plain", "ours"))
    np.testing.assert_allclose(solver.loss_history, expected.loss_history, rtol=1e-10)
    assert solver.train_acc_history == expected.train_acc_history
    assert solver.val_acc_history == expected.val_acc_history
    assert solver.best_val_acc == expected.best_val_acc
    assert drawn == after  # the generator stands where the course's would
    for name, w in expected.model.params.items():
        np.testing.assert_allclose(solver.model.params[name], w, rtol=1e-7, atol=1e-12)
        assert solver.optim_configs[name]["learning_rate"] == pytest.approx(expected.optim_configs[name]["learning_rate"], rel=1e-15)


def test_the_lines_are_printed_as_the_course_prints_them(capsys):
    np.random.seed(1)
    solver = Solver(TwoLayerNet(12, 5, 4), examples(), num_epochs=2, batch_size=40, print_every=4)
    solver.train()
    lines = capsys.readouterr().out.splitlines()
    losses, pairs = solver.loss_history, list(zip(solver.train_acc_history, solver.val_acc_history, strict=True))
    assert lines == [
        "(Iteration 1 / 6) loss: %f" % losses[0],  # noqa: UP031 - as the course writes it
        "(Epoch 0 / 2) train acc: %f; val_acc: %f" % pairs[0],  # noqa: UP031
        "(Epoch 1 / 2) train acc: %f; val_acc: %f" % pairs[1],  # noqa: UP031
        "(Iteration 5 / 6) loss: %f" % losses[4],  # noqa: UP031
        "(Epoch 2 / 2) train acc: %f; val_acc: %f" % pairs[2],  # noqa: UP031
    ]


def test_a_checkpoint_is_said_and_written(tmp_path, capsys):
    name = str(tmp_path / "net")
    solver = Solver(TwoLayerNet(12, 5, 4), examples(), num_epochs=1, batch_size=40, checkpoint_name=name)
    solver.train()
    assert f'Saving checkpoint to "{name}_epoch_1.safetensors"' in capsys.readouterr().out
    arrays, document = load_arrays(f"{name}_epoch_1.safetensors")
    assert document == {"epoch": 1}
    assert {"W1", "b2", "val_acc_history"} <= arrays.keys()
    assert arrays["loss_history"].tolist() == solver.loss_history


def test_mistakes_are_told_in_the_courses_words():
    with pytest.raises(ValueError, match=r'^Unrecognized arguments "num_epoch", "batchsize"$'):
        Solver(TwoLayerNet(12, 5, 4), examples(), num_epoch=1, lr_decay=1.0, batchsize=2)
    with pytest.raises(ValueError, match=r'^Invalid update_rule "adma"$'):
        Solver(TwoLayerNet(12, 5, 4), examples(), update_rule="adma")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_diverging_run_goes_on_to_its_end():
    np.random.seed(1)
    solver = Solver(
        TwoLayerNet(12, 5, 4, 1.0), examples(), optim_config={"learning_rate": 1e60}, num_epochs=3, batch_size=40, verbose=False
    )
    solver.train()
    assert len(solver.loss_history) == 9
    assert not np.isfinite(solver.loss_history[-1])


class Learners:
    """A learner's own net: params and loss, nothing else."""

    def __init__(self):
        self.params = {"W": np.zeros((12, 4))}

    def loss(self, X, y=None):
        rows = X.reshape(len(X), -1)
        return rows @ self.params["W"] if y is None else (np.inf, {"W": np.ones((12, 4))})


def test_a_learners_own_net_and_rule_are_trained(monkeypatch):
    def backwards(w, dw, config=None):
        return w + dw, config

    monkeypatch.setattr(optim, "backwards", backwards, raising=False)
    data = {**examples(), "y_val": np.full(30, 3)}  # nothing is ever right: the best parameters stay empty
    solver = Solver(Learners(), data, update_rule="backwards", optim_config={"learning_rate": 1}, num_epochs=1, verbose=False)
    solver._step()
    assert solver.model.params["W"][0, 0] == 1
    solver._reset()
    solver.train()
    assert solver.best_val_acc == 0
    assert solver.model.params == {}


def test_params_replaced_from_outside_and_reg_take_effect_at_once():
    net, data = TwoLayerNet(12, 5, 4), examples()
    net.params["W1"] = W1 = np.ones((12, 5))
    net.reg = 2.0
    loss = net.loss(data["X_train"], data["y_train"])[0]
    W1[0, 0] += 1  # the very array is read
    changed = net.loss(data["X_train"], data["y_train"])[0]
    assert changed - loss > 1
    assert net.params["W1"] is W1
    assert net.params.copy()["W1"] is W1
