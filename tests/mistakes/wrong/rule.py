"""What goes wrong in update rules, as maps of (w, dw, config) to the next weights and the config that is kept."""

import numpy as np
from tests.mistakes.bank import Wrong

wrong = Wrong()
RATE = {"learning", "lr", "rate"}
SIGN = {"sign", "minus", "-1", "negat", "plus"}
STORED = {"stored", "kept", "not updated", "old velocity", "lost", "saved", "not put back"}
WEIGHTS = {"swap", "exchang", "1 - decay", "weights", "decay", "revers", "interchang", "old cache & times"}
EPS = {"eps"}
CORRECTION = {"correct", "bias"}


@wrong.function("sgd_momentum", "learning rate forgotten", RATE)
def sgd_momentum_without_learning_rate(w, dw, config):
    config["velocity"] = config["momentum"] * config["velocity"] - dw
    return w + config["velocity"], config


@wrong.function("sgd_momentum", "velocity climbs", SIGN)
def sgd_momentum_climbs(w, dw, config):
    config["velocity"] = config["momentum"] * config["velocity"] + config["learning_rate"] * dw
    return w + config["velocity"], config


@wrong.function(
    "sgd_momentum", "averages weighted as a running mean", {"1 - momentum", "running & mean|average", "1 - mu", "1/5 times", "0.2 times"}
)
def sgd_momentum_as_a_running_mean(w, dw, config):
    mu = config["momentum"]
    config["velocity"] = mu * config["velocity"] - (1 - mu) * config["learning_rate"] * dw
    return w + config["velocity"], config


@wrong.function("sgd_momentum", "state not stored", STORED)
def sgd_momentum_forgets_its_velocity(w, dw, config):
    velocity = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    return w + velocity, config


@wrong.function("sgd_momentum", "step before the update of the state", {"old", "before", "order", "previous", "too late"})
def sgd_momentum_steps_with_the_old_velocity(w, dw, config):
    next_w = w + config["velocity"]
    config["velocity"] = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    return next_w, config


@wrong.function("sgd_momentum", "settings exchanged", {"swap", "exchang", "learning", "momentum"})
def sgd_momentum_rate_for_momentum(w, dw, config):
    config["velocity"] = config["learning_rate"] * config["velocity"] - config["momentum"] * dw
    return w + config["velocity"], config


@wrong.function("sgd_momentum", "two: sign and learning rate", SIGN, RATE)
def sgd_momentum_climbs_without_learning_rate(w, dw, config):
    config["velocity"] = config["momentum"] * config["velocity"] + dw
    return w + config["velocity"], config


@wrong.function("rmsprop", "eps inside the root", EPS)
def rmsprop_eps_inside_the_root(w, dw, config):
    config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    return w - config["learning_rate"] * dw / np.sqrt(config["cache"] + config["epsilon"]), config


@wrong.function("rmsprop", "averages with the weights exchanged", WEIGHTS)
def rmsprop_decay_on_the_wrong_term(w, dw, config):
    config["cache"] = (1 - config["decay_rate"]) * config["cache"] + config["decay_rate"] * dw**2
    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config


@wrong.function("rmsprop", "root forgotten", {"root", "sqrt"})
def rmsprop_without_root(w, dw, config):
    config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    return w - config["learning_rate"] * dw / (config["cache"] + config["epsilon"]), config


@wrong.function("rmsprop", "square forgotten", {"square"})
def rmsprop_averages_the_size_of_the_gradient(w, dw, config):
    config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * np.abs(dw)
    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config


@wrong.function("rmsprop", "step before the update of the state", {"old", "before", "order", "previous", "too late"})
def rmsprop_steps_with_the_old_cache(w, dw, config):
    next_w = w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
    config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    return next_w, config


@wrong.function("rmsprop", "sum where a running mean belongs", {"decay", "adagrad", "1 - decay", "running", "sum"})
def rmsprop_sums_like_adagrad(w, dw, config):
    config["cache"] = config["cache"] + dw**2
    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config


@wrong.function("rmsprop", "two: weights exchanged, eps inside the root", WEIGHTS, EPS)
def rmsprop_weights_exchanged_and_eps_inside(w, dw, config):
    config["cache"] = (1 - config["decay_rate"]) * config["cache"] + config["decay_rate"] * dw**2
    return w - config["learning_rate"] * dw / np.sqrt(config["cache"] + config["epsilon"]), config


def moments(dw, config):
    config["t"] += 1
    config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * dw**2
    return config["m"] / (1 - config["beta1"] ** config["t"]), config["v"] / (1 - config["beta2"] ** config["t"])


@wrong.function("adam", "bias correction forgotten", CORRECTION)
def adam_without_correction(w, dw, config):
    moments(dw, config)
    return w - config["learning_rate"] * config["m"] / (np.sqrt(config["v"]) + config["epsilon"]), config


@wrong.function("adam", "bias correction forgotten", CORRECTION)
def adam_corrects_the_first_moment_alone(w, dw, config):
    m, _ = moments(dw, config)
    return w - config["learning_rate"] * m / (np.sqrt(config["v"]) + config["epsilon"]), config


@wrong.function("adam", "step counted too late", {"t", "count", "increment"})
def adam_counts_after_the_step(w, dw, config):
    m = config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    v = config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * dw**2
    mt, vt = m / (1 - config["beta1"] ** config["t"]), v / (1 - config["beta2"] ** config["t"])
    config["t"] += 1
    return w - config["learning_rate"] * mt / (np.sqrt(vt) + config["epsilon"]), config


@wrong.function("adam", "eps inside the root", EPS)
def adam_eps_inside_the_root(w, dw, config):
    m, v = moments(dw, config)
    return w - config["learning_rate"] * m / np.sqrt(v + config["epsilon"]), config


@wrong.function("adam", "settings exchanged", {"swap", "exchang", "beta"})
def adam_betas_exchanged(w, dw, config):
    exchanged = {**config, "beta1": config["beta2"], "beta2": config["beta1"]}
    m, v = moments(dw, exchanged)
    config.update(m=exchanged["m"], v=exchanged["v"], t=exchanged["t"])
    return w - config["learning_rate"] * m / (np.sqrt(v) + config["epsilon"]), config


@wrong.function("adam", "square forgotten", {"square", "abs"})
def adam_second_moment_of_the_size(w, dw, config):
    v = config["beta2"] * config["v"] + (1 - config["beta2"]) * np.abs(dw)
    m, _ = moments(dw, config)
    config["v"] = v
    return w - config["learning_rate"] * m / (np.sqrt(v / (1 - config["beta2"] ** config["t"])) + config["epsilon"]), config


@wrong.function("adam", "corrected moments stored", {"correct", "stored", "bias"})
def adam_stores_the_corrected_moments(w, dw, config):
    config["m"], config["v"] = moments(dw, config)
    return w - config["learning_rate"] * config["m"] / (np.sqrt(config["v"]) + config["epsilon"]), config


@wrong.function("adam", "root forgotten", {"root", "sqrt"})
def adam_without_root(w, dw, config):
    m, v = moments(dw, config)
    return w - config["learning_rate"] * m / (v + config["epsilon"]), config


@wrong.function("adam", "two: correction forgotten, eps inside the root", CORRECTION, EPS)
def adam_uncorrected_with_eps_inside(w, dw, config):
    moments(dw, config)
    return w - config["learning_rate"] * config["m"] / np.sqrt(config["v"] + config["epsilon"]), config
