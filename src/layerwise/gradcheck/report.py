"""The report on a gradient: a verdict, a sentence, and findings, told as far as the hint level lets it.

Hint levels: 0 the verdict only; 1 where; 2 what kind of mistake; 3 the missing term, with its formula.
"""

import html
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from layerwise.gradcheck.numeric import Coordinate
from layerwise.gradcheck.precision import Curve

RIGHT = "right"
WRONG = "wrong"
FLOAT32 = "right, but only in float32 precision"
KINK = "stands on a kink"
IMPURE = "not a function"

HINT_LEVEL = 3


@dataclass(frozen=True)
class Finding:
    """What is known of one result: a gradient such as dx, or the value, out.

    kind says what sort of mistake it is (missing term, sign, coefficient, factor, swap, power, shape, ...); name is the
    diagnosis in a few words, empty where it is not sure; remedy the line to write instead.
    """

    result: str
    ok: bool
    kind: str = ""
    name: str = ""
    term: str = ""
    formula: str = ""
    remedy: str = ""
    first: Coordinate | None = None
    worst: Coordinate | None = None
    wrong: int = 0  # how many elements
    size: int = 0
    pattern: str = ""
    kinks: tuple[tuple[int, ...], ...] = ()
    agreement: float = math.nan  # of everything else, once the mistake is mended
    curve: Curve | None = None
    note: str = ""

    def where(self) -> str:
        told = []
        if self.wrong:
            told.append(f"{self.wrong} of {self.size} elements are wrong")
        if self.first:
            told.append(f"the first at {_place(self.first)}")
        if self.worst and self.worst != self.first:
            told.append(f"the worst at {_place(self.worst)}")
        return ", ".join(told)

    def sentences(self, level: int) -> Iterator[str]:
        """From the place to the formula."""
        if level < 1 or (self.ok and not self.kinks and not self.note):
            return
        if self.kinks:
            yield f"{self.result} stands on a kink at {_listed(self.kinks)}: the slopes to the left and to the right differ there, and neither is wrong"
        place = self.where()
        if not self.ok:
            yield f"{self.result} is wrong" + (f": {place}" if place else "")
        if level >= 2 and self.pattern and not (level >= 3 and self.pattern in self.name):
            yield self.pattern if self.pattern.startswith(self.result) else self.pattern[0].upper() + self.pattern[1:]
        if level == 2 and self.kind and not self.ok:
            yield f"Kind of mistake: {self.kind}"
        if level >= 3 and not self.ok:
            if self.name:
                rest = f"; everything else agrees to {self.agreement:.1g}" if math.isfinite(self.agreement) else ""
                yield f"{self.result} {self.name}" + (f": {self.remedy}" if self.remedy else "") + rest
            else:
                yield "Which term it is, I am not sure"
        if level >= 2 and self.note:
            yield self.note

    def as_dict(self, level: int = HINT_LEVEL) -> dict[str, Any]:
        found: dict[str, Any] = {"result": self.result, "ok": self.ok}
        if level >= 1:
            found |= {
                "wrong": self.wrong,
                "size": self.size,
                "first": _coordinate(self.first),
                "worst": _coordinate(self.worst),
                "kinks": [list(k) for k in self.kinks],
            }
        if level >= 2:
            found |= {"kind": self.kind, "pattern": self.pattern, "note": self.note, "precision": self.curve.kind if self.curve else None}
            found["curve"] = (
                [list(pair) for pair in zip(self.curve.steps, map(_plain, self.curve.gaps), strict=True)] if self.curve else None
            )
        if level >= 3:
            found |= {
                "name": self.name,
                "term": self.term,
                "formula": self.formula,
                "remedy": self.remedy,
                "agreement": _plain(self.agreement),
            }
        return found


@dataclass(frozen=True)
class Report:
    """The verdict on a gradient. True in a condition if nothing is wrong; printed, it is its text."""

    verdict: str
    sentence: str
    findings: tuple[Finding, ...] = ()
    op: str | None = None
    guessed: bool = False  # the op was not told, but recognised by its values
    conventions: tuple[str, ...] = ()
    hint_level: int = HINT_LEVEL

    @property
    def ok(self) -> bool:
        return self.verdict in (RIGHT, FLOAT32, KINK)

    def __bool__(self) -> bool:
        return self.ok

    @property
    def wrong(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.ok)

    @property
    def names(self) -> tuple[str, ...]:
        """The diagnoses, one for each wrong result that has one."""
        return tuple(f"{finding.result} {finding.name}" for finding in self.wrong if finding.name)

    def lines(self, hint_level: int | None = None) -> list[str]:
        level = self.hint_level if hint_level is None else hint_level
        lines = [f"{self.verdict[0].upper()}{self.verdict[1:]}." if level < 1 else self.sentence]
        if level >= 1:
            for finding in self.findings:
                lines += [f"{sentence}." for sentence in finding.sentences(level)]
        if level >= 2:
            lines += [f"{convention}." for convention in self.conventions]
        return lines

    def text(self, hint_level: int | None = None) -> str:
        return "\n".join(self.lines(hint_level))

    def __str__(self) -> str:
        return self.text()

    def __rich__(self) -> Any:
        from rich.text import Text  # imported here: only a terminal needs it

        first, *others = self.lines()
        text = Text(first, style="bold green" if self.ok else "bold red")
        for line in others:
            text.append("\n" + line, style="not bold default")
        return text

    def _repr_html_(self) -> str:
        first, *others = (html.escape(line) for line in self.lines())
        colour = "#1a7f37" if self.ok else "#b3261e"
        items = "".join(f"<li>{line}</li>" for line in others)
        return f'<div><strong style="color:{colour}">{first}</strong>' + (f"<ul>{items}</ul>" if items else "") + "</div>"

    def as_dict(self, hint_level: int | None = None) -> dict[str, Any]:
        level = self.hint_level if hint_level is None else hint_level
        found: dict[str, Any] = {"verdict": self.verdict, "ok": self.ok, "hint_level": level}
        if level >= 1:
            found |= {"sentence": self.sentence, "op": self.op, "findings": [finding.as_dict(level) for finding in self.findings]}
        if level >= 2:
            found |= {"conventions": list(self.conventions)}
        return found


def _place(coordinate: Coordinate) -> str:
    return f"{coordinate.index} ({coordinate.analytic:.6g} was derived, {coordinate.numeric:.6g} is the slope)"


def _listed(kinks: tuple[tuple[int, ...], ...]) -> str:
    return ", ".join(map(str, kinks[:5])) + (f" and {len(kinks) - 5} more" if len(kinks) > 5 else "")


def _coordinate(coordinate: Coordinate | None) -> dict[str, Any] | None:
    if coordinate is None:
        return None
    return {"index": list(coordinate.index), "derived": _plain(coordinate.analytic), "slope": _plain(coordinate.numeric)}


def _plain(number: float) -> float | None:
    """A number that JSON has."""
    return float(number) if math.isfinite(number) else None
