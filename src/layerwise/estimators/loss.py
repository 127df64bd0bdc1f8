"""The losses that an estimator takes: by name, or a pair of your own, whose gradient is checked before it trains anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.errors import did_you_mean
from layerwise.gradcheck.numeric import check_gradient
from layerwise.ops.own_loss import OwnLoss
from layerwise.ops.table import Loss

PROBES = 4  # examples that a pair of your own is checked on


@dataclass(frozen=True)
class Choice:
    """A loss as a network takes it, what its targets are, and how it is written against scikit-learn's.

    scale: this loss is so many times scikit-learn's, for each of K outputs (alpha has to grow along with it).
    """

    loss: str | Loss
    targets: str
    scale: Callable[[int], float]


def _once(num_outputs: int) -> float:
    return 1.0


def _twice(num_outputs: int) -> float:
    return 2.0  # scikit-learn halves the squares


def _shared(num_outputs: int) -> float:
    return 1 / num_outputs  # scikit-learn adds the outputs up, where we take their mean


SOFTMAX, HINGE = Choice("softmax", "labels", _once), Choice("svm", "labels", _once)
SHARES = Choice("binary_cross_entropy", "shares", _shared)
SQUARED, ABSOLUTE, HUBER = Choice("squared", "values", _twice), Choice("absolute", "values", _once), Choice("huber", "values", _once)

CLASS_LOSSES = {"softmax": SOFTMAX, "hinge": HINGE, "log_loss": SOFTMAX}
MULTILABEL_LOSSES = {"softmax": SHARES, "log_loss": SHARES, "binary_cross_entropy": SHARES}
VALUE_LOSSES = {
    "squared": SQUARED,
    "absolute": ABSOLUTE,
    "huber": HUBER,
    "squared_error": SQUARED,  # scikit-learn's names
    "absolute_error": ABSOLUTE,
}


def choose_loss(loss: Any, known: dict[str, Choice], targets: str, num_outputs: int) -> Choice:
    """The loss of that name, or the pair (forward, backward) if its backward is the slope of its forward.

    >>> choose_loss("hinge", CLASS_LOSSES, "labels", 3).loss
    'svm'
    """
    if isinstance(loss, str) and loss in known:
        return known[loss]
    if isinstance(loss, tuple) and len(loss) == 2 and all(callable(function) for function in loss):
        own = OwnLoss(*loss)
        _check_slope(own, targets, num_outputs)
        return Choice(Loss(own, targets), targets, _once)
    raise ValueError(f"loss is {loss!r}, but must be a name, or a pair of functions (forward, backward).{did_you_mean(str(loss), known)}")


def _check_slope(loss: OwnLoss, targets: str, num_outputs: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(PROBES, num_outputs))
    y = {
        "labels": np.arange(PROBES) % num_outputs,
        "shares": rng.integers(0, 2, size=x.shape).astype(np.float64),
        "values": rng.normal(size=x.shape),
    }[targets]
    verdict = check_gradient(lambda x: loss(x, y), x)
    if not verdict.ok:
        raise ValueError(f"the loss of your own has a backward that is not the slope of its forward. {verdict}")
