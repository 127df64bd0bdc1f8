import numpy as np

from layerwise.layers import Activation, Dense, Dropout
from layerwise.metrics import accuracy
from layerwise.models import Sequential
from layerwise.train import Solver
from layerwise.train.running import RunningFigures


def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(23, 4)).astype(np.float32)
    return {"X_train": X, "y_train": (X[:, 0] > 0).astype(int), "X_val": None, "y_val": None}


def test_they_are_the_means_over_the_epochs_batches_of_what_the_loss_saw():
    model, seen = Sequential([Dense(6), Activation("relu"), Dropout(0.5), Dense(2)], input_shape=4, dtype=np.float64), []
    whole = model.loss_function

    def spy(scores, y, *, weights=None):
        loss, dx = whole(scores, y, weights=weights)
        seen.append((len(y), float(loss), float((scores.argmax(1) == y).mean())))
        return loss, dx

    model.loss_function = spy
    ends = []
    figures = RunningFigures(accuracy, batch_end=lambda f: ends.append((f.seen, f.loss, f.metric)))
    Solver(model, data(), sampling="every", batch_size=10, num_epochs=2, callbacks=[figures], verbose=False).train()
    training = [seen[i] for i in (1, 2, 3, 5, 6, 7)]  # the others are evaluations of the whole set
    assert [size for size, _, _ in training] == [10, 10, 3, 10, 10, 3]
    for k, (start, stop) in enumerate(((0, 3), (3, 6))):
        sizes, losses, accuracies = np.array(training[start:stop]).T
        np.testing.assert_allclose(ends[3 * k + 2], (23, np.average(losses, weights=sizes), np.average(accuracies, weights=sizes)))
    assert model.loss_function is spy  # put back
