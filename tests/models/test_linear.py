"""Linear classifiers as models: the losses by weights, under the names W and b."""

import numpy as np
import pytest
from tests.drawing import close
from tests.oracles.loss import softmax_loss, svm_loss

from layerwise.models import SoftmaxModel, SVMModel
from layerwise.ops import linear_softmax_loss, linear_svm_loss

MODELS = {"softmax": (SoftmaxModel, softmax_loss, linear_softmax_loss), "svm": (SVMModel, svm_loss, linear_svm_loss)}
both = pytest.mark.parametrize(("kind", "oracle", "by_weights"), MODELS.values(), ids=MODELS)
X = np.random.default_rng(0).normal(size=(6, 4))
Y = np.array([0, 1, 2, 2, 1, 0])


@both
def test_the_loss_is_the_oracles_of_the_linear_scores(kind, oracle, by_weights):
    model = kind(4, 3, weight_scale=1.0, reg=0.5, dtype=np.float64)
    model.params["b"] += [1.0, -1.0, 0.5]
    W, b = model.params["W"], model.params["b"]
    assert model.loss(X, Y)[0] == pytest.approx(oracle(X @ W + b, Y) + 0.25 * (W**2).sum())


@both
def test_with_a_column_of_ones_it_is_the_loss_by_weights(kind, oracle, by_weights):
    model = kind(5, 3, weight_scale=1.0, bias=False, reg=0.5, dtype=np.float64)
    assert list(model.params) == ["W"]
    with_ones = np.hstack([X, np.ones((6, 1))])
    loss, grads = model.loss(with_ones, Y)
    right, dW = by_weights(model.params["W"], with_ones, Y, reg=0.5)
    close(loss, right)
    close(grads["W"], dW)


@both
def test_it_can_be_made_again_from_its_config(kind, oracle, by_weights):
    model = kind(4, 3, weight_scale=0.3, bias=False, reg=0.1, reg_l1=0.2, dtype=np.float64)
    again = kind.from_config(model.config())
    assert again.config() == model.config()
    np.testing.assert_array_equal(again.params["W"], model.params["W"])
