"""The first five steps of one small net, as six others write its settings and as this package does.

A row says what the other is told and what we are told; `FIGURES` keeps what the other came to, so that ours can be held
against it where the other is not installed.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from layerwise import conventions
from layerwise.models import FullyConnectedNet
from layerwise.optim import RULES

FIGURES = Path(__file__).parent / "figures"
STEPS = 5
NAMES = ("W1", "b1", "W2", "b2")


@dataclass(frozen=True)
class Case:
    """What the other is told (by its own names), what our model, rule and its options are, and the rate of each step."""

    theirs: dict[str, Any]
    model: dict[str, Any] = field(default_factory=dict)
    rule: str = "sgd"
    options: dict[str, Any] = field(default_factory=dict)
    rates: tuple[float, ...] = (0.125,) * STEPS  # exact in float32, in which Keras keeps its rate
    biases: bool = False  # penalised as well
    rescaled: bool = False  # our velocity is multiplied as the rate is
    hat: bool = False  # the other adds Adam's epsilon to the root of v before v's correction


HALVED = (0.125, 0.125, 0.125, 0.0625, 0.0625)
SMALL = (2.0**-6,) * STEPS
DROPPED = {"keep_prob": conventions.keep_from_drop(0.4)}

CASES = {
    "cs231n": {
        "A2: reg": Case({"half_reg": 0.3}, {"reg": 0.3}),
        "A1: reg": Case({"reg": 0.3}, {"reg": conventions.reg_from_plain_l2(0.3)}),
        "momentum": Case({"momentum": 0.9}, rule="sgd_momentum", options={"momentum": 0.9}),
        "momentum, the rate halved": Case({"momentum": 0.9}, rule="sgd_momentum", options={"momentum": 0.9}, rates=HALVED),
        "nesterov": Case({"nesterov": 0.9}, rule="nesterov", options={"momentum": 0.9}),
        "keep probability": Case({"keep": 0.6}, {"keep_prob": 0.6}),
    },
    "dlcourse": {
        "reg_strength": Case({"reg_strength": 0.15}, {"reg": conventions.reg_from_plain_l2(0.15)}, biases=True),
        "MomentumSGD": Case({"momentum": 0.9}, rule="sgd_momentum", options={"momentum": 0.9}),
    },
    "keras": {
        "l2": Case({"l2": 0.15}, {"reg": conventions.reg_from_plain_l2(0.15)}),
        "l1": Case({"l1": 0.02}, {"reg_l1": 0.02}),
        "momentum": Case({"momentum": 0.9}, rule="sgd_momentum", options={"momentum": 0.9}),
        "momentum, the rate halved": Case({"momentum": 0.9}, rule="sgd_momentum", options={"momentum": 0.9}, rates=HALVED),
        "nesterov": Case({"momentum": 0.9, "nesterov": True}, rule="nesterov", options={"momentum": 0.9}),
        "Adam": Case({"adam": True, "epsilon": 0.01}, rule="adam", options={"eps": 0.01}, rates=SMALL, hat=True),
        "Dropout": Case({"dropout": 0.4}, DROPPED),
    },
    "pytorch": {
        "weight_decay of weights": Case({"weight_decay": 0.3}, {"reg": conventions.reg_from_weight_decay(0.3)}),
        "weight_decay": Case({"weight_decay": 0.3, "biases": True}, {"reg": conventions.reg_from_weight_decay(0.3)}, biases=True),
        "momentum": Case({"momentum": 0.9}, rule="sgd_momentum", options={"momentum": 0.9}),
        "momentum, the rate halved": Case({"momentum": 0.9}, rule="sgd_momentum", options={"momentum": 0.9}, rates=HALVED, rescaled=True),
        "nesterov": Case({"momentum": 0.9, "nesterov": True}, rule="nesterov", options={"momentum": 0.9}),
        "Adam": Case({"adam": "Adam"}, rule="adam", rates=SMALL),
        "Adam with weight_decay of weights": Case({"adam": "Adam", "weight_decay": 0.3}, {"reg": 0.3}, rule="adam", rates=SMALL),
        "AdamW": Case({"adam": "AdamW", "weight_decay": 0.3, "biases": True}, rule="adamw", options={"decay": 0.3}, rates=SMALL),
        "Dropout": Case({"dropout": 0.4}, DROPPED),
    },
    "scikit-learn": {
        "alpha": Case({"alpha": 4.8}, {"reg": conventions.reg_from_alpha(4.8, 16)}),
        "momentum": Case({"momentum": 0.9}, rule="sgd_momentum", options={"momentum": 0.9}),
        "nesterovs_momentum": Case({"momentum": 0.9, "nesterovs_momentum": True}, rule="nesterov", options={"momentum": 0.9}),
        "adam": Case({"solver": "adam", "epsilon": 0.01}, rule="adam", options={"eps": 0.01}, rates=SMALL, hat=True),
    },
}
ROWS = [(peer, name) for peer, cases in CASES.items() for name in cases]


def problem():
    """X (16, 4), y (16,), and the net's first W1 (4, 5), b1, W2 (5, 3), b2: multiples of 1/256, which float32 holds exactly."""
    kept = json.loads((FIGURES / "problem.json").read_text())
    return {name: np.array(values) for name, values in kept.items()}


def flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])


class Kept:
    """Noise for which dropout keeps what the other kept, step by step: masks (5, 16, 5) of 0 and 1."""

    def __init__(self, masks):
        self.masks = iter(masks)

    def random(self, shape, dtype=np.float64):
        return np.where(next(self.masks), 0.0, 1 - 1e-9).reshape(shape)


def our_steps(case, masks=None):
    """All parameters after each step (5, 43)."""
    start = problem()
    model = FullyConnectedNet([5], input_dim=4, num_classes=3, dtype=np.float64, **case.model)
    for name in NAMES:
        model.params[name] = start[name].copy()
    if masks is not None:
        model.rng = Kept(masks)
    if case.biases:
        for layer in model.layers:
            layer.penalised = tuple(layer.params)
    states = {name: {} for name in NAMES}
    found = []
    for i, rate in enumerate(case.rates):
        _, grads = model.loss(start["X"], start["y"])
        for name, state in states.items():
            if case.rescaled and i:
                state["velocity"] *= rate / case.rates[i - 1]
            options = {**case.options, "eps": case.options["eps"] / (1 - 0.999 ** (i + 1)) ** 0.5} if case.hat else case.options
            RULES[case.rule](model.params[name], grads[name], state, lr=rate, **options)
        found.append(flat(model.params[name] for name in NAMES))
    return np.array(found)


def stored(peer, name):
    """(the other's parameters after each step, the masks of its dropout or None)"""
    row = json.loads((FIGURES / f"{peer}.json").read_text())["steps"][name]
    return np.array(row["parameters"]), None if row["masks"] is None else np.array(row["masks"])
