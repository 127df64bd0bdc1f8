"""The verdicts of verify, on functions that are no op of ours as much as on those that are."""

import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gradcheck.mistake import affine, affine_args, affine_back, norm, norm_args, norm_back, relu, scores_and_labels

from layerwise.gradcheck import verify, verify_function, verify_loss
from layerwise.gradcheck.report import FLOAT32, IMPURE, KINK, RIGHT, WRONG
from layerwise.ops import OPS, softmax_loss

seeds = st.integers(0, 2**32 - 1)


def cubic(x):
    return (x**3).sum(), 3 * x**2


@given(seeds, st.sampled_from([1e-3, 1.0, 1e4]))
def test_a_right_gradient_of_any_function_is_right_at_any_scale(seed, scale):
    x = np.random.default_rng(seed).normal(size=(3, 4))
    report = verify_function(lambda x: (scale * np.sin(x).sum() ** 2, scale * 2 * np.sin(x).sum() * np.cos(x)), x)
    assert report.verdict == RIGHT, report
    assert report.findings[0].curve.kind == "right"


@given(seeds, st.sampled_from([1.0001, 0.5, -1.0, 3.0]))
def test_a_wrong_gradient_of_any_function_is_wrong(seed, factor):
    x = np.random.default_rng(seed).uniform(0.5, 2, size=(3, 4))
    report = verify_function(lambda x: ((x**3).sum(), factor * 3 * x**2), x)
    assert report.verdict == WRONG
    assert not report
    assert report.findings[0].curve.kind == "wrong"


@given(seeds, st.integers(0, 11))
def test_one_wrong_element_is_found_with_both_values(seed, place):
    x = np.random.default_rng(seed).uniform(0.5, 2, size=(3, 4))

    def f(x):
        grad = 3 * x**2
        grad.flat[place] *= 1.01
        return (x**3).sum(), grad

    finding = verify_function(f, x).findings[0]
    assert finding.wrong == 1
    assert finding.first == finding.worst
    assert finding.worst.index == np.unravel_index(place, (3, 4))
    assert finding.worst.analytic == pytest.approx(1.01 * finding.worst.numeric, rel=1e-6)


def test_a_gradient_of_zero_is_not_connected():
    finding = verify_function(lambda x: ((x**3).sum(), np.zeros_like(x)), np.ones((2, 3))).findings[0]
    assert finding.curve.kind == "not connected"
    assert finding.kind == "not connected"


def test_a_slope_that_is_really_zero_is_right():
    def forward(x, b):  # b moves every score of a row alike, which the softmax does not see
        e = np.exp(x + b - (x + b).max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True), None

    def backward(dout, cache):
        return None, np.zeros((5, 1))

    x, b = np.random.default_rng(0).normal(size=(5, 4)), np.ones((5, 1))
    assert verify(forward, backward, [x, b]).verdict == RIGHT


def test_nan_in_a_gradient_is_wrong():
    report = verify_function(lambda x: ((x**3).sum(), np.full_like(x, np.nan)), np.ones(3))
    assert report.verdict == WRONG
    assert report.findings[0].kind == "not finite"


def test_a_value_that_is_not_finite_has_no_slope():
    report = verify_function(lambda x: (np.log(x - x).sum(), x), np.ones(3))
    assert report.verdict == WRONG
    assert "not finite" in report.sentence


# Kinks


@pytest.mark.parametrize("convention", [lambda x: x > 0, lambda x: x >= 0])
def test_an_input_on_a_kink_is_named_and_no_bug(convention):
    x = np.array([[1.0, 0.0, -2.0], [0.5, -0.5, 0.0]])
    report = verify(relu, lambda dout, x: dout * convention(x), [x])
    assert report.verdict == KINK, report
    assert report.ok
    assert report.findings[0].kinks == ((0, 1), (1, 2))
    assert "the slopes to the left and to the right differ" in report.text()


def test_a_kink_of_an_unknown_function_is_found_too():
    x = np.array([0.0, 1.0, -1.0])
    report = verify_function(lambda x: ((np.abs(x) * 3).sum(), 3 * np.sign(x - 1e-300)), x)
    assert report.verdict == KINK


def test_a_kink_does_not_excuse_a_bug_elsewhere():
    x = np.array([[1.0, 0.0, -2.0], [0.5, -0.5, 0.0]])
    assert verify(relu, lambda dout, x: 2 * dout * (x > 0), [x]).verdict == WRONG


def test_a_slope_outside_both_sides_of_a_kink_is_a_bug():
    x = np.array([0.0, 1.0, -1.0])

    def f(x):
        return np.abs(x).sum(), np.where(x == 0, 7.0, np.sign(x))

    assert verify_function(f, x).verdict == WRONG


def test_inputs_all_on_kinks_are_retested_elsewhere():
    x = np.zeros((3, 4))
    assert verify(relu, lambda dout, x: dout * (x >= 0), [x]).verdict == KINK
    assert verify(relu, lambda dout, x: dout * (x >= -5), [x]).verdict == WRONG


def test_a_kink_close_by_is_not_stood_on():
    x = np.array([[1.0, 1e-6, -2.0], [0.5, -1e-6, 2.0]])
    assert verify(relu, lambda dout, x: dout * (x > 0), [x]).verdict == RIGHT


# Precision


def test_code_in_float32_is_right_only_so_far():
    def single(x):
        x = x.astype(np.float32)
        return np.tanh(x), np.tanh(x)

    x = np.random.default_rng(0).normal(size=(5, 4))
    report = verify(single, lambda dout, out: (dout * (1 - out * out)).astype(np.float32), [x])
    assert report.verdict == FLOAT32, report
    assert report.ok
    assert report.findings[0].curve.kind == "float32"
    assert 1e-7 < report.findings[0].curve.floor < 1e-2


def test_float32_inside_an_unknown_function_is_found_by_its_noise():
    def f(x):
        return float((np.sin(x.astype(np.float32)) * np.arange(6, dtype=np.float32)).sum(dtype=np.float32)) * 1.0000001, np.cos(
            x
        ) * np.arange(6) * 1.0000001

    assert verify_function(f, np.linspace(0.1, 1, 6)).verdict == FLOAT32


def test_wrong_code_in_float32_is_wrong():
    def single(x):
        return np.tanh(x.astype(np.float32)), x

    report = verify(single, lambda dout, x: dout * (1 - x * x), [np.random.default_rng(0).normal(size=(5, 4))])
    assert report.verdict == WRONG
    assert "the input is used for the output" in report.text()


def test_arguments_in_float32_are_judged_in_float64():
    args = [a.astype(np.float32) for a in affine_args()]
    assert verify(affine, affine_back(), args).verdict == RIGHT


# What is no function


def test_noise_without_a_seed_is_no_function():
    rng = np.random.default_rng(0)

    def forward(x):
        mask = rng.random(x.shape) < 0.7
        return x * mask, mask

    report = verify(forward, lambda dout, mask: dout * mask, [np.ones((4, 5))])
    assert report.verdict == IMPURE
    assert "changes from call to call" in report.sentence


def test_a_generator_among_the_arguments_is_the_same_at_each_call():
    def forward(x, rng):
        mask = rng.random(x.shape) < 0.7
        return x * mask / 0.7, mask

    report = verify(forward, lambda dout, mask: dout * mask / 0.7, [np.random.default_rng(3).normal(size=(4, 5)), np.random.default_rng(0)])
    assert report.verdict == RIGHT


@pytest.mark.parametrize(
    ("forward", "backward", "text"),
    [
        (lambda x: (np.maximum(x, 0, out=x), x.copy()), lambda dout, x: dout * (x > 0), "The forward writes into its input (argument 0)"),
        (lambda x: (2 * x, x), lambda dout, x: np.multiply(dout, 2, out=dout), "The backward writes into dout"),
        (lambda x: (x**2, x), lambda dout, x: dout * np.multiply(x, 2, out=x), "The backward writes into the forward's input (argument 0)"),
        (
            lambda x: (x**2, 2 * x),
            lambda dout, c: np.multiply(dout, c, out=c),
            "The backward gives other gradients when it is called again",
        ),
    ],
)
def test_what_writes_its_inputs_is_no_function(forward, backward, text):
    x = np.random.default_rng(0).normal(size=(3, 4))
    kept = x.copy()
    report = verify(forward, backward, [x])
    assert report.verdict == IMPURE
    assert text in report.sentence
    np.testing.assert_array_equal(x, kept)


def test_state_from_call_to_call_is_no_function():
    grads = {"x": 0.0}

    def f(x):
        grads["x"] = grads["x"] + 2 * x
        return (x**2).sum(), grads["x"]

    assert verify_function(f, np.ones(3)).verdict == IMPURE


def test_running_averages_in_a_config_are_no_state():
    def forward(x, gamma, beta, bn_param):
        bn_param["running_mean"] = 0.9 * bn_param.get("running_mean", 0) + 0.1 * x.mean(axis=0)
        return norm(0)(x, gamma, beta)

    assert verify(forward, norm_back(), [*norm_args(), {"mode": "train"}]).verdict == RIGHT


def test_a_backward_that_reads_the_latest_forward_is_no_function():
    latest = {}

    def forward(x, w):
        latest["x"] = x
        return x @ w, (x, w)

    def backward(dout, cache):
        return dout @ cache[1].T, latest["x"].T @ dout

    report = verify(forward, backward, [np.ones((3, 4)), np.ones((4, 2))])
    assert report.verdict == IMPURE
    assert "stale cache" in report.sentence
    assert verify(forward, lambda dout, cache: (dout @ cache[1].T, cache[0].T @ dout), [np.ones((3, 4)), np.ones((4, 2))]).verdict == RIGHT


# Ties


def largest(x):
    return x.max(axis=1), x


def tied(share):
    """The backward of a row's maximum; share: mask of the largest -> what each of them gets."""
    return lambda dout, x: share((x == x.max(axis=1, keepdims=True)) * 1.0) * dout[:, None]


TIES = np.array([[1.0, 3.0, 3.0, 3.0], [2.0, 2.0, 0.0, -1.0], [5.0, 1.0, 2.0, 3.0]])


@pytest.mark.parametrize("share", [lambda m: m / m.sum(axis=1, keepdims=True), lambda m: m * (np.cumsum(m, axis=1) == 1)])
def test_one_tied_entry_or_a_share_for_each_is_right(share):
    assert verify(largest, tied(share), [TIES]).verdict == KINK


def test_the_whole_gradient_for_each_tied_entry_is_wrong():
    report = verify(largest, tied(lambda m: m), [TIES])
    assert report.verdict == WRONG
    assert "counts ties wrongly" in report.names[0]
    assert verify(largest, tied(lambda m: m), [TIES + np.arange(4)]).verdict == RIGHT


# Values


def shifted(log, scale=1.0):
    def loss(x, y):
        p = np.exp(x - x.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        dx = p.copy()
        dx[np.arange(len(y)), y] -= 1
        return -log(p[np.arange(len(y)), y]).mean(), scale * dx / len(y)

    return loss


def test_an_epsilon_in_a_logarithm_is_no_mistake():
    assert verify_loss(shifted(lambda p: np.log(p + 1e-8)), *scores_and_labels(), op="softmax_loss").verdict == RIGHT
    assert verify_loss(shifted(lambda p: np.log(p + 1e-1)), *scores_and_labels(), op="softmax_loss").verdict == WRONG
    assert verify_loss(shifted(lambda p: np.log(p + 1e-8), 2.0), *scores_and_labels(), op="softmax_loss").verdict == WRONG


def test_of_a_wrong_value_and_a_right_gradient_only_the_value_is_told():
    report = verify_loss(shifted(np.log2), *scores_and_labels(), op="softmax_loss")
    assert [name.split()[0] for name in report.names] == ["out"]
    assert "ln(2)" in report.names[0]
    assert "mend the forward" in report.text()


def test_what_a_gradient_lacks_of_a_value_that_is_not_computed_is_not_told():
    report = verify_loss(lambda W, reg: (reg * np.sum(np.sin(W)), 2 * reg * W), np.ones((3, 4)) / 3, 0.3, op="l2_penalty")
    assert report.verdict == WRONG
    assert report.names == ()


def test_integers_in_a_gradient_are_told():
    report = verify_function(lambda x: ((x**3).sum(), (3 * x**2).astype(int)), np.linspace(1, 2, 6))
    assert "is an array of integers" in report.names[0]


def test_a_function_named_after_another_op_is_told_which_it_is():
    def tanh_forward(x):
        return np.maximum(x, 0), x

    report = verify(tanh_forward, lambda dout, x: dout * (x > 0), [np.random.default_rng(0).normal(size=(5, 4))])
    assert report.verdict == RIGHT
    assert "Its value is that of relu" in report.text()


def test_a_value_that_is_an_op_but_for_one_edit_is_a_note_if_the_op_is_not_told():
    def loss(x, y):
        margins = np.maximum(x - x[np.arange(len(y)), y][:, None] + 1, 0)
        dx = (margins > 0) * 1.0
        dx[np.arange(len(y)), y] -= dx.sum(axis=1)
        return margins.sum() / len(y), dx / len(y)

    report = verify_loss(loss, *scores_and_labels())
    assert report.verdict == RIGHT, report
    assert "if it is meant to be svm_loss" in report.text()
    assert verify_loss(loss, *scores_and_labels(), op="svm_loss").verdict == WRONG


# What cannot be judged


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: verify(lambda x: x, lambda dout, cache: dout, [np.ones(3)]), TypeError, "must return out and cache as a tuple"),
        (lambda: verify_function(cubic, np.array([1, 2])), TypeError, "moving an array of floats"),
        (lambda: verify_function(cubic, np.ones(3), op="relou"), ValueError, 'Did you mean "relu"'),
        (lambda: verify_function(cubic, np.ones(3), hint_level=4), ValueError, "hint_level is 4"),
        (lambda: verify(relu, lambda dout, x: (dout, dout), [np.ones(3)]), ValueError, "2 gradients came back"),
        (lambda: verify(relu, lambda dout, x: None, [np.ones(3)]), ValueError, "no gradient came back"),
    ],
)
def test_what_cannot_be_judged_is_told_so(call, error, text):
    with pytest.raises(error, match=text):
        call()


# Ops


@pytest.mark.parametrize(
    "name", [name for name, op in OPS.items() if op.has_gradient and len(op.arrays) == 1 and not op.random and not op.options]
)
def test_our_own_ops_are_right_and_recognised(name):
    op = OPS[name]
    shape = (4, 3, 4, 6) if "C" in next(iter(op.arrays.values())) else (5, 4)
    report = verify(op.forward, op.backward, [np.random.default_rng(0).normal(size=shape)])
    assert report.verdict == RIGHT, report
    assert report.op == name


def test_a_mistake_that_only_fresh_inputs_show_is_found():
    x = np.abs(np.random.default_rng(0).normal(size=(5, 4))) + 0.1  # every input is positive, so relu's mask is all ones
    report = verify(relu, lambda dout, x: dout, [x], op="relu")
    assert report.verdict == WRONG
    assert "dout passes unchanged" in report.text()


def test_the_other_convention_is_no_mistake():
    def summed(x, y):
        loss, dx = softmax_loss(x, y)
        return loss * len(x), dx * len(x)

    report = verify_loss(summed, *scores_and_labels(), op="softmax_loss")
    assert report.verdict == RIGHT
    assert report.conventions == ("You use the other convention: a sum over examples instead of their mean",)


def test_a_batch_norm_of_50_by_20_takes_less_than_a_tenth_of_a_second():
    args = [np.random.default_rng(0).normal(size=shape) for shape in ((50, 20), (20,), (20,))]
    times = []
    for _ in range(5):
        start = time.perf_counter()
        verify(norm(0), norm_back(), args)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1


# The report


def wrong_report(**options):
    return verify(norm(0), norm_back(through_mean=0), norm_args(), **options)


def test_the_missing_term_is_told_with_its_formula():
    text = wrong_report().text()
    assert "dx lacks the term through the mean: add −(1/N)·Σ dx̂·inv_std; everything else agrees to" in text
    assert "the worst at" in text


def test_each_hint_level_tells_more():
    report = wrong_report()
    lines = [report.text(level) for level in range(4)]
    assert lines[0] == "Wrong."
    assert "the first at" in lines[1]
    assert "missing term" not in lines[1]
    assert "Kind of mistake: missing term" in lines[2]
    for level in range(3):
        assert "inv_std" not in lines[level]
        assert "inv_std" not in json.dumps(report.as_dict(level), ensure_ascii=False)
        assert "inv_std" not in wrong_report(hint_level=level)._repr_html_()
    assert "inv_std" in lines[3]
    assert str(wrong_report(hint_level=1)) == lines[1]


def test_a_report_is_json():
    for report in (wrong_report(), verify_function(lambda x: (x.sum(), np.full_like(x, np.nan)), np.ones(2))):
        assert json.loads(json.dumps(report.as_dict(), allow_nan=False))["verdict"] == WRONG


def test_html_is_escaped():
    report = verify(relu, lambda dout, x: dout * (x < 0), [np.random.default_rng(0).normal(size=(5, 4))])
    assert "x &lt; 0" in report._repr_html_()
    assert "x < 0" not in report._repr_html_()


def test_rich_draws_the_same_words():
    report = wrong_report()
    assert report.__rich__().plain == report.text()


def test_a_report_cannot_be_changed():
    with pytest.raises(AttributeError):
        wrong_report().verdict = RIGHT


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        (-1, "dx has the wrong sign"),
        (-4, "dx has the wrong sign, and lacks the factor 1/K (it is not divided by K)"),
        (20, "dx lacks the factor 1/(N·K)"),
        (0.25, "dx is divided by K once too often"),
        (3.7, "dx is 3.7 times as large as it should be"),
    ],
)
def test_a_factor_is_told_by_what_it_is_made_of(factor, text):
    args = [np.random.default_rng(i).normal(size=(5, 4)) for i in range(2)]

    def loss(x, y):
        factors = {-4: -x.shape[1], 20: x.size, 0.25: 1 / x.shape[1]}
        return np.mean((x - y) ** 2), factors.get(factor, factor) * 2 * (x - y) / x.size

    (name,) = verify_loss(loss, *args, op="squared_loss").names
    assert name.startswith(text)
