"""Right forward passes in the courses' form, for entries whose mistake is in the backward, and backwards for the others."""

import math

import numpy as np


def affine_forward(x, w, b):
    return x.reshape(x.shape[0], -1) @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, _ = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(x.shape[0], -1).T @ dout, dout.sum(axis=0)


def relu_forward(x):
    return np.maximum(x, 0), x


def leaky_relu_forward(x):
    return np.where(x > 0, x, 0.01 * x), x


def elu_forward(x):
    out = np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1)
    return out, (x, out)


def normal_share(x):
    return 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def normal_density(x):
    return np.exp(-0.5 * x**2) / math.sqrt(2 * math.pi)


def gelu_forward(x):
    return x * normal_share(x), x


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_forward(x):
    out = sigmoid(x)
    return out, (x, out)


def tanh_forward(x):
    out = np.tanh(x)
    return out, (x, out)


def softplus_forward(x):
    out = np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)
    return out, (x, out)


def dropout_forward(x, dropout_param):
    np.random.seed(dropout_param["seed"])
    mask = (np.random.rand(*x.shape) < dropout_param["p"]) / dropout_param["p"]
    return x * mask, (dropout_param, mask)


def dropout_backward(dout, cache):
    return dout * cache[1]


def probabilities(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_forward(x):
    out = probabilities(x)
    return out, (x, out)


def softmax_backward(dout, cache):
    _, out = cache
    return out * (dout - (dout * out).sum(axis=1, keepdims=True))


def log_softmax_forward(x):
    shifted = x - x.max(axis=1, keepdims=True)
    out = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return out, (x, out)


def log_softmax_backward(dout, cache):
    return dout - np.exp(cache[1]) * dout.sum(axis=1, keepdims=True)


def softmax_value(x, y):
    return -log_softmax_forward(x)[0][np.arange(len(y)), y].mean()


def margins(x, y):
    every = np.maximum(0, x - x[np.arange(len(y)), y][:, None] + 1)
    every[np.arange(len(y)), y] = 0
    return every


def svm_value(x, y):
    return margins(x, y).sum() / len(y)


def _normalised(x, gamma, beta, axes, eps):
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, (x, x_hat, mean, var, gamma, eps)


def batchnorm_forward(x, gamma, beta, bn_param):
    momentum = bn_param.get("momentum", 0.9)
    for key, value in {"running_mean": x.mean(axis=0), "running_var": x.var(axis=0)}.items():
        bn_param[key] = momentum * bn_param.get(key, 0) + (1 - momentum) * value
    return _normalised(x, gamma, beta, 0, bn_param.get("eps", 1e-5))


def batchnorm_backward(dout, cache):
    _, x_hat, _, var, gamma, eps = cache
    dx_hat = dout * gamma
    dx = dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)
    return dx / np.sqrt(var + eps), (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def layernorm_forward(x, gamma, beta, ln_param):
    return _normalised(x, gamma, beta, 1, ln_param.get("eps", 1e-5))


def _normalised_backward(dout, cache, axes):
    """dx of a normalisation over these axes."""
    _, x_hat, _, var, gamma, eps = cache
    dx_hat = dout * gamma
    mean, along = (a.mean(axis=axes, keepdims=True) for a in (dx_hat, dx_hat * x_hat))
    return (dx_hat - mean - x_hat * along) / np.sqrt(var + eps)


def layernorm_backward(dout, cache):
    return _normalised_backward(dout, cache, 1), (dout * cache[1]).sum(axis=0), dout.sum(axis=0)


def spatial_batchnorm_backward(dout, cache):
    return _normalised_backward(dout, cache, (0, 2, 3)), (dout * cache[1]).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    return _normalised(x, gamma[:, None, None], beta[:, None, None], (0, 2, 3), bn_param.get("eps", 1e-5))


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    n, c, h, w = x.shape
    grouped = x.reshape(n, G, c // G * h * w)
    mean, var = grouped.mean(axis=2, keepdims=True), grouped.var(axis=2, keepdims=True)
    inv_std = 1 / np.sqrt(var + gn_param.get("eps", 1e-5))
    x_hat = ((grouped - mean) * inv_std).reshape(x.shape)
    return gamma * x_hat + beta, (x, x_hat, inv_std, gamma, G)


def group_means(a, G):
    """The mean over each example's groups of channels, in a's shape."""
    grouped = a.reshape(len(a), G, -1)
    return np.broadcast_to(grouped.mean(axis=2, keepdims=True), grouped.shape).reshape(a.shape)


def spatial_groupnorm_backward(dout, cache):
    x, x_hat, inv_std, gamma, G = cache
    dx_hat = dout * gamma
    bracket = dx_hat - group_means(dx_hat, G) - x_hat * group_means(dx_hat * x_hat, G)
    dx = (bracket.reshape(len(x), G, -1) * inv_std).reshape(x.shape)
    return dx, (dout * x_hat).sum(axis=(0, 2, 3), keepdims=True), dout.sum(axis=(0, 2, 3), keepdims=True)


def padded(x, pad):
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))


def windows(height, width, window, stride):
    """The row and the column of each output, and the slices of the image that it sees."""
    for i in range((height - window[0]) // stride + 1):
        for j in range((width - window[1]) // stride + 1):
            yield i, j, slice(i * stride, i * stride + window[0]), slice(j * stride, j * stride + window[1])


def conv_forward(x, w, b, conv_param):
    stride, x_pad = conv_param["stride"], padded(x, conv_param["pad"])
    height, width = ((side - window) // stride + 1 for side, window in zip(x_pad.shape[2:], w.shape[2:], strict=True))
    out = np.zeros((len(x), len(w), height, width))
    for i, j, down, across in windows(*x_pad.shape[2:], w.shape[2:], stride):
        out[:, :, i, j] = np.tensordot(x_pad[:, :, down, across], w, ((1, 2, 3), (1, 2, 3))) + b
    return out, (x, w, b, conv_param)


def conv_backward(dout, cache):
    x, w, _, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    x_pad = padded(x, pad)
    dx_pad, dw = np.zeros_like(x_pad), np.zeros_like(w)
    for i, j, down, across in windows(*x_pad.shape[2:], w.shape[2:], stride):
        dx_pad[:, :, down, across] += np.tensordot(dout[:, :, i, j], w, 1)
        dw += np.tensordot(dout[:, :, i, j].T, x_pad[:, :, down, across], 1)
    return dx_pad[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw, dout.sum(axis=(0, 2, 3))


def _pooled(x, pool_param, combine):
    window, stride = (pool_param["pool_height"], pool_param["pool_width"]), pool_param["stride"]
    height, width = ((side - length) // stride + 1 for side, length in zip(x.shape[2:], window, strict=True))
    out = np.zeros((*x.shape[:2], height, width))
    for i, j, down, across in windows(*x.shape[2:], window, stride):
        out[:, :, i, j] = combine(x[:, :, down, across], axis=(2, 3))
    return out, (x, pool_param)


def max_pool_forward(x, pool_param):
    return _pooled(x, pool_param, np.max)


def average_pool_forward(x, pool_param):
    return _pooled(x, pool_param, np.mean)


def pool_windows(x, pool_param):
    """The windows of a pooling."""
    return windows(*x.shape[2:], (pool_param["pool_height"], pool_param["pool_width"]), pool_param["stride"])


def first_largest(window):
    """1 at the first largest pixel of each window (N, C, h, w), else 0."""
    flat = window.reshape(*window.shape[:2], -1)
    return (np.arange(flat.shape[2]) == flat.argmax(axis=2)[..., None]).reshape(window.shape)


def max_pool_backward(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, down, across in pool_windows(x, pool_param):
        dx[:, :, down, across] += first_largest(x[:, :, down, across]) * dout[:, :, i, j, None, None]
    return dx


def average_pool_backward(dout, cache):
    x, pool_param = cache
    dx = np.zeros_like(x)
    for i, j, down, across in pool_windows(x, pool_param):
        dx[:, :, down, across] += dout[:, :, i, j, None, None] / (pool_param["pool_height"] * pool_param["pool_width"])
    return dx


def global_average_pool_forward(x):
    return x.mean(axis=(2, 3)), x
