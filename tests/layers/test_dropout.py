"""The dropout layer: noise in training, nothing in prediction."""

import numpy as np
import pytest

from layerwise.layers import Dropout


def test_prediction_passes_x_through():
    x = np.ones((2, 3))
    assert Dropout(0.5).forward(x, train=False, rng=None)[0] is x


def test_turned_off_it_draws_nothing():
    layer, x, rng = Dropout(1), np.ones((2, 3)), np.random.default_rng(0)
    before = rng.bit_generator.state
    out, cache = layer.forward(x, train=True, rng=rng)
    assert out is x
    assert layer.backward(x, cache)[0] is x
    assert rng.bit_generator.state == before
    assert layer.idle


def test_in_training_it_drops_with_the_rng_it_is_given():
    x = np.ones((50, 40))
    out, cache = Dropout(0.25).forward(x, train=True, rng=np.random.default_rng(0))
    assert set(np.unique(out)) == {0, 4}
    np.testing.assert_array_equal(Dropout(0.25).backward(x, cache)[0], out)


@pytest.mark.parametrize("keep_prob", [0, 1.5, np.array([0.5, 0.0])])
def test_an_impossible_keep_prob_is_told_at_once(keep_prob):
    with pytest.raises(ValueError, match=r"^Dropout: keep_prob is .* must be in \(0, 1\].*To drop a fifth, give 0\.8"):
        Dropout(keep_prob)


@pytest.mark.parametrize("keep_prob", ["half", None, True])
def test_a_keep_prob_must_be_a_number(keep_prob):
    with pytest.raises(TypeError, match=r"^Dropout: keep_prob is .* must be a number in \(0, 1\]"):
        Dropout(keep_prob)
