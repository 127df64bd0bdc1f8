"""Arguments of the kind that a course's notebook passes, drawn afresh for each check."""

import numpy as np


def rows(rng):
    return (1.5 * rng.normal(size=(5, 4)),)


def large_rows(rng):
    """Scores in the thousands, and rows that lie far apart."""
    return (900 * rng.normal(size=(4, 3)) + np.array([[0.0], [1500.0], [-1500.0], [3000.0]]),)


def affine(rng):
    return rng.normal(size=(5, 2, 3)), rng.normal(size=(6, 4)), rng.normal(size=4)


def square_affine(rng):
    """N = D = M, where a transposed or swapped result keeps the shape."""
    return rng.normal(size=(4, 4)), rng.normal(size=(4, 4)), rng.normal(size=4)


def dropout(rng):
    return rng.normal(size=(20, 15)), {"mode": "train", "p": 0.7, "seed": int(rng.integers(1000))}


def labels(rng, n, classes):
    """Labels that repeat, with the last class among them, and not in the last row."""
    y = rng.integers(0, classes, size=n)
    y[0], y[1], y[2] = classes - 1, 0, classes - 1
    y[-1] = 1
    return y


def scores(rng):
    return 1.5 * rng.normal(size=(6, 5)), labels(rng, 6, 5)


def large_scores(rng):
    return 600 * rng.normal(size=(6, 5)), labels(rng, 6, 5)


def whole_scores(rng):
    return rng.permuted(np.arange(0.0, 10, 2) * np.ones((6, 1)), axis=1), labels(rng, 6, 5)


def targets(rng):
    return 1.5 * rng.normal(size=(6, 3)), rng.normal(size=(6, 3))


def huber_targets(rng):
    """With a delta that some differences exceed and some don't."""
    return 2.5 * rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), 1.7


def shares(rng):
    return 1.5 * rng.normal(size=(6, 3)), rng.random((6, 3))


def bits(rng):
    return 1.5 * rng.normal(size=(6, 3)), rng.integers(0, 2, size=(6, 3)).astype(float)


def large_bits(rng):
    x, y = bits(rng)
    return 600 * x, y


def linear(rng):
    """W (D, K), X (N, D), y (N,) and reg."""
    return rng.normal(size=(4, 5)), rng.normal(size=(7, 4)), labels(rng, 7, 5), 0.3


def square_linear(rng):
    return rng.normal(size=(4, 4)), rng.normal(size=(7, 4)), labels(rng, 7, 4), 0.3


def penalty(rng):
    return rng.normal(size=(4, 3)), 0.3


def batchnorm(rng):
    x = rng.normal(size=(6, 4)) * np.array([0.5, 1.0, 2.0, 3.0]) + rng.normal(size=4)
    running = {"running_mean": rng.normal(size=4), "running_var": rng.random(4) + 0.5}
    return x, rng.normal(size=4) + 0.5, rng.normal(size=4), {"mode": "train", "eps": 0.1, **running}


def square_batchnorm(rng):
    x, gamma, beta, bn_param = batchnorm(rng)
    return x[:4], gamma, beta, bn_param


def layernorm(rng):
    x = rng.normal(size=(6, 4)) * rng.uniform(0.5, 3, size=(6, 1)) + rng.normal(size=(6, 1))
    return x, rng.normal(size=4) + 0.5, rng.normal(size=4), {"eps": 0.1}


def square_layernorm(rng):
    x, gamma, beta, ln_param = layernorm(rng)
    return x[:4], gamma, beta, ln_param


def spatial_batchnorm(rng):
    x = rng.normal(size=(2, 3, 4, 3)) * np.array([0.5, 1.0, 2.0])[:, None, None] + rng.normal(size=(3, 1, 1))
    return x, rng.normal(size=3) + 0.5, rng.normal(size=3), {"mode": "train", "eps": 0.1}


def spatial_groupnorm(rng):
    x = rng.normal(size=(2, 4, 3, 2)) * rng.uniform(0.5, 3, size=(1, 4, 1, 1)) + rng.normal(size=(2, 4, 1, 1))
    return x, rng.normal(size=(1, 4, 1, 1)) + 0.5, rng.normal(size=(1, 4, 1, 1)), 2, {"eps": 0.1}


def strided_conv(rng):
    return rng.normal(size=(2, 3, 5, 5)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4), {"stride": 2, "pad": 1}


def padded_conv(rng):
    return rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4), {"stride": 1, "pad": 1}


def pool(rng):
    return rng.normal(size=(2, 3, 4, 6)), {"pool_height": 2, "pool_width": 2, "stride": 2}


def overlapping_pool(rng):
    return rng.normal(size=(2, 3, 4, 5)), {"pool_height": 2, "pool_width": 3, "stride": 1}


def wide_pool(rng):
    return rng.normal(size=(2, 3, 4, 6)), {"pool_height": 2, "pool_width": 4, "stride": 2}


def tied_pool(rng):
    """What stands behind a ReLU: about half of the pixels are exactly 0, here 0.5, so that windows tie."""
    x, pool_param = pool(rng)
    return np.maximum(x, 0.5), pool_param


def images(rng):
    return (rng.normal(size=(2, 3, 4, 5)),)


def momentum(rng):
    w, dw, velocity = rng.normal(size=(3, 4, 5))
    return w, dw, {"learning_rate": 0.05, "momentum": 0.8, "velocity": velocity}


def rmsprop(rng):
    w, dw, cache = rng.normal(size=(3, 4, 5))
    return w, dw, {"learning_rate": 0.5, "decay_rate": 0.8, "epsilon": 0.2, "cache": cache**2}


def adam(rng):
    w, dw, m, v = rng.normal(size=(4, 4, 5))
    return w, dw, {"learning_rate": 0.5, "beta1": 0.8, "beta2": 0.95, "epsilon": 0.2, "m": m, "v": v**2, "t": 3}


USUAL = {
    **dict.fromkeys(["relu", "leaky_relu", "elu", "gelu", "sigmoid", "tanh", "softplus", "softmax", "log_softmax"], rows),
    "affine": affine,
    "dropout": dropout,
    **dict.fromkeys(["softmax_loss", "svm_loss"], scores),
    **dict.fromkeys(["squared_loss", "absolute_loss"], targets),
    "huber_loss": huber_targets,
    "binary_cross_entropy_loss": shares,
    **dict.fromkeys(["linear_softmax_loss", "linear_svm_loss"], linear),
    **dict.fromkeys(["l2_penalty", "l1_penalty"], penalty),
    "batchnorm": batchnorm,
    "layernorm": layernorm,
    "spatial_batchnorm": spatial_batchnorm,
    "spatial_groupnorm": spatial_groupnorm,
    "conv": strided_conv,
    **dict.fromkeys(["max_pool", "average_pool"], pool),
    "global_average_pool": images,
    "sgd_momentum": momentum,
    "rmsprop": rmsprop,
    "adam": adam,
}
