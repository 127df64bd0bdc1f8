"""What goes wrong in the norms of images: which axes share a mean, how many values that is, and reshapes that scramble pixels."""

import numpy as np
from tests.mistakes import plain
from tests.mistakes.bank import Wrong

wrong = Wrong()
MEAN = {"lacks|missing|left out|without|constant & mean"}
VARIANCE = {"lacks|missing|left out|without|constant & variance|var"}
GAMMA = {"gamma"}
SWAP = {"swap", "order", "exchang", "interchang", "value of dbeta|value of dgamma"}
ALL = (0, 2, 3)


def parts(dout, cache):
    _, x_hat, _, var, gamma, eps = cache
    return x_hat, 1 / np.sqrt(var + eps), dout * gamma, (dout * x_hat).sum(axis=ALL), dout.sum(axis=ALL)


def mean_of(a, axes=ALL):
    return a.mean(axis=axes, keepdims=True)


@wrong.backward("spatial_batchnorm", "gradient through the mean missing", MEAN)
def spatial_batchnorm_without_the_mean(dout, cache):
    x_hat, inv_std, dx_hat, dgamma, dbeta = parts(dout, cache)
    return inv_std * (dx_hat - x_hat * mean_of(dx_hat * x_hat)), dgamma, dbeta


@wrong.backward("spatial_batchnorm", "gradient through the variance missing", VARIANCE)
def spatial_batchnorm_without_the_variance(dout, cache):
    _, inv_std, dx_hat, dgamma, dbeta = parts(dout, cache)
    return inv_std * (dx_hat - mean_of(dx_hat)), dgamma, dbeta


@wrong.backward("spatial_batchnorm", "divided by the wrong count", {"h * w", "nhw", "places", "pixels", "count", "1/n", "times"})
def spatial_batchnorm_divides_by_n_alone(dout, cache):
    x_hat, inv_std, dx_hat, dgamma, dbeta = parts(dout, cache)
    sums = dx_hat.sum(axis=ALL, keepdims=True) + x_hat * (dx_hat * x_hat).sum(axis=ALL, keepdims=True)
    return inv_std * (dx_hat - sums / len(dout)), dgamma, dbeta


@wrong.backward("spatial_batchnorm", "dgamma and dbeta swapped", SWAP)
def spatial_batchnorm_returns_dbeta_first(dout, cache):
    dx, dgamma, dbeta = plain.spatial_batchnorm_backward(dout, cache)
    return dx, dbeta, dgamma


@wrong.backward("spatial_batchnorm", "gamma forgotten", GAMMA)
def spatial_batchnorm_dx_without_gamma(dout, cache):
    x_hat, inv_std, _, dgamma, dbeta = parts(dout, cache)
    return inv_std * (dout - mean_of(dout) - x_hat * mean_of(dout * x_hat)), dgamma, dbeta


@wrong.backward("spatial_batchnorm", "not summed over places", {"places", "pixels", "h * w", "axis", "mean", "average", "times"})
def spatial_batchnorm_parameters_averaged_over_places(dout, cache):
    dx, _, _ = plain.spatial_batchnorm_backward(dout, cache)
    return dx, (dout * cache[1]).sum(axis=0).mean(axis=(1, 2)), dout.sum(axis=0).mean(axis=(1, 2))


@wrong.forward(
    "spatial_batchnorm",
    "reshape instead of transpose",
    {"reshape", "transpos", "axis"},
    backward=lambda dout, cache: _rows_back(dout, cache),
)
def spatial_batchnorm_reshapes_channels_last(x, gamma, beta, bn_param):
    rows = x.reshape(-1, x.shape[1])
    out, cache = plain.batchnorm_forward(rows, gamma, beta, bn_param)
    return out.reshape(x.shape), cache


def _rows_back(dout, cache):
    dx, dgamma, dbeta = plain.batchnorm_backward(dout.reshape(-1, dout.shape[1]), cache)
    return dx.reshape(dout.shape), dgamma, dbeta


@wrong.forward(
    "spatial_batchnorm",
    "normalised over the wrong axis",
    {"axis", "axes", "pixel", "place", "channel"},
    backward=plain.spatial_batchnorm_backward,
)
def spatial_batchnorm_each_pixel_by_itself(x, gamma, beta, bn_param):
    mean, var = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + bn_param["eps"])
    gamma = gamma[:, None, None]
    return gamma * x_hat + beta[:, None, None], (x, x_hat, mean, var, gamma, bn_param["eps"])


@wrong.backward("spatial_batchnorm", "two: gamma forgotten, dgamma and dbeta swapped", GAMMA, SWAP)
def spatial_batchnorm_without_gamma_and_swapped(dout, cache):
    dx, dgamma, dbeta = spatial_batchnorm_dx_without_gamma(dout, cache)
    return dx, dbeta, dgamma


@wrong.backward("spatial_batchnorm", "another power of a statistic")
def spatial_batchnorm_squashed_x_hat(dout, cache):
    x_hat, inv_std, dx_hat, dgamma, dbeta = parts(dout, cache)
    return inv_std**1.2 * (dx_hat - mean_of(dx_hat) - np.tanh(x_hat) * mean_of(dx_hat * np.tanh(x_hat))), dgamma, dbeta


def group_parts(dout, cache):
    """x_hat, dx_hat, the number of groups, and how a bracket becomes dx; then the right dgamma and dbeta."""
    x, x_hat, inv_std, gamma, G = cache

    def scaled(bracket):
        return (bracket.reshape(len(x), G, -1) * inv_std).reshape(x.shape)

    return x_hat, dout * gamma, G, scaled, (dout * x_hat).sum(axis=ALL, keepdims=True), dout.sum(axis=ALL, keepdims=True)


@wrong.backward("spatial_groupnorm", "gradient through the mean missing", MEAN)
def spatial_groupnorm_without_the_mean(dout, cache):
    x_hat, dx_hat, G, scaled, dgamma, dbeta = group_parts(dout, cache)
    return scaled(dx_hat - x_hat * plain.group_means(dx_hat * x_hat, G)), dgamma, dbeta


@wrong.backward("spatial_groupnorm", "gradient through the variance missing", VARIANCE)
def spatial_groupnorm_without_the_variance(dout, cache):
    _, dx_hat, G, scaled, dgamma, dbeta = group_parts(dout, cache)
    return scaled(dx_hat - plain.group_means(dx_hat, G)), dgamma, dbeta


@wrong.backward("spatial_groupnorm", "gamma outside the sums", GAMMA)
def spatial_groupnorm_gamma_outside(dout, cache):
    x_hat, _, G, scaled, dgamma, dbeta = group_parts(dout, cache)
    return cache[3] * scaled(dout - plain.group_means(dout, G) - x_hat * plain.group_means(dout * x_hat, G)), dgamma, dbeta


@wrong.backward("spatial_groupnorm", "gamma forgotten", GAMMA)
def spatial_groupnorm_dx_without_gamma(dout, cache):
    x_hat, _, G, scaled, dgamma, dbeta = group_parts(dout, cache)
    return scaled(dout - plain.group_means(dout, G) - x_hat * plain.group_means(dout * x_hat, G)), dgamma, dbeta


@wrong.backward("spatial_groupnorm", "groups ignored", {"group"})
def spatial_groupnorm_means_over_all_channels(dout, cache):
    x_hat, dx_hat, _, scaled, dgamma, dbeta = group_parts(dout, cache)
    return scaled(dx_hat - plain.group_means(dx_hat, 1) - x_hat * plain.group_means(dx_hat * x_hat, 1)), dgamma, dbeta


@wrong.backward("spatial_groupnorm", "divided by the wrong count", {"count", "channels", "group", "1/2 times"})
def spatial_groupnorm_divides_by_all_channels(dout, cache):
    x_hat, dx_hat, G, scaled, dgamma, dbeta = group_parts(dout, cache)
    along = plain.group_means(dx_hat, G) + x_hat * plain.group_means(dx_hat * x_hat, G)
    return scaled(dx_hat - along / G), dgamma, dbeta


@wrong.forward("spatial_groupnorm", "groups ignored", {"group"}, backward=plain.spatial_groupnorm_backward)
def spatial_groupnorm_as_one_group(x, gamma, beta, G, gn_param):
    return plain.spatial_groupnorm_forward(x, gamma, beta, 1, gn_param)


@wrong.backward("spatial_groupnorm", "two: variance path missing, dgamma and dbeta swapped", VARIANCE, SWAP)
def spatial_groupnorm_without_the_variance_and_swapped(dout, cache):
    dx, dgamma, dbeta = spatial_groupnorm_without_the_variance(dout, cache)
    return dx, dbeta, dgamma


@wrong.backward("spatial_groupnorm", "loop variable in the formula")
def spatial_groupnorm_loop_variable_in_the_formula(dout, cache):
    x_hat, dx_hat, G, scaled, dgamma, dbeta = group_parts(dout, cache)
    drift = 1 + 0.3 * np.cos(np.arange(dout.shape[1]))[:, None, None]
    return scaled(dx_hat - plain.group_means(dx_hat * drift, G) - x_hat * plain.group_means(dx_hat * x_hat, G) ** 2), dgamma, dbeta
