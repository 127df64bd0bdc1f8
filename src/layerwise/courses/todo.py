"""What a course leaves to its learner, and whether the learner has written it: read off the text, nothing is run."""

import ast
import re

from layerwise.grading.learner import blank_results

START = re.compile(r"#.*\b(TODO\b|START\s+OF\s+YOUR\s+CODE|YOUR\s+CODE\s+(GOES\s+)?HERE)", re.IGNORECASE)
END = re.compile(r"#.*END\s+OF\s+(YOUR\s+|STUDENT\s+)?CODE", re.IGNORECASE)
NOT_WRITTEN = re.compile(r"not\W*implemented", re.IGNORECASE)


def open_todos(text: str, *, at_end: bool = True) -> list[int]:
    """The lines (from 1) of TODOs under which nothing has been written: only comments and `pass`, up to "END OF YOUR CODE".

    A TODO without an end counts when nothing follows it at all, and with at_end=False not even then.

    >>> open_todos("best = None\\n# TODO: find it\\npass\\n# END OF YOUR CODE\\nprint(best)")
    [2]
    >>> open_todos("# TODO: find it\\nbest = 3\\n# END OF YOUR CODE")
    []
    """
    found, start, written = [], 0, False
    for number, line in enumerate(text.splitlines(), 1):
        code = line.strip()
        if END.search(code):
            if start and not written:
                found.append(start)
            start = 0
        elif START.search(code):
            start, written = start or number, written and bool(start)
        elif code and not code.startswith("#") and code not in ("pass", "..."):
            written = True
    return [*found, start] if start and not written and at_end else found


def unwritten(function: ast.FunctionDef | ast.AsyncFunctionDef, text: str) -> str | None:
    """Why a function of a course's file is still the stub that the course hands out; None if its learner has written it.

    text is the whole file's.

    >>> stub = "def f(x):\\n    out = None\\n    # TODO\\n    return out"
    >>> unwritten(ast.parse(stub).body[0], stub)
    'it returns None'
    >>> done = "def f(x):\\n    return x + 1"
    >>> unwritten(ast.parse(done).body[0], done)
    """
    body = [node for node in function.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    if all(isinstance(node, ast.Pass) for node in body):
        return "its body is empty"
    if any(isinstance(node, ast.Raise) and NOT_WRITTEN.search(ast.unparse(node)) for node in ast.walk(function)):
        return 'it raises "not implemented"'
    if open_todos("\n".join(text.splitlines()[function.lineno - 1 : function.end_lineno]), at_end=False):
        return "its TODO is open"
    if all(isinstance(node, ast.Return) and _is_none(node.value) for node in body):
        return "it returns None"
    if isinstance(function, ast.FunctionDef) and (any(blank_results(function)) or _gives_back_none(function)):
        return "it returns None" if _gives_back_none(function) else "it returns zeros"
    return None


def _is_none(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _gives_back_none(function: ast.FunctionDef) -> bool:
    """Whether a name that is returned at the end has only ever been None, or been made from itself: out = out.astype(x.dtype)."""
    last = function.body[-1]
    if not isinstance(last, ast.Return) or last.value is None:
        return False
    returned = last.value.elts if isinstance(last.value, ast.Tuple) else [last.value]
    return any(isinstance(one, ast.Name) and _only_none(function, one.id) for one in returned)


def _only_none(function: ast.FunctionDef, name: str) -> bool:
    values: list[ast.expr] = []
    for node in ast.walk(function):
        if isinstance(node, ast.AugAssign | ast.For | ast.AnnAssign) and name in _names(node.target):
            return False
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and name in _names(node.value):
            return False
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple) and len(target.elts) == len(node.value.elts):
                    values += [v for t, v in zip(target.elts, node.value.elts, strict=True) if isinstance(t, ast.Name) and t.id == name]
                elif name in _names(target):
                    values.append(node.value)
    from_itself = [value for value in values if _names(value) and name in _names(value)]
    return len(values) > 0 and all(_is_none(value) or value in from_itself for value in values) and len(from_itself) < len(values)


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
