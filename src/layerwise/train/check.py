"""What a Solver refuses before it takes the first step, or at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import did_you_mean


def check_counts(least: int, none: str = "", **counts: Any) -> None:
    """Each must be a whole number from least up; None will do where the text says what it stands for."""
    for name, value in counts.items():
        if not (value is None and none) and (not isinstance(value, int | np.integer) or value < least):
            raise ValueError(f"Solver: {name} is {value!r}, but must be a whole number from {least} up{f' ({none})' if none else ''}.")


def check_per_member(settings: Mapping[str, Any], size: int) -> None:
    """Each is a number, or has one value per member of a population; size 0 stands for one model."""
    for name, value in settings.items():
        if np.ndim(value) and np.shape(value) != (size,):
            here = f"a population of {size}: give a number or ({size},)" if size else "one model: give a number, or train stack(models)"
            raise ValueError(f"Solver: {name} has shape {np.shape(value)}, but this is {here}.")


def check_answer(answer: Any, params: Mapping[str, Array], shape: tuple[int, ...]) -> None:
    """Hold what model.loss(X, y) returned against params and the shape that a loss must have."""
    if not isinstance(answer, tuple) or len(answer) != 2 or not isinstance(answer[1], Mapping):
        raise TypeError(f"Solver: the model's loss(X, y) returned a {type(answer).__name__}, but must return (loss, grads), grads a dict.")
    loss, grads = answer
    if np.shape(loss) != shape:
        needed = f"one loss per member, {shape}" if shape else "a number, the mean over the batch"
        raise ValueError(f"Solver: the model's loss has shape {np.shape(loss)}, but must be {needed}.")
    for name in grads:
        if name not in params:
            raise ValueError(f'Solver: grads has "{name}", which params has not.{did_you_mean(str(name), params)}')
    for name, w in params.items():
        if name not in grads:
            raise ValueError(f'Solver: grads has no "{name}": loss must return a gradient for each parameter ({", ".join(params)}).')
        grad = np.asarray(grads[name])
        if grad.shape != w.shape:
            hint = " Is it transposed?" if grad.shape == w.shape[::-1] else ""
            raise ValueError(f'Solver: the gradient of "{name}" has shape {grad.shape}, but the parameter has {w.shape}.{hint}')
        if grad.dtype.kind != "f":
            raise TypeError(f'Solver: the gradient of "{name}" is {grad.dtype}, but must hold floats, as the parameter does ({w.dtype}).')
