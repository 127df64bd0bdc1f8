"""A plateau schedule is worked out once per score, and not once per step."""

import numpy as np
import pytest
from tests.train.case import net, same_run, trained

from layerwise.optim import reduce_on_plateau
from layerwise.train import History
from layerwise.train.rate import once_per_score

OPTIONS = {"patience": 1, "factor": 0.5}


def plateau(step, num_steps, history):
    return reduce_on_plateau(step, num_steps, history, **OPTIONS)


def test_a_remembered_factor_is_the_one_that_would_be_worked_out():
    named = trained(net(), optim_config={"lr": 0.5}, num_epochs=8, schedule="reduce_on_plateau", schedule_options=OPTIONS)
    same_run(named, trained(net(), optim_config={"lr": 0.5}, num_epochs=8, schedule=plateau))
    assert named.history.lr_history[-1] < 0.5


@pytest.mark.parametrize("scores", [[0.5, 0.25, 0.25], [np.array([0.5, 0.1]), np.array([0.25, 0.2]), np.array([0.6, 0.2])]])
def test_it_is_worked_out_for_each_new_score(scores):
    calls = []

    def counted(step, num_steps, history):
        calls.append(step)
        return plateau(step, num_steps, history)

    history, schedule = History(), once_per_score(counted)
    for i, score in enumerate(scores):
        history.val_acc_history.append(score)
        for step in (10 * i, 10 * i + 1):
            np.testing.assert_array_equal(schedule(step, 30, history), plateau(step, 30, history))
    assert calls == [0, 10, 20]
    history.val_acc_history[:] = np.array(scores).tolist() if np.ndim(scores) == 1 else list(np.array(scores))
    schedule(21, 30, history)
    assert calls == [0, 10, 20, 21]  # after a resume
