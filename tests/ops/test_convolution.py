"""Convolution: numbers by hand, sums over all windows, the loops, odd sizes, and what its errors advise."""

from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing import close
from tests.oracles.convolution import conv, conv_gradients

from layerwise.gradcheck import slope_gap
from layerwise.ops import conv_backward, conv_backward_naive, conv_forward, conv_forward_naive, window


def draw(rng, n, c, f, side, stride, pad, windows):
    """x, w, b whose windows of side (HH, WW) tile x with so many windows below and beside each other."""
    size = [(count - 1) * stride + length - 2 * pad for count, length in zip(windows, side, strict=True)]
    return [rng.normal(size=shape) for shape in [(n, c, *size), (f, c, *side), (f,)]]


def test_convolution_by_hand():
    x = np.array([[[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]]])
    w, b = np.array([[[[1.0, 0], [0, -1]]], [[[0.0, 2], [0, 0]]]]), np.array([0.5, 0])
    out, cache = conv_forward(x, w, b)
    np.testing.assert_array_equal(out, [[[[-3.5, -3.5], [-3.5, -3.5]], [[4, 6], [10, 12]]]])
    dout = np.array([[[[1.0, 0], [0, 0]], [[0, 0], [0, 1]]]])
    dx, dw, db = conv_backward(dout, cache)
    np.testing.assert_array_equal(dx, [[[[1, 0, 0], [0, -1, 2], [0, 0, 0]]]])
    np.testing.assert_array_equal(dw, [[[[1, 2], [4, 5]]], [[[5, 6], [8, 9]]]])
    np.testing.assert_array_equal(db, [1, 1])


GEOMETRY = {
    "n": st.integers(1, 3),
    "c": st.integers(1, 3),
    "f": st.integers(1, 3),
    "side": st.tuples(st.integers(1, 4), st.integers(1, 4)),
    "stride": st.integers(1, 3),
    "pad": st.integers(0, 4),
    "windows": st.tuples(st.integers(1, 5), st.integers(1, 5)),
}


def has_pixels(side, stride, pad, windows):
    return all((count - 1) * stride + length > 2 * pad for count, length in zip(windows, side, strict=True))


@given(seed=st.integers(0, 2**32 - 1), geometry=st.fixed_dictionaries(GEOMETRY))
def test_convolution_is_the_sum_over_every_window_whatever_the_geometry(seed, geometry):
    stride, pad = geometry["stride"], geometry["pad"]
    if not has_pixels(geometry["side"], stride, pad, geometry["windows"]):
        geometry["pad"] = pad = 0
    rng = np.random.default_rng(seed)
    x, w, b = draw(rng, **geometry)
    out, cache = conv_forward(x, w, b, stride=stride, pad=pad)
    close(out, conv(x, w, b, stride, pad))
    dout = rng.normal(size=out.shape)
    for grad, right in zip(conv_backward(dout, cache), conv_gradients(x, w, dout, stride, pad), strict=True):
        close(grad, right)


@pytest.mark.parametrize(("stride", "pad"), [(1, 0), (1, 1), (2, 1), (1, 3)])
def test_the_loops_agree_with_the_products(stride, pad):
    rng = np.random.default_rng(0)
    x, w, b = draw(rng, 2, 3, 4, (3, 3), stride, pad, (6, 7))
    (out, cache), (fast_out, fast_cache) = (f(x, w, b, stride=stride, pad=pad) for f in (conv_forward_naive, conv_forward))
    close(out, fast_out)
    dout = rng.normal(size=out.shape)
    for grad, fast in zip(conv_backward_naive(dout, cache), conv_backward(dout, fast_cache), strict=True):
        close(grad, fast)


def test_pieces_of_the_batch_make_the_whole(monkeypatch):
    rng = np.random.default_rng(0)
    x, w, b = draw(rng, 7, 2, 3, (3, 2), 1, 1, (6, 7))
    whole, cache = conv_forward(x, w, b, pad=1)
    grads = conv_backward(whole, cache)
    for images in (1, 3):
        monkeypatch.setattr(window, "PIECE", images * 8 * (3 * 2 * 2 + 1) * 6 * 7)
        out, cache = conv_forward(x, w, b, pad=1)
        for result, right in zip([out, *conv_backward(whole, cache)], [whole, *grads], strict=True):
            close(result, right)


def test_without_a_bias_there_is_no_gradient_of_one():
    out, cache = conv_forward(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)))
    np.testing.assert_array_equal(out, [[[[4]]]])
    assert conv_backward(out, cache)[2] is None


def test_integer_filters_are_taken_in_the_dtype_of_x():
    out, cache = conv_forward(np.ones((1, 1, 2, 2), np.float32), np.arange(4).reshape(1, 1, 2, 2), np.array([10]))
    np.testing.assert_array_equal(out, [[[[16]]]])
    assert {out.dtype, *(grad.dtype for grad in conv_backward(out, cache))} == {np.dtype(np.float32)}


def test_an_infinite_pixel_leaves_the_windows_beside_it_alone():
    x = np.zeros((2, 1, 4, 4))
    x[0, 0, 0, 0] = np.inf
    out, _ = conv_forward(x, np.ones((1, 1, 2, 2)), np.zeros(1))
    assert np.isinf(out).sum() == 1


def test_channels_last_images_give_channels_last_images():
    rng = np.random.default_rng(0)
    x, w, b = draw(rng, 2, 3, 4, (3, 3), 1, 1, (5, 6))
    last = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    out, cache = conv_forward(last, w, b, pad=1)
    close(out, conv_forward(x, w, b, pad=1)[0])
    assert out.transpose(0, 2, 3, 1).flags.c_contiguous
    assert conv_backward(out, cache)[0].strides == last.strides


def test_a_backward_that_forgets_the_padding_is_caught():
    def shifted(dout, cache):
        dx, dw, db = conv_backward(dout, cache)
        return np.roll(dx, 1, axis=3), dw, db

    rng = np.random.default_rng(0)
    args = draw(rng, 2, 2, 3, (3, 3), 1, 1, (5, 5))
    forward = lambda *a: conv_forward(*a, pad=1)  # noqa: E731
    assert slope_gap(forward, conv_backward, args, rng) < 1e-9
    assert slope_gap(forward, shifted, args, rng) > 1e-2


ERRORS = {
    "rows": [(5, 48), (2, 3, 3, 3), (2,), {}, "x has shape (5, 48), but images (N, C, H, W) are needed."],
    "channels last": [(5, 8, 8, 3), (2, 3, 3, 3), (2,), {}, "w has shape (2, 3, 3, 3), but x (5, 8, 8, 3) needs filters of its 8 channels: (F, 8, HH, WW). Channels come before height and width."],
    "a bias too many": [(5, 3, 8, 8), (2, 3, 3, 3), (3,), {}, "b has shape (3,), but w (2, 3, 3, 3) needs one bias per filter: (2,)."],
    "no tiling": [(5, 3, 32, 32), (2, 3, 3, 3), (2,), {"stride": 2, "pad": 1}, "windows of 3 × 3 with stride 2 and pad 1 do not tile images of 32 × 32. They would tile 31 × 31 or 33 × 33; these images want stride 1."],
    "no tiling in width": [(5, 3, 8, 9), (2, 3, 2, 2), (2,), {"stride": 6}, "They would tile 8 × 8 or 8 × 14; these images want stride 1."],
    "too large": [(5, 3, 4, 4), (2, 3, 7, 7), (2,), {"pad": 1}, "windows of 7 × 7 are larger than images of 4 × 4 with pad 1. Take smaller windows or more padding"],
    "no stride": [(5, 3, 4, 4), (2, 3, 3, 3), (2,), {"stride": 0}, "sides and stride must be 1 or more, pad 0 or more."],
}  # fmt: skip


@pytest.mark.parametrize(("x", "w", "b", "options", "text"), ERRORS.values(), ids=ERRORS)
def test_a_wrong_shape_is_told_with_its_fix(x, w, b, options, text):
    with pytest.raises(ValueError, match=r"^conv: ") as error:
        conv_forward(np.zeros(x), np.zeros(w), np.zeros(b), **options)
    assert text in str(error.value)


def test_the_sizes_that_an_error_names_do_tile():
    for size in (31, 33):
        conv_forward(np.zeros((1, 3, size, size)), np.zeros((2, 3, 3, 3)), stride=2, pad=1)


if find_spec("torch"):
    import torch

    @pytest.mark.peer
    @pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 2e-6)])
    @pytest.mark.parametrize(("stride", "pad", "side"), [(1, 1, (3, 3)), (2, 3, (7, 7)), (4, 0, (4, 4)), (1, 2, (1, 5))])
    def test_values_and_gradients_are_pytorchs(dtype, tolerance, stride, pad, side):
        rng = np.random.default_rng(0)
        arrays = [a.astype(dtype) for a in draw(rng, 8, 3, 16, side, stride, pad, (14, 15))]
        out, cache = conv_forward(*arrays, stride=stride, pad=pad)
        tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
        theirs = torch.nn.functional.conv2d(*tensors, stride=stride, padding=pad)
        theirs.backward(torch.tensor(out))
        for ours, right in zip([out, *conv_backward(out, cache)], [theirs.detach(), *(t.grad for t in tensors)], strict=True):
            assert np.abs(ours - right.numpy()).max() <= tolerance * np.abs(right.numpy()).max()
