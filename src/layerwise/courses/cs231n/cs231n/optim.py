"""Update rules as the course calls them: (w, dw, config) -> next_w, config, with settings and memory in config."""

from collections.abc import Callable
from typing import Any

import numpy as np

from layerwise.optim import RULES

__all__ = ["IN_PLACE", "adam", "np", "rmsprop", "sgd", "sgd_momentum", "step_in_place"]

Config = dict[str, Any]
OPTIONS = {"learning_rate": "lr", "epsilon": "eps"}  # the course's name -> ours, where they differ
DEFAULTS: dict[str, Config] = {
    "sgd": {"learning_rate": 1e-2},
    "sgd_momentum": {"learning_rate": 1e-2, "momentum": 0.9},
    "rmsprop": {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8},
    "adam": {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
}
MEMORY: dict[str, tuple[str, ...]] = {"sgd": (), "sgd_momentum": ("velocity",), "rmsprop": ("cache",), "adam": ("m", "v")}


def step_in_place(name: str, w: Any, dw: Any, config: Config) -> Any:
    """The rule of that name, on w and on the arrays in config themselves."""
    for key, default in DEFAULTS[name].items():
        config.setdefault(key, default)
    state = {key: config[key] if key in config else np.zeros_like(w) for key in MEMORY[name]}
    state.update({"t": config.get("t", 0)} if name == "adam" else {})
    RULES[name](w, dw, state, **{OPTIONS.get(key, key): config[key] for key in DEFAULTS[name]})
    config.update(state)
    return w, config


def _step(name: str, w: Any, dw: Any, config: Config | None) -> Any:
    """The same, on copies: the caller's w and arrays stay as they are, config itself is updated."""
    config = {} if config is None else config
    config.update({key: np.copy(config[key]) for key in MEMORY[name] if key in config})
    return step_in_place(name, np.copy(w), dw, config)


def sgd(w: Any, dw: Any, config: Config | None = None) -> Any:
    """Plain descent, on w itself. config: learning_rate."""
    return step_in_place("sgd", w, dw, {} if config is None else config)


def sgd_momentum(w: Any, dw: Any, config: Config | None = None) -> Any:
    """Descent with momentum. config: learning_rate, momentum, velocity."""
    return _step("sgd_momentum", w, dw, config)


def rmsprop(w: Any, dw: Any, config: Config | None = None) -> Any:
    """Descent by gradients over the root of a running mean of their squares. config: learning_rate, decay_rate, epsilon, cache."""
    return _step("rmsprop", w, dw, config)


def adam(w: Any, dw: Any, config: Config | None = None) -> Any:
    """Adam. config: learning_rate, beta1, beta2, epsilon, m, v, t."""
    return _step("adam", w, dw, config)


IN_PLACE: dict[Callable[..., Any], str] = {sgd: "sgd", sgd_momentum: "sgd_momentum", rmsprop: "rmsprop", adam: "adam"}
