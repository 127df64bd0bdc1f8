"""Hyperparameters of an update rule, from float64 to the dtype of the weights."""

from typing import Any

import numpy as np

from layerwise.arrays import Array

Hyperparameter = float | Array  # a number, or float64 (P, 1, ..., 1): one value per member of a population
State = dict[str, Any]  # what a rule remembers about one array of weights


def cast(w: Array, *coefficients: Any) -> list[Array]:
    """Coefficients, worked out in float64, in w's dtype: the last thing done to them.

    >>> cast(np.zeros(3, np.float32), 1 - 0.999)
    [array(0.001, dtype=float32)]
    """
    return [np.asarray(coefficient, w.dtype) for coefficient in coefficients]
