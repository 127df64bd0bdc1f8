"""What a figure of a lab is held against, and the verdict.

A goal is written as it is shown: "exactly 0.9096", "0.962 ± 0.003", "at least 0.983", "at most 1e-6"; "" asks for nothing.
"""

from __future__ import annotations

import math
import re

EXACT, WITHIN, BETTER, SHORT = "exact", "within tolerance", "better", "short"
TOLD, QUICK = "told", "QUICK"  # no goal; a figure of a sample, which no published one can be held against
VERDICTS = (EXACT, WITHIN, BETTER, SHORT, TOLD, QUICK)
ROUNDING = 1e-9  # relative: a figure that was written down in full and read again
NUMBER = r"([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)"
GOAL = re.compile(rf"(?:exactly {NUMBER}|{NUMBER} ± {NUMBER}|at least {NUMBER}|at most {NUMBER})?")


def verdict(measured: float | None, goal: str, published: float | None = None) -> str:
    """How a measured figure stands to its goal, and to the published one.

    A goal with ± is missed below, and surpassed above. A goal "at least" is met within tolerance up to the published figure, and
    better from there on; "at most" likewise, downwards. What is not finite is short of any goal.

    >>> verdict(0.9096, "exactly 0.9096"), verdict(0.9601, "0.962 ± 0.003"), verdict(0.966, "0.962 ± 0.003")
    ('exact', 'within tolerance', 'better')
    >>> verdict(0.984, "at least 0.983", 0.9851), verdict(0.986, "at least 0.983", 0.9851), verdict(0.98, "at least 0.983", 0.9851)
    ('within tolerance', 'better', 'short')
    """
    exactly, middle, tolerance, least, most = numbers(goal)
    if not goal:
        return TOLD
    if measured is None or not math.isfinite(measured):
        return SHORT
    if middle is not None and tolerance is not None:
        gap = measured - middle
        return WITHIN if abs(gap) <= tolerance + ROUNDING * abs(middle) else BETTER if gap > 0 else SHORT
    if least is not None:
        return SHORT if measured < least else WITHIN if published is not None and measured < published else BETTER
    if most is not None:
        return SHORT if measured > most else WITHIN if published is not None and measured > published else BETTER
    return EXACT if exactly is not None and math.isclose(measured, exactly, rel_tol=ROUNDING) else SHORT


def numbers(goal: str) -> tuple[float | None, ...]:
    """The numbers of a goal: exactly, middle, tolerance, least, most; None for those that it has not.

    >>> numbers("at most 1e-6")
    (None, None, None, None, 1e-06)
    """
    found = GOAL.fullmatch(goal)
    if found is None:
        raise ValueError(f'a goal is "{goal}", but must be as one of these: "exactly 0.9", "0.9 ± 0.01", "at least 0.9", "at most 0.1", ""')
    return tuple(None if text is None else float(text) for text in found.groups())
