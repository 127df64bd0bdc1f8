"""Batch norm: numbers by hand, plain sums, its staged twin, constants, populations, cancellation, and what its errors advise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing import close
from tests.oracles.norm import standardised

from layerwise.gradcheck import slope_gap
from layerwise.ops import (
    batchnorm_backward,
    batchnorm_backward_staged,
    batchnorm_forward,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
)


def constants(function, mean, var):
    return lambda x, gamma, beta: function(x, gamma, beta, mean=mean, var=var)


def test_batch_norm_by_hand():
    x = np.array([[1.0, 0.0], [3.0, 8.0]])
    out, cache = batchnorm_forward(x, np.array([1, 2]), np.array([0, 10]), eps=0)
    np.testing.assert_array_equal(out, [[-1, 8], [1, 12]])
    np.testing.assert_array_equal(cache.mean, [2, 4])
    np.testing.assert_array_equal(cache.var, [1, 16])  # divided by N, not N - 1
    dx, dgamma, dbeta = batchnorm_backward(np.array([[1.0, 0.0], [0.0, 5.0]]), cache)
    np.testing.assert_array_equal(dgamma, [-1, 5])
    np.testing.assert_array_equal(dbeta, [1, 5])
    np.testing.assert_array_equal(dx, np.zeros((2, 2)))  # two examples are ±1 whatever they are


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6), d=st.integers(1, 4))
def test_each_feature_is_standardised_over_the_batch(seed, n, d):
    rng = np.random.default_rng(seed)
    x, gamma, beta = rng.normal(3, 2, (n, d)), rng.normal(size=d), rng.normal(size=d)
    out, _ = batchnorm_forward(x, gamma, beta)
    close(out, np.stack([standardised(list(x[:, i])) for i in range(d)], axis=1) * gamma + beta, 1e-9)


@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from([(5, 4), (3, 5, 4), (5, 4, 3, 2)]), constant=st.booleans())
def test_one_expression_is_its_staged_twin(seed, shape, constant):
    rng = np.random.default_rng(seed)
    forward = spatial_batchnorm_forward if len(shape) == 4 else batchnorm_forward
    own = (shape[1],) if len(shape) == 4 else (*shape[:-2], shape[-1])
    mean, var = (rng.normal(size=own), rng.uniform(1, 2, own)) if constant else (None, None)
    out, cache = forward(rng.normal(size=shape), rng.normal(size=own), rng.normal(size=own), mean=mean, var=var)
    dout = rng.normal(size=out.shape)
    for one, staged in zip(batchnorm_backward(dout, cache), batchnorm_backward_staged(dout, cache), strict=True):
        close(one, staged)


@pytest.mark.parametrize(("shape", "own"), [((6, 3), (3,)), ((2, 6, 3), (2, 3)), ((6, 3), (2, 3))])
def test_constants_have_a_backward_of_their_own(shape, own):
    rng = np.random.default_rng(0)
    args = [rng.normal(size=shape), rng.normal(size=own), rng.normal(size=own)]
    forward = constants(batchnorm_forward, rng.normal(size=own), rng.uniform(1, 2, own))
    assert slope_gap(forward, batchnorm_backward, args, rng) < 1e-9
    mixed = lambda *a: (forward(*a)[0], batchnorm_forward(*a)[1])  # noqa: E731
    assert slope_gap(mixed, batchnorm_backward, args, rng) > 1e-2  # the batch's own backward is another


def test_constants_of_images_have_a_backward_of_their_own():
    rng = np.random.default_rng(0)
    args = [rng.normal(size=(4, 3, 2, 2)), rng.normal(size=3), rng.normal(size=3)]
    forward = constants(spatial_batchnorm_forward, rng.normal(size=3), rng.uniform(1, 2, 3))
    assert slope_gap(forward, spatial_batchnorm_backward, args, rng) < 1e-9


def test_with_the_batchs_own_statistics_as_constants_out_is_the_same():
    rng = np.random.default_rng(0)
    x, gamma, beta = rng.normal(size=(6, 3)), np.ones(3), np.zeros(3)
    out, cache = batchnorm_forward(x, gamma, beta)
    close(batchnorm_forward(x, gamma, beta, mean=cache.mean, var=cache.var)[0], out)


def test_members_that_share_x_have_their_own_statistics_shape():
    _, cache = batchnorm_forward(np.ones((6, 3)), np.ones((2, 3)), np.ones((2, 3)))
    assert cache.mean.shape == cache.var.shape == (2, 3)


def test_a_large_mean_does_not_cancel_the_variance():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5)).astype(np.float32)
    _, cache = batchnorm_forward(x + np.float32(1000), np.ones(5), np.zeros(5))
    close(cache.var, x.var(axis=0), 1e-3)  # E[x²] - E[x]² would be off by 0.06 and more in float32


def test_spatial_batch_norm_is_batch_norm_of_all_pixels_of_a_channel():
    rng = np.random.default_rng(0)
    x, gamma, beta = rng.normal(size=(4, 3, 2, 5)), np.asarray([3, 4, 5]), np.asarray([6, 7, 8])  # integers, as courses pass
    out, cache = spatial_batchnorm_forward(x, gamma, beta)
    rows = lambda a: a.transpose(0, 2, 3, 1).reshape(-1, 3)  # noqa: E731
    flat, flat_cache = batchnorm_forward(rows(x), gamma, beta)
    close(rows(out), flat)
    close(cache.mean, flat_cache.mean)
    close(cache.var, flat_cache.var)
    dout = rng.normal(size=x.shape)
    dx, *rest = spatial_batchnorm_backward(dout, cache)
    flat_dx, *flat_rest = batchnorm_backward(rows(dout), flat_cache)
    close(rows(dx), flat_dx)
    for grad, flat in zip(rest, flat_rest, strict=True):
        close(grad, flat)


def test_constants_need_no_examples_but_a_batch_does():
    out, _ = batchnorm_forward(np.ones((0, 3)), np.ones(3), np.ones(3), mean=np.ones(3), var=np.ones(3))
    assert out.shape == (0, 3)
    for forward, shape in ((batchnorm_forward, (0, 3)), (spatial_batchnorm_forward, (0, 3, 2, 2))):
        with pytest.raises(ValueError, match=r"a batch of no values has no mean\. Give at least one example, or mean= and var=\."):
            forward(np.ones(shape), np.ones(3), np.ones(3))


ERRORS = {
    "another width": [batchnorm_forward, (5, 4), (3,), {}, "batchnorm: gamma has shape (3,), but x (5, 4) needs one value per feature: (4,)."],
    "images": [batchnorm_forward, (5, 3, 2, 2), (3,), {}, "For images use spatial_batchnorm."],
    "one gamma for all members": [batchnorm_forward, (2, 5, 4), (4,), {}, "gamma has shape (4,), but x (2, 5, 4) needs one value per feature: (2, 4)."],
    "one of two constants": [batchnorm_forward, (5, 4), (4,), {"mean": np.zeros(4)}, "give both mean and var"],
    "constants of another shape": [batchnorm_forward, (5, 4), (4,), {"mean": np.zeros(3), "var": np.zeros(4)}, "mean has shape (3,), but needs the shape of gamma: (4,)."],
    "rows": [spatial_batchnorm_forward, (5, 4), (4,), {}, "spatial_batchnorm: x has shape (5, 4), but images (N, C, H, W) are needed."],
    "another number of channels": [spatial_batchnorm_forward, (5, 3, 2, 2), (2,), {}, "gamma has shape (2,), but x (5, 3, 2, 2) needs one value per channel: (3,)."],
}  # fmt: skip


@pytest.mark.parametrize(("forward", "x", "gamma", "options", "text"), ERRORS.values(), ids=ERRORS)
def test_a_wrong_shape_is_told_with_its_fix(forward, x, gamma, options, text):
    with pytest.raises(ValueError, match="batchnorm: ") as error:
        forward(np.ones(x), np.ones(gamma), np.ones(gamma), **options)
    assert text in str(error.value)
