"""What a course asks for under a name: how the function is called, and what it is held against."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from layerwise.grading.case import Case
from layerwise.grading.learner import Learner
from layerwise.grading.verdict import Remark

Judge = Callable[["Task", Learner, str], Iterator[Remark]]


@dataclass(frozen=True)
class Task:
    """judge     calls the learner's function and says what is wrong
    signature    how the course calls it
    cases        rng -> inputs, the ordinary ones first
    reference    the same by this package
    op           the row of gradcheck's TERMS that explains it
    forward      of a backward: the course name of the forward whose cache it takes
    order        of the arrays, where the course's is not ours
    penalty      what the course multiplies λ·ΣW² by; None if there is no penalty
    vectorised   no loop over the examples is wanted
    extras       further checks of its own
    parameters   how many the function has, where one name stands for two functions; 0 does not ask
    """

    judge: Judge
    signature: str
    cases: Callable[[Any], list[Case]] = lambda rng: []
    reference: Callable[..., Any] | None = None
    op: str = ""
    forward: str = ""
    order: tuple[str, ...] = ()
    penalty: float | None = None
    vectorised: bool = False
    extras: tuple[Judge, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    parameters: int = 0
