"""Dropout: what it keeps, what it scales, and one noise for all members of a population."""

import numpy as np
import pytest
from tests.drawing import close

from layerwise.arrays import members_first
from layerwise.ops import dropout_backward, dropout_forward


def test_a_value_is_kept_where_the_noise_is_below_keep_prob_and_divided_by_it():
    class Noise:
        def random(self, shape):
            return np.array([[0.0, 0.79, 0.8], [0.9, 0.1, 0.5]])

    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    out, cache = dropout_forward(x, keep_prob=0.8, rng=Noise())
    close(out, [[1.25, 2.5, 0], [0, 6.25, 7.5]])
    close(dropout_backward(np.ones((2, 3)), cache), [[1.25, 1.25, 0], [0, 1.25, 1.25]])


@pytest.mark.parametrize("keep_prob", [0.25, 0.4, 0.7])
def test_the_share_kept_and_the_mean_are_as_announced(keep_prob):
    out, _ = dropout_forward(np.full((500, 400), 10.0), keep_prob=keep_prob, rng=np.random.default_rng(0))
    assert (out != 0).mean() == pytest.approx(keep_prob, abs=0.005)
    assert out.mean() == pytest.approx(10, abs=0.1)


def test_keep_prob_one_keeps_all():
    x = np.array([[1.0, -2.0]], np.float32)
    np.testing.assert_array_equal(dropout_forward(x, keep_prob=1, rng=np.random.default_rng(0))[0], x)


def test_a_member_drops_what_it_would_drop_alone():
    keeps, x = np.array([0.3, 0.5, 0.9]), np.random.default_rng(0).normal(size=(3, 6, 5)).astype(np.float32)
    out, cache = dropout_forward(members_first(x), keep_prob=keeps, rng=np.random.default_rng(1))
    dx = dropout_backward(members_first(x), cache)
    for i, keep in enumerate(keeps):
        own, own_cache = dropout_forward(x[i], keep_prob=float(keep), rng=np.random.default_rng(1))
        np.testing.assert_array_equal(out[i], own)
        np.testing.assert_array_equal(dx[i], dropout_backward(x[i], own_cache))
    assert (cache[0][2] > 0)[(cache[0][0] > 0)].all(), "what the strictest member keeps, the others keep"


def test_members_with_their_own_keep_prob_may_read_one_x():
    keeps, x = np.array([0.3, 0.9]), np.random.default_rng(0).normal(size=(2, 5))  # as many rows as members, not to be confused
    out, cache = dropout_forward(x, keep_prob=keeps, rng=np.random.default_rng(1))
    dout = np.random.default_rng(2).normal(size=out.shape)
    alone = [dropout_forward(x, keep_prob=float(keep), rng=np.random.default_rng(1)) for keep in keeps]
    close(out, np.stack([own for own, _ in alone]))
    dx = dropout_backward(members_first(dout), cache)
    close(dx, sum(dropout_backward(dout[i], own_cache) for i, (_, own_cache) in enumerate(alone)))
    assert dx.flags.c_contiguous, "not as x is stored"
    assert out.swapaxes(-1, -2).flags.c_contiguous, "not in the fast layout"


def test_every_pixel_of_an_image_has_its_own_noise():
    out, _ = dropout_forward(np.ones((2, 3, 8, 8)), keep_prob=0.5, rng=np.random.default_rng(0))
    assert not np.array_equal(out[0], out[1])
    assert not np.array_equal(out[0, 0], out[0, 1])


@pytest.mark.parametrize("keep_prob", [0.0, -0.1, 1.2, np.nan, np.array([0.5, 0.0])])
def test_a_keep_prob_outside_its_range_is_told_with_an_example(keep_prob):
    with pytest.raises(ValueError, match=r"^dropout: keep_prob is .*, but must be in \(0, 1\].*To drop a fifth, give 0\.8"):
        dropout_forward(np.ones((2, 3)), keep_prob=keep_prob, rng=np.random.default_rng(0))


def test_one_keep_prob_too_many_for_the_members_is_told():
    with pytest.raises(ValueError, match=r"a per-member setting has shape \(3,\).*give a number or \(2,\)"):
        dropout_forward(np.ones((2, 4, 5)), keep_prob=np.full(3, 0.5), rng=np.random.default_rng(0))
