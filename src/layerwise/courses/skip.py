"""What of a notebook's cell is not run: commands of a shell, builds, drives of Colab, by the lists below.

Each skipped line becomes a line that prints so; the rest of the cell runs as it is.
"""

import ast
import re
from dataclasses import dataclass

SHELL, PACKAGES, COLAB, DEBUGGER = "a command of a shell", "installs packages", "for Colab alone", "waits for input"

LINES = {  # what a line begins with -> why it is skipped
    r"!": SHELL,
    r"%(cd|cp|mv|rm|ls|ll|mkdir|rmdir|cat|man|less|more|pwd|pushd|popd|sx|system|sc|bookmark)\b": SHELL,
    r"%(pip|conda|mamba|micromamba|uv)\b": PACKAGES,
    r"%(tensorflow_version|shell|bigquery)\b": COLAB,
    r"%(debug|pdb)\b": DEBUGGER,
}
CELLS = {  # the first line of a cell that is skipped as a whole
    r"%%(bash|sh|script|cmd|perl|ruby|powershell|pwsh|system|sx|shell|!)": SHELL,
    r"%%(cython|javascript|js)\b": "for another language",
}
STATEMENTS = {  # a statement that has this anywhere
    r"\bdrive\.(mount|flush_and_unmount)\(": "mounts a drive of Colab",
    r"\bfiles\.(upload|download)\(": COLAB,
    r"\b(os\.system|subprocess\.\w+)\(.*(setup\.py|\.sh\b|pip|git |wget|curl)": SHELL,
    r"\bget_ipython\(\)\.(system|getoutput)\(": SHELL,
    r"\b(matplotlib|mpl)\.use\(|\bplt\.switch_backend\(": "draws into a window",
    r"\bos\.chdir\(.*(/content|drive/)": "goes to a drive of Colab",
}
FOLDER = "FOLDERNAME"  # CS231n's name for a folder on the learner's drive
SAVING = "FILES_TO_SAVE"  # its cells that copy files back to the drive
ASSIGNED = re.compile(r"(?P<name>[A-Za-z_][\w, ]*)=\s*(!|%(sx|system|sc)\b)")
WINDOWS = re.compile(r"%matplotlib\s+(?!inline|--list|-l|agg)\S+")  # draws into a window, or with scripts that an output file has not


@dataclass(frozen=True)
class Skip:
    """A line (from 1) that is not run: its text, and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """source is what runs in place of the cell, line for line; whole, if nothing of it is left but imports and constants."""

    source: str
    skips: tuple[Skip, ...]
    whole: bool


def plan(source: str) -> Plan:
    """What of a cell is run, and what is skipped and why.

    >>> made = plan("%cd cs231n/datasets\\n!bash get_datasets.sh\\n%cd ../..")
    >>> made.whole, [skip.reason for skip in made.skips]
    (True, ['a command of a shell', 'a command of a shell', 'a command of a shell'])
    >>> plan("x = 3").skips
    ()
    """
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    whole = _match(CELLS, lines[first].strip()) or ("saves files to a drive" if re.search(rf"\b{SAVING}\b", source) else None)
    if whole:
        skip = Skip(first + 1, lines[first].strip(), whole)
        return Plan(_told(skip), (skip,), True)
    found = _magic(lines)
    found += _python(lines)
    return Plan("\n".join(lines), tuple(sorted(found, key=lambda skip: skip.line)), bool(found) and _nothing_left(lines))


def _magic(lines: list[str]) -> list[Skip]:
    """Replace the lines that begin as one of LINES, in place."""
    found, inside = [], _inside_strings(lines)
    number = 0
    while number < len(lines):
        line, start = lines[number], number
        indent, code = line[: len(line) - len(line.lstrip())], line.strip()
        number += 1
        if start in inside:
            continue
        if WINDOWS.match(code):
            lines[start] = f"{indent}%matplotlib inline"
            continue
        assigned = ASSIGNED.match(code)
        reason = SHELL if assigned else _match(LINES, code)
        if not reason:
            continue
        while lines[number - 1].rstrip().endswith("\\") and number < len(lines):  # a command that goes on
            lines[number] = ""
            number += 1
        found.append(Skip(start + 1, code, reason))
        prefix = f"{assigned['name'].strip()} = []; " if assigned else ""
        lines[start] = f"{indent}{prefix}{_told(found[-1])}"
    return found


def _python(lines: list[str]) -> list[Skip]:
    """Replace the statements that are on a list, in place. What is no Python is left for the kernel to complain about."""
    try:
        tree = ast.parse("\n".join(_without_magic(lines)))
    except (SyntaxError, ValueError):
        return []
    found = []
    for node in [one for parent in ast.walk(tree) for one in ast.iter_child_nodes(parent) if isinstance(one, ast.stmt)]:
        if isinstance(node, ast.If | ast.For | ast.With | ast.Try | ast.FunctionDef | ast.ClassDef | ast.While):
            continue  # its statements come by themselves
        text = ast.unparse(node)
        reason = _match(STATEMENTS, text, anywhere=True)
        if not reason and any(
            isinstance(name, ast.Name) and name.id == FOLDER and isinstance(name.ctx, ast.Load) for name in ast.walk(node)
        ):
            reason = "works on a drive of Colab"
        if reason and node.end_lineno is not None:
            number = node.lineno - 1
            found.append(Skip(node.lineno, lines[number].strip(), reason))
            lines[number] = lines[number][: node.col_offset] + _told(found[-1])
            lines[number + 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno)
    return found


def _without_magic(lines: list[str]) -> list[str]:
    """The lines as Python can read them: those of IPython become `pass`."""
    inside = _inside_strings(lines)
    return [
        f"{line[: len(line) - len(line.lstrip())]}pass" if i not in inside and re.match(r"\s*([%!?]|\S+\?+$)", line) else line
        for i, line in enumerate(lines)
    ]


def _inside_strings(lines: list[str]) -> set[int]:
    """The lines that begin within a string of several lines."""
    inside, text, quote = set[int](), "", ""
    for i, line in enumerate(lines):
        if quote:
            inside.add(i)
        text = line
        while text:
            if quote:
                _, ended, text = text.partition(quote)
                quote = "" if ended else quote
            else:
                match = re.search(r"#|\"\"\"|'''|\"(\\.|[^\"\\])*\"|'(\\.|[^'\\])*'", text)
                if match is None or match[0] == "#":
                    break
                text = text[match.end() :]
                quote = match[0] if match[0] in ('"""', "'''") else ""
    return inside


def _nothing_left(lines: list[str]) -> bool:
    """Whether only told skips remain, and what belongs to them: constants, and imports for Colab."""
    try:
        body = ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError):
        return False
    return all(_is_left_over(node) for node in body)


def _is_left_over(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom():
            return all(name.partition(".")[0] in ("google", "os", "sys") for name in _imported(node))
        case ast.Expr(value=ast.Constant()) | ast.Assign(value=ast.Constant()) | ast.Assign(value=ast.List(elts=[])):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=[ast.Constant(value=str(text))])):
            return text.startswith("skipped: ")
    return isinstance(node, ast.Pass)


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]


def _told(skip: Skip) -> str:
    return f"print({f'skipped: {skip.text} ({skip.reason})'!r})"


def _match(rules: dict[str, str], text: str, *, anywhere: bool = False) -> str | None:
    find = re.search if anywhere else re.match
    return next((reason for rule, reason in rules.items() if find(rule, text)), None)
