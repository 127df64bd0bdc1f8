"""Schedules: pure functions of how far a run is and how it went, which give the factor of the learning rate.

Every one is called schedule(step, num_steps, history, **options): step counts from 0 to num_steps - 1, and history has
val_acc_history. A factor is never negative; it is a number, or (P,) where an option or the history is one per member.
"""

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from layerwise.errors import look_up
from layerwise.optim.option import check_options


class History(Protocol):
    """What a schedule may know of the run: its validation scores so far, numbers or (P,), larger is better."""

    @property
    def val_acc_history(self) -> Sequence[Any]: ...


def constant(step: int, num_steps: int, history: History | None) -> Any:
    """The learning rate as it was given."""
    return 1.0


def exponential(step: int, num_steps: int, history: History | None, *, decay: Any = 0.95, steps_per_epoch: int) -> Any:
    """Times decay after every epoch, the courses' lr_decay.

    >>> [exponential(step, 6, None, decay=0.5, steps_per_epoch=2) for step in range(6)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    """
    return _not_negative("exponential", decay=decay) ** (step // _count("exponential", steps_per_epoch=steps_per_epoch))


def staircase(step: int, num_steps: int, history: History | None, *, every: int, factor: Any = 0.1, steps_per_epoch: int = 1) -> Any:
    """Times factor every so many epochs, or every so many steps where steps_per_epoch is left at 1.

    >>> [staircase(step, 6, None, every=3, factor=0.5) for step in range(6)]
    [1.0, 1.0, 1.0, 0.5, 0.5, 0.5]
    """
    length = _count("step", every=every) * _count("step", steps_per_epoch=steps_per_epoch)
    return _not_negative("step", factor=factor) ** (step // length)


def cosine(step: int, num_steps: int, history: History | None, *, floor: Any = 0.0) -> Any:
    """Half a cosine wave from 1 at the first step to floor, which it would reach one step after the last.

    >>> [round(cosine(step, 4, None), 3) for step in range(4)]
    [1.0, 0.854, 0.5, 0.146]

    Loshchilov & Hutter 2017 (arXiv:1608.03983, equation 5), without restarts.
    """
    floor = _not_negative("cosine", floor=floor)
    return floor + (1 - floor) * ((1 + math.cos(math.pi * min(step / max(num_steps, 1), 1.0))) / 2)


def warmup(step: int, num_steps: int, history: History | None, *, steps: int, then: str = "constant", **options: Any) -> Any:
    """In equal rises to 1 within the first so many steps, times another schedule that starts after them, with its options.

    >>> [round(warmup(step, 6, None, steps=2, then="cosine"), 3) for step in range(6)]
    [0.5, 1.0, 1.0, 0.854, 0.5, 0.146]
    """
    from layerwise.optim.table import SCHEDULES  # here, because the table imports this file

    after = look_up(SCHEDULES, then, "schedule")
    check_options(after, options, f"the schedule {then} after the warm-up")
    rise = min((step + 1) / _count("warmup", steps=steps), 1.0)
    return rise * after(max(step - steps, 0), max(num_steps - steps, 1), history, **options)


def reduce_on_plateau(
    step: int,
    num_steps: int,
    history: History,
    *,
    patience: int = 5,
    factor: Any = 0.1,
    min_factor: Any = 0.0,
    threshold: float = 1e-4,
) -> Any:
    """Times factor whenever patience validation scores in a row are not better than the best by more than threshold.

    Worked out afresh from the scores, so a resumed run needs nothing saved; a NaN is no improvement. With scores
    (P,) each member has its own plateaus.
    """
    patience = _count("reduce_on_plateau", patience=patience)
    factor = _not_negative("reduce_on_plateau", factor=factor)
    min_factor = _not_negative("reduce_on_plateau", min_factor=min_factor)
    scores = history.val_acc_history
    if len(scores) and np.ndim(scores[-1]):
        members = np.asarray(scores, np.float64).T.tolist()  # (P, scores): plain numbers, which a loop reads fastest
        drops: Any = np.array([_plateaus(member, patience, threshold) for member in members])
    else:
        drops = _plateaus(scores, patience, threshold)
    reduced = np.maximum(factor**drops, min_factor)
    return reduced if reduced.ndim else float(reduced)


def _plateaus(scores: Sequence[float], patience: int, threshold: float) -> int:
    best, waited, plateaus = -math.inf, 0, 0
    for score in scores:
        if score > best + threshold:
            best, waited = score, 0
        else:
            waited += 1
        if waited == patience:
            waited, plateaus = 0, plateaus + 1
    return plateaus


def _not_negative(schedule: str, **option: Any) -> Any:
    """The option's value, a number or an array; refused where it, or a NaN in it, would make a factor negative or NaN."""
    ((name, value),) = option.items()
    value = np.asarray(value, np.float64) if np.ndim(value) else value
    if not np.all(value >= 0):
        raise ValueError(f"schedule {schedule}: {name} is {value}, but a factor of the learning rate needs 0 or more")
    return value


def _count(schedule: str, **option: Any) -> int:
    ((name, value),) = option.items()
    if value != int(value) or value < 1:
        raise ValueError(f"schedule {schedule}: {name} is {value}, but needs to be a whole number from 1 up")
    return int(value)
