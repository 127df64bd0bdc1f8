"""Learners' files: right ones, the same with a mistake put in, and checks of them that are run once for many tests."""

import functools
from dataclasses import dataclass
from pathlib import Path

from layerwise.grading import Verdict, check_file

RIGHT_FILES = Path(__file__).parent / "right"


@dataclass(frozen=True)
class Mistake:
    """In the function of a right file, `old` becomes `new`; the verdict's text must then contain `told`."""

    file: str
    function: str
    old: str
    new: str
    told: str
    verdict: str = "wrong"

    @property
    def id(self) -> str:
        return f"{self.function}: {self.told[:40]}"


def edited(source: str, mistake: Mistake) -> str:
    """The source with the mistake in its function, which must have been there just so."""
    start = source.index(f"def {mistake.function}(")
    end = source.find("\n\n\ndef ", start)
    body = source[start : end if end > 0 else len(source)]
    assert mistake.old in body, f"{mistake.function} has no {mistake.old!r}"
    return source[:start] + body.replace(mistake.old, mistake.new, 1) + source[start + len(body) :]


@functools.cache
def verdicts(file: str, mistakes: tuple[Mistake, ...], folder: Path) -> dict[str, Verdict]:
    """The verdicts on a right file with one mistake in each of some functions."""
    source = (RIGHT_FILES / file).read_text(encoding="utf-8")
    for mistake in mistakes:
        source = edited(source, mistake)
    path = folder / Path(file).name
    path.write_text(source, encoding="utf-8")
    return {v.name: v for v in check_file(path, only=[m.function for m in mistakes])}


def family(mistake: Mistake) -> str:
    """Functions that take from one another, of which one mistake at a time is put into a file."""
    if "classifer" in mistake.file:
        return "cross entropy" if mistake.function == "cross_entropy_loss" else "sheet"
    stem = mistake.function.partition("_forward")[0].partition("_backward")[0]
    return {"spatial_batchnorm": "batchnorm", "batchnorm_alt": "batchnorm"}.get(stem, stem)


def rounds(mistakes: list[Mistake]) -> list[tuple[str, tuple[Mistake, ...]]]:
    """The mistakes in as few files as will do, each function having one in each."""
    found: list[tuple[str, list[Mistake]]] = []
    for mistake in mistakes:
        free = (ms for file, ms in found if file == mistake.file and all(family(m) != family(mistake) for m in ms))
        batch = next(free, None)
        if batch is None:
            found.append((mistake.file, [mistake]))
        else:
            batch.append(mistake)
    return [(file, tuple(ms)) for file, ms in found]
