"""The hinge loss: numbers by hand, the published ones, the margin, and the slope at its kink."""

import numpy as np
import pytest
from tests.drawing import close
from tests.oracles.loss import svm_loss as oracle
from tests.reference import EXPECTED

from layerwise.gradcheck import slope_gap_loss
from layerwise.ops import svm_loss


def test_the_loss_and_its_gradient_by_hand():
    loss, dx = svm_loss(np.array([[3.0, 2.5, 0.0], [1.0, 5.0, 4.5]]), np.array([0, 2]))
    assert loss == (0.5 + 1.5) / 2
    np.testing.assert_array_equal(dx, [[-0.5, 0.5, 0], [0, 0.5, -0.5]])


@pytest.mark.parametrize("seed", [493, 231])
def test_the_seeded_loss_is_the_published_one(seed):
    np.random.seed(seed)
    x, y = 0.001 * np.random.randn(50, 10), np.random.randint(10, size=50)
    assert svm_loss(x, y)[0] == pytest.approx(EXPECTED["losses_seeded"][f"seed_{seed}"]["svm"], rel=1e-14)


def test_a_score_exactly_one_margin_below_has_no_slope():
    loss, dx = svm_loss(np.array([[2.0, 1.0]]), np.array([0]))
    assert loss == 0
    np.testing.assert_array_equal(dx, [[0, 0]])


def test_the_margin_can_be_chosen():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    close(svm_loss(x, y, margin=0.3)[0], oracle(x, y, margin=0.3))
    assert slope_gap_loss(lambda x: svm_loss(x, y, margin=0.3), [x], rng) < 1e-6
