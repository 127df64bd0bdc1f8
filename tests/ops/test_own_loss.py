"""A loss from a pair: the weighted mean of what forward gives, with the slope of backward, for one model or several."""

import numpy as np
import pytest

from layerwise.gradcheck import check_gradient
from layerwise.layers import Dense
from layerwise.models import Sequential
from layerwise.ops import squared_loss
from layerwise.ops.own_loss import OwnLoss
from layerwise.ops.table import Loss


def forward(x, y):
    return np.square(x - y).mean(axis=1), (x, y)


def backward(dlosses, cache):
    x, y = cache
    return dlosses[:, None] * 2 * (x - y) / x.shape[1]


SQUARES = OwnLoss(forward, backward)


@pytest.mark.parametrize("shape", [(5, 3), (2, 5, 3)])
@pytest.mark.parametrize("weights", [None, np.array([1.0, 2.0, 0.0, 3.0, 0.5])])
def test_squares_by_a_pair_are_the_squared_loss(shape, weights):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=shape), rng.normal(size=(5, 3))
    for own, ours in zip(SQUARES(x, y, weights=weights), squared_loss(x, y, weights=weights), strict=True):
        np.testing.assert_allclose(own, ours)
    if len(shape) == 2:
        assert check_gradient(lambda x: SQUARES(x, y, weights=weights), x)


def test_the_dtype_is_kept():
    loss, dx = SQUARES(np.ones((2, 1), np.float32), np.zeros((2, 1)))
    assert loss.dtype == dx.dtype == np.float32


def test_what_a_pair_must_give_is_told():
    x, y = np.zeros((4, 2)), np.zeros((4, 2))
    with pytest.raises(ValueError, match=r"forward gave losses of shape \(4, 2\), but must give one per example: \(4,\)"):
        OwnLoss(lambda x, y: (np.square(x), x), backward)(x, y)
    with pytest.raises(ValueError, match=r"backward gave dx of shape \(4,\), but must give one slope per score: \(4, 2\)"):
        OwnLoss(forward, lambda dlosses, cache: dlosses)(x, y)


def test_a_network_takes_it_and_no_file_does(tmp_path):
    model = Sequential([Dense(1)], input_shape=2, loss=Loss(SQUARES, "values"))
    _, grads = model.loss(np.ones((3, 2)), np.ones((3, 1)))
    assert grads.keys() == model.params.keys()
    with pytest.raises(ValueError, match="a file cannot describe this Sequential: its loss is your own"):
        model.save(tmp_path / "net")
