"""Each convention against the objective that its author writes, and there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise import conventions as c

W = np.array([[1.0, -2.0], [0.5, 3.0]])  # Σw² = 14.25
strengths = st.floats(0, 1e3)


def ours(reg):
    return 0.5 * reg * np.sum(W * W)


@given(strengths)
def test_our_penalty_is_the_one_that_the_other_writes(value):
    assert ours(c.reg_from_plain_l2(value)) == pytest.approx(value * 14.25)
    assert ours(c.reg_from_alpha(value, 50)) == pytest.approx(value / (2 * 50) * 14.25)


@given(strengths, st.floats(1e-6, 1.0))
def test_one_sgd_step_along_our_penalty_is_the_others_decay(value, lr):
    def step(reg):
        return W - lr * reg * W  # the slope of ½·reg·Σw² is reg·w

    np.testing.assert_allclose(step(c.reg_from_weight_decay(value)), W - lr * (value * W))
    np.testing.assert_allclose(step(c.reg_from_shrinkage(value, lr)), W * (1 - value), rtol=1e-9, atol=1e-9)


@given(strengths, st.integers(1, 10**6), st.floats(1e-6, 10))
def test_there_and_back_is_the_same_setting(reg, num_examples, lr):
    assert c.reg_from_plain_l2(c.plain_l2_from_reg(reg)) == pytest.approx(reg)
    assert c.reg_from_alpha(c.alpha_from_reg(reg, num_examples), num_examples) == pytest.approx(reg)
    assert c.reg_from_weight_decay(c.weight_decay_from_reg(reg)) == reg
    assert c.reg_from_shrinkage(c.shrinkage_from_reg(reg, lr), lr) == pytest.approx(reg)


@given(st.floats(0, 1, exclude_max=True))
def test_kept_and_dropped_make_one(dropout):
    assert c.keep_from_drop(dropout) + dropout == pytest.approx(1)
    assert c.drop_from_keep(max(1 - dropout, 1e-9)) == pytest.approx(dropout, abs=1e-8)


def test_off_stays_off_to_the_bit():
    assert c.keep_from_drop(0.0) == 1
    assert c.drop_from_keep(1.0) == 0
    assert c.reg_from_plain_l2(0.0) == c.reg_from_alpha(0, 5) == 0


def test_one_setting_per_member_is_turned_member_by_member():
    np.testing.assert_array_equal(c.reg_from_plain_l2([0.0, 0.5, 1.0]), [0, 1, 2])
    np.testing.assert_array_equal(c.keep_from_drop(np.array([0.0, 0.25])), [1, 0.75])


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: c.reg_from_plain_l2(-1), ValueError, "l2=-1 must be a finite strength, 0 or above"),
        (lambda: c.reg_from_plain_l2(np.nan), ValueError, "l2=nan must be a finite strength"),
        (lambda: c.alpha_from_reg([0.1, np.inf], 5), ValueError, r"reg=\[0.1, inf\] must be a finite strength"),
        (lambda: c.reg_from_alpha(1e-4, 0), ValueError, "num_examples=0 must be a count of at least 1"),
        (lambda: c.reg_from_shrinkage(0.1, 0.0), ValueError, "lr=0.0 must be a finite rate above 0"),
        (lambda: c.keep_from_drop(1.0), ValueError, r"dropout=1.0 must be the share dropped, at least 0 \(off\) and below 1"),
        (lambda: c.drop_from_keep(0), ValueError, r"keep_prob=0 must be the share kept, above 0 and at most 1 \(off\)"),
        (lambda: c.keep_from_drop("0.5"), TypeError, "dropout='0.5' is not a number"),
        (lambda: c.keep_from_drop(None), TypeError, "dropout=None is not a number"),
    ],
)
def test_what_is_no_such_setting_is_refused_by_name(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.peer
def test_scikit_learns_mlp_has_this_loss():
    from sklearn.neural_network import MLPRegressor

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), rng.normal(size=40)

    def first_loss(alpha):
        peer = MLPRegressor(hidden_layer_sizes=(4,), alpha=alpha, solver="sgd", learning_rate_init=1e-12, batch_size=40, random_state=0)
        peer.partial_fit(X, y)
        return peer.loss_, sum(np.sum(w * w) for w in peer.coefs_)

    (plain, _), (punished, squares) = first_loss(0.0), first_loss(3.0)
    assert punished - plain == pytest.approx(0.5 * c.reg_from_alpha(3.0, 40) * squares, rel=1e-6)
