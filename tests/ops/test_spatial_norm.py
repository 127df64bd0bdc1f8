"""Group norm of images: plain sums, its ends (one group, one channel a group), shapes of gamma, and what its errors advise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing import close
from tests.oracles.norm import standardised

from layerwise.ops import layernorm_forward, spatial_groupnorm_backward, spatial_groupnorm_forward


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 3), groups=st.integers(1, 3), each=st.integers(1, 3))
def test_each_group_of_channels_is_standardised_by_example(seed, n, groups, each):
    rng = np.random.default_rng(seed)
    channels = groups * each
    x, gamma, beta = rng.normal(3, 2, (n, channels, 2, 3)), rng.normal(size=channels), rng.normal(size=channels)
    right = [standardised(list(group)) for group in x.reshape(n * groups, -1)]
    out, _ = spatial_groupnorm_forward(x, gamma, beta, groups=groups)
    close(out, np.reshape(right, x.shape) * gamma[:, None, None] + beta[:, None, None], 1e-9)


def test_one_group_is_layer_norm_of_the_whole_image():
    x = np.random.default_rng(0).normal(size=(2, 3, 2, 2))
    out, _ = spatial_groupnorm_forward(x, np.ones(3), np.zeros(3), groups=1)
    close(out.reshape(2, 12), layernorm_forward(x.reshape(2, 12), np.ones(12), np.zeros(12))[0])


@pytest.mark.parametrize("shape", [(4,), (1, 4, 1, 1)])
def test_gradients_have_the_shape_in_which_gamma_came(shape):
    rng = np.random.default_rng(0)
    out, cache = spatial_groupnorm_forward(rng.normal(size=(2, 4, 3, 3)), np.ones(shape, int), np.zeros(shape, int), groups=2)
    assert [grad.shape for grad in spatial_groupnorm_backward(out, cache)] == [out.shape, shape, shape]


ERRORS = {
    "groups that do not divide": [(2, 6, 3, 3), (6,), 4, "groups is 4, but must divide the 6 channels of x (2, 6, 3, 3): 1, 2, 3, 6."],
    "no groups": [(2, 6, 3, 3), (6,), 0, "groups is 0, but must divide"],
    "gamma for other channels": [(2, 6, 3, 3), (1, 3, 1, 1), 2, "gamma has shape (1, 3, 1, 1), but x (2, 6, 3, 3) needs"],
    "rows": [(2, 6), (6,), 2, "x has shape (2, 6), but images (N, C, H, W) are needed."],
}


@pytest.mark.parametrize(("x", "gamma", "groups", "text"), ERRORS.values(), ids=ERRORS)
def test_a_wrong_shape_is_told_with_its_fix(x, gamma, groups, text):
    with pytest.raises(ValueError, match=r"^spatial_groupnorm: ") as error:
        spatial_groupnorm_forward(np.ones(x), np.ones(gamma), np.ones(gamma), groups=groups)
    assert text in str(error.value)
