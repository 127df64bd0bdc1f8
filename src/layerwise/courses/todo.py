"""What a course leaves to its learner, and whether the learner has written it: read off the text, nothing is run."""

import ast
import re

from layerwise.grading.learner import BLANK_CALLS, blank_results

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
    return [line for line, written in _todos(text, at_end=at_end) if not written]


def _todos(text: str, *, at_end: bool) -> list[tuple[int, bool]]:
    """The line of each TODO, and whether anything has been written under it."""
    found, start, written = list[tuple[int, bool]](), 0, False
    for number, line in enumerate(text.splitlines(), 1):
        code = line.strip()
        if END.search(code):
            found += [(start, written)] if start else []
            start = 0
        elif START.search(code):
            start, written = start or number, written and bool(start)
        elif code and not code.startswith("#") and code not in ("pass", "..."):
            written = True
    return [*found, (start, written)] if start and at_end else found


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
        return None if function.name == "__init__" else "its body is empty"
    if any(isinstance(node, ast.Raise) and NOT_WRITTEN.search(ast.unparse(node)) for node in ast.walk(function)):
        return 'it raises "not implemented"'
    own = "\n".join(text.splitlines()[function.lineno - 1 : function.end_lineno])
    todo, todos = START.search(own), _todos(own, at_end=False)
    if not all(written for _, written in todos) and (any(written for _, written in todos) or _left_blank(function)):
        return "its TODO is open"
    if all(isinstance(node, ast.Return) and _is_none(node.value) for node in body):
        return "it returns None"
    if todo and all(isinstance(node, ast.Return) and node.value and _is_nothing(node.value) for node in body):
        return "it returns 0"
    if isinstance(function, ast.FunctionDef) and (any(blank_results(function)) or _gives_back_none(function)):
        return "it returns None" if _gives_back_none(function) else "it returns zeros"
    return "its TODO is open" if _awaited(function, text.splitlines()) else None


def _left_blank(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether something in a function with open TODOs waits for them. Many write above a TODO, and leave it and its `pass` where they are.

    A stub's results are None, zeros or empty, or what a call gives goes unused.
    """
    set_to = _assigned(function)
    gives = any(isinstance(node, ast.Return) and node.value for node in ast.walk(function))
    empty = {name for name, values in set_to.items() if all(map(_is_nothing, values)) and not _filled(function, name)}
    read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    unused = {
        name
        for name, values in set_to.items()
        if name.isidentifier() and name not in read and isinstance(values[-1], ast.Call) and name[0] != "_"
    }
    return bool(empty or unused) or not (gives or any(_filled(function, name) for name in set_to))


def _awaited(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> bool:
    """Whether a name is set to nothing right above a TODO, and nowhere else: grad = 0, # TODO: work it out."""
    set_to, nodes = _assigned(function), [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
    for number in range(function.lineno, function.end_lineno or function.lineno):
        if START.search(lines[number]):
            above = next((i for i in range(number, function.lineno, -1) if lines[i - 1].split("#")[0].strip()), 0)
            names = {ast.unparse(target) for node in nodes if node.end_lineno == above for target in node.targets}
            if any(name in set_to and all(map(_is_nothing, set_to[name])) and not _filled(function, name) for name in names):
                return True
    return False


def _assigned(function: ast.AST) -> dict[str, list[ast.expr]]:
    """What each name of a function is set to, in order; of a call that gives several, the call for each."""
    found = dict[str, list[ast.expr]]()
    for node in [one for one in ast.walk(function) if isinstance(one, ast.Assign)]:
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple):
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value] * len(target.elts)
                pairs = list(zip(target.elts, values, strict=False))
            for one, value in pairs:
                found.setdefault(ast.unparse(one), []).append(value)
    return found


def _is_nothing(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return value.value is None or value.value in (0, -1)
    return ast.unparse(value) in ("{}", "[]") or (isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] in BLANK_CALLS)


def _filled(function: ast.AST, name: str) -> bool:
    """Whether something is put into what a name holds: by an index, a method or +=, not in a loop over itself."""
    over_itself = [node for node in ast.walk(function) if isinstance(node, ast.For) and ast.unparse(node.iter).startswith(f"{name}.")]
    passed_over = {inner for loop in over_itself for inner in ast.walk(loop)}
    for node in ast.walk(function):
        if node in passed_over:
            continue
        if isinstance(node, ast.AugAssign) and ast.unparse(node.target) == name:
            return True
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == name:
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == name:
            return True
    return False


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
