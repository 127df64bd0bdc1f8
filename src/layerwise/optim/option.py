"""Options by name, as a user gives them: checked against what a rule, a schedule or an activation takes."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np

from layerwise.errors import did_you_mean

SHARES = ("momentum", "decay_rate", "rho", "beta1", "beta2")  # what a step leaves of what a rule remembers


@cache
def options_of(function: Callable[..., Any]) -> dict[str, bool]:
    """The names of function's keyword-only options, and whether each one must be given.

    >>> from layerwise.optim import exponential
    >>> options_of(exponential)
    {'decay': False, 'steps_per_epoch': True}
    """
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default is p.empty for p in parameters if p.kind is p.KEYWORD_ONLY}


def check_options(function: Callable[..., Any], names: Iterable[str], label: str) -> None:
    """Refuse a name that function does not take, and one that is missing; label says whose options they are.

    >>> from layerwise.optim import adam
    >>> check_options(adam, ["lr", "beta3"], "adam")
    Traceback (most recent call last):
    ValueError: adam has no option "beta3". Did you mean "beta2"? Known: beta1, beta2, eps, lr.
    """
    names, known = set(names), options_of(function)
    for name in sorted(names - known.keys()):
        raise ValueError(f'{label} has no option "{name}".' + (did_you_mean(name, known) if known else " It takes none."))
    for name, needed in known.items():
        if needed and name not in names:
            raise ValueError(f'{label} needs the option "{name}".')


def check_values(options: Mapping[str, Any], label: str) -> None:
    """Refuse what is no finite number from 0 up, or no array of them; a share (momentum, beta1, ...) must also be below 1.

    >>> check_values({"lr": 0.1, "beta1": 1.0}, "adam")
    Traceback (most recent call last):
    ValueError: adam: beta1 is 1.0, but must be a number from 0 to below 1.
    """
    for name, value in options.items():
        limit = 1 if name in SHARES else np.inf
        needed = (
            f"{label}: {name} is {value!r}, but must be a {'number from 0 to below 1' if name in SHARES else 'finite number from 0 up'}."
        )
        numbers = np.asarray(value)
        if numbers.dtype.kind not in "iuf":
            raise TypeError(needed)
        if not np.all((numbers >= 0) & (numbers < limit)):
            raise ValueError(needed)
