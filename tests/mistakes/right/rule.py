"""Right update rules, written otherwise than in the textbook."""

import numpy as np
from tests.mistakes.bank import Correct

right = Correct()


@right.function("sgd_momentum")
def sgd_momentum_with_the_opposite_velocity(w, dw, config):
    opposite = config["learning_rate"] * dw - config["momentum"] * config["velocity"]
    config["velocity"] = -opposite
    return w - opposite, config


@right.function("sgd_momentum")
def sgd_momentum_with_defaults(w, dw, config=None):
    config = {} if config is None else config
    rate, mu = config.setdefault("learning_rate", 1e-2), config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    v = mu * v - rate * dw
    config["velocity"] = v
    return w + v, config


@right.function("rmsprop")
def rmsprop_by_a_step_towards_the_square(w, dw, config):
    cache = config["cache"] + (1 - config["decay_rate"]) * (dw * dw - config["cache"])
    config["cache"] = cache
    return w - config["learning_rate"] / (cache**0.5 + config["epsilon"]) * dw, config


@right.function("rmsprop")
def rmsprop_one_weight_at_a_time(w, dw, config):
    next_w, cache = w.copy(), config["cache"].copy()
    for index in np.ndindex(w.shape):
        cache[index] = config["decay_rate"] * cache[index] + (1 - config["decay_rate"]) * dw[index] ** 2
        next_w[index] -= config["learning_rate"] * dw[index] / (np.sqrt(cache[index]) + config["epsilon"])
    config["cache"] = cache
    return next_w, config


@right.function("adam")
def adam_with_the_corrections_folded_into_the_rate(w, dw, config):
    t = config["t"] + 1
    m = config["m"] + (1 - config["beta1"]) * (dw - config["m"])
    v = config["v"] + (1 - config["beta2"]) * (dw**2 - config["v"])
    root = np.sqrt(1 - config["beta2"] ** t)
    config.update(t=t, m=m, v=v)
    return w - config["learning_rate"] * root / (1 - config["beta1"] ** t) * m / (np.sqrt(v) + root * config["epsilon"]), config


@right.function("adam")
def adam_in_six_lines(w, dw, config):
    config["t"] += 1
    for key, beta, value in (("m", "beta1", dw), ("v", "beta2", dw * dw)):
        config[key] = config[beta] * config[key] + (1 - config[beta]) * value
    mt, vt = (config[key] / (1 - config[beta] ** config["t"]) for key, beta in (("m", "beta1"), ("v", "beta2")))
    return w - config["learning_rate"] * mt / (np.sqrt(vt) + config["epsilon"]), config
