"""Layer norm: numbers by hand, plain sums, and what its errors advise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing import close
from tests.oracles.norm import standardised

from layerwise.ops import layernorm_backward, layernorm_forward


def test_layer_norm_by_hand():
    out, cache = layernorm_forward(np.array([[1.0, 3.0], [10.0, 10.0]]), np.array([2, 3]), np.array([0, 1]), eps=0.25)
    close(out, [[-2 / 1.25**0.5, 1 + 3 / 1.25**0.5], [0, 1]])
    _, dgamma, dbeta = layernorm_backward(np.array([[1.0, 2.0], [5.0, 7.0]]), cache)
    close(dgamma, [-1 / 1.25**0.5, 2 / 1.25**0.5])
    np.testing.assert_array_equal(dbeta, [6, 9])


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 5), d=st.integers(1, 6))
def test_each_example_is_standardised_over_its_features(seed, n, d):
    rng = np.random.default_rng(seed)
    x, gamma, beta = rng.normal(3, 2, (n, d)), rng.normal(size=d), rng.normal(size=d)
    close(layernorm_forward(x, gamma, beta)[0], np.array([standardised(list(row)) for row in x]) * gamma + beta, 1e-9)


ERRORS = {
    "another width": [(5, 4), (3,), "gamma has shape (3,), but x (5, 4) needs one value per feature: (4,)."],
    "images": [(5, 3, 2, 2), (3,), "For images use spatial_groupnorm with groups=1."],
    "no features": [(5, 0), (0,), "examples without features have no mean."],
}


@pytest.mark.parametrize(("x", "gamma", "text"), ERRORS.values(), ids=ERRORS)
def test_a_wrong_shape_is_told_with_its_fix(x, gamma, text):
    with pytest.raises(ValueError, match=r"^layernorm: ") as error:
        layernorm_forward(np.ones(x), np.ones(gamma), np.ones(gamma))
    assert text in str(error.value)
