"""The contract of INITIALIZERS, walked row by row, and the values that the courses' seeds give."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.initializers import INITIALIZERS, fans, he_normal, initializer, normal, zeros

# The variance that each row promises, from its paper, for fan_in inputs and fan_out outputs.
VARIANCES = {
    "normal": lambda fan_in, fan_out: 1e-4,
    "zeros": lambda fan_in, fan_out: 0.0,
    "glorot_uniform": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "glorot_normal": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he_uniform": lambda fan_in, fan_out: 2 / fan_in,
    "he_normal": lambda fan_in, fan_out: 2 / fan_in,
    "lecun_uniform": lambda fan_in, fan_out: 1 / fan_in,
    "lecun_normal": lambda fan_in, fan_out: 1 / fan_in,
}
SHAPES = {(300, 80): (300, 80), (64, 8, 5, 6): (8 * 5 * 6, 64 * 5 * 6)}  # shape: (fan_in, fan_out), by hand
ROWS = [pytest.param(name, shape, id=f"{name}-{len(shape)}d") for name in INITIALIZERS for shape in SHAPES]


def check_contract(init, shape, variance):
    """Raises AssertionError that begins with the contract's name."""
    draw = init(shape, rng=np.random.default_rng(7))
    assert (draw.shape, draw.dtype) == (shape, np.float32), f"form: {draw.shape}, {draw.dtype}"
    assert np.array_equal(draw, init(shape, rng=np.random.default_rng(7))), "seed: the same seed gave other weights"
    double = init(shape, rng=np.random.default_rng(7), dtype=np.float64)
    assert double.dtype == np.float64, f"form: {double.dtype}, asked for float64"
    assert np.array_equal(draw, double.astype(np.float32)), "precision: float32 is not float64 rounded"
    # Five standard errors of the mean and of the variance; 3 bounds the kurtosis of normal and uniform numbers.
    assert abs(double.mean()) <= 5 * math.sqrt(variance / draw.size), f"mean: {double.mean()}"
    assert abs(double.var() - variance) <= 5 * variance * math.sqrt(2 / draw.size), f"variance: {double.var()}, not {variance}"


@pytest.mark.parametrize(("name", "shape"), ROWS)
def test_every_row_keeps_the_contract(name, shape):
    check_contract(INITIALIZERS[name], shape, VARIANCES[name](*SHAPES[shape]))


def he_normal_and(change):
    """he_normal with one change to what it drew."""
    return lambda shape, *, rng, dtype=np.float32: change(he_normal(shape, rng=rng, dtype=np.float64)).astype(dtype)


OFFENDERS = [
    pytest.param(lambda shape, *, rng, dtype=np.float32: he_normal(shape, rng=np.random.default_rng(), dtype=dtype), "seed", id="unseeded"),
    pytest.param(lambda shape, *, rng, dtype=np.float32: he_normal(shape, rng=rng), "form", id="always-single"),
    pytest.param(lambda shape, *, rng, dtype=np.float32: rng.standard_normal(shape, dtype), "precision", id="draws-in-dtype"),
    pytest.param(he_normal_and(lambda w: w.ravel()), "form", id="lost-axis"),
    pytest.param(he_normal_and(lambda w: w + 0.01), "mean", id="shifted"),
    pytest.param(he_normal_and(lambda w: w * 1.05), "variance", id="wide"),
]


@pytest.mark.parametrize(("offender", "contract"), OFFENDERS)
def test_an_offender_fails_the_contract_it_breaks(offender, contract):
    with pytest.raises(AssertionError, match=f"^{contract}: "):
        check_contract(offender, (300, 80), 2 / 300)


def test_uniform_rows_stay_within_their_limit():
    for name in ("glorot_uniform", "he_uniform", "lecun_uniform"):
        limit = math.sqrt(3 * VARIANCES[name](300, 80))
        draw = INITIALIZERS[name]((300, 80), rng=np.random.default_rng(0), dtype=np.float64)
        assert 0.99 * limit < np.abs(draw).max() <= limit


@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    scale=st.sampled_from([1e-4, 1e-2, 0.3, 5e-2]),
)
def test_normal_with_the_legacy_generator_gives_the_courses_weights_bit_for_bit(seed, shape, scale):
    np.random.seed(seed)
    ours = normal(shape, scale=scale, rng=np.random, dtype=np.float64)
    np.random.seed(seed)
    assert np.array_equal(ours, scale * np.random.randn(*shape))


def test_zeros_draws_nothing():
    rng = np.random.default_rng(0)
    zeros((3, 4), rng=rng)
    assert rng.integers(10**9) == np.random.default_rng(0).integers(10**9)


def test_a_number_means_normal_with_that_scale():
    drawn = initializer(0.25)((50, 40), rng=np.random.default_rng(1), dtype=np.float64)
    assert np.array_equal(drawn, normal((50, 40), scale=0.25, rng=np.random.default_rng(1), dtype=np.float64))
    assert initializer(he_normal) is he_normal


@pytest.mark.parametrize(
    ("spec", "error", "text"),
    [
        ("he_norm", ValueError, 'unknown initializer "he_norm". Did you mean "he_normal"?'),
        (None, TypeError, "got None; give a name"),
        (True, TypeError, "got True"),
        (-0.1, ValueError, "a scale of -0.1 is not a standard deviation"),
        (math.nan, ValueError, "a scale of nan"),
    ],
)
def test_a_setting_that_names_nothing_is_told_so(spec, error, text):
    with pytest.raises(error) as raised:
        initializer(spec)
    assert text in str(raised.value)


@pytest.mark.parametrize(("shape", "text"), [((5,), r"shape \(5,\) has no fan-in"), ((2, 3, 4), "no fan-in"), ((0, 3), "axis of length 0")])
def test_a_shape_without_fans_is_refused(shape, text):
    with pytest.raises(ValueError, match=text):
        fans(shape)
