"""The loops that learners read: equal to the fast ops and to numbers by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing import close

from layerwise.ops import (
    affine_backward,
    affine_backward_naive,
    affine_forward,
    affine_forward_naive,
    softmax_loss_naive,
    svm_loss_naive,
)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 4), d=st.integers(1, 4), m=st.integers(1, 4))
def test_the_affine_loops_agree_with_the_product(seed, n, d, m):
    rng = np.random.default_rng(seed)
    x, w, b, dout = (rng.normal(size=shape) for shape in [(n, d), (d, m), (m,), (n, m)])
    (out, cache), (fast_out, fast_cache) = affine_forward_naive(x, w, b), affine_forward(x, w, b)
    close(out, fast_out)
    for grad, fast in zip(affine_backward_naive(dout, cache), affine_backward(dout, fast_cache), strict=True):
        close(grad, fast)


def test_the_softmax_loop_by_hand_and_without_overflow():
    loss, dW = softmax_loss_naive(np.array([[0.0, math.log(3)]]), np.array([[1.0]]), np.array([0]), reg=2.0)
    assert loss == pytest.approx(math.log(4) + math.log(3) ** 2)
    close(dW, [[-0.75, 0.75 + 2 * math.log(3)]])
    assert softmax_loss_naive(np.array([[0.0, 1e4]]), np.array([[1.0]]), np.array([0]))[0] == 1e4


def test_the_hinge_loop_by_hand():
    loss, dW = svm_loss_naive(np.array([[1.0, 0.5, -2.0]]), np.array([[1.0]]), np.array([0]), reg=0.0)
    assert loss == 0.5
    np.testing.assert_array_equal(dW, [[-1, 1, 0]])
