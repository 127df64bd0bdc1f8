"""Whether an implementation is right, by plain means: values against loops and sums, gradients against central differences in float64.

Nothing of the package is used here, least of all what this bank is there to judge.
"""

import copy
import math

import numpy as np
from tests.mistakes.bank import Implementation

WRONG_FROM = 1e-3  # the relative error from which a mistake counts as one: nothing that could be blamed on precision


def findings(entry: Implementation, seed: int, tolerance: float = WRONG_FROM) -> list[str]:
    """What is wrong with an implementation, a few words each; empty if nothing is."""
    rng = np.random.default_rng(seed)
    args = entry.make_args(rng)
    with np.errstate(all="ignore"):
        try:
            return [*_impurities(entry, args, np.random.default_rng(seed)), *_errors(entry, args, tolerance, rng)]
        except (IndexError, TypeError, ValueError) as error:
            return [f"raises {error}"]


def _errors(entry, args, tolerance, rng):
    fresh = copy.deepcopy(args)
    out, rest = entry.forward(*fresh)
    references = [reference for reference in REFERENCES[entry.op] if _same(out, reference(*copy.deepcopy(args)), tolerance)]
    if entry.op == "dropout":
        yield from _dropout_errors(out, args)
    elif not references:
        yield "value"
    if entry.op in STATES:
        yield from (f"state {key}" for key, value in STATES[entry.op](*args).items() if not _same(fresh[-1].get(key), value, tolerance))
    if not entry.differentiated:
        return
    slope_of = references[0] if references else lambda *a: entry.forward(*a)[0]
    if entry.backward is None:
        dout, gradients = None, rest
    else:
        dout = rng.normal(size=np.shape(out))
        gradients = entry.backward(dout.copy(), rest)
    gradients = gradients if len(entry.differentiated) > 1 else [gradients]
    for position, gradient in zip(entry.differentiated, gradients, strict=True):
        if np.shape(gradient) != np.shape(args[position]):
            yield f"shape of gradient {position}"
        elif not _tied(entry, args) and not _same(gradient, _slopes(slope_of, args, position, dout), tolerance):
            yield f"gradient {position}"
        elif _tied(entry, args) and not math.isclose(np.sum(gradient), np.sum(dout)):
            yield f"gradient {position}: a step of all pixels together moves every maximum by as much"


def _tied(entry, args):
    """Where windows tie, a maximum has no slope for one pixel alone, but it has one for a step of all pixels together."""
    return entry.op == "max_pool" and len(np.unique(args[0])) < args[0].size


def _slopes(function, args, position, dout):
    """Central differences of function, weighted by dout, for every number of one argument."""
    args = [a.astype(float) if isinstance(a, np.ndarray) and i == position else copy.deepcopy(a) for i, a in enumerate(args)]
    flat, step = args[position].reshape(-1), 1e-5 * max(1, float(np.abs(args[position]).max()) / 100)
    slopes = np.zeros_like(flat)
    for i, start in enumerate(flat.copy()):
        sides = []
        for sign in (1, -1):
            flat[i] = start + sign * step
            value = np.array(function(*args), float)
            sides.append(np.sum(value) if dout is None else np.sum(value * dout))
        flat[i] = start
        slopes[i] = (sides[0] - sides[1]) / (2 * step)
    return slopes.reshape(args[position].shape)


def _same(a, b, tolerance):
    if a is None or b is None or np.shape(a) != np.shape(b):
        return False
    a, b = np.asarray(a, float), np.asarray(b, float)
    return bool(np.abs(a - b).max() <= tolerance * max(np.abs(b).max(), 1e-3))  # false for a NaN


def _impurities(entry, args, rng):
    """Inputs written, different answers to one question, and a cache that a later call spoils."""
    arrays = [a for a in args if isinstance(a, np.ndarray)]
    before = copy.deepcopy(arrays)
    out, rest = _without_settings(entry, args)
    if any(not np.array_equal(a, b) for a, b in zip(arrays, before, strict=True)):
        yield "writes its input"
        return
    first = np.array(out, float)
    if entry.backward is None:
        gradient = copy.deepcopy(rest) if entry.differentiated else None
        again = _without_settings(entry, args)
        if not np.array_equal(first, again[0], equal_nan=True) or not _equal(gradient, again[1] if entry.differentiated else None):
            yield "changes from call to call"
        return
    dout = rng.normal(size=first.shape)
    kept = dout.copy()
    gradient = copy.deepcopy(entry.backward(dout, rest))
    if not np.array_equal(dout, kept) or any(not np.array_equal(a, b) for a, b in zip(arrays, before, strict=True)):
        yield "backward writes its input"
        return
    if not np.array_equal(first, _without_settings(entry, args)[0], equal_nan=True):
        yield "changes from call to call"
    if not _equal(gradient, entry.backward(kept.copy(), rest)):
        yield "backward changes from call to call"
    other = [a + 1 if isinstance(a, np.ndarray) else copy.deepcopy(a) for a in args]
    entry.forward(*other)
    if not _equal(gradient, entry.backward(kept.copy(), rest)):
        yield "a later forward spoils the cache"


def _without_settings(entry, args):
    """The forward, on the arrays themselves and on copies of the dictionaries, which the courses' functions may update."""
    return entry.forward(*(copy.deepcopy(a) if isinstance(a, dict) else a for a in args))


def _equal(a, b):
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(_equal(p, q) for p, q in zip(a, b, strict=True))
    return a is b or np.array_equal(a, b, equal_nan=True)


def _dropout_errors(out, args):
    x, setting = args
    if setting["mode"] != "train":
        if not np.array_equal(out, x):
            yield "value"
        return
    kept = out != 0
    if not _same(out[kept], x[kept] / setting["p"], 1e-6):
        yield "value"
    if abs(kept.mean() - setting["p"]) > 5 * math.sqrt(setting["p"] * (1 - setting["p"]) / x.size):
        yield "value: share kept"


def _softmax(x):
    return np.array([[1 / sum(math.exp(min(other - score, 700)) for other in row) for score in row] for row in np.asarray(x, float)])


def _log_softmax(x):
    rows = np.asarray(x, float).tolist()
    norms = [max(row) + math.log(sum(math.exp(score - top) for score in row)) for row in rows for top in [max(row)]]
    return np.array([[score - norm for score in row] for row, norm in zip(rows, norms, strict=True)])


def _softmax_loss(x, y):
    logarithms = _log_softmax(x)
    return -sum(logarithms[i][label] for i, label in enumerate(y)) / len(y)


def _svm_loss(x, y):
    return sum(max(0.0, x[i][j] - x[i][y[i]] + 1) for i in range(len(y)) for j in range(x.shape[1]) if j != y[i]) / len(y)


def _huber_loss(x, y, delta):
    gaps = [abs(a - b) for a, b in zip(x.ravel(), y.ravel(), strict=True)]
    return sum(gap**2 / 2 if gap <= delta else delta * (gap - delta / 2) for gap in gaps) / len(gaps)


def _binary_cross_entropy_loss(x, y):
    pairs = zip(np.asarray(x, float).ravel(), y.ravel(), strict=True)
    return sum(max(a, 0) + math.log1p(math.exp(-abs(a))) - a * b for a, b in pairs) / x.size


def _linear(loss, scale):
    return lambda W, X, y, reg: loss(np.einsum("nd,dk->nk", X, W), y) + scale * reg * np.sum(W**2)


def _normalised(x, gamma, beta, groups, eps):
    """groups: for each entry of x the number of the group that shares a mean."""
    out = np.empty(x.shape)
    for group in np.unique(groups):
        inside = groups == group
        mean = x[inside].mean()
        out[inside] = (x[inside] - mean) / math.sqrt(np.mean((x[inside] - mean) ** 2) + eps)
    return out * gamma + beta


def _numbered(x, place):
    return np.array([place(*index) for index in np.ndindex(*x.shape)]).reshape(x.shape)


def _groupnorm(x, gamma, beta, groups, param):
    numbers = _numbered(x, lambda n, c, h, w: n * groups + c // (x.shape[1] // groups))
    return _normalised(x, np.reshape(gamma, (1, -1, 1, 1)), np.reshape(beta, (1, -1, 1, 1)), numbers, param.get("eps", 1e-5))


def _conv(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    wide = np.zeros((*x.shape[:2], x.shape[2] + 2 * pad, x.shape[3] + 2 * pad))
    wide[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]] = x
    seen = np.lib.stride_tricks.sliding_window_view(wide, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("ncijhw,fchw->nfij", seen, w) + np.reshape(b, (-1, 1, 1))


def _pool(combine):
    def pooled(x, param):
        seen = np.lib.stride_tricks.sliding_window_view(x, (param["pool_height"], param["pool_width"]), axis=(2, 3))
        return combine(seen[:, :, :: param["stride"], :: param["stride"]], axis=(4, 5))

    return pooled


def _elementwise(function):
    return lambda x: np.array([function(float(a)) for a in x.ravel()]).reshape(x.shape)


REFERENCES = {  # two where courses differ: ½λ and λ
    "affine": [lambda x, w, b: np.einsum("nd,dm->nm", x.reshape(len(x), -1), w) + b],
    "relu": [_elementwise(lambda a: a if a > 0 else 0.0)],
    "leaky_relu": [_elementwise(lambda a: a if a > 0 else 0.01 * a)],
    "elu": [_elementwise(lambda a: a if a > 0 else math.expm1(a))],
    "gelu": [_elementwise(lambda a: a * 0.5 * math.erfc(-a / math.sqrt(2)))],
    "sigmoid": [_elementwise(lambda a: 0.5 * (1 + math.tanh(a / 2)))],
    "tanh": [_elementwise(math.tanh)],
    "softplus": [_elementwise(lambda a: max(a, 0) + math.log1p(math.exp(-abs(a))))],
    "dropout": [],
    "softmax": [_softmax],
    "log_softmax": [_log_softmax],
    "softmax_loss": [_softmax_loss],
    "svm_loss": [_svm_loss],
    "squared_loss": [lambda x, y: np.sum((x - y) ** 2) / x.size],
    "absolute_loss": [lambda x, y: np.sum(np.abs(x - y)) / x.size],
    "huber_loss": [_huber_loss],
    "binary_cross_entropy_loss": [_binary_cross_entropy_loss],
    "linear_softmax_loss": [_linear(_softmax_loss, scale) for scale in (1, 0.5)],
    "linear_svm_loss": [_linear(_svm_loss, scale) for scale in (1, 0.5)],
    "l2_penalty": [lambda W, reg: reg * np.sum(W**2), lambda W, reg: 0.5 * reg * np.sum(W**2)],
    "l1_penalty": [lambda W, reg: reg * np.sum(np.abs(W))],
    "batchnorm": [lambda x, gamma, beta, p: _normalised(x, gamma, beta, _numbered(x, lambda n, d: d), p.get("eps", 1e-5))],
    "layernorm": [lambda x, gamma, beta, p: _normalised(x, gamma, beta, _numbered(x, lambda n, d: n), p.get("eps", 1e-5))],
    "spatial_batchnorm": [
        lambda x, gamma, beta, p: _normalised(
            x, gamma[:, None, None], beta[:, None, None], _numbered(x, lambda n, c, h, w: c), p.get("eps", 1e-5)
        )
    ],
    "spatial_groupnorm": [_groupnorm],
    "conv": [_conv],
    "max_pool": [_pool(np.max)],
    "average_pool": [_pool(np.mean)],
    "global_average_pool": [lambda x: x.sum(axis=(2, 3)) / (x.shape[2] * x.shape[3])],
}


def _momentum_state(w, dw, config):
    velocity = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    return {"velocity": velocity}, w + velocity


def _rmsprop_state(w, dw, config):
    cache = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    return {"cache": cache}, w - config["learning_rate"] * dw / (np.sqrt(cache) + config["epsilon"])


def _adam_state(w, dw, config):
    t = config["t"] + 1
    m = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    v = config["beta2"] * config["v"] + (1 - config["beta2"]) * dw**2
    mt, vt = m / (1 - config["beta1"] ** t), v / (1 - config["beta2"] ** t)
    return {"m": m, "v": v, "t": t}, w - config["learning_rate"] * mt / (np.sqrt(vt) + config["epsilon"])


for _rule, _stepped in {"sgd_momentum": _momentum_state, "rmsprop": _rmsprop_state, "adam": _adam_state}.items():
    REFERENCES[_rule] = [lambda *args, stepped=_stepped: stepped(*args)[1]]


def _running(x, gamma, beta, bn_param):
    """The running averages, where an implementation is given some to keep."""
    if "running_mean" not in bn_param:
        return {}
    momentum = bn_param.get("momentum", 0.9)
    return {
        "running_mean": momentum * bn_param["running_mean"] + (1 - momentum) * x.mean(axis=0),
        "running_var": momentum * bn_param["running_var"] + (1 - momentum) * x.var(axis=0),
    }


STATES = {  # what the dictionary among the arguments holds after the call
    "sgd_momentum": lambda *args: _momentum_state(*args)[0],
    "rmsprop": lambda *args: _rmsprop_state(*args)[0],
    "adam": lambda *args: _adam_state(*args)[0],
    "batchnorm": _running,
}
