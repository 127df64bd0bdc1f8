"""The courses' loop on a model by hand; its figures beside a plain loop are in tests/courses/test_solver.py."""

import numpy as np

from layerwise.train import ClassicSolver


class Counter:
    """Counts its steps in w and is right about class 1 until it has counted to 4."""

    def __init__(self):
        self.params = {"w": np.zeros(1)}

    def loss(self, X, y=None):
        right = float(self.params["w"][0] < 4)
        return np.tile([1 - right, right], (len(X), 1)) if y is None else (0.5, {"w": np.ones(1)})


def count(w, dw, config):
    return w + dw, {**config, "seen": config.get("seen", 0) + 1}


def solver(**settings):
    data = {"X_train": np.zeros((6, 1)), "y_train": np.ones(6, int), "X_val": np.zeros((2, 1)), "y_val": np.ones(2, int)}
    settings = {"optim_config": {"learning_rate": 1.0}, "rng": np.random.default_rng(0), "batch_size": 2, "num_epochs": 2, **settings}
    return ClassicSolver(Counter(), data, rule=count, **settings)


def test_accuracy_is_measured_after_the_first_step_each_epoch_and_the_last():
    events = []

    class Listening(ClassicSolver):
        def stepped(self, step, num_steps):
            events.append((step, num_steps))

        def measured(self):
            events.append(("epoch", self.epoch))

    run = solver()
    run.__class__ = Listening
    run.print_every = 1
    run.train()
    assert events == [(1, 6), ("epoch", 0), (2, 6), (3, 6), ("epoch", 1), (4, 6), (5, 6), (6, 6), ("epoch", 2)]
    assert run.val_acc_history == run.train_acc_history == [1.0, 1.0, 0.0]


def test_the_first_of_equally_good_parameters_are_left_in_the_model():
    run = solver()
    run.train()
    assert run.model.params["w"].tolist() == [1.0]
    assert run.model.params is run.best_params


def test_rates_decay_at_the_ends_of_epochs_in_each_parameters_own_config():
    run = solver(lr_decay=0.5)
    run.train()
    assert run.optim_configs == {"w": {"learning_rate": 0.25, "seen": 6}}
    assert run.optim_config == {"learning_rate": 1.0}


def test_fewer_examples_than_a_batch_make_one_step_an_epoch():
    run = solver(batch_size=50)
    run.train()
    assert len(run.loss_history) == 2
