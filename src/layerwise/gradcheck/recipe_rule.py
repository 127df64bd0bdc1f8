"""The update rules taken apart, as maps from weights, gradient and state to the next weights and state."""

from typing import Any

import numpy as np

from layerwise.gradcheck.term import Function, Recipe, Swap, Term

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
        results={"out": (WEIGHTS, step, *more.pop("extra", ())), **more.pop("results", {})},
        swaps=(*swaps, *DW),
        options=options,
        aliases={"learning_rate": "lr", "epsilon": "eps", **more.pop("aliases", {})},
        guessable=False,
        **more,
    )


SGD = _rule({}, {}, Term("the step", "- lr * dw", lambda lr, dw: -lr * dw), (), {"lr": 1e-2}, numbers=("lr",))
VELOCITY = (
    Term("the old velocity", "momentum * velocity", lambda momentum, velocity: momentum * velocity),
    Term("the step", "- lr * dw", lambda lr, dw: -lr * dw),
)
SGD_MOMENTUM = _rule(
    {"velocity": "momentum * velocity - lr * dw"},
    {"velocity1": lambda momentum, velocity, lr, dw: momentum * velocity - lr * dw, "rest": lambda momentum: 1 - momentum},
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
        Swap(
            "velocity1",
            "− lr · (momentum · velocity + dw): lr is outside the velocity",
            lambda momentum, velocity, lr, dw: -lr * (momentum * velocity + dw),
        ),
        Swap("velocity1", "Nesterov's step", lambda momentum, velocity, lr, dw: momentum * (momentum * velocity - lr * dw) - lr * dw),
    ),
    {"lr": 1e-2, "momentum": 0.9},
    results={"velocity": VELOCITY},
    numbers=("lr", "momentum", "rest"),
    symbols={"velocity1": "the new velocity", "rest": "(1 − momentum)"},
)
NESTEROV = _rule(
    {"velocity": "momentum * velocity - lr * dw"},
    {"velocity1": lambda momentum, velocity, lr, dw: momentum * velocity - lr * dw, "rest": lambda momentum: 1 - momentum},
    Term("the look ahead", "momentum * velocity", lambda momentum, velocity1: momentum * velocity1),
    (
        Swap("velocity1", "the old velocity, which is plain momentum's step without the look ahead", lambda velocity: velocity),
        Swap("velocity1", "momentum · velocity + lr · dw", lambda momentum, velocity, lr, dw: momentum * velocity + lr * dw),
        Swap("velocity1", "momentum · velocity − dw, lr left out", lambda momentum, velocity, dw: momentum * velocity - dw),
        Swap("velocity1", "velocity without momentum", lambda velocity, lr, dw: velocity - lr * dw),
        Swap(
            "velocity1",
            "(1 − momentum) · lr · dw, a running mean",
            lambda momentum, velocity, lr, dw: momentum * velocity - (1 - momentum) * lr * dw,
        ),
    ),
    {"lr": 1e-2, "momentum": 0.9},
    extra=(Term("the step", "- lr * dw", lambda lr, dw: -lr * dw),),
    results={"velocity": VELOCITY},
    numbers=("lr", "momentum", "rest"),
    symbols={"velocity1": "the new velocity", "rest": "(1 − momentum)"},
)
SQUARED = (  # what is written for the square of the gradient
    Swap("squared", "|dw| instead of its square", lambda dw: np.abs(dw)),
    Swap("squared", "dw itself, without its square", lambda dw: dw),
    Swap("squared", "the square of the weights", lambda w: w**2),
    Swap("squared", "the mean of dw² over everything", lambda dw: np.full_like(dw, (dw**2).mean())),
    Swap("squared", "the sum of dw² over everything", lambda dw: np.full_like(dw, (dw**2).sum())),
)


def roots(of: str) -> tuple[Swap, ...]:
    """What is written for √of + eps; of is an ingredient."""
    return (
        Swap("root", "eps inside the root", _Of(lambda a, eps: np.sqrt(a + eps), of, "eps")),
        Swap("root", f"{ROOTED[of]} without its root", _Of(lambda a, eps: a + eps, of, "eps")),
        Swap("root", "no eps", _Of(lambda a: np.sqrt(a), of)),
        Swap("root", "1: the division is missing", _Of(lambda a: np.ones_like(a), of)),
        Swap("root", "eps taken off", _Of(lambda a, eps: np.sqrt(a) - eps, of, "eps")),
        Swap(
            "root", "the inverse of the root: it is multiplied with, not divided by", _Of(lambda a, eps: 1 / (np.sqrt(a) + eps), of, "eps")
        ),
        Swap("root", "the cube root", _Of(lambda a, eps: np.cbrt(a) + eps, of, "eps")),
    )


ROOTED = {"cache1": "the cache", "v_hat": "v̂"}


class _Of:
    """A function of ingredients whose names are given."""

    def __init__(self, function: Function, *names: str) -> None:
        self.function, self.needs = function, names

    def __call__(self, *ingredients: Any) -> Any:
        return self.function(*ingredients)


CACHED: dict[str, Any] = {
    "squared": lambda dw: dw**2,
    "kept": lambda decay_rate: decay_rate,
    "rest": lambda decay_rate: 1 - decay_rate,
    "cache1": lambda kept, cache, rest, squared: kept * cache + rest * squared,
}
CACHES = (  # what is written for a running mean of squares
    Swap("cache1", "the old cache: it is updated too late", lambda cache: cache),
    Swap("decay_rate", "1 − decay_rate: the weights of old and new are swapped", lambda decay_rate: 1 - decay_rate),
    Swap("cache1", "the sum of squares, without decay: Adagrad's", lambda cache, squared: cache + squared),
    Swap("rest", "1: dw² without 1 − decay_rate", lambda: 1.0),
    Swap("cache1", "the squared gradient alone: what was kept is left out", lambda squared: squared),
)
RMSPROP = _rule(
    {"cache": "decay_rate * cache + (1 - decay_rate) * dw ** 2"},
    {**CACHED, "root": lambda cache1, eps: np.sqrt(cache1) + eps},
    Term("the step", "- lr * dw / (np.sqrt(cache) + eps)", lambda lr, dw, root: -lr * dw / root),
    (*CACHES, *SQUARED, *roots("cache1")),
    {"lr": 1e-2, "decay_rate": 0.99, "eps": 1e-8},
    results={
        "cache": (
            Term("the old cache", "decay_rate * cache", lambda kept, cache: kept * cache),
            Term("the squared gradient", "(1 - decay_rate) * dw ** 2", lambda rest, squared: rest * squared),
        )
    },
    numbers=("lr", "decay_rate", "rest"),
    symbols={
        "root": "√cache + eps",
        "cache1": "the new cache",
        "rest": "(1 − decay_rate)",
        "kept": "decay_rate",
        "squared": "dw²",
    },
)
ADAGRAD = _rule(
    {"cache": "cache + dw ** 2"},
    {
        "squared": lambda dw: dw**2,
        "cache1": lambda cache, squared: cache + squared,
        "root": lambda cache1, eps: np.sqrt(cache1) + eps,
    },
    Term("the step", "- lr * dw / (np.sqrt(cache) + eps)", lambda lr, dw, root: -lr * dw / root),
    (
        Swap("cache1", "the old cache: it is updated too late", lambda cache: cache),
        Swap("cache1", "the squared gradient alone: the sum of the earlier ones is left out", lambda squared: squared),
        Swap("cache1", "0.9 · cache + 0.1 · dw², a running mean: RMSProp's", lambda cache, squared: 0.9 * cache + 0.1 * squared),
        *SQUARED,
        *roots("cache1"),
    ),
    {"lr": 1e-2, "eps": 1e-8},
    results={
        "cache": (
            Term("the old cache", "cache", lambda cache: cache),
            Term("the squared gradient", "dw ** 2", lambda squared: squared),
        )
    },
    numbers=("lr",),
    symbols={"root": "√cache + eps", "cache1": "the new cache", "squared": "dw²"},
)
ADADELTA = _rule(
    {
        "cache": "rho * cache + (1 - rho) * dw ** 2",
        "step_cache": "rho * step_cache + (1 - rho) * step ** 2",
    },
    {
        "squared": lambda dw: dw**2,
        "rest": lambda rho: 1 - rho,
        "cache1": lambda rho, rest, cache, squared: rho * cache + rest * squared,
        "above": lambda step_cache, eps: np.sqrt(step_cache + eps),
        "root": lambda cache1, eps: np.sqrt(cache1 + eps),
        "step": lambda above, root, dw: above / root * dw,
    },
    Term("the step", "- lr * np.sqrt(step_cache + eps) / np.sqrt(cache + eps) * dw", lambda lr, step: -lr * step),
    (
        Swap("cache1", "the old cache: it is updated too late", lambda cache: cache),
        Swap("rho", "1 − rho: the weights of old and new are swapped", lambda rho: 1 - rho),
        Swap("rest", "1: what is new is not weighted by 1 − rho", lambda: 1.0),
        Swap(
            "above",
            "the new step_cache instead of the old: it is updated too early",
            lambda rho, rest, step, step_cache, eps: np.sqrt(rho * step_cache + rest * step**2 + eps),
        ),
        Swap("above", "1: √(step_cache + eps) is left out, as in RMSProp", lambda dw: np.ones_like(dw)),
        Swap("above", "eps outside the root: √step_cache + eps", lambda step_cache, eps: np.sqrt(step_cache) + eps),
        Swap("above", "step_cache + eps without its root", lambda step_cache, eps: step_cache + eps),
        Swap("root", "eps outside the root: √cache + eps", lambda cache1, eps: np.sqrt(cache1) + eps),
        Swap("root", "cache + eps without its root", lambda cache1, eps: cache1 + eps),
        Swap("root", "no eps", lambda cache1: np.sqrt(cache1)),
        Swap("step", "the inverse ratio of the two roots", lambda above, root, dw: root / above * dw),
        Swap("step", "the gradient instead of the step", lambda dw: dw),
        Swap("step", "lr times the step", lambda lr, step: lr * step, ("step_cache",)),
        *SQUARED,
    ),
    {"lr": 1.0, "rho": 0.95, "eps": 1e-6},
    results={
        "cache": (
            Term("the old cache", "rho * cache", lambda rho, cache: rho * cache),
            Term("the squared gradient", "(1 - rho) * dw ** 2", lambda rest, squared: rest * squared),
        ),
        "step_cache": (
            Term("the old step_cache", "rho * step_cache", lambda rho, step_cache: rho * step_cache),
            Term("the squared step", "(1 - rho) * step ** 2", lambda rest, step: rest * step**2),
        ),
    },
    numbers=("lr", "rho", "rest"),
    symbols={
        "rest": "(1 − rho)",
        "cache1": "the new cache",
        "above": "√(step_cache + eps)",
        "root": "√(cache + eps)",
        "squared": "dw²",
        "step": "the step",
    },
    aliases={"decay_rate": "rho"},
)
MOMENTS: dict[str, Any] = {
    "gradient": lambda dw: dw,
    "squared": lambda gradient: gradient**2,
    "t1": lambda t: t + 1,
    "rest1": lambda beta1: 1 - beta1,
    "rest2": lambda beta2: 1 - beta2,
    "m1": lambda beta1, rest1, m, gradient: beta1 * m + rest1 * gradient,
    "v1": lambda beta2, rest2, v, squared: beta2 * v + rest2 * squared,
    "age": lambda t1: t1,
    "correction1": lambda beta1, age: 1 - beta1**age,
    "correction2": lambda beta2, age: 1 - beta2**age,
    "m_hat": lambda m1, correction1: m1 / correction1,
    "v_hat": lambda v1, correction2: v1 / correction2,
    "root": lambda v_hat, eps: np.sqrt(v_hat) + eps,
}
MOMENT_SWAPS = (
    Swap("m_hat", "m: its bias correction is missing", lambda m1: m1),
    Swap("v_hat", "v: its bias correction is missing", lambda v1: v1),
    Swap("age", "m and v as they are, their bias correction missing,", lambda: np.inf),
    Swap("t1", "t: it is counted up too late", lambda t: t),
    Swap("t1", "t + 2: it is counted up twice", lambda t: t + 2),
    Swap("age", "1: t is forgotten in the bias correction", lambda: 1),
    Swap("m_hat", "m corrected by beta2", lambda m1, correction2: m1 / correction2),
    Swap("v_hat", "v corrected by beta1", lambda v1, correction1: v1 / correction1),
    Swap("m_hat", "m / (1 − beta1): t is forgotten", lambda m1, beta1: m1 / (1 - beta1)),
    Swap("v_hat", "v / (1 − beta2): t is forgotten", lambda v1, beta2: v1 / (1 - beta2)),
    Swap("correction1", "1 − beta1 · t, a product for a power", lambda beta1, t1: 1 - beta1 * t1),
    Swap("correction2", "1 − beta2 · t, a product for a power", lambda beta2, t1: 1 - beta2 * t1),
    Swap("m_hat", "m times its bias correction", lambda m1, correction1: m1 * correction1),
    Swap("v_hat", "v times its bias correction", lambda v1, correction2: v1 * correction2),
    Swap("m_hat", "the gradient instead of its running mean", lambda dw: dw),
    Swap("beta1", "1 − beta1: the weights of old and new are swapped", lambda beta1: 1 - beta1, ("m",)),
    Swap("beta2", "1 − beta2: the weights of old and new are swapped", lambda beta2: 1 - beta2, ("v",)),
    Swap("m1", "the weights beta1 and 1 − beta1 swapped", lambda beta1, m, gradient: (1 - beta1) * m + beta1 * gradient),
    Swap("v1", "the weights beta2 and 1 − beta2 swapped", lambda beta2, v, squared: (1 - beta2) * v + beta2 * squared),
    Swap("m1", "the old m: it is updated too late", lambda m: m),
    Swap("v1", "the old v: it is updated too late", lambda v: v),
    Swap("rest1", "1: dw without 1 − beta1", lambda: 1.0),
    Swap("rest2", "1: dw² without 1 − beta2", lambda: 1.0),
    Swap("beta1", "beta2 for beta1", lambda beta2: beta2),
    Swap("beta2", "beta1 for beta2", lambda beta1: beta1),
    Swap("squared", "m², the square of the mean", lambda m1: m1**2),
    *SQUARED,
    *roots("v_hat"),
)
MEANS = {
    "m": (
        Term("the old mean", "beta1 * m", lambda beta1, m: beta1 * m),
        Term("the gradient", "(1 - beta1) * dw", lambda rest1, gradient: rest1 * gradient),
    ),
    "v": (
        Term("the old mean of squares", "beta2 * v", lambda beta2, v: beta2 * v),
        Term("the squared gradient", "(1 - beta2) * dw ** 2", lambda rest2, squared: rest2 * squared),
    ),
}
MOMENT_STATES = {"m": "beta1 * m + (1 - beta1) * dw", "v": "beta2 * v + (1 - beta2) * dw ** 2"}
MOMENT_SYMBOLS = {
    "m_hat": "m̂",
    "v_hat": "v̂",
    "root": "√v̂ + eps",
    "m1": "m",
    "v1": "v",
    "t1": "t",
    "age": "the bias correction",
    "rest1": "(1 − beta1)",
    "rest2": "(1 − beta2)",
    "correction1": "1 − beta1ᵗ, the bias correction,",
    "correction2": "1 − beta2ᵗ, the bias correction,",
    "squared": "dw²",
    "gradient": "dw",
}
MOMENT_NUMBERS = ("lr", "beta1", "beta2", "rest1", "rest2", "correction1", "correction2")
MOMENT_OPTIONS = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "t": 0}
STEP = Term("the step", "- lr * m_hat / (np.sqrt(v_hat) + eps)", lambda lr, m_hat, root: -lr * m_hat / root)

ADAM = _rule(MOMENT_STATES, MOMENTS, STEP, MOMENT_SWAPS, MOMENT_OPTIONS, results=MEANS, numbers=MOMENT_NUMBERS, symbols=MOMENT_SYMBOLS)
ADAMW = _rule(
    MOMENT_STATES,
    {
        **MOMENTS,
        "coupled": lambda: 0.0,
        "gradient": lambda dw, coupled, decay, w: dw + coupled * decay * w,
        "rate": lambda lr, coupled: lr * (1 - coupled),
    },
    STEP,
    (
        Swap("coupled", "the decay added to the gradient: Adam with an L2 penalty", lambda: 1.0),
        Swap("rate", "1: decay · w without lr, as in the paper", lambda: 1.0, ("out",), convention=True),
        *MOMENT_SWAPS,
    ),
    {**MOMENT_OPTIONS, "decay": 1e-2},
    extra=(Term("the decay", "- lr * decay * w", lambda rate, decay, w: -rate * decay * w),),
    results=MEANS,
    numbers=(*MOMENT_NUMBERS, "decay"),
    symbols={**MOMENT_SYMBOLS, "rate": "lr", "coupled": "the decay of the weights themselves"},
    aliases={"weight_decay": "decay"},
)
NADAM = _rule(
    MOMENT_STATES,
    {
        **MOMENTS,
        "momentum": lambda beta1, t1, schedule_decay: beta1 * (1 - 0.5 * 0.96 ** (t1 * schedule_decay)),
        "next_momentum": lambda beta1, t1, schedule_decay: beta1 * (1 - 0.5 * 0.96 ** ((t1 + 1) * schedule_decay)),
        "correction1": lambda momentum_product, momentum: 1 - momentum_product * momentum,
        "next_correction": lambda momentum_product, momentum, next_momentum: 1 - momentum_product * momentum * next_momentum,
        "m_hat": lambda m1, next_correction: m1 / next_correction,
        "g_hat": lambda dw, correction1: dw / correction1,
        "blend": lambda momentum, g_hat, next_momentum, m_hat: (1 - momentum) * g_hat + next_momentum * m_hat,
    },
    Term(
        "the step",
        "- lr * ((1 - momentum) * g_hat + next_momentum * m_hat) / (np.sqrt(v_hat) + eps)",
        lambda lr, blend, root: -lr * blend / root,
    ),
    (
        Swap(
            "blend",
            "beta1 · m / (1 − beta1ᵗ) + (1 − beta1) · dw / (1 − beta1ᵗ): the form without a schedule of the momentum",
            lambda beta1, m1, rest1, dw, t1: (beta1 * m1 + rest1 * dw) / (1 - beta1**t1),
            ("out",),
            convention=True,
        ),
        Swap(
            "blend",
            "beta1 · m / (1 − beta1ᵗ⁺¹) + (1 − beta1) · dw / (1 − beta1ᵗ): the form without a schedule of the momentum",
            lambda beta1, m1, rest1, dw, t1: beta1 * m1 / (1 - beta1 ** (t1 + 1)) + rest1 * dw / (1 - beta1**t1),
            ("out",),
            convention=True,
        ),
        Swap("blend", "m̂ without the look ahead: Adam's step", lambda m1, beta1, t1: m1 / (1 - beta1**t1), ("out",)),
        *(swap for swap in MOMENT_SWAPS if swap.place not in ("age", "m_hat", "correction1")),
    ),
    {**MOMENT_OPTIONS, "schedule_decay": 4e-3, "momentum_product": 1.0},
    results=MEANS,
    numbers=("lr", "beta1", "beta2", "rest1", "rest2"),
    symbols={**MOMENT_SYMBOLS, "blend": "(1 − momentum) · ĝ + next_momentum · m̂", "g_hat": "ĝ"},
)
