import numpy as np

from layerwise.train.plain import plain_epochs


def test_every_example_comes_once_an_epoch_and_the_rate_decays_between_epochs():
    seen, rates = [], []

    def step(rows, lr):
        seen.append(rows)
        rates.append(lr)
        return float(len(rows))

    epochs = list(plain_epochs(step, 7, num_epochs=2, batch_size=3, lr=1.0, lr_decay=0.5, rng=np.random.default_rng(1)))
    assert [len(rows) for rows in seen] == [3, 3, 1, 3, 3, 1]
    assert sorted(np.concatenate(seen[:3])) == sorted(np.concatenate(seen[3:])) == list(range(7))
    assert rates == [1.0] * 3 + [0.5] * 3
    assert [epoch.next_lr for epoch in epochs] == [0.5, 0.25]
    assert [(epoch.number, epoch.last_loss, epoch.mean_loss) for epoch in epochs] == [(0, 1.0, 7 / 3), (1, 1.0, 7 / 3)]


def test_the_legacy_generator_is_drawn_from_as_shuffle_draws():
    np.random.seed(42)
    order = np.arange(10)
    np.random.shuffle(order)
    np.random.seed(42)
    seen = []
    list(plain_epochs(lambda rows, lr: seen.append(rows) or 0.0, 10, num_epochs=1, batch_size=4, lr=1.0, rng=np.random))
    np.testing.assert_array_equal(np.concatenate(seen), order)
