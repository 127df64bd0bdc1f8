"""Right fully connected layers, activations and dropouts, in the many shapes in which people write them."""

import math

import numpy as np
from tests.mistakes import arguments, plain
from tests.mistakes.bank import Correct

right = Correct()


@right.backward("affine")
def affine_in_loops(dout, cache):
    x, w, b = cache
    rows = x.reshape(len(x), -1)
    dx, dw, db = np.zeros_like(rows), np.zeros_like(w), np.zeros_like(b)
    for i in range(dout.shape[0]):
        for j in range(dout.shape[1]):
            dx[i] += dout[i, j] * w[:, j]
            dw[:, j] += dout[i, j] * rows[i]
            db[j] += dout[i, j]
    return dx.reshape(x.shape), dw, db


@right.backward("affine")
def affine_by_einsum_returns_a_list(dout, cache):
    x, w, _ = cache
    dx = np.einsum("nm,dm->nd", dout, w).reshape(x.shape)
    return [dx, np.einsum("nd,nm->dm", x.reshape(len(x), -1), dout), np.einsum("nm->m", dout)]


def forward_with_a_column_of_ones(x, w, b):
    rows = np.hstack([x.reshape(len(x), -1), np.ones((len(x), 1))])
    stacked = np.vstack([w, b])
    return rows @ stacked, {"rows": rows, "stacked": stacked, "shape": x.shape, "note": "more than is needed"}


@right.backward("affine", forward_with_a_column_of_ones)
def affine_with_the_bias_as_a_row_of_w(dout, cache):
    dstacked = cache["rows"].T @ dout
    dx = (dout @ cache["stacked"].T)[:, :-1]
    return dx.reshape(cache["shape"]), dstacked[:-1], dstacked[-1]


def forward_in_float32(x, w, b):
    x, w, b = (a.astype(np.float32) for a in (x, w, b))
    return plain.affine_forward(x, w, b)


@right.backward("affine", forward_in_float32, tolerance=1e-4)
def affine_in_float32(dout, cache):
    return plain.affine_backward(dout.astype(np.float32), cache)


@right.backward("affine", args=arguments.square_affine)
def affine_in_fortran_order(dout, cache):
    x, w, _ = cache
    return np.asfortranarray((w @ dout.T).T), np.asfortranarray((dout.T @ x).T), np.ones(len(x)) @ dout


@right.backward("affine")
def affine_db_by_mean_times_count(dout, cache):
    dx, dw, _ = plain.affine_backward(dout, cache)
    return dx, dw, np.mean(dout, axis=0) * dout.shape[0]


@right.backward("relu")
def relu_by_where(dout, cache):
    return np.where(cache > 0, dout, 0)


@right.backward("relu")
def relu_on_a_copy(dout, cache):
    dx = np.array(dout, copy=True)
    dx[cache <= 0] = 0
    return dx


@right.backward("relu")
def relu_with_a_slope_of_one_at_zero(dout, cache):
    return dout * (cache >= 0)


@right.backward("relu", lambda x: (x * (x > 0), (x > 0, "mask")))
def relu_from_a_kept_mask(dout, cache):
    mask, _ = cache
    return mask * dout


@right.backward("relu", lambda x: ((np.abs(x) + x) / 2, x))
def relu_by_the_absolute_value(dout, cache):
    return dout * np.heaviside(cache, 0)


@right.backward("leaky_relu", lambda x, slope=0.01: (np.maximum(slope * x, x), (x, slope)))
def leaky_relu_as_the_larger_of_two(dout, cache):
    x, slope = cache
    dx = dout.copy()
    dx[x <= 0] *= slope
    return dx


@right.backward("leaky_relu")
def leaky_relu_in_loops(dout, cache):
    dx = np.empty_like(dout)
    for index in np.ndindex(dout.shape):
        dx[index] = dout[index] if cache[index] > 0 else 0.01 * dout[index]
    return dx


@right.backward("elu")
def elu_from_the_exponential(dout, cache):
    x, _ = cache
    return dout * np.minimum(1, np.exp(x))


@right.backward("elu", lambda x, alpha=1.0: (np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0)), (x, alpha)))
def elu_in_two_summands(dout, cache):
    x, alpha = cache
    return dout * (x > 0) + dout * alpha * np.exp(np.minimum(x, 0)) * (x <= 0)


@right.backward("gelu", lambda x: (0.5 * x * np.vectorize(math.erfc)(-x / math.sqrt(2)), x))
def gelu_by_the_complement(dout, cache):
    x = cache
    share = 1 - 0.5 * np.vectorize(math.erfc)(x / math.sqrt(2))
    return dout * share + dout * x * np.exp(-x * x / 2) * 0.3989422804014327


@right.backward("gelu")
def gelu_staged(dout, cache):
    x = cache
    dshare = dout * x  # out = x * share
    dx = dout * plain.normal_share(x)
    dx += dshare * plain.normal_density(x)
    return dx


def stable_sigmoid(x):
    out = np.empty_like(x)
    positive = x >= 0
    out[positive] = 1 / (1 + np.exp(-x[positive]))
    e = np.exp(x[~positive])
    out[~positive] = e / (1 + e)
    return out, out.copy()


@right.backward("sigmoid", stable_sigmoid)
def sigmoid_in_two_branches(dout, cache):
    return dout * (cache - cache**2)


@right.backward("sigmoid", lambda x: (0.5 * np.tanh(0.5 * x) + 0.5, x))
def sigmoid_by_the_exponential_of_x(dout, cache):
    e = np.exp(-np.abs(cache))
    return dout * e / (1 + e) ** 2


@right.backward("sigmoid", stable_sigmoid, args=arguments.large_rows)
def sigmoid_of_large_scores(dout, cache):
    return cache * dout * (1 - cache)


@right.backward("tanh", lambda x: (1 - 2 / (np.exp(2 * x) + 1), x))
def tanh_by_the_hyperbolic_cosine(dout, cache):
    return dout / np.cosh(cache) ** 2


@right.backward("tanh")
def tanh_as_a_product(dout, cache):
    _, out = cache
    return dout * (1 + out) * (1 - out)


@right.backward("softplus", lambda x: (np.logaddexp(0, x), x))
def softplus_by_logaddexp(dout, cache):
    return dout - dout / (1 + np.exp(cache))


@right.backward("softplus")
def softplus_from_its_output(dout, cache):
    _, out = cache
    return dout * (1 - np.exp(-out))


def forward_keeping_booleans(x, dropout_param):
    rng = np.random.default_rng(dropout_param.get("seed"))
    kept = rng.random(x.shape) < dropout_param["p"]
    return np.where(kept, x / dropout_param["p"], 0), (dropout_param, kept)


@right.backward("dropout", forward_keeping_booleans)
def dropout_that_scales_later(dout, cache):
    dropout_param, kept = cache
    dx = dout / dropout_param["p"]
    dx[~kept] = 0
    return dx


def forward_by_coins(x, dropout_param):
    np.random.seed(dropout_param["seed"])
    mask = np.random.binomial(1, dropout_param["p"], size=x.shape) / dropout_param["p"]
    return mask * x, {"mask": mask}


@right.backward("dropout", forward_by_coins)
def dropout_by_coins(dout, cache):
    return cache["mask"] * dout


def forward_keeping_the_upper_end(x, dropout_param):
    np.random.seed(dropout_param["seed"])
    drop = 1 - dropout_param["p"]
    mask = (np.random.uniform(size=x.shape) >= drop).astype(np.float32) / (1 - drop)
    return x * mask, mask


@right.backward("dropout", forward_keeping_the_upper_end, tolerance=1e-4)
def dropout_by_the_dropped_share(dout, cache):
    return dout * cache


def predicting(rng):
    x, dropout_param = arguments.dropout(rng)
    return x, {**dropout_param, "mode": "test"}


def forward_by_mode(x, dropout_param):
    return plain.dropout_forward(x, dropout_param) if dropout_param["mode"] == "train" else (x.copy(), (dropout_param, None))


@right.backward("dropout", forward_by_mode, args=predicting)
def dropout_while_predicting(dout, cache):
    _, mask = cache
    return dout if mask is None else dout * mask
