"""What a run measured, as rows."""

import numpy as np
import pytest
from tests.train.case import net, trained

from layerwise.train import History, stack


def history():
    return History(
        loss_history=[3.0, 2.0, 1.0],
        epoch_steps=[0, 2, 3],
        epochs=[0, 1, 2],
        train_acc_history=[0.1, 0.2, 0.3],
        val_acc_history=[0.4, 0.5, 0.6],
        val_loss_history=[4.0, 5.0, 6.0],
        lr_history=[1.0, 0.5, 0.25],
        seconds_history=[0.0, 7.0, 8.0],
    )


def epoch(step, number, train_acc, val_acc, val_loss, lr, seconds, **member):
    figures = {"train_acc": train_acc, "val_acc": val_acc, "val_loss": val_loss, "lr": lr, "seconds": seconds}
    return {"step": step, "epoch": number, **member, **figures}


def test_rows_of_one_model():
    assert list(history().rows()) == [
        epoch(0, 0, 0.1, 0.4, 4.0, 1.0, 0.0),
        {"step": 1, "epoch": 0, "loss": 3.0},
        {"step": 2, "epoch": 0, "loss": 2.0},
        epoch(2, 1, 0.2, 0.5, 5.0, 0.5, 7.0),
        {"step": 3, "epoch": 1, "loss": 1.0},
        epoch(3, 2, 0.3, 0.6, 6.0, 0.25, 8.0),
    ]


@pytest.mark.parametrize(("every", "steps"), [(1, [1, 2, 3]), (2, [2]), (3, [3]), (4, [])])
def test_rows_of_each_so_manyth_step(every, steps):
    rows = list(history().rows(every))
    assert [row["step"] for row in rows if "loss" in row] == steps
    assert [row["step"] for row in rows if "val_acc" in row] == [0, 2, 3]


def test_a_population_has_a_row_per_member():
    pair = {name: [np.array([value, -value]) for value in values] for name, values in vars(history()).items() if name.endswith("_history")}
    rows = list(History(**{**vars(history()), **pair, "seconds_history": [0.0, 7.0, 8.0]}).rows(3))
    assert rows[:2] == [epoch(0, 0, 0.1, 0.4, 4.0, 1.0, 0.0, member=0), epoch(0, 0, -0.1, -0.4, -4.0, -1.0, 0.0, member=1)]
    assert rows[4:6] == [{"step": 3, "epoch": 1, "member": i, "loss": loss} for i, loss in enumerate((1.0, -1.0))]
    assert len(rows) == 8


def test_rows_of_a_run_are_plain_numbers():
    for model in (net(), stack([net(), net(rng=1)])):
        for row in trained(model, num_epochs=1).history.rows():
            assert {type(value) for value in row.values()} <= {int, float}


def test_no_run_has_no_rows():
    assert list(History().rows()) == []
