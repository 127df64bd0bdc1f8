"""What every op promises, tested on each row of OPS, and each promise tested on an op that breaks it."""

import functools
import inspect
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract import broken, contract_over, refusal
from tests.drawing import LAYOUTS, POPULATION, close, same_order, strided
from tests.ops.case import Case, cases

from layerwise.arrays import members_first
from layerwise.gradcheck import slope_gap
from layerwise.ops import OPS
from layerwise.ops.activation import relu_backward, relu_forward, step_forward, tanh_forward
from layerwise.ops.affine import affine_backward, affine_forward
from layerwise.ops.dropout import dropout_backward

contract = contract_over(cases)


@contract
def contract_slope(case):
    """backward is the slope of forward; in float32, up to rounding, what it is in float64."""
    args = case.args()
    if case.dtype is np.float64 and case.row.has_gradient:
        gap = slope_gap(case.forward, case.backward, args, case.rng)
        assert gap < 1e-6, f"the gradient is off by {gap:.2g} of itself"
    elif not case.row.random:  # which draws other noise in another dtype
        dout = case.dout(*args)
        exact = case.both([a.astype(np.float64) for a in args], dout.astype(np.float64))
        for result, right in zip(flat(case.both(args, dout)), flat(exact), strict=True):
            close(result, right, case.tolerance)


@contract
def contract_dtype(case):
    """float32 in, float32 out; float64 in, float64 out."""
    args = case.args()
    for result in flat(case.both(args, case.dout(*args))):
        assert result.dtype == case.dtype, f"a result is {result.dtype}"


@contract
def contract_parameters_take_the_dtype_of_x(case):
    x, *parameters = case.args()
    if not parameters:
        return
    other = np.float32 if case.dtype is np.float64 else np.float64
    args = [x, *(a.astype(other) for a in parameters)]
    for result in flat(case.both(args, case.dout(*args))):
        assert result.dtype == case.dtype, f"a result is {result.dtype}, with parameters in {np.dtype(other)}"


@contract
def contract_integers_are_computed_in_float64(case):
    x, *parameters = case.args()
    for dtype in (np.int64, np.uint8, bool):
        counts = np.abs(x * 3).astype(dtype)
        exact = [counts.astype(np.float64), *parameters]
        dout = case.dout(*exact)
        for result, right in zip(flat(case.both([counts, *parameters], dout)), flat(case.both(exact, dout)), strict=True):
            assert result.dtype == np.float64, f"from {np.dtype(dtype)}, a result is {result.dtype}"
            np.testing.assert_array_equal(result, right)


@contract
def contract_layout(case):
    """What has x's shape is stored as x is; other results as the fast layout has it, given arguments that are."""
    for layout in LAYOUTS.values():
        args = [layout(a) for a in case.args()]
        out, cache = case.forward(*args)
        if out.shape != args[0].shape:
            args = [members_first(a) for a in args]
            out, cache = case.forward(*args)
        same_order(out, args[0] if out.shape == args[0].shape else members_first(out))
        for grad, a in zip(case.backward(case.dout(*args), cache), args, strict=False):
            same_order(grad, a)


@contract
def contract_inputs_are_not_written(case):
    args = case.args()
    dout = case.dout(*args)
    before = [np.copy(a) for a in (*args, dout)]
    case.both(args, dout)
    for a, kept in zip((*args, dout), before, strict=True):
        np.testing.assert_array_equal(a, kept)


@contract
def contract_results_are_not_written_later(case):
    args, others = case.args(), case.args()
    dout, another = case.dout(*args), case.dout(*args)
    out, cache = case.forward(*args)
    grads = case.backward(dout, cache)
    kept = [np.copy(a) for a in (out, *grads)]
    case.both(others, another)
    case.backward(another, cache)
    for result, before in zip((out, *grads), kept, strict=True):
        np.testing.assert_array_equal(result, before)


@contract
def contract_strides_do_not_matter(case):
    args = case.args()
    dout = np.ascontiguousarray(case.dout(*args))
    right = case.both(args, dout)
    for stored in zip(*(strided(a) for a in (*args, dout)), strict=True):
        for result, expected in zip(flat(case.both(stored[:-1], stored[-1])), flat(right), strict=True):
            close(result, expected, case.tolerance)


@contract
def contract_batch_of_one(case):
    """One example alone gives what it gives as the first of many, unless the row mixes examples."""
    args = case.args()
    dout = case.dout(*args)
    lead = case.leads[0]
    alone = [first_example(args[0], lead), *args[1:]]
    out, grads = case.both(args, dout)
    out_lead = int(bool(case.population))
    out_alone, grads_alone = case.both(alone, first_example(dout, out_lead))
    assert out_alone.shape == first_example(out, out_lead).shape, f"out has shape {out_alone.shape}"
    assert [grad.shape for grad in grads_alone] == [a.shape for a in alone[: len(grads_alone)]], "a gradient has not its array's shape"
    if not case.population and not case.row.mixes_examples:
        close(out_alone, out[:1], case.tolerance)
        for grad_alone, grad in zip(grads_alone[:1], grads[:1], strict=True):
            close(grad_alone, grad[:1], case.tolerance)


@contract
def contract_empty_batch(case):
    """No examples in, none out, gradients of 0; refused where examples are mixed."""
    args = case.args(N=0)
    if case.row.mixes_examples:
        assert refusal(ValueError, case.forward, *args).startswith(f"{case.name}: ")
        return
    shape = case.both(case.args(N=2))[0].shape
    out, grads = case.both(args)
    lead = int(bool(case.population))
    assert out.shape == (*shape[:lead], 0, *shape[lead + 1 :]), f"out has shape {out.shape}"
    for grad, a in zip(grads, args, strict=False):
        assert grad.shape == a.shape, f"a gradient has shape {grad.shape}"
        assert not grad.any(), "a gradient of nothing is not 0"


@contract
def contract_backward_twice_agrees(case):
    args = case.args()
    dout = case.dout(*args)
    _, cache = case.forward(*args)
    once = [np.copy(grad) for grad in case.backward(dout, cache)]
    for first, second in zip(once, case.backward(dout, cache), strict=True):
        np.testing.assert_array_equal(first, second)


@contract
def contract_stacked_is_a_loop_over_members(case):
    if not case.population:
        return
    args = case.args()
    dout = case.dout(*args)
    out, grads = case.both(args, dout)
    alone = [case.both([a[i] if lead else a for a, lead in zip(args, case.leads, strict=True)], dout[i]) for i in range(POPULATION)]
    close(out, np.stack([own for own, _ in alone]), case.tolerance)
    for grad, lead, *own in zip(grads, case.leads, *(own for _, own in alone), strict=False):
        close(grad, np.stack(own) if lead else sum(own), case.tolerance)  # members that share x add up


@contract
def contract_a_nan_stays_with_its_example_or_member(case):
    args = case.args()
    dout = case.dout(*args)
    out, grads = case.both(args, dout)
    for a, lead in zip(args, case.leads, strict=True):
        if lead or not case.population:
            a.flat[0] = np.nan  # the first example of one model, or the first member's arrays
        if not case.population:
            break
    out_nan, grads_nan = case.both(args, dout)
    assert np.isnan(out_nan[0]).any(), "the NaN got lost"
    if case.population:
        np.testing.assert_array_equal(out_nan[1:], out[1:])
        for grad_nan, grad, lead in zip(grads_nan, grads, case.leads, strict=False):
            if lead:
                np.testing.assert_array_equal(grad_nan[1:], grad[1:])
    elif not case.row.mixes_examples:
        np.testing.assert_array_equal(out_nan[1:], out[1:])
        for grad_nan, grad in zip(grads_nan[:1], grads[:1], strict=True):
            np.testing.assert_array_equal(grad_nan[1:], grad[1:])


@contract
def contract_shape_error(case):
    """An axis too long for the other arrays: a ValueError that names the op and that array's shape."""
    letters = [axes.split() for axes in case.row.arrays.values()]
    for place, lead in enumerate(case.leads):
        shared = {axis for other, axes in enumerate(letters) for axis in axes if other != place} - {"N"}
        carriers = sum(case.leads)
        too_long = [-len(letters[place]) + i for i, axis in enumerate(letters[place]) if axis in shared] + [0] * (lead and carriers > 1)
        for axis in too_long:
            args = case.args()
            args[place] = np.concatenate([args[place], args[place]], axis)
            text = refusal(ValueError, case.forward, *args)
            assert text.startswith(f"{case.name}: "), text
            assert str(args[place].shape) in text, f"the shape {args[place].shape} is not in: {text}"


@contract
def contract_need_dx(case):
    """need_dx=False, where it is offered, leaves dx out and the rest as it is."""
    if "need_dx" not in inspect.signature(case.row.backward).parameters:
        return
    args = case.args()
    dout = case.dout(*args)
    _, cache = case.forward(*args)
    dx, *grads = case.backward(dout, cache, need_dx=False)
    assert dx is None, "dx was computed"
    for grad, right in zip(grads, case.backward(dout, cache)[1:], strict=True):
        np.testing.assert_array_equal(grad, right)


@contract
def contract_no_gradient_says_why(case):
    if not case.row.has_gradient:
        out, cache = case.forward(*case.args())
        assert refusal(ValueError, case.row.backward, out, cache).startswith(f"{case.name}: no gradient: ")


CONTRACTS = [value for name, value in list(globals().items()) if name.startswith("contract_") and hasattr(value, "name")]


def flat(result):
    """(out, gradients) as one list."""
    return [result[0], *result[1]]


def first_example(a, lead):
    return a[:, :1] if lead else a[:1]


@pytest.mark.parametrize("check", CONTRACTS, ids=lambda check: check.name)
@pytest.mark.parametrize("row", OPS.values(), ids=OPS)
def test_every_op_keeps_the_contract(row, check):
    check(row, np.random.default_rng(0))


@pytest.mark.parametrize("row", OPS.values(), ids=OPS)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6))
def test_every_backward_has_the_slope_of_its_forward_wherever_it_is_measured(row, seed, n):
    if row.has_gradient:
        case = Case(row, np.random.default_rng(seed), np.float64)
        assert slope_gap(case.forward, case.backward, case.args(N=max(n, 2) if row.mixes_examples else n), case.rng) < 1e-6


# Offenders: each differs from a right row in one line, and breaks one contract.

RELU, AFFINE = OPS["relu"], OPS["affine"]
BUFFERS = {}


def relu_off_by_a_hundredth(dout, cache):
    return 1.01 * relu_backward(dout, cache)


def relu_in_float64(x):
    return relu_forward(x)[0].astype(np.float64), x


@functools.wraps(affine_forward)
def affine_in_the_larger_dtype(x, w, b):
    return affine_forward(x.astype(np.result_type(x, w) if x.dtype.kind == "f" else np.float64), w, b)


def relu_of_integers_in_float32(x):
    return relu_forward(x if x.dtype.kind == "f" else x.astype(np.float32))


def relu_in_c_order(x):
    return np.ascontiguousarray(relu_forward(x)[0]), x


def relu_that_writes_dout(dout, cache):
    dout *= cache > 0
    return dout.copy(order="K")


def relu_into_a_kept_buffer(dout, cache):
    buffer = BUFFERS.setdefault((dout.shape, dout.dtype, dout.strides), np.empty_like(dout))
    return np.multiply(dout, cache > 0, out=buffer)


def relu_of_what_reshape_returns(x):
    out = relu_forward(x)[0] + np.minimum(x, 0)
    out.reshape(-1)[out.reshape(-1) < 0] = 0  # writes to a copy unless out is in C order
    return out, x


def relu_squeezed(x):
    return relu_forward(x.squeeze())[0], x


def relu_with_a_shortcut(x):
    return (np.zeros_like(relu_forward(x)[0]) if x.max() <= 0 else relu_forward(x)[0]), x


def tanh_with_its_slope(x):
    out, _ = tanh_forward(x)
    return out, 1 - out * out


def tanh_that_uses_up_its_cache(dout, cache):
    cache *= dout
    return cache.copy(order="K")


def dropout_with_noise_for_each_member(x, *, keep_prob, rng):
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    noise = rng.random(x.shape, dtype=np.float32) if x.dtype == np.float32 else rng.random(x.shape)
    mask = np.divide(noise < keep_prob, keep_prob, out=np.empty_like(x), casting="unsafe")
    return x * mask, (mask, None)


def relu_that_spreads_nan(x):
    out, cache = relu_forward(x)
    return out + 0 * out.sum(), cache


def relu_that_swallows_nan(x):
    return np.fmax(relu_forward(x)[0], 0), x


@functools.wraps(affine_forward)
def affine_that_does_not_say(x, w, b):
    try:
        return affine_forward(x, w, b)
    except ValueError:
        raise ValueError("affine: the shapes do not fit") from None


def affine_with_zeros_for_dx(dout, cache, *, need_dx=True):
    dx, dw, db = affine_backward(dout, cache)
    return dx if need_dx else np.zeros_like(dx), dw, db


def step_without_a_word(dout, cache):
    return np.zeros_like(dout)


OFFENDERS = {
    "slope": replace(RELU, backward=relu_off_by_a_hundredth),
    "dtype": replace(RELU, forward=relu_in_float64),
    "parameters take the dtype of x": replace(AFFINE, forward=affine_in_the_larger_dtype),
    "integers are computed in float64": replace(RELU, forward=relu_of_integers_in_float32),
    "layout": replace(RELU, forward=relu_in_c_order),
    "inputs are not written": replace(RELU, backward=relu_that_writes_dout),
    "results are not written later": replace(RELU, backward=relu_into_a_kept_buffer),
    "strides do not matter": replace(RELU, forward=relu_of_what_reshape_returns),
    "batch of one": replace(RELU, forward=relu_squeezed),
    "empty batch": replace(RELU, forward=relu_with_a_shortcut),
    "backward twice agrees": replace(OPS["tanh"], forward=tanh_with_its_slope, backward=tanh_that_uses_up_its_cache),
    "stacked is a loop over members": replace(OPS["dropout"], forward=dropout_with_noise_for_each_member, backward=dropout_backward),
    "a nan stays with its example or member": replace(RELU, forward=relu_that_spreads_nan),
    "shape error": replace(AFFINE, forward=affine_that_does_not_say),
    "need dx": replace(AFFINE, backward=affine_with_zeros_for_dx),
    "no gradient says why": replace(OPS["step"], forward=step_forward, backward=step_without_a_word),
}


def test_every_contract_has_an_offender():
    assert list(OFFENDERS) == [check.name for check in CONTRACTS]


@pytest.mark.parametrize(("name", "row"), OFFENDERS.items(), ids=OFFENDERS)
def test_an_offender_breaks_its_contract_and_no_other(name, row):
    assert broken(CONTRACTS, row) == [name]


def test_a_nan_that_gets_lost_breaks_the_contract_too():
    assert broken(CONTRACTS, replace(RELU, forward=relu_that_swallows_nan)) == ["a nan stays with its example or member"]
