"""The courses' two-layer net and update rules as their sheets define them, in plain float64 loops: nothing of this package."""

import numpy as np
from tests.convention.case import NAMES, flat, problem


def steps(told, rates):
    """(parameters after each step, masks or None) under a course's settings, by its own names."""
    start = problem()
    w = {name: start[name].copy() for name in NAMES}
    velocity = {name: np.zeros_like(w[name]) for name in NAMES}
    rng = np.random.default_rng(3)
    found, masks = [], []
    for rate in rates:
        mask = None
        if "keep" in told:
            kept = rng.random((16, 5)) < told["keep"]
            masks.append(kept.astype(int).tolist())
            mask = kept / told["keep"]
        grads = gradients(w, start["X"], start["y"], mask)
        for name in NAMES:
            if "half_reg" in told and name[0] == "W":
                grads[name] += told["half_reg"] * w[name]  # loss + 0.5 * reg * sum(W * W)
            if "reg" in told and name[0] == "W":
                grads[name] += 2 * told["reg"] * w[name]  # loss + reg * sum(W * W)
            if "reg_strength" in told:
                grads[name] += 2 * told["reg_strength"] * w[name]  # of every parameter
            v = velocity[name]
            if "momentum" in told:
                v[...] = told["momentum"] * v - rate * grads[name]
                w[name] += v
            elif "nesterov" in told:
                before = v.copy()
                v[...] = told["nesterov"] * v - rate * grads[name]
                w[name] += -told["nesterov"] * before + (1 + told["nesterov"]) * v
            else:
                w[name] -= rate * grads[name]
        found.append(flat(w.values()))
    return np.array(found), masks or None


def gradients(w, X, y, mask):
    """Of the mean softmax loss of affine - relu - (dropout) - affine, example by example."""
    grads = {name: np.zeros_like(a) for name, a in w.items()}
    for i, (x, label) in enumerate(zip(X, y, strict=True)):
        before = x @ w["W1"] + w["b1"]
        hidden = np.maximum(before, 0) * (1 if mask is None else mask[i])
        scores = hidden @ w["W2"] + w["b2"]
        dscores = np.exp(scores - scores.max())
        dscores /= dscores.sum()
        dscores[label] -= 1
        dscores /= len(X)
        dbefore = (w["W2"] @ dscores) * (1 if mask is None else mask[i]) * (before > 0)
        grads["W2"] += np.outer(hidden, dscores)
        grads["b2"] += dscores
        grads["W1"] += np.outer(x, dbefore)
        grads["b1"] += dbefore
    return grads
