"""The losses of linear classifiers by their weights, and their loops: equal to each other and to the slope."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing import away_from_kinks, close

from layerwise.gradcheck import slope_gap_loss
from layerwise.ops import linear_softmax_loss, linear_svm_loss, softmax_loss_naive, svm_loss_naive

PAIRS = {"softmax": (linear_softmax_loss, softmax_loss_naive), "svm": (linear_svm_loss, svm_loss_naive)}
both = pytest.mark.parametrize(("fast", "slow"), PAIRS.values(), ids=PAIRS)


@both
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 5), d=st.integers(1, 5), k=st.integers(2, 5), reg=st.sampled_from([0.0, 0.7]))
def test_the_loop_and_the_product_agree(fast, slow, seed, n, d, k, reg):
    rng = np.random.default_rng(seed)
    W, X, y = rng.normal(size=(d, k)), rng.normal(size=(n, d)), rng.integers(0, k, n)
    for result, right in zip(fast(W, X, y, reg=reg), slow(W, X, y, reg=reg), strict=True):
        close(result, right, 1e-11)


@both
def test_both_gradients_are_the_slope(fast, slow):
    rng = np.random.default_rng(3)
    W, X, y = away_from_kinks(rng, (4, 3)), away_from_kinks(rng, (5, 4)), rng.integers(0, 3, 5)
    for loss in (fast, slow):
        assert slope_gap_loss(lambda W, loss=loss: loss(W, X, y, reg=0.3), [W], rng) < 1e-6


@both
def test_a_population_of_weights_is_a_loop_over_members(fast, slow):
    rng = np.random.default_rng(0)
    W, X, y, regs = rng.normal(size=(3, 4, 5)), rng.normal(size=(6, 4)), rng.integers(0, 5, 6), np.array([0.0, 0.1, 1.0])
    loss, dW = fast(W, X, y, reg=regs)
    for i in range(3):
        for result, right in zip((loss[i], dW[i]), slow(W[i], X, y, reg=regs[i]), strict=True):
            close(result, right)


@both
def test_pixels_with_weights_in_single_precision_work_in_double(fast, slow):
    rng = np.random.default_rng(0)
    W, X, y = rng.normal(size=(4, 3)).astype(np.float32), rng.integers(0, 256, (5, 4)).astype(np.uint8), rng.integers(0, 3, 5)
    loss, dW = fast(W, X, y, reg=0.1)
    assert (loss.dtype, dW.dtype) == (np.float64, np.float64)
    close(loss, slow(W.astype(np.float64), X.astype(np.float64), y, reg=0.1)[0], 1e-9)
