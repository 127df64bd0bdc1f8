"""The files that notebooks import hold no arithmetic: they rename, reorder, split a dict of settings, and call what computes.

Each rule reads a file's text, and is held against planted offenders, too.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

COURSES = Path(__file__).parents[2] / "src" / "layerwise" / "courses"
FILES = sorted(path for path in COURSES.glob("*/**/*.py") if "__pycache__" not in path.parts)

NUMPY = {  # what may be asked of NumPy: no values are worked out by it, save draws of its global generator
    *("asarray", "atleast_2d", "copy", "ravel", "shape", "ndim", "zeros_like", "ndindex", "load", "savez"),
    *("float32", "float64", "int64", "uint8", "ndarray", "integer", "floating"),
    *("random", "random.seed", "random.choice", "random.shuffle", "random.permutation"),
}
REDUCTIONS = {"sum", "mean", "std", "var", "min", "max", "prod", "dot", "cumsum", "argmax", "argmin", "argsort", "clip", "trace", "round"}
BUILTINS = {"sum", "abs", "pow", "round", "divmod"}
COMPARISONS = (ast.Is, ast.IsNot, ast.In, ast.NotIn, ast.Eq, ast.NotEq)
MOST_STATEMENTS = 9  # about five, and what a signature of old needs besides


def breaches(source: str) -> Iterator[str]:
    """A sentence for each place where the text does more than rename."""
    tree = ast.parse(source)
    numpy = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "numpy"
    }
    texts = {id(part) for node in ast.walk(tree) for part in _of_text(node)}
    types = {id(part) for node in ast.walk(tree) for part in _annotations(node)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if id(node) in types:
            continue
        if isinstance(node, ast.BinOp | ast.AugAssign) and id(node) not in texts:
            yield f"line {line}: an operator"
        if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not) and not isinstance(node.operand, ast.Constant):
            yield f"line {line}: an operator"
        if isinstance(node, ast.Compare) and not all(isinstance(op, COMPARISONS) for op in node.ops):
            yield f"line {line}: a comparison of sizes"
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops) and not _has_constant(node):
            yield f"line {line}: a comparison that is no constant's"
        if isinstance(node, ast.comprehension) and not _over_names(node.iter):
            yield f"line {node.iter.lineno}: a comprehension over what may be an array: {ast.unparse(node.iter)}"
        if isinstance(node, ast.Attribute):
            chain = ast.unparse(node).split(".")
            inner = ".".join(chain[1:])
            if chain[0] in numpy and inner not in NUMPY:
                yield f"line {line}: numpy.{inner}"
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in (
            "numpy",
            "math",
            "scipy",
            "statistics",
            "operator",
        ):
            yield f"line {line}: from {node.module}"
        if isinstance(node, ast.Import) and any(
            a.name.partition(".")[0] in ("math", "scipy", "statistics", "operator") for a in node.names
        ):
            yield f"line {line}: {ast.unparse(node)}"
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in REDUCTIONS and not _is_module(node.func.value):
                yield f"line {line}: .{node.func.attr}()"
            if isinstance(node.func, ast.Name) and node.func.id in BUILTINS:
                yield f"line {line}: {node.func.id}()"
        if isinstance(node, ast.FunctionDef) and (count := _statements(node)) > MOST_STATEMENTS:
            yield f"line {line}: {node.name} has {count} statements"


def _annotations(node: ast.AST) -> Iterator[ast.AST]:
    """X | None in a signature is no operator."""
    for field in ("annotation", "returns"):
        if (found := getattr(node, field, None)) is not None:
            yield from ast.walk(found)
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "cast"):
        yield from (part for argument in node.args for part in ast.walk(argument))


def _of_text(node: ast.AST) -> Iterator[ast.AST]:
    """The format operator, on a text that is written out."""
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mod)
        and isinstance(node.left, ast.Constant)
        and isinstance(node.left.value, str)
    ):
        yield node


def _has_constant(node: ast.Compare) -> bool:
    return any(isinstance(side, ast.Constant) for side in (node.left, *node.comparators))


def _over_names(iterated: ast.expr) -> bool:
    """Names, keys and tables: a literal, TABLE or TABLE[...], kwargs, and what .items(), .keys(), .values() or zip of such give."""
    if isinstance(iterated, ast.Tuple | ast.List | ast.Dict):
        return True
    if isinstance(iterated, ast.Subscript):
        return _over_names(iterated.value)
    if isinstance(iterated, ast.Attribute):
        return iterated.attr in ("params", "parts", "layers")
    if isinstance(iterated, ast.Name):
        return iterated.id.isupper() or iterated.id == "kwargs"
    return (
        isinstance(iterated, ast.Call)
        and isinstance(iterated.func, ast.Attribute)
        and iterated.func.attr in ("items", "keys", "values", "params")
    )


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("ops", "_ops")


def _statements(function: ast.FunctionDef) -> int:
    inner = [node for node in ast.walk(function) if isinstance(node, ast.stmt) and node is not function]
    own = {id(node) for nested in inner if isinstance(nested, ast.FunctionDef) for node in ast.walk(nested) if node is not nested}
    return sum(id(node) not in own and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in inner)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(COURSES)))
def test_a_course_file_does_no_arithmetic(path):
    assert list(breaches(path.read_text(encoding="utf-8"))) == []


def test_the_courses_were_read():
    assert {"layers.py", "fc_net.py", "softmax_loss.py"} <= {path.name for path in FILES}


RIGHT = """
from typing import Any
import numpy as np
from layerwise import ops

def affine_backward(dout: Any, cache: Any | None) -> Any:
    x, w, b = cache
    return ops.affine_backward(dout, (x, x.reshape(len(x), -1), w, b))
"""


def test_a_right_file_breaks_no_rule():
    assert list(breaches(RIGHT)) == []


OFFENDERS = {  # each differs from the right file in one line
    "an operator": "return ops.affine_backward(dout / len(x), (x, x, w, b))",
    "an operator ": "return dout @ w.T",
    "an operator  ": "return -dout",
    "an operator   ": "dout *= 2; return dout",
    "a comparison of sizes": "return x > 0",
    "a comparison that is no constant's": "return x == w",
    "a comprehension over what may be an array": "return [row for row in x]",
    "a comprehension over what may be an array ": "return {i: row for i, row in enumerate(x)}",
    "numpy.maximum": "return np.maximum(x, 0)",
    "numpy.linalg": "return np.linalg.norm(x)",
    "numpy.random.randn": "return np.random.randn(3)",
    ".sum()": "return x.sum()",
    ".argmax()": "return x.argmax(axis=1)",
    "sum()": "return sum(x)",
    "from math": "from math import exp; return exp(x)",
    "import operator": "import operator; return operator.mul(x, w)",
    "has 12 statements": "; ".join(f"{letter} = x" for letter in "abcdefghij") + "; return a",
}


@pytest.mark.parametrize(("breach", "line"), OFFENDERS.items())
def test_a_file_with_one_wrong_line_is_found(breach, line):
    source = RIGHT.replace("return ops.affine_backward(dout, (x, x.reshape(len(x), -1), w, b))", line)
    found = list(breaches(source))
    assert found
    assert any(breach.strip() in one for one in found)
