"""What every loss promises, tested on each row of LOSSES, and each promise tested on a loss that breaks it."""

import functools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract import broken, contract_over, refusal
from tests.drawing import LAYOUTS, POPULATION, close, same_order
from tests.ops.loss_case import K, LossCase, N, cases
from tests.oracles.loss import ORACLES

from layerwise.gradcheck import slope_gap_loss
from layerwise.ops import LOSSES
from layerwise.ops.regression import squared_loss
from layerwise.ops.softmax import softmax_loss

contract = contract_over(cases)


@contract
def contract_slope(case):
    """dx is the slope of the loss, with and without weights; in float32, up to rounding, what it is in float64."""
    x, y = case.scores(), case.targets()
    for weights in (None, case.weights()):
        loss = functools.partial(case.loss, y=y, weights=weights)
        if case.dtype is np.float64:
            gap = slope_gap_loss(loss, [x], case.rng)
            assert gap < 1e-6, f"the gradient is off by {gap:.2g} of itself"
        else:
            for result, exact in zip(loss(x), loss(x.astype(np.float64)), strict=True):
                close(result, exact, case.tolerance)


@contract
def contract_dtype(case):
    """Loss and gradient have the dtype of the scores; the loss is a number, or one for each member."""
    x, y, weights = case.scores(), case.targets(), case.weights()
    for options in ({}, {"weights": weights}):
        loss, dx = case.row.function(x, y, **options)
        assert (loss.dtype, dx.dtype) == (case.dtype, case.dtype), f"loss {loss.dtype}, dx {dx.dtype}"
        assert loss.shape == case.lead(), f"the loss has shape {loss.shape}"
        assert dx.shape == x.shape, f"dx has shape {dx.shape}"


@contract
def contract_integers_are_computed_in_float64(case):
    x, y = np.abs(case.scores() * 3).astype(np.uint8), case.targets()
    for result, right in zip(case.loss(x, y), case.loss(x.astype(np.float64), y), strict=True):
        assert result.dtype == np.float64, f"a result is {result.dtype}"
        np.testing.assert_array_equal(result, right)


@contract
def contract_layout(case):
    for layout in LAYOUTS.values():
        x = layout(case.scores())
        for weights in (None, case.weights()):
            same_order(case.row.function(x, case.targets(), weights=weights)[1], x)


@contract
def contract_inputs_are_not_written(case):
    args = [case.scores(), case.targets(), case.weights()]
    before = [np.copy(a) for a in args]
    _, dx = case.row.function(*args[:2], weights=args[2])
    for a, kept in zip(args, before, strict=True):
        np.testing.assert_array_equal(a, kept)
        assert not np.shares_memory(dx, a), "dx is one of the inputs"


@contract
def contract_results_are_not_written_later(case):
    loss, dx = case.row.function(case.scores(), case.targets())
    kept = np.copy(loss), np.copy(dx)
    case.row.function(case.scores(), case.targets())
    np.testing.assert_array_equal(loss, kept[0])
    np.testing.assert_array_equal(dx, kept[1])


@contract
def contract_value_at_chance(case):
    if case.row.at_chance:
        loss, _ = case.row.function(np.zeros_like(case.scores()), case.targets())
        close(loss, np.full(case.lead(), case.row.at_chance(K)), case.tolerance)


@contract
def contract_weights_of_one_change_nothing(case):
    x, y = case.scores(), case.targets()
    for result, right in zip(case.loss(x, y, np.ones(N)), case.loss(x, y), strict=True):
        close(result, right, case.tolerance)


@contract
def contract_weight_two_is_the_row_twice(case):
    x, y = case.scores(), case.targets()
    weights = np.array([2.0] + [1.0] * (N - 1))
    twice = np.array([0, *range(N)])
    y_twice = y[..., twice, :] if case.row.targets != "labels" else y[..., twice]
    loss, dx = case.loss(x[..., twice, :], y_twice, np.ones(N + 1))
    dx[..., 1, :] += dx[..., 0, :]
    for result, right in zip(case.loss(x, y, weights), (loss, dx[..., 1:, :]), strict=True):
        close(result, right, case.tolerance)


@contract
def contract_large_scores(case):
    """Scores of ±1e4 in float32: finite and right."""
    if case.population == "members":
        return
    x, y = (1e4 * np.sign(case.scores()) * case.rng.uniform(0.9, 1, K)).astype(case.dtype), case.targets()
    loss, dx = case.row.function(x, y)
    assert np.isfinite(loss).all(), f"the loss is {loss}"
    assert np.isfinite(dx).all(), "the gradient is not finite"
    right = [ORACLES[case.name](x[i], y) for i in np.ndindex(case.lead())]
    np.testing.assert_allclose(loss, np.reshape(right, loss.shape), rtol=1e-6, atol=0.01)  # 0.01: ten steps of float32 there


@contract
def contract_stacked_is_a_loop_over_members(case):
    if not case.population:
        return
    x, y = case.scores(), case.targets()
    for weights in (None, case.weights(), case.weights()[..., :N] * np.ones((POPULATION, 1))):
        stacked = case.loss(x, y, weights)
        alone = []
        for i in range(POPULATION):
            own_y = y[i] if case.population == "members" else y
            own_weights = weights[i] if np.ndim(weights) == 2 else weights
            alone.append(case.loss(x[i], own_y, own_weights))
        for result, *own in zip(stacked, *alone, strict=True):
            close(result, np.stack(own), case.tolerance)


@contract
def contract_a_nan_stays_with_its_example_or_member(case):
    x, y = case.scores(), case.targets()
    loss, dx = case.loss(x, y)
    x.flat[0] = np.nan
    loss_nan, dx_nan = case.row.function(x, y)
    np.testing.assert_array_equal(dx_nan[1:], dx[1:])  # of one model the other examples, of a population the other members
    assert np.isnan(loss_nan.flat[0]), "the NaN got lost"
    np.testing.assert_array_equal(loss_nan.flat[1:], loss.flat[1:])


@contract
def contract_plain_column(case):
    """Where there is one output, targets may be (N,)."""
    if case.row.targets != "labels" and case.population != "members":
        x, y = case.scores(k=1), case.targets(k=1)
        for result, right in zip(case.loss(x, y[:, 0]), case.loss(x, y), strict=True):
            np.testing.assert_array_equal(result, right, strict=True)


@contract
def contract_empty_batch_is_refused(case):
    text = refusal(ValueError, case.row.function, case.scores(n=0), case.targets(n=0))
    assert text.startswith(f"{case.name}: x has shape "), text
    assert "no examples" in text, text


@contract
def contract_wrong_targets_are_told(case):
    x, y = case.scores(), case.targets()
    wrong = [(ValueError, y[..., :-1, :] if case.row.targets != "labels" else y[..., :-1], f"y has shape {tup(y, -1)}")]
    if case.row.targets == "labels":
        wrong += [(ValueError, changed(y, K), f"label {K} is outside 0 .. {K - 1}"), (ValueError, changed(y, -1), "label -1 is outside")]
        wrong += [(TypeError, y.astype(str), "must be integers 0 .. 3"), (ValueError, y[..., None].repeat(1, -1), "y has shape")]
        wrong += [((TypeError, ValueError), y.astype(float), "integer")]
    else:
        wrong += [(TypeError, y.astype(str), "must be numbers"), (ValueError, y[..., :-1], "y has shape")]
    if case.row.targets == "shares":
        wrong += [(ValueError, changed(y, 1.5), "must lie in 0 .. 1"), (ValueError, changed(y, -0.5), "must lie in 0 .. 1")]
    for error, targets, words in wrong:
        text = refusal(error, case.row.function, x, targets)
        assert text.startswith(f"{case.name}: "), text
        assert words in text, f"{words!r} is not in: {text}"


@contract
def contract_wrong_scores_and_weights_are_told(case):
    x, y = case.scores(), case.targets()
    wrong = [(x, np.ones(N + 1), f"weights have shape {(N + 1,)}"), (x, changed(np.ones(N), -1), "weights must be 0 or more")]
    wrong += [(x, np.zeros(N), "at least one above 0"), (x.reshape(-1)[:K], None, f"x has shape ({K},)")]
    for scores, weights, words in wrong:
        text = refusal(ValueError, case.row.function, scores, y, weights=weights)
        assert text.startswith(f"{case.name}: "), text
        assert words in text, f"{words!r} is not in: {text}"


CONTRACTS = [value for name, value in list(globals().items()) if name.startswith("contract_") and hasattr(value, "name")]


def changed(a, value):
    """A copy whose first entry is the value."""
    a = np.copy(a)
    a.flat[0] = value
    return a


def tup(y, less):
    """The shape of targets with so many examples more."""
    axis = 1 if y.ndim > 1 and len(y) == POPULATION else 0
    return tuple(length + less * (i == axis) for i, length in enumerate(y.shape))


@pytest.mark.parametrize("check", CONTRACTS, ids=lambda check: check.name)
@pytest.mark.parametrize("row", LOSSES.values(), ids=LOSSES)
def test_every_loss_keeps_the_contract(row, check):
    check(row, np.random.default_rng(0))


@pytest.mark.parametrize("row", LOSSES.values(), ids=LOSSES)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6), k=st.integers(2, 6))
def test_every_loss_is_its_oracle_and_its_gradient_the_slope(row, seed, n, k):
    case = LossCase(row, np.random.default_rng(seed), np.float64)
    x, y, weights = case.scores(n, k), case.targets(n, k), case.weights(n)
    for given_weights in (None, weights):
        close(row.function(x, y, weights=given_weights)[0], ORACLES[case.name](x, y, given_weights))
        assert slope_gap_loss(functools.partial(row.function, y=y, weights=given_weights), [x], case.rng) < 1e-6


# Offenders: each differs from a right loss in one line, and breaks one contract.

BUFFERS = {}


def offends(function):
    """A softmax loss whose result the function changes."""

    @functools.wraps(softmax_loss)
    def loss(x, y, *, weights=None):
        return function(*softmax_loss(x, y, weights=weights), x, y, weights)

    return replace(LOSSES["softmax"], function=loss)


def of_arguments(function):
    """A softmax loss of what the function makes of its arguments."""

    @functools.wraps(softmax_loss)
    def loss(x, y, *, weights=None):
        x, y, weights = function(x, y, weights)
        return softmax_loss(x, y, weights=weights)

    return replace(LOSSES["softmax"], function=loss)


def into_a_kept_buffer(loss, dx, x, y, weights):
    buffer = BUFFERS.setdefault((dx.shape, dx.dtype, dx.strides), np.empty_like(dx))
    np.copyto(buffer, dx)
    return loss, buffer


def written(x, y, weights):
    x -= (x.max(axis=-1, keepdims=True) if x.dtype.kind == "f" else 0) if x.size else 0
    return x, y, weights


def divided_by_n(loss, dx, x, y, weights):
    mean = np.ones((), dx.dtype) if weights is None else np.mean(weights, axis=-1).astype(dx.dtype)
    return loss * mean, dx * mean[..., None, None]


def without_normalisation_at_all(loss, dx, x, y, weights):
    return (loss, dx) if weights is None else (dx.dtype.type(0.5) * loss, dx * dx.dtype.type(0.5))


def exponentials_of_bare_scores(loss, dx, x, y, weights):
    return loss + 0 * np.exp(x).sum(axis=(-1, -2)), dx


def first_members_labels(x, y, weights):
    return x, np.broadcast_to(y[0], y.shape) if np.ndim(y) == 2 and np.ndim(x) == 3 else y, weights


@functools.wraps(squared_loss)
def squared_of_rows(x, y, *, weights=None):
    return squared_loss(x, np.atleast_2d(y), weights=weights)


@functools.wraps(softmax_loss)
def softmax_of_nothing_is_nothing(x, y, *, weights=None):
    return softmax_loss(x, y, weights=weights) if x.size else (x.sum(axis=(-1, -2)), x)


@functools.wraps(softmax_loss)
def softmax_with_short_errors(x, y, *, weights=None):
    try:
        return softmax_loss(x, y, weights=weights)
    except ValueError as error:
        raise error if "no examples" in str(error) or "weights" in str(error) or x.ndim < 2 else ValueError("softmax_loss: bad y") from None


@functools.wraps(softmax_loss)
def softmax_that_ignores_odd_weights(x, y, *, weights=None):
    return softmax_loss(x, y, weights=None if np.shape(weights)[-1:] != x.shape[-2:-1] else weights)


OFFENDERS = {
    "slope": offends(lambda loss, dx, *_: (loss, dx * dx.dtype.type(1.01))),
    "dtype": offends(lambda loss, dx, *_: (np.float64(loss), dx)),
    "integers are computed in float64": of_arguments(lambda x, y, w: (x if x.dtype.kind == "f" else x.astype(np.float32), y, w)),
    "layout": offends(lambda loss, dx, *_: (loss, np.ascontiguousarray(dx))),
    "inputs are not written": of_arguments(written),
    "results are not written later": offends(into_a_kept_buffer),
    "value at chance": offends(lambda loss, dx, *_: (loss + loss.dtype.type(1e-3), dx)),
    "weights of one change nothing": offends(without_normalisation_at_all),
    "weight two is the row twice": offends(divided_by_n),
    "large scores": offends(exponentials_of_bare_scores),
    "stacked is a loop over members": of_arguments(first_members_labels),
    "a nan stays with its example or member": of_arguments(lambda x, y, w: (x - float(x.max()) if x.size else x, y, w)),
    "plain column": replace(LOSSES["squared"], function=squared_of_rows),
    "empty batch is refused": replace(LOSSES["softmax"], function=softmax_of_nothing_is_nothing),
    "wrong targets are told": replace(LOSSES["softmax"], function=softmax_with_short_errors),
    "wrong scores and weights are told": replace(LOSSES["softmax"], function=softmax_that_ignores_odd_weights),
}


def test_every_contract_has_an_offender():
    assert list(OFFENDERS) == [check.name for check in CONTRACTS]


@pytest.mark.parametrize(("name", "row"), OFFENDERS.items(), ids=OFFENDERS)
def test_an_offender_breaks_its_contract_and_no_other(name, row):
    assert broken(CONTRACTS, row) == [name]
