"""Plain descent: what is drawn, told and decayed when."""

import numpy as np
import pytest

from layerwise.train import descend


def run(n=10, **settings):
    seen = {"lr": [], "batches": [], "told": [], "epochs": []}
    X, y = np.arange(2.0 * n).reshape(n, 2), np.arange(n)

    def loss(X_batch, y_batch):
        seen["batches"].append(y_batch.tolist())
        assert np.array_equal(X_batch, X[y_batch])
        return float(len(seen["batches"])), "gradients"

    def update(grads, lr):
        assert grads == "gradients"
        seen["lr"].append(lr)

    history = descend(
        loss,
        update,
        X,
        y,
        tell=lambda step, value: seen["told"].append((step, value)),
        epoch=lambda X_batch, y_batch: seen["epochs"].append(len(seen["batches"])),
        **{"lr": 1.0, "num_steps": 5, "batch_size": 4, "rng": np.random.default_rng(0), **settings},
    )
    return history, seen


def test_batches_are_the_generators_choice_with_replacement():
    history, seen = run()
    rng = np.random.default_rng(0)
    assert seen["batches"] == [rng.choice(10, 4).tolist() for _ in range(5)]
    assert history == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_batch_may_be_larger_than_the_set():
    assert [len(batch) for batch in run(n=3, batch_size=7)[1]["batches"]] == [7] * 5


def test_losses_are_told_at_the_first_step_and_every_so_many():
    assert run(tell_every=2)[1]["told"] == [(0, 1.0), (2, 3.0), (4, 5.0)]


@pytest.mark.parametrize(("n", "epochs"), [(8, [1, 3, 5]), (10, [1]), (2, [1, 2, 3, 4, 5])])
def test_an_epoch_begins_on_a_multiple_of_n_over_batch_size_which_may_be_no_whole_number(n, epochs):
    assert run(n=n)[1]["epochs"] == epochs


def test_the_rate_decays_after_the_first_step_of_an_epoch():
    assert run(n=8, lr_decay=0.5)[1]["lr"] == [1.0, 0.5, 0.5, 0.25, 0.25]
