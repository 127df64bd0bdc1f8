"""The numeric checkers: right on functions whose slopes are known, never leaving a trace in x, and biting on wrong gradients."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.gradcheck import (
    check_gradient,
    first_difference,
    numerical_gradient,
    numerical_gradient_array,
    relative_error,
    slope_gap,
    slope_gap_loss,
    sparse_check,
)

seeds = st.integers(0, 2**32 - 1)


def cubic(x):
    """A function whose gradient is known: sum of x³ · (1, 2, 3, ...)."""
    return float((x.ravel() ** 3 * np.arange(1, x.size + 1)).sum())


def cubic_gradient(x):
    return (3 * x.ravel() ** 2 * np.arange(1, x.size + 1)).reshape(x.shape)


def awkward_array(rng):
    """Read by rows and stored by columns, with a signed zero: what a careless restore would change."""
    x = np.asfortranarray(rng.normal(size=(3, 2)))
    x[1, 1] = -0.0
    return x


# numerical_gradient, numerical_gradient_array, sparse_check


@given(seeds)
def test_the_numeric_gradient_is_the_known_one(seed):
    x = awkward_array(np.random.default_rng(seed))
    np.testing.assert_allclose(numerical_gradient(cubic, x), cubic_gradient(x), rtol=1e-6, atol=1e-8)


@given(seeds)
def test_the_array_gradient_is_the_transposed_map_of_dout(seed):
    rng = np.random.default_rng(seed)
    x, w, dout = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
    np.testing.assert_allclose(numerical_gradient_array(lambda x: x @ w, x, dout), dout @ w.T, atol=1e-8)


def test_f_may_return_the_same_buffer_each_time():
    buffer, x = np.empty(3), np.array([1.0, 2.0, 3.0])

    def square(x):
        return np.multiply(x, x, out=buffer)

    np.testing.assert_allclose(numerical_gradient_array(square, x, np.ones(3)), [2, 4, 6], rtol=1e-8)


def test_f_may_ignore_its_argument_and_read_the_array_elsewhere():
    params = {"W": np.array([[1.0, -2.0]])}
    w = params["W"]
    np.testing.assert_allclose(numerical_gradient(lambda _: cubic(params["W"]), w), cubic_gradient(w), rtol=1e-8)
    grad = numerical_gradient_array(lambda _: params["W"] ** 2, w, np.ones((1, 2)))
    np.testing.assert_allclose(grad, 2 * w, rtol=1e-8)
    assert all(row.relative_error < 1e-8 for row in sparse_check(lambda _: cubic(w), w, cubic_gradient(w), rng=np.random.default_rng(0)))


CHECKERS = {
    "numerical_gradient": numerical_gradient,
    "numerical_gradient_array": lambda f, x: numerical_gradient_array(f, x, np.array(1.0)),
    "sparse_check": lambda f, x: sparse_check(f, x, cubic_gradient(x), rng=np.random.default_rng(0)),
    "check_gradient": lambda f, x: check_gradient(lambda x: (f(x), cubic_gradient(x)), x),
}


@pytest.mark.parametrize("checker", CHECKERS.values(), ids=CHECKERS)
def test_x_is_put_back_to_the_bit(checker):
    x = awkward_array(np.random.default_rng(3))
    before = x.tobytes("A")
    checker(cubic, x)
    assert x.tobytes("A") == before


@pytest.mark.parametrize("checker", CHECKERS.values(), ids=CHECKERS)
@pytest.mark.parametrize("calls", [1, 2, 3, 6])
def test_x_is_put_back_to_the_bit_when_f_raises(checker, calls):
    x, left = awkward_array(np.random.default_rng(4)), [calls]
    before = x.tobytes("A")

    def fails_later(x):
        left[0] -= 1
        if not left[0]:
            raise ArithmeticError("on purpose")
        return cubic(x)

    with pytest.raises(ArithmeticError, match="on purpose"):
        checker(fails_later, x)
    assert x.tobytes("A") == before


def test_a_sparse_check_has_a_row_per_drawn_coordinate_and_shows_the_wrong_one():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    wrong = cubic_gradient(x)
    wrong[1, 0] *= 1.01
    rows = sparse_check(cubic, x, wrong, num_checks=40, rng=np.random.default_rng(0))
    assert len(rows) == 40
    for row in rows:
        assert row.analytic == wrong[row.index]
        assert row.numeric == pytest.approx(cubic_gradient(x)[row.index])
        assert (row.relative_error > 1e-3) == (row.index == (1, 0))


def test_in_float32_the_step_really_taken_is_what_divides():
    x = np.array([1.0], np.float32)
    assert numerical_gradient(lambda x: 2.0 * float(x[0]), x)[0] == pytest.approx(2, rel=1e-12)  # h is 1e-5, the step 1.0014e-5


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: numerical_gradient(cubic, np.array([1, 2])), TypeError, "x must be an array of floats, but it is an array of int64"),
        (lambda: numerical_gradient(cubic, [1.0]), TypeError, "but it is a list"),
        (
            lambda: numerical_gradient(lambda x: x, np.ones(3)),
            ValueError,
            r"f must return one number, but it returned an array of float64, shape \(3,\)",
        ),
        (lambda: numerical_gradient(lambda x: None, np.ones(3)), ValueError, "f must return one number, but it returned a NoneType"),
        (lambda: numerical_gradient(cubic, np.broadcast_to(1.0, 3)), ValueError, "x is read-only; give x.copy()"),
        (lambda: numerical_gradient(cubic, np.ones(3), h=0), ValueError, "h is 0; a step must be"),
        (
            lambda: numerical_gradient(cubic, np.full(1, 1e9, np.float32)),
            ValueError,
            "a step of 1e-05 does not move 1000000000.0 in float32",
        ),
        (
            lambda: numerical_gradient_array(lambda x: x, np.ones(3), np.ones((2, 3))),
            ValueError,
            r"f returns shape \(3,\), but dout has \(2, 3\)",
        ),
        (lambda: sparse_check(cubic, np.ones(3), np.ones(2), rng=None), ValueError, r"the gradient has shape \(2,\), but x has \(3,\)"),
    ],
)
def test_what_cannot_be_measured_is_told_so(call, error, text):
    with pytest.raises(error, match=text):
        call()


# relative_error


def test_relative_error_by_hand():
    assert relative_error([1.0, 4.0], [1.0, 6.0]) == 0.2
    assert relative_error(1.0, -1.0) == 1
    assert relative_error(0.0, 1e-9) == pytest.approx(0.1)  # below 1e-8 differences fade


def test_relative_error_is_clear_about_empty_and_not_finite():
    assert relative_error([], []) == 0
    for bad in (math.nan, math.inf):
        assert relative_error([1.0, bad], [1.0, bad]) == math.inf
        assert relative_error([1.0, 2.0], [1.0, bad]) == math.inf


def test_relative_error_refuses_to_broadcast():
    with pytest.raises(ValueError, match=r"the shapes differ, \(2, 1\) and \(2,\)"):
        relative_error(np.ones((2, 1)), np.ones(2))


# slope_gap: an op with three gradients, so that one wrong one has two right ones to hide behind


def affine_forward(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(0)


def affine_args(seed, n=5, d=4, m=3):
    rng = np.random.default_rng(seed)
    return rng, [rng.normal(size=(n, d)), rng.normal(size=(d, m)), rng.normal(size=m)]


@given(seeds, st.integers(1, 6), st.integers(1, 6), st.integers(1, 6))
def test_a_right_pair_has_no_gap(seed, n, d, m):
    rng, args = affine_args(seed, n, d, m)
    assert slope_gap(affine_forward, affine_backward, args, rng) < 1e-9


@given(seeds)
def test_a_curved_right_pair_has_hardly_a_gap(seed):
    rng = np.random.default_rng(seed)

    def forward(x, gamma):
        return gamma * np.tanh(x) ** 3, (x, gamma)

    def backward(dout, cache):
        x, gamma = cache
        return dout * gamma * 3 * np.tanh(x) ** 2 * (1 - np.tanh(x) ** 2), (dout * np.tanh(x) ** 3).sum(0)

    assert slope_gap(forward, backward, [rng.normal(size=(4, 3)), rng.normal(size=3)], rng) < 1e-7


@given(seeds, st.integers(0, 2), st.sampled_from([1.0, 1e-3, 1e3]))
def test_a_tenth_of_a_per_cent_in_one_of_three_gradients_is_caught(seed, which, loud):
    rng, (x, w, b) = affine_args(seed)

    def slightly_wrong(dout, cache):
        grads = list(affine_backward(dout, cache))
        grads[which] = grads[which] * 1.001
        return tuple(grads)

    assert slope_gap(affine_forward, slightly_wrong, [x * loud, w, b], rng) > 1e-6


def test_backwards_that_forget_something_are_caught():
    def forgets_a_term(dout, cache):
        dx, dw, db = affine_backward(dout, cache)
        return dx, dw, db - dout[0]

    def forgets_dx(dout, cache):
        dx, dw, db = affine_backward(dout, cache)
        return np.zeros_like(dx), dw, db

    def returns_nan(dout, cache):
        dx, dw, db = affine_backward(dout, cache)
        return dx, dw * np.nan, db

    for offender in (forgets_a_term, forgets_dx, returns_nan):
        rng, args = affine_args(0)
        assert slope_gap(affine_forward, offender, args, rng) > 1e-2


def test_gradients_of_none_are_passed_over_and_labels_are_not_moved():
    rng, (x, w, b) = affine_args(1)
    labels = np.arange(5)

    def forward(x, labels, w, b):
        assert labels.dtype.kind == "i"
        return affine_forward(x, w, b)

    def without_dx(dout, cache):
        return None, *affine_backward(dout, cache)[1:]

    assert slope_gap(forward, without_dx, [x, labels, w, b], rng) < 1e-9


def test_float32_arguments_are_checked_in_float64():
    rng, args = affine_args(2)
    assert slope_gap(affine_forward, affine_backward, [a.astype(np.float32) for a in args], rng) < 1e-9


def test_a_gradient_that_is_nothing_but_rounding_counts_as_zero():
    def forward(x):  # softmax rows sum to 1 whatever x is
        e = np.exp(x - x.max(-1, keepdims=True))
        return (e / e.sum(-1, keepdims=True)).sum(-1), x

    rng = np.random.default_rng(0)
    assert slope_gap(forward, lambda dout, x: 1e-17 * x, [rng.normal(size=(4, 5))], rng) < 1e-6


def test_a_loss_that_returns_its_gradient_at_once_is_checked_too():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))

    def squared(x, y):
        return 0.5 * ((x - y) ** 2).sum(), x - y, y - x

    assert slope_gap_loss(squared, [x, y], rng) < 1e-9
    assert slope_gap_loss(lambda x, y: (squared(x, y)[0], x - y, x - y), [x, y], rng) > 1e-2
    assert slope_gap_loss(lambda x: squared(x, y)[:2], [x], rng) < 1e-9


def test_a_loss_per_member_is_checked_as_their_sum():
    def squared(x):  # (P, N) -> (P,)
        return 0.5 * (x**2).sum(-1), x

    rng = np.random.default_rng(0)
    assert slope_gap_loss(squared, [rng.normal(size=(3, 4))], rng) < 1e-9


@pytest.mark.parametrize(
    ("backward", "text"),
    [
        (lambda dout, cache: affine_backward(dout, cache)[:2], "2 gradients, 0 of them None, came back for 3 arrays of floats"),
        (lambda dout, cache: (None, None, None), "3 gradients, 3 of them None"),
        (
            lambda dout, cache: (*affine_backward(dout, cache)[:2], dout),
            r"the gradient of argument 2 has shape \(5, 3\), but the argument has \(3,\)",
        ),
    ],
)
def test_gradients_that_match_no_argument_are_refused(backward, text):
    rng, args = affine_args(0)
    with pytest.raises(ValueError, match=text):
        slope_gap(affine_forward, backward, args, rng)


# check_gradient


@given(seeds, st.sampled_from([1e-3, 1.0, 1e4]))
def test_a_right_gradient_passes_at_any_scale_of_f(seed, scale):
    x = awkward_array(np.random.default_rng(seed))
    result = check_gradient(lambda x: (scale * cubic(x), scale * cubic_gradient(x)), x)
    assert result, result.sentence
    assert result.ok
    assert "all 6 elements agree" in str(result)


@given(seeds, st.sampled_from([0.0, 1.001, -1.0, 2.0]))
def test_a_wrong_element_is_named_with_both_values(seed, factor):
    x = np.random.default_rng(seed).uniform(0.5, 2, size=(2, 3))

    def f(x):
        grad = cubic_gradient(x)
        grad[1, 2] *= factor
        return cubic(x), grad

    result = check_gradient(f, x)
    assert not result
    assert result.index == (1, 2)
    assert result.analytic == pytest.approx(factor * result.numeric, rel=1e-6)
    assert result.relative_error == pytest.approx(relative_error(factor, 1.0), rel=1e-3)
    assert "wrong at (1, 2)" in result.sentence
    assert "1 of 6 elements are off" in result.sentence
    assert f"There it is {factor:.4g} of the slope" in result.sentence.replace("-0 of", "0 of")


def test_a_forgotten_large_term_does_not_hide_a_forgotten_small_one():
    x = np.array([1e3, 1e-3])
    result = check_gradient(lambda x: (float((x**2).sum()), np.array([2 * x[0], x[1]])), x)
    assert result.index == (1,)


def test_elements_with_slope_zero_pass_despite_rounding():
    rng = np.random.default_rng(0)
    x = rng.normal(size=6)
    mixes = rng.normal(size=50)

    def f(x):  # adds and takes away: the slope by x[1:] is 0, but the value is rounded differently each time
        return float(x[0] + sum(m * x[1:].sum() for m in mixes) - mixes.sum() * x[1:].sum()), np.array([1.0, 0, 0, 0, 0, 0])

    assert check_gradient(f, x)


SENTENCES = {
    "f-changes-x": (lambda x: (float(np.sum(np.abs(x, out=x))), np.sign(x)), "f changed x while it worked", None),
    "shapes-differ": (lambda x: (cubic(x), cubic_gradient(x)[None]), "The gradient has shape (1, 3), but x has (3,)", None),
    "value-is-infinite": (lambda x: (math.inf, x), "The value of f at x is inf", None),
    "value-is-nan": (lambda x: (math.nan, x), "The value of f at x is nan", None),
    "gradient-is-nan": (
        lambda x: (cubic(x), cubic_gradient(x) * [1, np.nan, 1]),
        "The gradient at (1,) is nan, where the measured slope is",
        (1,),
    ),
    "not-finite-near-x": (
        lambda x: (cubic(x) if x[2] <= 0.5 else math.inf, cubic_gradient(x)),
        "The value of f is not finite near x at (2,)",
        (2,),
    ),
    "too-small": (lambda x: (1e-15 * cubic(x), 2e-15 * cubic_gradient(x)), "The slopes are too small to judge", ...),
}


@pytest.mark.parametrize(("f", "text", "index"), SENTENCES.values(), ids=SENTENCES)
def test_a_check_that_cannot_succeed_says_why(f, text, index):
    x = np.array([-1.0, 2.0, 0.5])
    result = check_gradient(f, x)
    assert not result
    assert text in result.sentence
    assert index is ... or result.index == index
    np.testing.assert_array_equal(x, [-1.0, 2.0, 0.5])


def test_an_f_that_changes_x_only_when_perturbed_is_found_out():
    x = np.array([1.0, 2.0])

    def f(x):
        if x[0] != 1.0:
            x[1] += 1
        return cubic(x), cubic_gradient(x)

    assert "f changed x while it worked" in check_gradient(f, x).sentence
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_single_precision_is_named_when_a_check_fails():
    x = np.array([1.0, 2.0], np.float32)
    failed = check_gradient(lambda x: (np.float32(cubic(x)), cubic_gradient(x)), x)
    assert "x is float32, too coarse" in failed.sentence
    failed = check_gradient(lambda x: (np.float32(cubic(x)), cubic_gradient(x)), x.astype(np.float64))
    assert "the value is float32, too coarse" in failed.sentence
    assert check_gradient(lambda x: (cubic(x.astype(np.float64)), cubic_gradient(x)), x)


def test_a_gradient_in_a_reused_buffer_is_judged_as_it_was_at_x():
    buffer = np.zeros(2)

    def f(x):
        buffer[...] = cubic_gradient(x)
        return cubic(x), buffer

    assert check_gradient(f, np.array([1.0, 2.0]))


def test_an_empty_x_has_nothing_to_check():
    assert check_gradient(lambda x: (0.0, x), np.zeros((0, 3))).sentence == "x is empty, so there is nothing to check."


def test_a_verdict_cannot_be_changed():
    result = check_gradient(lambda x: (cubic(x), cubic_gradient(x)), np.ones(2))
    with pytest.raises(AttributeError):
        result.ok = False


def test_an_f_that_returns_no_pair_is_told_so():
    with pytest.raises(TypeError, match="f must return a pair, its value and its gradient, but it returned a float"):
        check_gradient(cubic, np.ones(2))


def test_the_first_difference_is_the_first_row_by_row():
    numeric = np.array([[1.0, 2.0], [3.0, 4.0]])
    grad = numeric.copy()
    assert first_difference(numeric, grad) is None
    assert first_difference(numeric, numeric * (1 + 5e-5)) is None
    grad[0, 1], grad[1, 0] = 2.1, 9.0
    found = first_difference(numeric, grad)
    assert (found.index, found.numeric, found.analytic) == ((0, 1), 2.0, 2.1)
    grad[:] = np.nan
    assert first_difference(numeric, grad).index == (0, 0)
    with pytest.raises(ValueError, match=r"the gradient has shape \(2,\), but the slopes \(2, 2\)"):
        first_difference(numeric, numeric[0])
