"""Softmax and cross-entropy: numbers by hand, the published ones, large scores, target probabilities."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing import close
from tests.oracles.loss import log_sum_exp, softmax_loss_of_probabilities
from tests.reference import EXPECTED

from layerwise.gradcheck import slope_gap_loss
from layerwise.ops import cross_entropy, log_softmax_forward, softmax_backward, softmax_forward, softmax_loss


def test_softmax_by_hand():
    out, cache = softmax_forward(np.log([[1.0, 3.0], [2.0, 2.0]]))
    close(out, [[0.25, 0.75], [0.5, 0.5]])
    close(softmax_backward(np.array([[1.0, 0.0], [0.0, 4.0]]), cache), [[0.1875, -0.1875], [-1, 1]])


@given(st.lists(st.lists(st.floats(-500, 500), min_size=3, max_size=3), min_size=1, max_size=4))
def test_softmax_and_its_logarithm_are_their_definitions(rows):
    logs = [[score - log_sum_exp(row) for score in row] for row in rows]
    close(log_softmax_forward(np.array(rows))[0], logs, 1e-10)
    close(softmax_forward(np.array(rows))[0], np.exp(logs), 1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_scores_give_certainty_not_overflow(dtype):
    x = np.array([[1000, 0, 0], [20, 0, 0], [-1e4, 1e4, 0]], dtype)
    out, _ = softmax_forward(x)
    np.testing.assert_allclose(out[:, 0], [1, 1, 0], rtol=1e-6)
    np.testing.assert_allclose(log_softmax_forward(x)[0][2], [-2e4, 0, -1e4])


def test_a_shift_of_all_scores_of_a_row_changes_nothing():
    x = np.array([[0.1, -2.0, 3.0]])
    close(softmax_forward(x + 512)[0], softmax_forward(x)[0])


def test_cross_entropy_is_the_published_one():
    published = EXPECTED["cross_entropy"]
    loss, _ = softmax_loss(np.array([published["scores"]], float), np.array([published["target"]]))
    assert loss == pytest.approx(published["loss"], rel=1e-15)


@pytest.mark.parametrize("seed", [493, 231])
def test_the_seeded_loss_is_the_published_one(seed):
    np.random.seed(seed)
    x, y = 0.001 * np.random.randn(50, 10), np.random.randint(10, size=50)
    assert softmax_loss(x, y)[0] == pytest.approx(EXPECTED["losses_seeded"][f"seed_{seed}"]["softmax"], rel=1e-14)


def test_the_loss_and_its_gradient_by_hand():
    loss, dx = softmax_loss(np.log([[1.0, 3.0], [2.0, 2.0]]), np.array([0, 1]))
    assert loss == pytest.approx((math.log(4) + math.log(2)) / 2)
    close(dx, [[-0.375, 0.375], [0.25, -0.25]])


def test_weights_share_out_the_mean():
    loss, dx = softmax_loss(np.log([[1.0, 3.0], [2.0, 2.0]]), np.array([0, 1]), weights=np.array([3, 1]))
    assert loss == pytest.approx((3 * math.log(4) + math.log(2)) / 4)
    close(dx, [[-0.75 * 0.75, 0.75 * 0.75], [0.125, -0.125]])


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 5), k=st.integers(1, 5))
def test_target_probabilities_are_their_oracle_and_their_gradient_the_slope(seed, n, k):
    rng = np.random.default_rng(seed)
    x, y, weights = rng.normal(size=(n, k)), rng.uniform(size=(n, k)), rng.uniform(0.1, 2, n)  # rows need not add up to 1
    for given_weights in (None, weights):
        close(softmax_loss(x, y, weights=given_weights)[0], softmax_loss_of_probabilities(x, y, given_weights))
        assert slope_gap_loss(lambda x, w=given_weights: softmax_loss(x, y, weights=w), [x], rng) < 1e-6


def test_one_hot_targets_are_labels():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    for result, right in zip(softmax_loss(x, np.eye(4)[y]), softmax_loss(x, y), strict=True):
        close(result, right)


@pytest.mark.parametrize("shared", [True, False])
def test_target_probabilities_of_a_population_are_a_loop_over_members(shared):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(3, 5, 4)).astype(np.float32), rng.dirichlet(np.ones(4), 5 if shared else (3, 5))
    loss, dx = softmax_loss(x, y)
    assert (loss.dtype, dx.dtype) == (np.float32, np.float32)
    for i in range(3):
        for result, own in zip((loss[i], dx[i]), softmax_loss(x[i], y if shared else y[i]), strict=True):
            close(result, own, 1e-6)


def test_impossible_probabilities_are_told():
    with pytest.raises(ValueError, match="softmax_loss: target probabilities must not be negative"):
        softmax_loss(np.zeros((1, 2)), np.array([[1.5, -0.5]]))
    with pytest.raises(
        ValueError, match=r"y has shape \(2, 3\) and is not integer; scores \(2, 4\) need integer labels \(2,\), or one row"
    ):
        softmax_loss(np.zeros((2, 4)), np.ones((2, 3)))


def test_labels_as_a_column_are_told_to_drop_the_axis():
    with pytest.raises(ValueError, match=r"y has shape \(2, 1\).*Drop the second axis: y\.ravel\(\)"):
        softmax_loss(np.zeros((2, 4)), np.array([[0], [1]]))


def test_labels_may_be_bytes_and_lists():
    x = np.random.default_rng(0).normal(size=(3, 4))
    for y in (np.array([3, 0, 2], np.uint8), [3, 0, 2]):
        assert softmax_loss(x, y)[0] == softmax_loss(x, np.array([3, 0, 2]))[0]


def test_cross_entropy_of_probabilities_is_the_published_one():
    """Of dlcourse's first sheet: scores -5, 0, 5 and label 1."""
    assert cross_entropy(softmax_forward(np.array([[-5, 0, 5]]))[0], [1]) == 5.006760443547122


def test_cross_entropy_is_a_mean_over_examples_and_finite_at_0():
    probabilities = np.array([[0.25, 0.75], [1.0, 0.0]])
    close(cross_entropy(probabilities, np.array([0, 0])), math.log(4) / 2)
    assert 700 < cross_entropy(probabilities[1:], np.array([1])) < 710
