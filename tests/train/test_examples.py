"""Example weights: 1 changes nothing, 2 is the row twice, in one model, in a population, and after a checkpoint."""

import numpy as np
import pytest
from tests.train.case import blobs, linear, net, params, same_run, trained

from layerwise.models import SoftmaxModel
from layerwise.train import Checkpoint, Solver, stack


def weighted(model, weights, data=None, **options):
    return trained(model, blobs() if data is None else data, update_rule="adam", weights=weights, **options)


def test_weights_of_one_change_nothing():
    same_run(weighted(linear(), np.ones(240)), weighted(linear(), None))


@pytest.mark.parametrize("population", [False, True])
def test_a_weight_of_two_is_the_row_twice_where_the_data_fit_one_batch(population):
    data = blobs()
    counts = np.random.default_rng(1).integers(1, 4, 240)
    twice = {**data, "X_train": np.repeat(data["X_train"], counts, axis=0), "y_train": np.repeat(data["y_train"], counts)}
    make = (lambda: stack([net(rng=i, reg=0.1 * i) for i in range(2)])) if population else net
    a = weighted(make(), counts, data, batch_size=None, num_epochs=20)
    b = weighted(make(), None, twice, batch_size=None, num_epochs=20)
    for name, w in params(a.model).items():
        np.testing.assert_allclose(w, params(b.model)[name], rtol=1e-9, atol=1e-12)
    assert not np.allclose(params(a.model)["W1"], params(weighted(make(), None, batch_size=None, num_epochs=20).model)["W1"])


class Witness(SoftmaxModel):
    """Notes which example was given which weight: the first feature is the example's number."""

    def __init__(self):
        super().__init__(1, 3)
        self.seen = []

    def loss(self, X, y=None, *, weights=None):
        self.seen += zip(X[:, 0].tolist(), weights.tolist(), strict=True) if y is not None else []
        return super().loss(X, y, weights=weights)


@pytest.mark.parametrize("sampling", ["shuffle", "every", "ordered", "replacement"])
def test_a_weight_follows_its_example_into_every_batch(sampling):
    numbers, model = np.arange(50), Witness()
    data = {"X_train": numbers[:, None], "y_train": numbers % 3}
    weighted(model, numbers + 0.5, data, batch_size=8, sampling=sampling, optim_config={"lr": 1e-3})
    assert {weight - number for number, weight in model.seen} == {0.5}
    assert len(model.seen) == 3 * (50 if sampling in ("every", "ordered") else 48)


def test_a_weighted_run_goes_on_from_a_checkpoint_to_the_same_bits(tmp_path):
    weights = np.random.default_rng(0).random(240) + 0.1
    options = {"num_steps": 17, "batch_size": 32, "sampling": "every", "update_rule": "adam", "weights": weights, "verbose": False}
    whole = Solver(net(), blobs(), **options)
    whole.train()
    Solver(net(), blobs(), callbacks=[StopAt(5), Checkpoint(tmp_path)], **options).train()
    later = Solver(net(), blobs(), **options)
    later.resume(tmp_path)
    later.train()
    for name, w in params(whole.model).items():
        np.testing.assert_array_equal(w, params(later.model)[name])


class StopAt:
    def __init__(self, step):
        self.step = step

    def step_end(self, state):
        if state.step == self.step:
            state.stop("enough")


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        (np.ones(3), r"weights is float64 of shape \(3,\), but must hold one number per training example: \(240,\)"),
        (np.full(240, "1"), "weights is <U1 of shape"),
        ([1.0] * 7 + [0.0] * 233, "the weight of example 7 is 0.0, but must be a finite number above 0. Leave examples of weight 0 out."),
        ([-1.0] * 240, "the weight of example 0 is -1.0"),
        ([np.nan] * 240, "the weight of example 0 is nan"),
    ],
)
def test_weights_that_could_not_be_used_are_refused(weights, told):
    with pytest.raises(ValueError, match=told):
        weighted(linear(), weights)


def test_a_model_whose_loss_takes_no_weights_is_told():
    class Own:
        params: dict[str, np.ndarray] = {"w": np.zeros((8, 3))}  # noqa: RUF012

        def loss(self, X, y=None):
            return X @ self.params["w"]

    with pytest.raises(TypeError, match=r"weights need a model whose loss takes them: give Own.loss a keyword weights=None"):
        weighted(Own(), np.ones(240))


def test_no_training_examples_are_scored_where_none_are_asked_for():
    seen = []
    solver = trained(linear(), num_train_samples=0, metric=lambda scores, y: seen.append(len(y)) or 0.5)
    assert seen == [60] * 4  # the validation part alone
    assert np.isnan(solver.train_acc_history).all()
    population = trained(stack([linear(rng=0), linear(rng=1)]), num_train_samples=0)
    assert np.shape(population.train_acc_history) == (4, 2)
    assert np.isnan(population.train_acc_history).all()
    assert np.shape(population.val_acc_history) == (4, 2)


def test_a_run_may_leave_its_divergence_to_be_told_by_others():
    solver = trained(linear(), optim_config={"lr": 1e300}, warns=False)  # a warning would be an error here
    assert solver.diverged
