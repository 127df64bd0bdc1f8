"""What became of a notebook's cells, and why: ran, skipped, failed, or not done yet where a TODO is still the learner's."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from layerwise.courses.skip import plan
from layerwise.courses.table import course_with
from layerwise.courses.todo import START, open_todos

RAN, SKIPPED, NOT_DONE, FAILED, NOT_REACHED = "ran", "skipped", "not done yet", "failed", "not reached"
OUTCOMES = (RAN, SKIPPED, NOT_DONE, FAILED, NOT_REACHED)
OF_NOTHING = re.compile(
    r"NoneType|'ellipsis'|is not defined|division by zero|\bempty\b|zero-size|at least one array|index out of range|not enough values|\(0,\)"
)  # what is said of a None, an empty list or an empty dict that was to be filled
LOOKED_UP = ("KeyError", "IndexError")


@dataclass
class Cell:
    """A code cell by its number among them (from 1), what became of it, why, and how long it took."""

    number: int
    begins: str
    outcome: str = NOT_REACHED
    why: str = ""
    seconds: float = 0.0
    skips: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The row for JSON."""
        return {**vars(self), "seconds": round(self.seconds, 3)}


def first_line(source: str) -> str:
    """The first line of a cell that says something."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    return next((line for line in lines if not line.startswith("#")), lines[0] if lines else "")


def names_bound(source: str) -> set[str]:
    """The names that a cell binds, at its top level or below."""
    try:
        tree = ast.parse(plan(source).source)
    except (SyntaxError, ValueError):
        return set(re.findall(r"^\s*(\w+)\s*=[^=]", source, re.MULTILINE))
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return bound | {
        a.asname or a.name.partition(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names
    }


def left_empty(source: str) -> set[str]:
    """The names that a cell with a TODO sets to None, an empty dict or an empty list, and to nothing else.

    >>> left_empty("best = None\\nk = 3\\n# TODO: find the best\\nprint(best)")
    {'best'}
    """
    if not any(START.search(line) for line in source.splitlines()):
        return set()
    try:
        tree = ast.parse(plan(source).source)
    except (SyntaxError, ValueError):
        return set()
    pairs = [(target, node.value) for node in ast.walk(tree) if isinstance(node, ast.Assign) for target in node.targets]
    empty = {target.id for target, value in pairs if isinstance(target, ast.Name) and _is_empty(value)}
    return {
        name for name in empty if _stores(tree, name) == sum(isinstance(t, ast.Name) and t.id == name and _is_empty(v) for t, v in pairs)
    }


def _is_empty(value: ast.expr) -> bool:
    return ast.unparse(value) in ("None", "{}", "[]", "-1")


def _stores(tree: ast.AST, name: str) -> int:
    """How often a name is set, or something put into what it holds."""
    kept = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)]
    filled = [node for node in ast.walk(tree) if isinstance(node, ast.Subscript | ast.Attribute) and ast.unparse(node.value) == name]
    return len(kept) + sum(isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) for node in filled)


def not_done(sources: Sequence[str], index: int, error: str, text: str, before: Sequence[Cell]) -> str | None:
    """Why an error in cell `index` comes from a TODO that its learner has not filled; None where that cannot be told.

    before holds the outcomes of the cells up to it.
    """
    of_nothing = error in LOOKED_UP or OF_NOTHING.search(text)
    if open_todos(sources[index]) or (of_nothing and left_empty(sources[index])):
        return "its TODO is open"
    used = set(re.findall(r"[A-Za-z_]\w*", sources[index]))
    missing = re.search(r"name '(\w+)' is not defined", text)
    for k in range(index - 1, -1, -1):
        bound = names_bound(sources[k])
        if missing and missing[1] in bound and before[k].outcome == NOT_DONE:
            return f"it needs {missing[1]} of cell {k + 1}, which is not done yet"
        is_open = bool(open_todos(sources[k]))
        unfilled = bound if is_open else left_empty(sources[k])
        if before[k].outcome in (RAN, NOT_DONE) and (is_open or unfilled):
            left = (
                (sorted(left_empty(sources[k]) & used) or sorted(unfilled & used))
                if not missing
                else [missing[1]] * _bound_nowhere(missing[1], sources)
            )
            if left and (missing or of_nothing):
                return f"{left[0]} is {'nowhere in the notebook' if missing else 'not there yet'}, for the TODO of cell {k + 1} is open"
    if error == "NotImplementedError":
        return "it calls what is not written yet"
    return None


def follows(sources: Sequence[str], index: int, text: str, before: Sequence[Cell]) -> str:
    """A hint on what an error follows from, or nothing: the cell that was to bind a name, the course that has a module."""
    module = re.search(r"No module named '(\w+)([\w.]*)'", text)
    if module and (name := course_with(module[1])):
        return f" (it is not in Layerwise's {module[1]})" if module[2] else f" (the course {name} has it: --as {name})"
    missing = re.search(r"name '(\w+)' is not defined", text)
    for k in range(index - 1, -1, -1):
        if missing and missing[1] in names_bound(sources[k]) and before[k].outcome != RAN:
            return f" ({missing[1]} is from cell {k + 1}, which {'was ' if before[k].outcome == SKIPPED else ''}{before[k].outcome})"
    return ""


def _bound_nowhere(name: str, sources: Sequence[str]) -> bool:
    return not any(name in names_bound(source) for source in sources)
