"""The affine map: numbers by hand, einsum, the published arrays, images, populations, and what its errors advise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing import close
from tests.oracles.affine import affine, affine_gradients
from tests.reference import EXPECTED, array

from layerwise.arrays import members_first
from layerwise.gradcheck import relative_error
from layerwise.ops import affine_backward, affine_forward


def test_affine_by_hand():
    x, w, b = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[1.0, 0.0, 3.0], [2.0, 1.0, -1.0]]), np.array([0.5, 0.0, -0.5])
    out, cache = affine_forward(x, w, b)
    np.testing.assert_array_equal(out, [[5.5, 2, 0.5], [-1.5, -1, 0.5]])
    dx, dw, db = affine_backward(np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]]), cache)
    np.testing.assert_array_equal(dx, [[7, 0], [0, 1]])
    np.testing.assert_array_equal(dw, [[1, 0, 2], [2, -1, 4]])
    np.testing.assert_array_equal(db, [1, 1, 2])


def test_affine_is_the_published_one():
    published = EXPECTED["affine_forward"]
    out, _ = affine_forward(*(array(published[name]) for name in "xwb"))
    assert relative_error(out, published["out"]) <= published["relative_error"]


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6), d=st.integers(1, 6), m=st.integers(1, 6))
def test_affine_is_the_sum_over_named_axes(seed, n, d, m):
    rng = np.random.default_rng(seed)
    x, w, b, dout = (rng.normal(size=shape) for shape in [(n, d), (d, m), (m,), (n, m)])
    out, cache = affine_forward(x, w, b)
    close(out, affine(x, w, b))
    for grad, right in zip(affine_backward(dout, cache), affine_gradients(x, w, dout), strict=True):
        close(grad, right)


@given(seed=st.integers(0, 2**32 - 1), p=st.integers(1, 4), shared=st.booleans())
def test_a_population_is_the_sum_over_named_axes_for_each_member(seed, p, shared):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(5, 4) if shared else (p, 5, 4))
    w, b, dout = members_first(rng.normal(size=(p, 4, 3))), rng.normal(size=(p, 3)), rng.normal(size=(p, 5, 3))
    out, cache = affine_forward(x, w, b)
    dx, dw, db = affine_backward(dout, cache)
    own = [(x if shared else x[i], w[i], dout[i]) for i in range(p)]
    close(out, [affine(x_i, w_i, b_i) for (x_i, w_i, _), b_i in zip(own, b, strict=True)])
    dx_own, dw_own, db_own = zip(*(affine_gradients(*one) for one in own), strict=True)
    close(dx, sum(dx_own) if shared else np.stack(dx_own))
    close(dw, np.stack(dw_own))
    close(db, np.stack(db_own))


def test_images_are_flattened_for_one_model_and_their_gradient_is_an_image():
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(60, 7)), rng.normal(size=7)
    out, cache = affine_forward(x, w, b)
    close(out, affine(x.reshape(2, 60), w, b))
    assert affine_backward(out, cache)[0].shape == x.shape


def test_without_a_bias_there_is_no_gradient_of_one():
    for w in (np.ones((2, 3)), np.ones((4, 2, 3))):
        out, cache = affine_forward(np.ones((5, 2)), w)
        np.testing.assert_array_equal(out, np.full((*w.shape[:-2], 5, 3), 2.0))
        assert affine_backward(out, cache)[2] is None


def test_the_gradient_of_a_populations_weights_lies_as_its_weights_do():
    x, w, b = np.ones((5, 4)), members_first(np.ones((2, 4, 3))), np.ones((2, 3))
    for batch in (x, np.stack([x, x])):
        out, cache = affine_forward(batch, w, b)
        assert out.swapaxes(-1, -2).flags.c_contiguous
        _, dw, _ = affine_backward(out, cache)
        assert dw.strides == w.strides


ERRORS = {
    "images of another size": [(200, 784), (3072, 50), (50,), "w has shape (3072, 50), but x (200, 784) needs (784, M). Flatten or resize the images, or build the net with input_dim=784."],
    "images": [(2, 3, 4, 4), (40, 5), (5,), "w has shape (40, 5), but x (2, 3, 4, 4) needs (48, M)."],
    "another width for a population": [(5, 3), (2, 4, 6), (2, 6), "w (2, 4, 6) holds 2 models, but x (5, 3) needs to be (N, 4), or (2, N, 4)."],
    "other members": [(3, 5, 4), (2, 4, 6), (2, 6), "w (2, 4, 6) holds 2 models, but x (3, 5, 4) needs to be (N, 4), or (2, N, 4)."],
    "images for a population": [(5, 1, 2, 2), (2, 4, 6), (2, 6), "with the weights of 2 models, x must be (N, D) or (P, N, D), not (5, 1, 2, 2): flatten it to (5, 4)."],
    "a single example": [(4,), (4, 6), (6,), "x has shape (4,) and w (4, 6); needed are x (N, D) and w (D, M), or w (P, D, M) for P models."],
    "a bias for each row": [(5, 4), (4, 6), (5, 6), "b has shape (5, 6), but w (4, 6) needs one bias per column: (6,)."],
    "one bias for all members": [(5, 4), (2, 4, 6), (6,), "b has shape (6,), but w (2, 4, 6) needs one bias per column: (2, 6)."],
}  # fmt: skip


@pytest.mark.parametrize(("x", "w", "b", "text"), ERRORS.values(), ids=ERRORS)
def test_a_wrong_shape_is_told_with_its_fix(x, w, b, text):
    with pytest.raises(ValueError, match=r"^affine: ") as error:
        affine_forward(np.zeros(x), np.zeros(w), np.zeros(b))
    assert text in str(error.value)
