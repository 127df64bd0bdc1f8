"""What goes wrong in pooling: who of a window gets the gradient, how much, and what happens where windows overlap."""

import numpy as np
from tests.mistakes import arguments, plain
from tests.mistakes.bank import Wrong
from tests.mistakes.plain import first_largest, pool_windows

wrong = Wrong()
WHOLE = {"whole window", "every pixel", "all pixels", "mask", "argmax", "all of the window|all of a window"}
SUM = {"accumul", "added up", "overwrit", "+=", "overlap", "last window"}
SHARE = {"1/(hh * ww)", "1/w", "divided", "share", "window", "mean", "area", "times"}
WINDOW = {"window", "pool_height", "pool_width", "stride"}


@wrong.backward("max_pool", "whole window gets the gradient", WHOLE)
def max_pool_gives_to_the_whole_window(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, down, across in pool_windows(x, pool_param):
        dx[:, :, down, across] += dout[:, :, i, j, None, None]
    return dx


@wrong.backward("max_pool", "every tied pixel gets the gradient", {"tie", "tied", "equally large"}, args=arguments.tied_pool)
def max_pool_gives_to_all_ties(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, down, across in pool_windows(x, pool_param):
        window = x[:, :, down, across]
        dx[:, :, down, across] += (window == window.max(axis=(2, 3), keepdims=True)) * dout[:, :, i, j, None, None]
    return dx


@wrong.backward("max_pool", "assigned where it should add up", SUM, args=arguments.overlapping_pool)
def max_pool_overwrites_where_windows_overlap(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, down, across in pool_windows(x, pool_param):
        dx[:, :, down, across] = first_largest(x[:, :, down, across]) * dout[:, :, i, j, None, None]
    return dx


@wrong.backward("max_pool", "smallest for largest", {"min", "smallest", "argmin"})
def max_pool_gives_to_the_smallest(dout, cache):
    x, pool_param = cache
    return plain.max_pool_backward(dout, (-x, pool_param))


@wrong.backward("max_pool", "returns the forward's value", {"value", "output", "forward", "dout"})
def max_pool_returns_the_largest_values(dout, cache):
    x, pool_param = cache
    return plain.max_pool_backward(plain.max_pool_forward(x, pool_param)[0], cache)


@wrong.backward("max_pool", "first pixel for the largest", {"first", "corner", "top left", "argmax"})
def max_pool_gives_to_the_corner(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, down, across in pool_windows(x, pool_param):
        dx[:, :, down.start, across.start] += dout[:, :, i, j]
    return dx


@wrong.backward("max_pool", "off by one in the last row", {"last", "border", "edge"})
def max_pool_backward_stops_one_row_early(dout, cache):
    short = dout.copy()
    short[:, :, -1] = 0
    return plain.max_pool_backward(short, cache)


@wrong.forward("max_pool", "window of the wrong size", WINDOW, backward=plain.max_pool_backward, args=arguments.wide_pool)
def max_pool_window_as_wide_as_the_stride(x, pool_param):
    stride = pool_param["stride"]
    columns = (x.shape[3] - pool_param["pool_width"]) // stride + 1
    out, _ = plain.max_pool_forward(x, {"pool_height": stride, "pool_width": stride, "stride": stride})
    return out[..., :columns], (x, pool_param)


@wrong.backward("max_pool", "mean where a maximum belongs", {"average", "mean", "share", "equal"})
def max_pool_with_average_pools_backward(dout, cache):
    return plain.average_pool_backward(dout, cache)


@wrong.backward("max_pool", "two: whole window, overwritten", WHOLE, SUM, args=arguments.overlapping_pool)
def max_pool_overwrites_the_whole_window(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, down, across in pool_windows(x, pool_param):
        dx[:, :, down, across] = dout[:, :, i, j, None, None]
    return dx


@wrong.backward("max_pool", "smooth where a step belongs")
def max_pool_soft_shares(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, down, across in pool_windows(x, pool_param):
        e = np.exp(x[:, :, down, across])
        dx[:, :, down, across] += e / e.sum(axis=(2, 3), keepdims=True) * dout[:, :, i, j, None, None]
    return dx


@wrong.backward("average_pool", "not divided by the window's size", SHARE)
def average_pool_gives_everyone_everything(dout, cache):
    return plain.average_pool_backward(dout, cache) * cache[1]["pool_height"] * cache[1]["pool_width"]


@wrong.backward("average_pool", "divided by part of the window", SHARE)
def average_pool_divides_by_the_height_alone(dout, cache):
    return plain.average_pool_backward(dout, cache) * cache[1]["pool_width"]


@wrong.backward("average_pool", "divided by part of the window", SHARE | {"stride"}, args=arguments.overlapping_pool)
def average_pool_divides_by_the_stride(dout, cache):
    pool_param = cache[1]
    return plain.average_pool_backward(dout, cache) * pool_param["pool_height"] * pool_param["pool_width"] / pool_param["stride"] ** 2


@wrong.backward("average_pool", "keeps the last share only", SUM | {"last"}, args=arguments.overlapping_pool)
def average_pool_overwrites_where_windows_overlap(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, down, across in pool_windows(x, pool_param):
        dx[:, :, down, across] = dout[:, :, i, j, None, None] / (pool_param["pool_height"] * pool_param["pool_width"])
    return dx


@wrong.backward("average_pool", "maximum where a mean belongs", {"max", "largest"})
def average_pool_with_max_pools_backward(dout, cache):
    return plain.max_pool_backward(dout, cache)


@wrong.backward("average_pool", "first pixel gets all", {"first", "corner", "top left", "one pixel"})
def average_pool_gives_to_the_corner(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, down, across in pool_windows(x, pool_param):
        dx[:, :, down.start, across.start] += dout[:, :, i, j]
    return dx


@wrong.forward("average_pool", "not divided by the window's size", SHARE, backward=plain.average_pool_backward)
def average_pool_sums(x, pool_param):
    out, cache = plain.average_pool_forward(x, pool_param)
    return out * pool_param["pool_height"] * pool_param["pool_width"], cache


@wrong.backward("average_pool", "weights of one's own")
def average_pool_heavy_centre(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, down, across in pool_windows(x, pool_param):
        weight = np.exp(-0.1 * x[:, :, down, across] ** 2)
        dx[:, :, down, across] += weight * dout[:, :, i, j, None, None] / 4
    return dx


@wrong.backward("global_average_pool", "not divided by the window's size", SHARE | {"h * w", "pixels", "places"})
def global_average_pool_gives_everyone_everything(dout, cache):
    return np.ones_like(cache) * dout[:, :, None, None]


@wrong.backward("global_average_pool", "divided by part of the window", SHARE | {"h * w", "pixels", "places", "height", "width"})
def global_average_pool_divides_by_the_height_alone(dout, cache):
    return np.ones_like(cache) * dout[:, :, None, None] / cache.shape[2]


@wrong.backward("global_average_pool", "1/N where none belongs", {"1/n", "divided by n", "examples", "1/2 times"})
def global_average_pool_averages_examples_too(dout, cache):
    return np.ones_like(cache) * dout[:, :, None, None] / (cache.shape[2] * cache.shape[3] * len(cache))


@wrong.backward("global_average_pool", "dx negated", {"sign", "minus", "-1", "negat"})
def global_average_pool_negated(dout, cache):
    return np.ones_like(cache) * -dout[:, :, None, None] / (cache.shape[2] * cache.shape[3])


@wrong.backward(
    "global_average_pool",
    "two: divided by width alone, sign",
    SHARE | {"h * w", "pixels", "height", "width"},
    {"sign", "minus", "-1", "negat", "-h times"},
)
def global_average_pool_negated_and_divided_by_width(dout, cache):
    return np.ones_like(cache) * -dout[:, :, None, None] / cache.shape[3]
