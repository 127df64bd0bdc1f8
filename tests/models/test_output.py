import numpy as np
import pytest

from layerwise.layers import Activation, Dense
from layerwise.models import Sequential
from layerwise.models.output import OutputNet

X = np.random.default_rng(0).normal(size=(7, 4))
Y = np.array([0, 1, 2, 0, 1, 2, 0])


def nets(activation, loss):
    """The same weights with the activation as a layer, and without it."""
    dense = Dense(3)
    whole = OutputNet([dense, Activation(activation)], input_shape=4, loss=loss, dtype=np.float64)
    return whole, Sequential([dense], input_shape=4, loss=loss, dtype=np.float64)


@pytest.mark.parametrize(("activation", "loss", "y"), [("softmax", "softmax", Y), ("sigmoid", "binary_cross_entropy", np.eye(3)[Y])])
def test_the_loss_takes_the_scores_before_its_own_activation(activation, loss, y):
    whole, scores_only = nets(activation, loss)
    (value, grads), (expected, expected_grads) = whole.loss(X, y), scores_only.loss(X, y)
    assert value == expected
    for name in grads:
        np.testing.assert_array_equal(grads[name], expected_grads[name])
    assert whole.evaluate(X, y)[0] == scores_only.evaluate(X, y)[0]


def test_probabilities_come_out_everywhere():
    whole, scores_only = nets("softmax", "softmax")
    probabilities = scores_only.predict_proba(X)
    for out in (whole.loss(X), whole.forward(X), whole.predict(X), whole.predict_proba(X), whole.evaluate(X, Y)[1]):
        np.testing.assert_array_equal(out, probabilities)


def test_scores_in_the_thousands_stay_finite():
    whole, _ = nets("softmax", "softmax")
    assert np.isfinite(whole.loss(X * 1e4, Y)[0])


def test_another_loss_counts_every_layer():
    net = OutputNet([Dense(3), Activation("softmax")], input_shape=4, loss="squared", dtype=np.float64)
    loss, _ = net.evaluate(X, np.eye(3)[Y])
    np.testing.assert_allclose(loss, ((net.forward(X) - np.eye(3)[Y]) ** 2).mean())


@pytest.mark.parametrize("last", [[], [Activation("tanh")]])
def test_a_net_that_does_not_end_in_probabilities_is_refused(last):
    with pytest.raises(ValueError, match=r'the last layer must be Activation\("softmax"\), but it is (Dense|Activation\("tanh"\))'):
        OutputNet([Dense(3), *last], input_shape=4)
