"""Update rules, which change weights given gradients, and schedules, which change the learning rate over a run.

>>> import numpy as np
>>> from layerwise.optim import RULES
>>> w, state = np.array([4.0, -2.0]), {}
>>> for step in range(100):
...     RULES["sgd_momentum"](w, 2 * w, state, lr=0.1, momentum=0.5)  # the gradient of the sum of w²
>>> np.abs(w).max() < 1e-9
np.True_

A rule is rule(w, dw, state, *, lr, ...). It updates w and state in place and writes nothing else. Its options are numbers,
or float64 arrays (P, 1, ..., 1): one value per member of a population. A state is {} before the first call. Afterwards it
holds arrays like w, in w's memory layout, and numbers (the step count t, one for all members; Nadam's product, which is
(P, 1, ..., 1) if its options are). So to keep some members, cut every value that has axes along its first one; and a
checkpoint may store every value as an array: a 0-d t is taken for the number it was.
"""

from layerwise.optim.adadelta import adadelta
from layerwise.optim.adagrad import adagrad
from layerwise.optim.adam import adam
from layerwise.optim.adamw import adamw
from layerwise.optim.choice import choose_rule, choose_schedule
from layerwise.optim.momentum import nesterov, sgd_momentum
from layerwise.optim.nadam import nadam
from layerwise.optim.option import check_options, check_values, options_of
from layerwise.optim.rmsprop import rmsprop
from layerwise.optim.schedule import constant, cosine, exponential, reduce_on_plateau, staircase, warmup
from layerwise.optim.sgd import sgd
from layerwise.optim.table import RULES, SCHEDULES

__all__ = [
    "RULES",
    "SCHEDULES",
    "choose_rule",
    "choose_schedule",
    "check_options",
    "check_values",
    "options_of",
    "sgd",
    "sgd_momentum",
    "nesterov",
    "rmsprop",
    "adagrad",
    "adadelta",
    "adam",
    "adamw",
    "nadam",
    "constant",
    "exponential",
    "staircase",
    "cosine",
    "warmup",
    "reduce_on_plateau",
]
