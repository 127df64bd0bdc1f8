"""What is said of one function: a verdict, and remarks as far as the hint level lets them be told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

RIGHT, WRONG, NOT_DONE = "right", "wrong", "not done yet"
LEVELS = (0, 1, 2, 3)  # the verdict only; where; what kind of mistake; the missing term and its formula


@dataclass(frozen=True)
class Remark:
    """Something that was found. lines holds the sentences for each hint level, from 0 to 3."""

    kind: str
    lines: tuple[tuple[str, ...], ...]
    verdict: str = WRONG  # RIGHT for a note, such as another convention

    def as_dict(self, level: int) -> dict[str, Any]:
        return {"verdict": self.verdict, "lines": list(self.lines[level])} | ({"kind": self.kind} if level >= 2 else {})


def remark(kind: str, where: str, *, how: str = "", term: str = "", verdict: str = WRONG) -> Remark:
    """where is told from hint level 1 on, how from 2, term at 3."""
    told = [(least, text) for least, text in ((1, where), (2, how), (3, term)) if text]
    return Remark(kind, tuple(tuple(text for least, text in told if least <= level) for level in LEVELS), verdict)


@dataclass(frozen=True)
class Verdict:
    """name is the course's, function the learner's own name for it."""

    name: str
    function: str
    verdict: str
    remarks: tuple[Remark, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def ok(self) -> bool:
        return self.verdict != WRONG

    def told(self, level: int) -> list[str]:
        """The sentences, each once, those on what is wrong first."""
        order = sorted(self.remarks, key=lambda remark: remark.verdict != WRONG)
        return list(dict.fromkeys(line for remark in order for line in remark.lines[level]))

    def as_dict(self, level: int) -> dict[str, Any]:
        return {
            "name": self.name,
            "function": self.function,
            "verdict": self.verdict,
            "remarks": [remark.as_dict(level) for remark in self.remarks] if level else [],
            "seconds": round(self.seconds, 3),
        }


def verdict_of(remarks: Sequence[Remark]) -> str:
    """Wrong if anything is, else not done if anything is missing, else right."""
    said = {remark.verdict for remark in remarks}
    return WRONG if WRONG in said else NOT_DONE if NOT_DONE in said else RIGHT


def remark_from(given: Any) -> Remark:
    """A remark that a worker sent; ValueError, KeyError or TypeError for anything else."""
    lines = tuple(tuple(str(line) for line in lines) for lines in given["lines"])
    if given["verdict"] not in (RIGHT, WRONG, NOT_DONE) or len(lines) != len(LEVELS):
        raise ValueError("a worker sent what is no remark")
    return Remark(str(given["kind"]), lines, given["verdict"])
