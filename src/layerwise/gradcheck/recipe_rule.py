"""The update rules taken apart, as maps from weights, gradient and state to the next weights and state."""

from typing import Any

import numpy as np

from layerwise.gradcheck.term import Recipe, Swap, Term

WEIGHTS = Term("the old weights", "w", lambda w: w)
DW = (
    Swap("dw", "the sign of dw", lambda dw: np.sign(dw)),
    Swap("dw", "the absolute value of dw", lambda dw: np.abs(dw)),
    Swap("dw", "the weights instead of their gradient", lambda w: w),
    Swap("dw", "the square of dw", lambda dw: dw**2),
)


def _rule(
    states: dict[str, str], ingredients: dict[str, Any], step: Term, swaps: tuple[Swap, ...], options: dict[str, Any], **more: Any
) -> Recipe:
    """states: what each rule remembers -> its formula; the new value of m is the ingredient m1, and so on."""
    return Recipe(
        arrays={"w": "D M", "dw": "D M", **dict.fromkeys(states, "D M")},
        ingredients={"N": lambda w: len(w), **ingredients},
        results={"out": (WEIGHTS, step), **more.pop("results", {})},
        swaps=(*swaps, *DW),
        options=options,
        aliases={"learning_rate": "lr", "epsilon": "eps"},
        guessable=False,
        **more,
    )


SGD = _rule({}, {}, Term("the step", "- lr * dw", lambda lr, dw: -lr * dw), (), {"lr": 1e-2}, numbers=("lr",))
SGD_MOMENTUM = _rule(
    {"velocity": "momentum * velocity - lr * dw"},
    {"velocity1": lambda momentum, velocity, lr, dw: momentum * velocity - lr * dw},
    Term("the velocity", "velocity", lambda velocity1: velocity1),
    (
        Swap("velocity1", "the old velocity: it is updated too late", lambda velocity: velocity),
        Swap("velocity1", "momentum · velocity + lr · dw", lambda momentum, velocity, lr, dw: momentum * velocity + lr * dw),
        Swap("velocity1", "momentum · velocity + dw, lr left out", lambda momentum, velocity, dw: momentum * velocity - dw),
        Swap("velocity1", "velocity without momentum", lambda velocity, lr, dw: velocity - lr * dw),
        Swap(
            "velocity1",
            "(1 − momentum) · lr · dw, a running mean",
            lambda momentum, velocity, lr, dw: momentum * velocity - (1 - momentum) * lr * dw,
        ),
        Swap("velocity1", "lr times the whole velocity", lambda momentum, velocity, lr, dw: lr * (momentum * velocity - dw)),
        Swap("velocity1", "the plain step − lr · dw: momentum is left out", lambda lr, dw: -lr * dw),
        Swap("velocity1", "(1 − momentum) · velocity − lr · dw", lambda momentum, velocity, lr, dw: (1 - momentum) * velocity - lr * dw),
        Swap("velocity1", "Nesterov's step", lambda momentum, velocity, lr, dw: momentum * (momentum * velocity - lr * dw) - lr * dw),
    ),
    {"lr": 1e-2, "momentum": 0.9},
    results={
        "velocity": (
            Term("the old velocity", "momentum * velocity", lambda momentum, velocity: momentum * velocity),
            Term("the step", "- lr * dw", lambda lr, dw: -lr * dw),
        )
    },
    numbers=("lr", "momentum"),
    symbols={"velocity1": "the new velocity"},
)
RMSPROP = _rule(
    {"cache": "decay_rate * cache + (1 - decay_rate) * dw ** 2"},
    {
        "cache1": lambda decay_rate, cache, dw: decay_rate * cache + (1 - decay_rate) * dw**2,
        "root": lambda cache1, eps: np.sqrt(cache1) + eps,
        "rest": lambda decay_rate: 1 - decay_rate,
    },
    Term("the step", "- lr * dw / (np.sqrt(cache) + eps)", lambda lr, dw, root: -lr * dw / root),
    (
        Swap("cache1", "the old cache: it is updated too late", lambda cache: cache),
        Swap(
            "cache1",
            "the weights 1 − decay_rate and decay_rate swapped",
            lambda decay_rate, cache, dw: (1 - decay_rate) * cache + decay_rate * dw**2,
        ),
        Swap("cache1", "dw instead of dw²", lambda decay_rate, cache, dw: np.abs(decay_rate * cache + (1 - decay_rate) * dw)),
        Swap("cache1", "the sum of squares, without decay: Adagrad's", lambda cache, dw: cache + dw**2),
        Swap("cache1", "dw² without 1 − decay_rate", lambda decay_rate, cache, dw: decay_rate * cache + dw**2),
        Swap("root", "eps inside the root", lambda cache1, eps: np.sqrt(cache1 + eps)),
        Swap("root", "the cache without its root", lambda cache1, eps: cache1 + eps),
        Swap("root", "no eps", lambda cache1: np.sqrt(cache1)),
        Swap("root", "1: the division is missing", lambda dw: np.ones_like(dw)),
    ),
    {"lr": 1e-2, "decay_rate": 0.99, "eps": 1e-8},
    results={
        "cache": (
            Term("the old cache", "decay_rate * cache", lambda decay_rate, cache: decay_rate * cache),
            Term("the squared gradient", "(1 - decay_rate) * dw ** 2", lambda rest, dw: rest * dw**2),
        )
    },
    numbers=("lr", "decay_rate", "rest"),
    symbols={"root": "√cache + eps", "cache1": "the new cache", "rest": "(1 − decay_rate)"},
)
ADAM = _rule(
    {"m": "beta1 * m + (1 - beta1) * dw", "v": "beta2 * v + (1 - beta2) * dw ** 2"},
    {
        "t1": lambda t: t + 1,
        "m1": lambda beta1, m, dw: beta1 * m + (1 - beta1) * dw,
        "v1": lambda beta2, v, dw: beta2 * v + (1 - beta2) * dw**2,
        "m_hat": lambda m1, beta1, t1: m1 / (1 - beta1**t1),
        "v_hat": lambda v1, beta2, t1: v1 / (1 - beta2**t1),
        "root": lambda v_hat, eps: np.sqrt(v_hat) + eps,
        "rest1": lambda beta1: 1 - beta1,
        "rest2": lambda beta2: 1 - beta2,
    },
    Term("the step", "- lr * m_hat / (np.sqrt(v_hat) + eps)", lambda lr, m_hat, root: -lr * m_hat / root),
    (
        Swap("m_hat", "m: its bias correction is missing", lambda m1: m1),
        Swap("v_hat", "v: its bias correction is missing", lambda v1: v1),
        Swap("t1", "t: it is counted up too late", lambda t: t),
        Swap("m_hat", "m corrected by beta2", lambda m1, beta2, t1: m1 / (1 - beta2**t1)),
        Swap("v_hat", "v corrected by beta1", lambda v1, beta1, t1: v1 / (1 - beta1**t1)),
        Swap("m_hat", "m / (1 − beta1): t is forgotten", lambda m1, beta1: m1 / (1 - beta1)),
        Swap("v_hat", "v / (1 − beta2): t is forgotten", lambda v1, beta2: v1 / (1 - beta2)),
        Swap("m_hat", "the gradient instead of its running mean", lambda dw: dw),
        Swap("m1", "the weights beta1 and 1 − beta1 swapped", lambda beta1, m, dw: (1 - beta1) * m + beta1 * dw),
        Swap("v1", "the weights beta2 and 1 − beta2 swapped", lambda beta2, v, dw: (1 - beta2) * v + beta2 * dw**2),
        Swap("v1", "dw instead of dw²", lambda beta2, v, dw: np.abs(beta2 * v + (1 - beta2) * dw)),
        Swap("m1", "the old m: it is updated too late", lambda m: m),
        Swap("v1", "the old v: it is updated too late", lambda v: v),
        Swap("m1", "dw without 1 − beta1", lambda beta1, m, dw: beta1 * m + dw),
        Swap("v1", "dw² without 1 − beta2", lambda beta2, v, dw: beta2 * v + dw**2),
        Swap("root", "eps inside the root", lambda v_hat, eps: np.sqrt(v_hat + eps)),
        Swap("root", "v̂ without its root", lambda v_hat, eps: v_hat + eps),
        Swap("root", "no eps", lambda v_hat: np.sqrt(v_hat)),
    ),
    {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "t": 0},
    results={
        "m": (
            Term("the old mean", "beta1 * m", lambda beta1, m: beta1 * m),
            Term("the gradient", "(1 - beta1) * dw", lambda rest1, dw: rest1 * dw),
        ),
        "v": (
            Term("the old mean of squares", "beta2 * v", lambda beta2, v: beta2 * v),
            Term("the squared gradient", "(1 - beta2) * dw ** 2", lambda rest2, dw: rest2 * dw**2),
        ),
    },
    numbers=("lr", "beta1", "beta2", "rest1", "rest2"),
    symbols={
        "m_hat": "m̂",
        "v_hat": "v̂",
        "root": "√v̂ + eps",
        "m1": "m",
        "v1": "v",
        "t1": "t",
        "rest1": "(1 − beta1)",
        "rest2": "(1 − beta2)",
    },
)
