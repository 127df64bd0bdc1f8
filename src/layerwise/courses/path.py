"""A course switched on for this process: its folder first on the path."""

import sys
from pathlib import Path

from layerwise.courses.table import COURSES, course

_used: list[tuple[str, int | None]] = []  # at most one


def use(name: str, *, assignment: int | None = None) -> list[Path]:
    """Switch a course on for this program: from here on its packages are imported from Layerwise. Once is enough, twice does no harm.

    name is one of `layerwise course list`; assignment matters where one of them has the same module otherwise (dlcourse's third).
    Gives the folders that went first on sys.path. A second, different course is refused, and so is one whose packages have been
    imported from elsewhere before: start another program for it.

    >>> use("dlcuorse")
    Traceback (most recent call last):
    ValueError: unknown course "dlcuorse". Did you mean "dlcourse"? Known: ...
    """
    chosen = course(name)
    folders = chosen.folders(assignment)
    if _used and _used[0] != (name, assignment):
        raise ValueError(f"the course {_told(*_used[0])} is in use in this program; start another one for {_told(name, assignment)}")
    if not _used:
        for package in chosen.packages:
            module = sys.modules.get(package)
            place = getattr(module, "__file__", None) or "elsewhere"
            if module is not None and not any(Path(place).is_relative_to(folder) for folder in folders):
                raise ValueError(f"{package} has been imported from {place}: call use({name!r}) before the first import of {package}")
        sys.path[:0] = map(str, folders)
        _used.append((name, assignment))
    return folders


def _told(name: str, assignment: int | None) -> str:
    return name if assignment is None or assignment not in COURSES[name].overlays else f"{name}, assignment {assignment},"
