"""What goes wrong in batch and layer norm: a path of the gradient forgotten, the wrong axis, eps, and statistics."""

import numpy as np
from tests.mistakes import arguments, plain
from tests.mistakes.bank import Wrong

wrong = Wrong()
MEAN = {"lacks|missing|left out|without|constant & mean"}
VARIANCE = {"lacks|missing|left out|without|constant & variance|var"}
GAMMA = {"gamma"}
SWAP = {"swap", "order", "exchang", "interchang", "value of dbeta|value of dgamma"}
AXIS = {"axis", "over examples|over features|over rows|over columns"}
X_HAT = {"x_hat", "neither centred", "normalis", "normaliz", "standard", "inv_std"}
EPS = {"eps"}


def parts(dout, cache):
    """What every backward here begins with: x - mean, inv_std, dx_hat, and the right dgamma and dbeta."""
    x, x_hat, mean, var, gamma, eps = cache
    return x - mean, 1 / np.sqrt(var + eps), dout * gamma, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def mean_of(a, axis):
    return a.mean(axis=axis, keepdims=True)


@wrong.backward("batchnorm", "gradient through the mean missing", MEAN)
def batchnorm_without_the_mean(dout, cache):
    centred, inv_std, dx_hat, dgamma, dbeta = parts(dout, cache)
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    return dx_hat * inv_std + dvar * 2 * centred / len(dout), dgamma, dbeta


@wrong.backward("batchnorm", "gradient through the variance missing", VARIANCE)
def batchnorm_without_the_variance(dout, cache):
    _, inv_std, dx_hat, dgamma, dbeta = parts(dout, cache)
    return inv_std * (dx_hat - dx_hat.mean(axis=0)), dgamma, dbeta


@wrong.backward("batchnorm", "two: statistics taken as constants", MEAN | {"constant", "direct"}, VARIANCE | {"constant", "direct"})
def batchnorm_direct_path_alone(dout, cache):
    _, inv_std, dx_hat, dgamma, dbeta = parts(dout, cache)
    return dx_hat * inv_std, dgamma, dbeta


@wrong.backward("batchnorm", "factor of a power forgotten", {"variance|var & times|half|factor|2"})
def batchnorm_dvar_without_a_half(dout, cache):
    centred, inv_std, dx_hat, dgamma, dbeta = parts(dout, cache)
    dvar = -(dx_hat * centred).sum(axis=0) * inv_std**3
    dmean = -(dx_hat * inv_std).sum(axis=0)
    return dx_hat * inv_std + dvar * 2 * centred / len(dout) + dmean / len(dout), dgamma, dbeta


@wrong.backward("batchnorm", "1/N missing in one term", {"mean & 1/n|divided|n times|times"})
def batchnorm_mean_path_without_n(dout, cache):
    centred, inv_std, dx_hat, dgamma, dbeta = parts(dout, cache)
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**3
    dmean = -(dx_hat * inv_std).sum(axis=0)
    return dx_hat * inv_std + dvar * 2 * centred / len(dout) + dmean, dgamma, dbeta


@wrong.backward("batchnorm", "wrong sign of one term", {"mean & sign|minus|plus|-1|negat"})
def batchnorm_adds_the_mean(dout, cache):
    _, x_hat, *_ = cache
    _, inv_std, dx_hat, dgamma, dbeta = parts(dout, cache)
    return inv_std * (dx_hat + mean_of(dx_hat, 0) - x_hat * mean_of(dx_hat * x_hat, 0)), dgamma, dbeta


@wrong.backward("batchnorm", "gamma forgotten", GAMMA)
def batchnorm_dx_without_gamma(dout, cache):
    _, x_hat, *_ = cache
    _, inv_std, _, dgamma, dbeta = parts(dout, cache)
    return inv_std * (dout - mean_of(dout, 0) - x_hat * mean_of(dout * x_hat, 0)), dgamma, dbeta


@wrong.backward("batchnorm", "x used for x_hat", X_HAT | {"x & instead|used|for"})
def batchnorm_dgamma_of_x(dout, cache):
    x, *_ = cache
    dx, _, dbeta = plain.batchnorm_backward(dout, cache)
    return dx, (dout * x).sum(axis=0), dbeta


@wrong.backward("batchnorm", "x - mean used for x_hat", X_HAT | {"centred", "centered", "divid"})
def batchnorm_dgamma_of_centred_x(dout, cache):
    dx, _, dbeta = plain.batchnorm_backward(dout, cache)
    return dx, (dout * parts(dout, cache)[0]).sum(axis=0), dbeta


@wrong.backward("batchnorm", "dgamma and dbeta swapped", SWAP)
def batchnorm_returns_dbeta_first(dout, cache):
    dx, dgamma, dbeta = plain.batchnorm_backward(dout, cache)
    return dx, dbeta, dgamma


@wrong.backward("batchnorm", "sum over the wrong axis", AXIS, args=arguments.square_batchnorm)
def batchnorm_parameters_sum_each_example(dout, cache):
    _, x_hat, *_ = cache
    dx, _, _ = plain.batchnorm_backward(dout, cache)
    return dx, (dout * x_hat).sum(axis=1), dout.sum(axis=1)


@wrong.backward("batchnorm", "eps outside the root", EPS)
def batchnorm_backward_with_eps_outside(dout, cache):
    *_, var, _, eps = cache
    dx, dgamma, dbeta = plain.batchnorm_backward(dout, cache)
    return dx * np.sqrt(var + eps) / (np.sqrt(var) + eps), dgamma, dbeta


@wrong.forward("batchnorm", "eps outside the root", EPS, backward=plain.batchnorm_backward)
def batchnorm_forward_with_eps_outside(x, gamma, beta, bn_param):
    _, cache = plain.batchnorm_forward(x, gamma, beta, bn_param)
    x_hat = (x - x.mean(axis=0)) / (x.std(axis=0) + bn_param["eps"])
    return gamma * x_hat + beta, cache


@wrong.forward("batchnorm", "unbiased variance", {"ddof", "unbiased", "biased", "n - 1"}, backward=plain.batchnorm_backward)
def batchnorm_of_the_unbiased_variance(x, gamma, beta, bn_param):
    plain.batchnorm_forward(x, gamma, beta, bn_param)  # its running averages are right
    mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)
    x_hat = (x - mean) / np.sqrt(var + bn_param["eps"])
    return gamma * x_hat + beta, (x, x_hat, mean, var, gamma, bn_param["eps"])


@wrong.forward("batchnorm", "running averages with the weights exchanged", {"running"}, backward=plain.batchnorm_backward)
def batchnorm_running_weights_exchanged(x, gamma, beta, bn_param):
    out, cache = plain.batchnorm_forward(x, gamma, beta, dict(bn_param))
    for key, value in {"running_mean": x.mean(axis=0), "running_var": x.var(axis=0)}.items():
        bn_param[key] = 0.1 * bn_param[key] + 0.9 * value
    return out, cache


@wrong.forward("batchnorm", "running averages not stored", {"running"}, backward=plain.batchnorm_backward)
def batchnorm_keeps_no_running_averages(x, gamma, beta, bn_param):
    return plain.batchnorm_forward(x, gamma, beta, dict(bn_param))


@wrong.forward(
    "batchnorm",
    "variance used for the standard deviation",
    {"sqrt", "root", "standard deviation", "std"},
    backward=plain.batchnorm_backward,
)
def batchnorm_divides_by_the_variance(x, gamma, beta, bn_param):
    _, cache = plain.batchnorm_forward(x, gamma, beta, bn_param)
    return gamma * (x - x.mean(axis=0)) / (x.var(axis=0) + bn_param["eps"]) + beta, cache


@wrong.backward("batchnorm", "two: mean path missing, dgamma and dbeta swapped", MEAN, SWAP)
def batchnorm_without_the_mean_and_swapped(dout, cache):
    dx, dgamma, dbeta = batchnorm_without_the_mean(dout, cache)
    return dx, dbeta, dgamma


@wrong.backward("batchnorm", "two: gamma forgotten, x for x_hat", GAMMA, X_HAT | {"x & instead|used|for"})
def batchnorm_without_gamma_and_dgamma_of_x(dout, cache):
    x, *_ = cache
    dx, _, dbeta = batchnorm_dx_without_gamma(dout, cache)
    return dx, (dout * x).sum(axis=0), dbeta


@wrong.backward("batchnorm", "another power of a statistic")
def batchnorm_dvar_with_another_power(dout, cache):
    centred, inv_std, dx_hat, dgamma, dbeta = parts(dout, cache)
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inv_std**2.2
    dmean = -(dx_hat * inv_std).sum(axis=0)
    return dx_hat * inv_std + dvar * 2 * centred / len(dout) + dmean / len(dout), dgamma, dbeta


def layernorm_parts(dout, cache):
    _, x_hat, _, var, gamma, eps = cache
    return x_hat, 1 / np.sqrt(var + eps), dout * gamma, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@wrong.backward("layernorm", "gradient through the mean missing", MEAN)
def layernorm_without_the_mean(dout, cache):
    x_hat, inv_std, dx_hat, dgamma, dbeta = layernorm_parts(dout, cache)
    return inv_std * (dx_hat - x_hat * mean_of(dx_hat * x_hat, 1)), dgamma, dbeta


@wrong.backward("layernorm", "gradient through the variance missing", VARIANCE)
def layernorm_without_the_variance(dout, cache):
    _, inv_std, dx_hat, dgamma, dbeta = layernorm_parts(dout, cache)
    return inv_std * (dx_hat - mean_of(dx_hat, 1)), dgamma, dbeta


@wrong.backward("layernorm", "another op's backward", {"axis", "batch", "over examples|over the examples"})
def layernorm_with_batchnorms_axis(dout, cache):
    x_hat, inv_std, dx_hat, dgamma, dbeta = layernorm_parts(dout, cache)
    return inv_std * (dx_hat - mean_of(dx_hat, 0) - x_hat * mean_of(dx_hat * x_hat, 0)), dgamma, dbeta


@wrong.backward("layernorm", "divided by the wrong count", {"by n", "1/n", "count", "d/n", "n instead of d", "number of features", "times"})
def layernorm_means_over_n(dout, cache):
    x_hat, inv_std, dx_hat, dgamma, dbeta = layernorm_parts(dout, cache)
    sums = dx_hat.sum(axis=1, keepdims=True) + x_hat * (dx_hat * x_hat).sum(axis=1, keepdims=True)
    return inv_std * (dx_hat - sums / len(dout)), dgamma, dbeta


@wrong.backward("layernorm", "gamma outside the sums", GAMMA)
def layernorm_gamma_outside(dout, cache):
    x_hat, inv_std, _, dgamma, dbeta = layernorm_parts(dout, cache)
    return cache[4] * inv_std * (dout - mean_of(dout, 1) - x_hat * mean_of(dout * x_hat, 1)), dgamma, dbeta


@wrong.backward("layernorm", "gamma forgotten", GAMMA)
def layernorm_dx_without_gamma(dout, cache):
    x_hat, inv_std, _, dgamma, dbeta = layernorm_parts(dout, cache)
    return inv_std * (dout - mean_of(dout, 1) - x_hat * mean_of(dout * x_hat, 1)), dgamma, dbeta


@wrong.backward("layernorm", "sum over the wrong axis", AXIS, args=arguments.square_layernorm)
def layernorm_parameters_sum_each_example(dout, cache):
    x_hat, inv_std, dx_hat, *_ = layernorm_parts(dout, cache)
    dx = inv_std * (dx_hat - mean_of(dx_hat, 1) - x_hat * mean_of(dx_hat * x_hat, 1))
    return dx, (dout * x_hat).sum(axis=1), dout.sum(axis=1)


@wrong.backward("layernorm", "two: mean path missing, x for x_hat", MEAN, X_HAT | {"x & instead|used|for"})
def layernorm_without_the_mean_and_dgamma_of_x(dout, cache):
    dx, _, dbeta = layernorm_without_the_mean(dout, cache)
    return dx, (dout * cache[0]).sum(axis=0), dbeta


@wrong.forward("layernorm", "unbiased variance", {"ddof", "unbiased", "biased", "d - 1", "n - 1"}, backward=plain.layernorm_backward)
def layernorm_of_the_unbiased_variance(x, gamma, beta, ln_param):
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, ddof=1, keepdims=True)
    x_hat = (x - mean) / np.sqrt(var + ln_param["eps"])
    return gamma * x_hat + beta, (x, x_hat, mean, var, gamma, ln_param["eps"])


@wrong.forward("layernorm", "normalised over the wrong axis", AXIS | {"batch"}, backward=plain.batchnorm_backward)
def layernorm_forward_over_the_batch(x, gamma, beta, ln_param):
    return plain.batchnorm_forward(x, gamma, beta, dict(ln_param))


@wrong.backward("layernorm", "weights of one's own")
def layernorm_weighted_mean(dout, cache):
    x_hat, inv_std, dx_hat, dgamma, dbeta = layernorm_parts(dout, cache)
    weights = np.linspace(0.4, 1.7, dout.shape[1])
    return inv_std * (dx_hat - mean_of(dx_hat * weights, 1) - x_hat * mean_of(dx_hat * np.tanh(x_hat), 1)), dgamma, dbeta
