"""Plateaus are counted as scikit-learn counts them, members leave one by one, and the outlook is right within a factor of three."""

import numpy as np
import pytest
from tests.train.case import blobs, linear, net, params, same_bits, trained

from layerwise.data import load_digits
from layerwise.train import Checkpoint, Plateau, Solver, stack
from layerwise.train.plateau import Streak, outlook


def lengths(values, tol):
    streak = Streak()
    return [int(streak.add(value, tol)) for value in values]


def test_a_streak_counts_epochs_that_do_not_improve_on_the_best_by_tol():
    assert lengths([1.0, 1.05, 1.2, 1.1, 1.29, 1.3, 1.6], tol=0.1) == [0, 1, 0, 1, 2, 3, 0]
    assert lengths([np.nan, 1.0, np.nan, 1.0], tol=0.0) == [1, 0, 1, 0]


def test_small_steps_raise_the_bar_although_they_end_no_streak():
    assert lengths([1.0, 1.06, 1.12, 1.18], tol=0.1) == [0, 1, 2, 3]  # as scikit-learn has it; from 1.0 on, 1.12 would do


def test_members_have_streaks_of_their_own():
    streak = Streak()
    for values, counts in (([1.0, 1.0], [0, 0]), ([1.0, 2.0], [1, 0]), ([3.0, np.nan], [0, 1])):
        np.testing.assert_array_equal(streak.add(np.array(values), 0.1), counts)


def test_training_stops_after_more_than_patience_epochs_without_a_lower_loss():
    plateau = Plateau(3, tol=10.0)  # no epoch is ever so much better than the one before
    solver = trained(linear(), num_epochs=20, callbacks=[plateau])
    assert (solver.state.epoch, int(plateau.epochs), bool(plateau.reached)) == (5, 5, True)  # the first epoch beats none at all
    assert solver.stop_reason == "the loss has not improved by 10 for 3 epochs"


def test_the_loss_of_an_epoch_is_the_mean_of_its_examples():
    plateau = Plateau(np.inf)
    solver = trained(linear(), batch_size=100, sampling="every", num_epochs=2, callbacks=[plateau])  # 240 = 100 + 100 + 40
    losses = np.array(solver.loss_history).reshape(2, 3)
    np.testing.assert_allclose(plateau.losses, losses @ [100 / 240, 100 / 240, 40 / 240])
    assert not plateau.reached


def test_validation_stops_by_the_figure_instead():
    figures = iter([0.1, 0.2, 0.5, 0.5, 0.5, 0.5, 0.9])
    plateau = Plateau(2, tol=0.0001, figure="validation")
    solver = trained(linear(), num_epochs=6, num_train_samples=0, metric=lambda scores, y: next(figures), callbacks=[plateau])
    assert (solver.state.epoch, solver.best_val_acc) == (5, 0.5)
    with pytest.raises(ValueError, match="a plateau of the validation figure needs validation examples"):
        trained(linear(), {**blobs(), "X_val": None, "y_val": None}, callbacks=[Plateau(figure="validation")])


def rates():
    return np.array([1e-6, 0.5, 1e300])  # one that hardly moves, one that learns, one that diverges


def test_members_leave_one_by_one_with_their_arrays_and_are_what_they_are_alone():
    plateau = Plateau(2, tol=1e-3)
    population = stack([net(rng=i) for i in range(3)])
    solver = trained(population, num_epochs=12, optim_config={"lr": rates()}, callbacks=[plateau], warns=False)
    assert set(plateau.left) == {0, 2}
    assert set(solver.frozen) == {2}
    np.testing.assert_array_equal(plateau.reached, [True, False, False])
    alone = net(rng=0)
    own = Plateau(2, tol=1e-3)
    one = trained(alone, num_epochs=12, optim_config={"lr": 1e-6}, callbacks=[own], restore_best=False)
    assert one.state.epoch == plateau.epochs[0] == own.epochs
    for name, w in params(alone).items():
        np.testing.assert_allclose(plateau.left[0]["params"][name], w, rtol=1e-12)


def test_a_run_that_is_resumed_counts_on(tmp_path):
    options = {"num_epochs": 30, "callbacks": [Plateau(4, tol=0.02)]}
    whole = trained(linear(), **options)
    trained(linear(), num_epochs=30, callbacks=[Plateau(4, tol=0.02), Halt(10), Checkpoint(tmp_path)])
    later = Solver(linear(), blobs(), batch_size=40, verbose=False, **options)
    later.resume(tmp_path)
    later.train()
    assert 3 < later.state.epoch == whole.state.epoch < 30
    same_bits(params(later.model), params(whole.model))


class Halt:
    def __init__(self, step):
        self.step = step

    def step_end(self, state):
        if state.step == self.step:
            state.stop("halt")


def test_what_makes_no_plateau_is_refused():
    with pytest.raises(ValueError, match="patience is 0, but must be at least 1 epoch"):
        Plateau(0)
    with pytest.raises(ValueError, match='figure is "acc", but must be "loss" or "validation"'):
        Plateau(figure="acc")


def test_the_outlook_tells_how_fast_the_loss_falls():
    assert outlook([0.99**i for i in range(100)], 1e-4, 0.01).startswith("loss still falls 1 % an epoch: about ")
    assert outlook([0.99**i for i in range(100)], 1e-4, 0.01).endswith(" more epochs, or learning_rate_init 0.01 -> 0.03")
    assert outlook([1.0, 0.5, 0.7, 0.8], 1e-4, 1.0) == "loss no longer falls, but swings: learning_rate_init 1 -> 0.333"
    assert outlook([1.0], 1e-4, 1.0) == "training ended after so few epochs that nothing can be told of its loss: allow more with max_iter"


@pytest.mark.parametrize("losses", [[100 - i for i in range(40)], [-(1.1**i) for i in range(40)], [0.0] * 8, [5e-324] * 3 + [0.0] * 9])
def test_the_outlook_of_any_loss_is_a_sentence(losses):
    assert "learning_rate_init" in outlook(losses, 0.0 if losses[0] == 0 else 1e-4, 1e-3)


def test_the_outlook_on_real_images_is_right_within_a_factor_of_three():
    data = load_digits().with_preprocessing("scale", "flatten")
    options = {"update_rule": "adam", "batch_size": 200, "sampling": "every", "num_train_samples": 0, "num_val_samples": 1}
    plateau = Plateau(3, tol=1e-4)
    trained(net(hidden=(50,), D=64, K=10, dtype=np.float32), data, num_epochs=2000, callbacks=[plateau], **options)
    for seen in (40, 80, 160):
        told = int(outlook(plateau.losses[:seen], 1e-4, 1e-3).partition("about ")[2].partition(" ")[0])
        assert 1 / 3 < told / (len(plateau.losses) - seen) < 3
