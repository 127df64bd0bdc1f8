"""Small data, small nets and runs that the tests of training share."""

import copy

import numpy as np

from layerwise.models import FullyConnectedNet, SoftmaxModel
from layerwise.train import Callback, Solver


def blobs(N=240, D=8, K=3, *, held=60, seed=0):
    """K clouds of points that overlap a little: no net gets all of them right, and every net learns something."""
    rng = np.random.default_rng(seed)
    centers = 1.2 * rng.normal(size=(K, D))
    y = rng.permutation(np.arange(N + held) % K)
    X = centers[y] + rng.normal(size=(N + held, D))
    return {"X_train": X[:N], "y_train": y[:N], "X_val": X[N:], "y_val": y[N:]}


def net(*, hidden=(6,), D=8, K=3, dtype=np.float64, **options):
    return FullyConnectedNet(hidden, input_dim=D, num_classes=K, dtype=dtype, **options)


def linear(*, D=8, K=3, dtype=np.float64, **options):
    return SoftmaxModel(D, K, dtype=dtype, **options)


def trained(model, data=None, **options):
    """A solver that has trained the model, quietly."""
    solver = Solver(model, blobs() if data is None else data, **{"batch_size": 40, "num_epochs": 3, "verbose": False, **options})
    solver.train()
    return solver


def params(model):
    return {name: np.copy(w) for name, w in model.params.items()}


def same_bits(a, b):
    """Two dicts of arrays, or two lists of figures, equal to the bit; NaN equals NaN."""
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        a, b = a.values(), b.values()
    for one, other in zip(a, b, strict=True):
        np.testing.assert_array_equal(one, other)


HISTORIES = ("loss_history", "epochs", "epoch_steps", "train_acc_history", "val_acc_history", "val_loss_history", "lr_history")


def same_run(a, b):
    """Two solvers whose parameters, best parameters and figures are equal to the bit."""
    same_bits(params(a.model), params(b.model))
    same_bits(a.best_params, b.best_params)
    np.testing.assert_array_equal(a.best_val_acc, b.best_val_acc)
    for name in HISTORIES:
        same_bits(getattr(a.history, name), getattr(b.history, name))


class Recorder(Callback):
    """Notes each event, with the step and epoch at which it came."""

    def __init__(self):
        self.events = []

    def __getattribute__(self, name):
        if name in ("run_start", "epoch_start", "step_end", "epoch_end", "run_end"):
            return lambda state: self.events.append((name, state.step, state.epoch))
        return super().__getattribute__(name)


class At(Callback):
    """Does something at the end of one step."""

    def __init__(self, step, action):
        self.step, self.action = step, action

    def step_end(self, state):
        if state.step == self.step:
            self.action(state)


class Stopped(Exception):
    """Ends a run from within, as an error of the user's would."""


def fall_over(state):
    raise Stopped


def with_noise_of(model, other):
    """model, whose noise is what the other's will be."""
    model.rng = copy.deepcopy(other.rng)
    return model


class Linear:
    """A learner's own classifier: params and loss(X, y), nothing else."""

    def __init__(self, D=8, K=3, dtype=np.float64):
        self.params = {"W": np.zeros((D, K), dtype), "b": np.zeros(K, dtype)}

    def loss(self, X, y=None):
        scores = X @ self.params["W"] + self.params["b"]
        if y is None:
            return scores
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        rows = np.arange(len(y))
        loss = -np.log(shares[rows, y]).mean()
        shares[rows, y] -= 1
        return loss, {"W": X.T @ shares / len(y), "b": shares.mean(axis=0)}
