"""Early stopping. (Checkpoints are tested with resume.)"""

import numpy as np
import pytest
from tests.train.case import blobs, linear, trained

from layerwise.train import EarlyStopping, stack


class Scripted:
    """A metric that answers from a list: the training set, then the validation set, of each epoch."""

    def __init__(self, *scores):
        self.scores, self.calls = scores, 0

    def __call__(self, scores, y):
        self.calls += 1
        value = self.scores[(self.calls - 1) // 2]
        return np.array(value, np.float64) if np.ndim(value) else value


def epochs_of(scores, patience, *, population=0, **options):
    model = stack([linear(rng=i) for i in range(population)]) if population else linear()
    stopping = EarlyStopping(patience, **options)
    solver = trained(model, metric=Scripted(*scores), num_epochs=len(scores) - 1, callbacks=[stopping])
    return solver.state.epoch, solver.stop_reason


def test_training_stops_when_the_figure_has_not_risen_for_so_many_epochs():
    assert epochs_of([0.1, 0.5, 0.4, 0.5, 0.6, 0.9], 2) == (3, "stopped early: validation has not risen above 0.5 for 2 epochs")
    assert epochs_of([0.1, 0.5, 0.4, 0.5, 0.6, 0.9], 3) == (5, None)
    assert epochs_of([0.5, 0.4, 0.6], 1) == (1, "stopped early: validation has not risen above 0.5 for 1 epochs")


def test_a_rise_below_min_delta_is_none():
    assert epochs_of([0.1, 0.2, 0.3, 0.4], 1, min_delta=0.15)[0] == 1
    assert epochs_of([0.1, 0.2, 0.3, 0.4], 1, min_delta=0.05)[0] == 3


def test_a_population_goes_on_while_any_member_rises():
    assert epochs_of([[0.1, 0.1], [0.2, 0.0], [0.2, 0.2], [0.2, 0.2], [0.2, 0.2]], 1, population=2)[0] == 3


def test_nan_is_no_rise():
    assert epochs_of([np.nan, np.nan, np.nan], 1)[0] == 1
    assert epochs_of([[0.1, np.nan], [0.2, np.nan], [0.1, np.nan]], 1, population=2)[0] == 2


def test_it_needs_something_to_go_by():
    data = {**blobs(), "X_val": None, "y_val": None}
    with pytest.raises(ValueError, match=r"early stopping needs validation examples \(X_val, y_val\)") as error:
        trained(linear(), data, patience=3)
    assert error.value.__notes__ == ["raised by the callback EarlyStopping at run_start, after step 0"]
    with pytest.raises(ValueError, match="patience is 0, but must be at least 1 epoch"):
        EarlyStopping(0)
