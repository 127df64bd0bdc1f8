"""What goes wrong in convolution: flips, padding, strides, and sums that become assignments."""

import numpy as np
from tests.mistakes import arguments, plain
from tests.mistakes.bank import Wrong
from tests.mistakes.plain import padded, windows

wrong = Wrong()
FLIP = {"flip", "rotat", "180", "revers", "true convolution"}
PAD = {"pad", "border", "cut", "crop"}
STRIDE = {"stride"}
SUM = {"accumul", "added up", "overwrit", "+=", "overlap", "last window"}


def geometry(cache):
    x, w, _, conv_param = cache
    x_pad = padded(x, conv_param["pad"])
    return x_pad, w, conv_param["stride"], conv_param["pad"], windows(*x_pad.shape[2:], w.shape[2:], conv_param["stride"])


def cut(dx_pad, pad):
    return dx_pad[:, :, pad:-pad, pad:-pad]


@wrong.backward("conv", "kernel flipped", FLIP)
def conv_dx_through_the_flipped_kernel(dout, cache):
    x, w, b, conv_param = cache
    _, dw, db = plain.conv_backward(dout, cache)
    dx, _, _ = plain.conv_backward(dout, (x, w[:, :, ::-1, ::-1], b, conv_param))
    return dx, dw, db


@wrong.forward("conv", "kernel flipped", FLIP, backward=plain.conv_backward)
def conv_forward_with_flipped_kernels(x, w, b, conv_param):
    out, _ = plain.conv_forward(x, w[:, :, ::-1, ::-1], b, conv_param)
    return out, (x, w, b, conv_param)


@wrong.backward("conv", "padding not cut off", PAD)
def conv_dx_with_its_padding(dout, cache):
    x_pad, w, _, _, places = geometry(cache)
    dx_pad = np.zeros_like(x_pad)
    for i, j, down, across in places:
        dx_pad[:, :, down, across] += np.tensordot(dout[:, :, i, j], w, 1)
    return dx_pad, *plain.conv_backward(dout, cache)[1:]


@wrong.backward("conv", "padding cut at one end only", PAD | {"shift", "one pixel"})
def conv_dx_cut_at_the_far_end(dout, cache):
    x_pad, w, _, _, places = geometry(cache)
    dx_pad = np.zeros_like(x_pad)
    for i, j, down, across in places:
        dx_pad[:, :, down, across] += np.tensordot(dout[:, :, i, j], w, 1)
    return dx_pad[:, :, : cache[0].shape[2], : cache[0].shape[3]], *plain.conv_backward(dout, cache)[1:]


@wrong.backward("conv", "stride ignored", STRIDE)
def conv_backward_with_stride_one(dout, cache):
    x_pad, w, _, pad, _ = geometry(cache)
    dx_pad, dw = np.zeros_like(x_pad), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dx_pad[:, :, i : i + 3, j : j + 3] += np.tensordot(dout[:, :, i, j], w, 1)
            dw += np.tensordot(dout[:, :, i, j].T, x_pad[:, :, i : i + 3, j : j + 3], 1)
    return cut(dx_pad, pad), dw, dout.sum(axis=(0, 2, 3))


@wrong.backward("conv", "stride ignored", STRIDE)
def conv_dw_with_stride_one(dout, cache):
    x_pad, w, *_ = geometry(cache)
    dx, dw, db = plain.conv_backward(dout, cache)
    dw = np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dw += np.tensordot(dout[:, :, i, j].T, x_pad[:, :, i : i + 3, j : j + 3], 1)
    return dx, dw, db


@wrong.backward("conv", "not summed over places", {"places", "pixels", "h * w", "oh * ow", "mean", "average", "times"})
def conv_db_averaged_over_places(dout, cache):
    dx, dw, _ = plain.conv_backward(dout, cache)
    return dx, dw, dout.mean(axis=(2, 3)).sum(axis=0)


@wrong.backward("conv", "assigned where it should add up", SUM, args=arguments.padded_conv)
def conv_dx_overwritten_where_windows_overlap(dout, cache):
    x_pad, w, _, pad, places = geometry(cache)
    dx_pad = np.zeros_like(x_pad)
    for i, j, down, across in places:
        dx_pad[:, :, down, across] = np.tensordot(dout[:, :, i, j], w, 1)
    return cut(dx_pad, pad), *plain.conv_backward(dout, cache)[1:]


@wrong.backward("conv", "keeps the last share only", SUM | {"last"})
def conv_dw_of_the_last_window(dout, cache):
    x_pad, _, _, _, places = geometry(cache)
    dx, _, db = plain.conv_backward(dout, cache)
    for i, j, down, across in places:
        dw = np.tensordot(dout[:, :, i, j].T, x_pad[:, :, down, across], 1)
    return dx, dw, db


@wrong.forward("conv", "bias left out", {"bias", "b & missing|lacks|added|left out"}, backward=plain.conv_backward)
def conv_forward_without_b(x, w, b, conv_param):
    return plain.conv_forward(x, w, np.zeros_like(b), conv_param)


@wrong.backward("conv", "transposed", {"transpos", "swap", "exchang", "height and width", "rows and columns", "axes"})
def conv_dw_with_height_and_width_exchanged(dout, cache):
    dx, dw, db = plain.conv_backward(dout, cache)
    return dx, dw.swapaxes(2, 3), db


@wrong.backward("conv", "1/N where none belongs", {"1/n", "divided by n", "average|mean", "1/2 times"})
def conv_dw_averaged_over_examples(dout, cache):
    dx, dw, db = plain.conv_backward(dout, cache)
    return dx, dw / len(dout), db


@wrong.backward("conv", "off by one in the last row", {"last", "border", "edge"})
def conv_backward_stops_one_row_early(dout, cache):
    short = dout.copy()
    short[:, :, -1] = 0
    return plain.conv_backward(short, cache)


@wrong.forward("conv", "channels left out", {"channel"}, backward=plain.conv_backward)
def conv_of_the_first_channel(x, w, b, conv_param):
    out, _ = plain.conv_forward(x[:, :1], w[:, :1], b, conv_param)
    return out, (x, w, b, conv_param)


@wrong.backward("conv", "two: kernel flipped, 1/N", FLIP, {"1/n", "divided by n", "average|mean", "1/2 times"})
def conv_dx_flipped_and_dw_averaged(dout, cache):
    dx, dw, db = conv_dx_through_the_flipped_kernel(dout, cache)
    return dx, dw / len(dout), db


@wrong.backward(
    "conv", "two: stride ignored, db averaged", STRIDE, {"places", "pixels", "h * w", "oh * ow", "mean", "average", "db & times"}
)
def conv_dw_with_stride_one_and_db_averaged(dout, cache):
    dx, dw, _ = conv_dw_with_stride_one(dout, cache)
    return dx, dw, dout.mean(axis=(2, 3)).sum(axis=0)


@wrong.backward("conv", "weights of one's own")
def conv_dx_tapered(dout, cache):
    x, w, b, conv_param = cache
    taper = np.array([0.7, 1.1, 0.9])
    _, dw, db = plain.conv_backward(dout, cache)
    dx, _, _ = plain.conv_backward(dout, (x, w * taper * taper[:, None] + 0.1 * np.sign(w), b, conv_param))
    return dx, dw, db
