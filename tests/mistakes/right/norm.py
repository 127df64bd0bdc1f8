"""Right norms: staged, in one line, by Jacobians, in other layouts, one by way of another."""

import numpy as np
from tests.mistakes import plain
from tests.mistakes.bank import Correct

right = Correct()


@right.backward("batchnorm")
def batchnorm_staged(dout, cache):
    x, x_hat, mean, var, gamma, eps = cache
    n = x.shape[0]
    dbeta, dgamma = np.sum(dout, axis=0), np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    std = np.sqrt(var + eps)
    centred = x - mean
    dinv = np.sum(dx_hat * centred, axis=0)
    dstd = -dinv / std**2
    dvar = 0.5 * dstd / std
    dcentred = dx_hat / std + 2 * centred * (np.ones_like(x) * dvar) / n
    return dcentred - np.ones_like(x) * dcentred.sum(axis=0) / n, dgamma, dbeta


@right.backward("batchnorm")
def batchnorm_as_in_the_paper(dout, cache):
    x, x_hat, mean, var, gamma, eps = cache
    n, dx_hat = len(x), dout * gamma
    dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** -1.5, axis=0)
    dmean = np.sum(-dx_hat / np.sqrt(var + eps), axis=0) + dvar * np.mean(-2 * (x - mean), axis=0)
    dx = dx_hat / np.sqrt(var + eps) + dvar * 2 * (x - mean) / n + dmean / n
    return dx, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)


@right.backward("batchnorm")
def batchnorm_leaves_out_a_term_that_is_zero(dout, cache):
    x, x_hat, mean, var, gamma, eps = cache
    dvar = -0.5 * (dout * gamma * (x - mean)).sum(axis=0) * (var + eps) ** -1.5
    dmean = -(dout * gamma).sum(axis=0) / np.sqrt(var + eps)
    return dout * gamma / np.sqrt(var + eps) + (2 * dvar * (x - mean) + dmean) / len(x), (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@right.backward("batchnorm")
def batchnorm_in_one_line(dout, cache):
    _, h, _, var, gamma, eps = cache
    n, dgamma, dbeta = len(h), (dout * h).sum(0), dout.sum(0)
    return [gamma / (n * np.sqrt(var + eps)) * (n * dout - dbeta - h * dgamma), dgamma, dbeta]


@right.backward("batchnorm")
def batchnorm_by_each_features_jacobian(dout, cache):
    _, h, _, var, gamma, eps = cache
    n, dx = len(h), np.empty_like(dout)
    for d in range(dout.shape[1]):
        jacobian = (np.eye(n) - 1 / n - np.outer(h[:, d], h[:, d]) / n) * gamma[d] / np.sqrt(var[0, d] + eps)
        dx[:, d] = jacobian @ dout[:, d]
    return dx, np.einsum("nd,nd->d", dout, h), np.einsum("nd->d", dout)


def forward_features_first(x, gamma, beta, bn_param):
    out, _ = plain.batchnorm_forward(x, gamma, beta, bn_param)
    columns = x.T - x.T.mean(axis=1, keepdims=True)
    return out, (columns, np.var(x, axis=0) + bn_param.get("eps", 1e-5), gamma, beta, bn_param["mode"])


@right.backward("batchnorm", forward_features_first)
def batchnorm_features_first(dout, cache):
    columns, spread, gamma, _, _ = cache
    d, inv = dout.T, 1 / np.sqrt(spread)[:, None]
    h = columns * inv
    dx = inv * gamma[:, None] * (d - d.mean(axis=1, keepdims=True) - h * (d * h).mean(axis=1, keepdims=True))
    return dx.T, (d * h).sum(axis=1), d.sum(axis=1)


def forward_in_float32(x, gamma, beta, bn_param):
    out, cache = plain.batchnorm_forward(x.astype(np.float32), gamma.astype(np.float32), beta.astype(np.float32), bn_param)
    return out, cache


@right.backward("batchnorm", forward_in_float32, tolerance=1e-4)
def batchnorm_in_float32(dout, cache):
    return plain.batchnorm_backward(dout.astype(np.float32), cache)


def forward_by_batchnorm(x, gamma, beta, ln_param):
    out, cache = plain.batchnorm_forward(x.T, gamma[:, None], beta[:, None], dict(ln_param))
    return out.T, cache


@right.backward("layernorm", forward_by_batchnorm)
def layernorm_by_way_of_batchnorm(dout, cache):
    x_hat = cache[1].T
    dx, _, _ = plain.batchnorm_backward(dout.T, cache)
    return dx.T, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@right.backward("layernorm")
def layernorm_example_by_example(dout, cache):
    x, x_hat, mean, var, gamma, eps = cache
    dx = np.zeros_like(x)
    for i, row in enumerate(dout * gamma):
        centred = x[i] - mean[i]
        dvar = (row * centred).sum() * -0.5 * (var[i] + eps) ** -1.5
        dcentred = row / np.sqrt(var[i] + eps) + dvar * 2 * centred / x.shape[1]
        dx[i] = dcentred - dcentred.mean()
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@right.backward("layernorm")
def layernorm_in_one_line(dout, cache):
    _, h, _, var, gamma, eps = cache
    g = dout * gamma
    bracket = h.shape[1] * g - g.sum(axis=1, keepdims=True) - h * (g * h).sum(axis=1, keepdims=True)
    return bracket / (h.shape[1] * np.sqrt(var + eps)), np.einsum("nd,nd->d", dout, h), dout.sum(0)


def forward_by_rows(x, gamma, beta, bn_param):
    rows = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
    out, cache = plain.batchnorm_forward(rows, gamma, beta, bn_param)
    return out.reshape(x.shape[0], *x.shape[2:], -1).transpose(0, 3, 1, 2), cache


@right.backward("spatial_batchnorm", forward_by_rows)
def spatial_batchnorm_by_way_of_batchnorm(dout, cache):
    n, c, h, w = dout.shape
    dx, dgamma, dbeta = plain.batchnorm_backward(dout.transpose(0, 2, 3, 1).reshape(-1, c), cache)
    return dx.reshape(n, h, w, c).transpose(0, 3, 1, 2), dgamma, dbeta


@right.backward("spatial_batchnorm")
def spatial_batchnorm_channel_by_channel(dout, cache):
    _, x_hat, _, var, gamma, eps = cache
    dx, dgamma, dbeta = np.empty_like(dout), [], []
    for c in range(dout.shape[1]):
        d, h = dout[:, c], x_hat[:, c]
        dgamma.append(np.sum(d * h))
        dbeta.append(np.sum(d))
        dx[:, c] = gamma[c] / np.sqrt(var[0, c] + eps) * (d - d.mean() - h * np.mean(d * h))
    return dx, np.array(dgamma), np.array(dbeta)


@right.backward("spatial_batchnorm")
def spatial_batchnorm_by_einsum(dout, cache):
    _, x_hat, _, var, gamma, eps = cache
    dgamma, dbeta = np.einsum("nchw,nchw->c", dout, x_hat), np.einsum("nchw->c", dout)
    m = dout.size / dout.shape[1]
    dx = gamma / np.sqrt(var + eps) / m * (m * dout - dbeta[:, None, None] - x_hat * dgamma[:, None, None])
    return dx, dgamma, dbeta


@right.backward("spatial_groupnorm")
def spatial_groupnorm_group_by_group(dout, cache):
    x, x_hat, inv_std, gamma, G = cache
    size, dx, dx_hat = x.shape[1] // G, np.zeros_like(x), dout * gamma
    for n in range(len(x)):
        for g in range(G):
            part = np.s_[n, g * size : (g + 1) * size]
            d, h = dx_hat[part], x_hat[part]
            dx[part] = inv_std[n, g] * (d - d.mean() - h * (d * h).mean())
    return dx, np.sum(dout * x_hat, axis=(0, 2, 3), keepdims=True), np.sum(dout, axis=(0, 2, 3), keepdims=True)


def forward_by_columns(x, gamma, beta, G, gn_param):
    columns = x.reshape(len(x) * G, -1).T
    centred = columns - columns.mean(axis=0)
    std = np.sqrt((centred**2).mean(axis=0) + gn_param.get("eps", 1e-5))
    x_hat = (centred / std).T.reshape(x.shape)
    return x_hat * gamma + beta, (centred, std, x_hat, gamma, G)


@right.backward("spatial_groupnorm", forward_by_columns)
def spatial_groupnorm_staged_by_columns(dout, cache):
    centred, std, x_hat, gamma, G = cache
    d = (dout * gamma).reshape(len(dout) * G, -1).T
    dvar = np.sum(d * centred, axis=0) * -0.5 / std**3
    dcentred = d / std + 2 * centred * dvar / len(d)
    dx = (dcentred - dcentred.mean(axis=0)).T.reshape(dout.shape)
    return dx, (dout * x_hat).sum(axis=(0, 2, 3)).reshape(gamma.shape), dout.sum(axis=(0, 2, 3)).reshape(gamma.shape)
