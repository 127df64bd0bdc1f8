"""Gradients are held to a largest norm."""

import numpy as np
from tests.train.case import linear, net, params, same_bits, trained

from layerwise.train import stack
from layerwise.train.clip import clipped


def test_a_norm_by_hand():
    grads = {"w": np.array([[3.0, 0.0]]), "b": np.array([4.0])}
    half = clipped(grads, 2.5, population=False)
    np.testing.assert_allclose(half["w"], [[1.5, 0.0]])
    np.testing.assert_allclose(half["b"], [2.0])
    assert clipped(grads, 5.0, population=False) is grads
    np.testing.assert_array_equal(grads["w"], [[3.0, 0.0]])


def test_each_member_has_its_own_norm():
    grads = {"w": np.array([[[3.0]], [[0.3]], [[np.nan]]]), "b": np.array([[4.0], [0.4], [1.0]])}
    short = clipped(grads, 1.0, population=True)
    np.testing.assert_allclose(short["w"][:2, 0, 0], [0.6, 0.3])
    np.testing.assert_allclose(short["b"][:2, 0], [0.8, 0.4])
    assert short["w"][1] == grads["w"][1]


def test_the_dtype_stays_and_squares_do_not_overflow():
    grads = {"w": np.full((2, 2), 1e25, np.float32)}
    short = clipped(grads, 1.0, population=False)
    assert short["w"].dtype == np.float32
    np.testing.assert_allclose(short["w"], 0.5, rtol=1e-6)


def test_a_clipped_step_is_as_long_as_the_limit():
    start = params(linear())
    model = trained(linear(), optim_config={"lr": 1.0}, clip_norm=0.01, num_steps=1, restore_best=False).model
    length = np.sqrt(sum(((w - start[name]) ** 2).sum() for name, w in model.params.items()))
    np.testing.assert_allclose(length, 0.01)


def test_a_limit_that_is_never_reached_changes_nothing():
    same_bits(params(trained(net(), clip_norm=1e9).model), params(trained(net()).model))
    same_bits(params(trained(stack([net()]), clip_norm=1e9).model), params(trained(stack([net()])).model))
