"""Products in pieces are the products."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.ops.product import _step, product, product_transposed


@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.sampled_from([0, 1, 7, 128, 200, 300, 1000]),
    d=st.sampled_from([1, 255, 257, 785, 3072]),
    m=st.sampled_from([1, 10, 16, 17]),
)
def test_pieces_add_up_to_the_whole(seed: int, n: int, d: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    x, w, dout = rng.standard_normal((n, d)), rng.standard_normal((d, m)), rng.standard_normal((n, m))
    np.testing.assert_allclose(product(x, w), x @ w, atol=1e-10)
    np.testing.assert_allclose(product_transposed(x, dout), x.T @ dout, atol=1e-10)


@pytest.mark.parametrize(
    ("shape", "pieces"), [((200, 3072, 10), 7), ((128, 785, 10), 2), ((100, 3072, 100), 1), ((5000, 3072, 10), 1), ((0, 3072, 10), 1)]
)
def test_only_narrow_products_of_small_batches_are_cut(shape: tuple[int, int, int], pieces: int) -> None:
    step = _step(*shape)
    assert (-(-shape[1] // step) if step else 1) == pieces


def test_results_keep_dtype_and_are_in_c_order() -> None:
    x, w = np.ones((200, 3072), np.float32), np.ones((3072, 10), np.float32)
    for out in (product(x, w), product_transposed(x, np.ones((200, 10), np.float32))):
        assert out.dtype == np.float32
        assert out.flags.c_contiguous


@pytest.mark.parametrize("m", [10, 50])
def test_the_gradient_of_weights_that_lie_by_column_lies_by_column(m: int) -> None:
    rng = np.random.default_rng(0)
    x, dout, w = rng.standard_normal((20, 30)), rng.standard_normal((20, m)), np.zeros((30, m))
    for like in (w, np.asfortranarray(w), None):
        dw = product_transposed(x, dout, like)
        np.testing.assert_allclose(dw, x.T @ dout, atol=1e-12)
        assert dw.strides == (w if like is None else like).strides
