"""Right convolutions and poolings: four loops, columns of windows, strides of memory, scattering, correlation with the flipped kernel."""

import numpy as np
from tests.mistakes import arguments, plain
from tests.mistakes.bank import Correct
from tests.mistakes.plain import padded, pool_windows

right = Correct()


def forward_in_loops(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    x_pad = np.pad(x, ((0,), (0,), (pad,), (pad,)), mode="constant")
    height, width = 1 + (x_pad.shape[2] - w.shape[2]) // stride, 1 + (x_pad.shape[3] - w.shape[3]) // stride
    out = np.zeros((len(x), len(w), height, width))
    for n, image in enumerate(x_pad):
        for f, kernel in enumerate(w):
            for i in range(height):
                for j in range(width):
                    seen = image[:, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
                    out[n, f, i, j] = (seen * kernel).sum() + b[f]
    return out, (x, w, b, conv_param)


@right.backward("conv", forward_in_loops)
def conv_in_loops(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    x_pad = padded(x, pad)
    dx_pad, dw, db = np.zeros_like(x_pad), np.zeros_like(w), np.zeros_like(b)
    for n, f, i, j in np.ndindex(*dout.shape):
        place = np.s_[n, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
        dx_pad[place] += dout[n, f, i, j] * w[f]
        dw[f] += dout[n, f, i, j] * x_pad[place]
        db[f] += dout[n, f, i, j]
    return dx_pad[:, :, pad:-pad, pad:-pad], dw, db


def indexes(shape, w, stride, pad):
    """For each window (columns) and each place of it (rows): its channel, row and column in the padded image."""
    channels, rows, columns = (a.reshape(-1, 1) for a in np.indices(w.shape[1:]))
    height, width = ((side + 2 * pad - k) // stride + 1 for side, k in zip(shape[2:], w.shape[2:], strict=True))
    below, beside = (stride * a.reshape(1, -1) for a in np.indices((height, width)))
    return channels, rows + below, columns + beside, (height, width)


def forward_by_columns(x, w, b, conv_param):
    channels, rows, columns, size = indexes(x.shape, w, conv_param["stride"], conv_param["pad"])
    seen = padded(x, conv_param["pad"])[:, channels, rows, columns]  # (N, C·HH·WW, OH·OW)
    out = w.reshape(len(w), -1) @ seen + b[:, None]
    return out.reshape(len(x), len(w), *size), (x.shape, w, seen, conv_param)


@right.backward("conv", forward_by_columns)
def conv_by_columns_and_scattering(dout, cache):
    shape, w, seen, conv_param = cache
    pad = conv_param["pad"]
    channels, rows, columns, _ = indexes(shape, w, conv_param["stride"], pad)
    flat = dout.reshape(*dout.shape[:2], -1)
    dx_pad = np.zeros((*shape[:2], shape[2] + 2 * pad, shape[3] + 2 * pad))
    np.add.at(dx_pad, (slice(None), channels, rows, columns), w.reshape(len(w), -1).T @ flat)
    dw = np.einsum("nfp,nkp->fk", flat, seen).reshape(w.shape)
    return dx_pad[:, :, pad : pad + shape[2], pad : pad + shape[3]], dw, flat.sum(axis=(0, 2))


def strided(x_pad, w, stride):
    return np.lib.stride_tricks.sliding_window_view(x_pad, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]


def forward_by_strides(x, w, b, conv_param):
    view = strided(padded(x, conv_param["pad"]), w, conv_param["stride"])
    return np.einsum("ncijhw,fchw->nfij", view, w) + b[:, None, None], (x, w, conv_param["stride"], conv_param["pad"])


@right.backward("conv", forward_by_strides)
def conv_by_correlation_with_the_flipped_kernel(dout, cache):
    x, w, stride, pad = cache
    x_pad = padded(x, pad)
    view = strided(x_pad, w, stride)
    apart = np.zeros((*dout.shape[:2], x_pad.shape[2] - w.shape[2] + 1, x_pad.shape[3] - w.shape[3] + 1))
    apart[:, :, ::stride, ::stride] = dout
    wide = np.pad(apart, ((0, 0), (0, 0), (w.shape[2] - 1,) * 2, (w.shape[3] - 1,) * 2))
    flipped = w[:, :, ::-1, ::-1]
    dx_pad = np.einsum("nfijhw,fchw->ncij", strided(wide, w, 1), flipped)
    return dx_pad[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], np.einsum("nfij,ncijhw->fchw", dout, view), dout.sum((0, 2, 3))


@right.backward(
    "conv", lambda x, w, b, conv_param: plain.conv_forward(*(a.astype(np.float32) for a in (x, w, b)), conv_param), tolerance=1e-4
)
def conv_in_float32(dout, cache):
    return plain.conv_backward(dout.astype(np.float32), cache)


@right.backward("conv", args=arguments.padded_conv)
def conv_one_kernel_place_at_a_time(dout, cache):
    x, w, _, conv_param = cache
    x_pad = padded(x, conv_param["pad"])
    dx_pad, dw = np.zeros_like(x_pad), np.zeros_like(w)
    height, width = dout.shape[2:]
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            place = np.s_[:, :, i : i + height, j : j + width]
            dx_pad[place] += np.tensordot(dout, w[:, :, i, j], ((1,), (0,))).transpose(0, 3, 1, 2)
            dw[:, :, i, j] = np.tensordot(dout, x_pad[place], ((0, 2, 3), (0, 2, 3)))
    return dx_pad[:, :, 1:-1, 1:-1], dw, dout.sum(axis=3).sum(axis=2).sum(axis=0)


@right.backward("max_pool", args=arguments.overlapping_pool)
def max_pool_in_loops(dout, cache):
    x, pool_param = cache
    dx, stride = np.zeros_like(x), pool_param["stride"]
    for n, c, i, j in np.ndindex(*dout.shape):
        window = x[n, c, i * stride : i * stride + pool_param["pool_height"], j * stride : j * stride + pool_param["pool_width"]]
        row, column = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i * stride + row, j * stride + column] += dout[n, c, i, j]
    return dx


def forward_by_reshaping(x, pool_param):
    n, c, h, w = x.shape
    side = pool_param["stride"]
    tiles = x.reshape(n, c, h // side, side, w // side, side)
    out = tiles.max(axis=3).max(axis=4)
    return out, (x, tiles, out)


@right.backward("max_pool", forward_by_reshaping)
def max_pool_by_reshaping(dout, cache):
    x, tiles, out = cache
    mask = tiles == out[:, :, :, None, :, None]
    return (mask * dout[:, :, :, None, :, None] / mask.sum(axis=(3, 5), keepdims=True)).reshape(x.shape)


@right.backward("max_pool", args=arguments.tied_pool)
def max_pool_shares_among_ties(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, down, across in pool_windows(x, pool_param):
        mask = x[:, :, down, across] == x[:, :, down, across].max(axis=(2, 3), keepdims=True)
        dx[:, :, down, across] += mask / mask.sum(axis=(2, 3), keepdims=True) * dout[:, :, i, j, None, None]
    return dx


@right.backward("max_pool", args=arguments.tied_pool)
def max_pool_gives_to_the_last_tie(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, down, across in pool_windows(x, pool_param):
        last = plain.first_largest(x[:, :, down, across][:, :, ::-1, ::-1])[:, :, ::-1, ::-1]
        dx[:, :, down, across] += last * dout[:, :, i, j, None, None]
    return dx


@right.backward("max_pool", args=arguments.wide_pool)
def max_pool_by_scattering(dout, cache):
    x, pool_param = cache
    window = (pool_param["pool_height"], pool_param["pool_width"])
    stride = pool_param["stride"]
    view = np.lib.stride_tricks.sliding_window_view(x, window, axis=(2, 3))[:, :, ::stride, ::stride]
    rows, columns = np.divmod(view.reshape(*dout.shape, -1).argmax(axis=-1), window[1])
    n, c, i, j = np.indices(dout.shape)
    dx = np.zeros_like(x)
    np.add.at(dx, (n, c, i * stride + rows, j * stride + columns), dout)
    return dx


@right.backward("average_pool")
def average_pool_by_repetition(dout, cache):
    _, pool_param = cache
    side = pool_param["stride"]
    return np.repeat(np.repeat(dout, side, axis=2), side, axis=3) / side**2


@right.backward("average_pool")
def average_pool_by_kronecker_product(dout, cache):
    return np.kron(dout, np.full((1, 1, 2, 2), 0.25))


@right.backward("average_pool", args=arguments.overlapping_pool)
def average_pool_in_loops(dout, cache):
    x, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        for row in range(height):
            for column in range(width):
                dx[n, c, i * stride + row, j * stride + column] += dout[n, c, i, j] / (height * width)
    return dx


@right.backward("global_average_pool")
def global_average_pool_by_broadcasting(dout, cache):
    return np.broadcast_to(dout[:, :, None, None] / cache[0, 0].size, cache.shape)


@right.backward("global_average_pool", lambda x: (np.einsum("nchw->nc", x) / (x.shape[2] * x.shape[3]), x.shape))
def global_average_pool_by_a_product_with_ones(dout, cache):
    *_, h, w = cache
    return np.einsum("nc,hw->nchw", dout, np.ones((h, w))) / h / w
