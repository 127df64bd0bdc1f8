"""Losses against values: numbers by hand, the slopes at their kinks, their errors."""

import math

import numpy as np
import pytest
from tests.drawing import close
from tests.oracles.loss import huber, of_values

from layerwise.gradcheck import slope_gap_loss
from layerwise.ops import absolute_loss, binary_cross_entropy_loss, huber_loss, squared_loss

X, Y = np.array([[1.0, 2.0], [0.0, -3.0]]), np.array([[0.0, 2.0], [0.5, -1.0]])  # differences 1, 0, -0.5, -2


def test_squared_by_hand():
    loss, dx = squared_loss(X, Y)
    assert loss == (1 + 0 + 0.25 + 4) / 4
    np.testing.assert_array_equal(dx, [[0.5, 0], [-0.25, -1]])


def test_absolute_by_hand_and_flat_where_it_is_right():
    loss, dx = absolute_loss(X, Y)
    assert loss == 3.5 / 4
    np.testing.assert_array_equal(dx, [[0.25, 0], [-0.25, -0.25]])


def test_huber_by_hand_and_continuous_at_delta():
    loss, dx = huber_loss(X, Y)
    assert loss == (0.5 + 0 + 0.125 + 1.5) / 4
    np.testing.assert_array_equal(dx, [[0.25, 0], [-0.125, -0.25]])


def test_huber_turns_at_delta():
    rng = np.random.default_rng(0)
    close(huber_loss(X, Y, delta=0.3)[0], of_values(lambda x, y: huber(x, y, 0.3))(X, Y))
    assert slope_gap_loss(lambda x: huber_loss(x, Y, delta=0.3), [X], rng) < 1e-6
    assert huber_loss(X.astype(np.float32), Y, delta=0.3)[1].dtype == np.float32
    with pytest.raises(ValueError, match="huber_loss: delta is 0, but must be above 0"):
        huber_loss(X, Y, delta=0)


def test_binary_cross_entropy_by_hand():
    loss, dx = binary_cross_entropy_loss(np.log([[3.0, 1.0]]), np.array([[1, 0]]))  # probabilities 3/4 and 1/2
    assert loss == pytest.approx((math.log(4 / 3) + math.log(2)) / 2)
    close(dx, [[-0.125, 0.25]])


def test_binary_cross_entropy_of_certain_mistakes_is_their_logit():
    loss, _ = binary_cross_entropy_loss(np.array([[800.0], [-800.0]]), np.array([0, 1]))
    assert loss == 800


def test_weights_share_out_the_mean():
    loss, dx = squared_loss(X, Y, weights=np.array([1, 3]))
    assert loss == (1 * 0.5 + 3 * 2.125) / 4
    np.testing.assert_array_equal(dx, [[0.25, 0], [-0.375, -1.5]])


def test_classes_as_targets_of_binary_cross_entropy_are_sent_to_softmax():
    with pytest.raises(ValueError, match=r"targets must lie in 0 \.\. 1; for labels 1, 2, \.\.\. use softmax_loss"):
        binary_cross_entropy_loss(X, Y * 2)


def test_as_many_outputs_as_targets_are_asked_for():
    with pytest.raises(
        ValueError, match=r"squared_loss: y has shape \(2,\), but predictions \(2, 2\) need targets of shape \(2, 2\)\. Build"
    ):
        squared_loss(X, np.zeros(2))


def test_truth_values_are_targets():
    assert binary_cross_entropy_loss(X, Y > 0)[0] == binary_cross_entropy_loss(X, (Y > 0).astype(float))[0]
