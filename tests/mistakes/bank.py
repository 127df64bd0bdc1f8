"""What a wrong, and a right, implementation in this bank is, and the decorators that file one.

Layers come in the courses' form: forward(*args) -> out, cache and backward(dout, cache) -> gradients. Losses and penalties are
one function(*args) -> value, gradient; update rules are rule(w, dw, config) -> next_w, config. make_args(rng) draws the args.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.mistakes import arguments, plain

DIFFERENTIATED = {  # the arguments that have a gradient, by position; all other ops have one, for the first argument
    **dict.fromkeys(["affine", "conv", "batchnorm", "layernorm", "spatial_batchnorm", "spatial_groupnorm"], (0, 1, 2)),
    **dict.fromkeys(["sgd_momentum", "rmsprop", "adam"], ()),
}


@dataclass(frozen=True)
class Implementation:
    """A learner's function (backward is None), or a learner's pair."""

    name: str
    op: str
    forward: Callable[..., Any]
    backward: Callable[..., Any] | None
    make_args: Callable[[Any], tuple[Any, ...]]

    @property
    def differentiated(self) -> tuple[int, ...]:
        return DIFFERENTIATED.get(self.op, (0,))


@dataclass(frozen=True)
class Mistake(Implementation):
    """A wrong one. expected: for each of its mistakes, phrases of which a good teacher's diagnosis would contain one (see `says`)."""

    kind: str
    expected: tuple[frozenset[str], ...]

    @property
    def two(self) -> bool:
        return len(self.expected) == 2

    @property
    def unexplained(self) -> bool:
        return not self.expected


@dataclass(frozen=True)
class Right(Implementation):
    """A right one, with the relative error that its precision excuses."""

    tolerance: float = 1e-6


@dataclass
class Wrong:
    """The mistakes of one file. A decorated function is the wrong part; the rest of its pair is `plain`, unless given."""

    entries: list[Mistake] = field(default_factory=list)

    def backward(self, op: str, kind: str, *expected: set[str], forward: Any = None, args: Any = None) -> Any:
        return self._filed(op, kind, expected, lambda f: (forward or getattr(plain, f"{op}_forward"), f), args)

    def forward(self, op: str, kind: str, *expected: set[str], backward: Any, args: Any = None) -> Any:
        return self._filed(op, kind, expected, lambda f: (f, backward), args)

    def function(self, op: str, kind: str, *expected: set[str], args: Any = None) -> Any:
        return self._filed(op, kind, expected, lambda f: (f, None), args)

    def _filed(self, op: str, kind: str, expected: tuple[set[str], ...], pair: Any, args: Any) -> Any:
        def file(function: Any) -> Any:
            make_args = args or arguments.USUAL[op]
            self.entries.append(Mistake(function.__name__, op, *pair(function), make_args, kind, tuple(map(frozenset, expected))))
            return function

        return file


@dataclass
class Correct:
    """The right implementations of one file."""

    entries: list[Right] = field(default_factory=list)

    def backward(self, op: str, forward: Any = None, args: Any = None, tolerance: float = 1e-6) -> Any:
        """The decorated function is the backward to a forward, by default the one in `plain`."""

        def file(function: Any) -> Any:
            make_args = args or arguments.USUAL[op]
            self.entries.append(Right(function.__name__, op, forward or getattr(plain, f"{op}_forward"), function, make_args, tolerance))
            return function

        return file

    def function(self, op: str, args: Any = None, tolerance: float = 1e-6) -> Any:
        """The decorated function is a loss, a penalty or a rule."""

        def file(function: Any) -> Any:
            self.entries.append(Right(function.__name__, op, function, None, args or arguments.USUAL[op], tolerance))
            return function

        return file


SPELT = {
    "½": "1/2",
    "λ": "reg",
    "−": "-",
    "·": "*",
    "×": "*",
    "²": "**2",
    "Σ": "sum ",
    "γ": "gamma",
    "β": "beta",
    "x̂": "x_hat",
    "√": "sqrt ",
    "ᵀ": ".t",
}


def says(text: str, phrase: str) -> bool:
    """Whether a diagnosis says what a phrase means: each of the parts between ampersands, in one of the spellings between bars.

    A spelling is the beginning of words ("transpos"), or a symbol or number of one or two characters, which stands alone.

    >>> says("The factor 1/N is missing from dx.", "1/n & missing|forgotten")
    True
    """
    text = _spelt(text)
    return all(any(re.search(_pattern(spelling), text) for spelling in part.split("|")) for part in phrase.split(" & "))


def _spelt(text: str) -> str:
    for sign, spelling in SPELT.items():
        text = text.replace(sign, spelling)
    return re.sub(r"\s*([-+*/=<>(),])\s*", r"\1", text.lower())


def _pattern(spelling: str) -> str:
    spelling = _spelt(spelling)
    start = r"(?<![a-z0-9_])" if spelling[0].isalnum() else ""
    end = r"(?![a-z0-9_])" if spelling[-1].isalnum() and len(spelling) < 3 else ""
    return start + re.escape(spelling) + end


def names(text: str, mistake: Mistake) -> bool:
    """Whether a diagnosis says all that is wrong."""
    return bool(mistake.expected) and all(any(says(text, phrase) for phrase in phrases) for phrases in mistake.expected)
