"""The update rules and the schedules, by the names that a user gives them."""

from collections.abc import Callable
from typing import Any

from layerwise.optim.adadelta import adadelta
from layerwise.optim.adagrad import adagrad
from layerwise.optim.adam import adam
from layerwise.optim.adamw import adamw
from layerwise.optim.momentum import nesterov, sgd_momentum
from layerwise.optim.nadam import nadam
from layerwise.optim.rmsprop import rmsprop
from layerwise.optim.schedule import constant, cosine, exponential, reduce_on_plateau, staircase, warmup
from layerwise.optim.sgd import sgd

Rule = Callable[..., None]
Schedule = Callable[..., Any]

RULES: dict[str, Rule] = {
    "sgd": sgd,
    "sgd_momentum": sgd_momentum,
    "nesterov": nesterov,
    "rmsprop": rmsprop,
    "adagrad": adagrad,
    "adadelta": adadelta,
    "adam": adam,
    "adamw": adamw,
    "nadam": nadam,
}

SCHEDULES: dict[str, Schedule] = {
    "constant": constant,
    "exponential": exponential,
    "step": staircase,
    "cosine": cosine,
    "warmup": warmup,
    "reduce_on_plateau": reduce_on_plateau,
}
