"""A learner's files before the course's: what they wrote is used, what they have not is ours, name by name.

Of a module that both have, ours is run first, in a namespace of its own, and its names are copied. Then the learner's text is
run over them without its stubs: functions that are still as the course handed them out, and classes with such methods. So a
half-finished assignment runs to its end, and calls between the learner's functions stay theirs.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.util
import sys
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from layerwise.courses.table import Course
from layerwise.courses.todo import unwritten
from layerwise.errors import DataError

HANDED_ON = ("np",)  # what star imports give besides, and nobody has to write
NOT_THERE = "it is not there"
PREFIX = "_ours_"  # our class, as a learner's class that lacks methods derives from it


@dataclass(frozen=True)
class Owned:
    """A name of a module, whose it is ("yours" or "ours"), and why it is ours."""

    module: str
    name: str
    whose: str
    why: str = ""


@dataclass
class Pruned:
    """A learner's module without its stubs, and whose each of its names is. tree is None where nothing of it can be used."""

    tree: ast.Module | None
    owned: list[Owned] = field(default_factory=list)


def learner_root(course: Course, folder: Path) -> Path:
    """The folder that holds the learner's packages or modules of the course: the one given, or the one above if that is a package itself."""
    whole = folder.expanduser().resolve()
    if not whole.is_dir():
        raise DataError(f"--mine {folder}: there is no such folder")
    for root in (whole, whole.parent):
        there = any((root / package).is_dir() or (root / f"{package}.py").is_file() for package in course.packages)
        if there and (root == whole or whole.name in course.packages):
            return root
    wanted = [f"{name}/" if (course.folders()[-1] / name).is_dir() else f"{name}.py" for name in course.packages]
    raise DataError(f"--mine {folder}: holds nothing of {course.title}; needed is {' or '.join(wanted)} in it")


def modules_of(course: Course, root: Path) -> Iterator[tuple[str, Path]]:
    """(dotted name, file) of each module of the course's packages that is in the folder."""
    for package in course.packages:
        for home in course.homes(root, package):
            for path in [home.with_suffix(".py"), *sorted(home.rglob("*.py"))]:
                parts = (package, *path.relative_to(home).with_suffix("").parts) if path.is_relative_to(home) else (package,)
                if path.is_file() and not any(part.startswith(".") or not part.isidentifier() for part in parts):
                    yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def prune(name: str, path: Path, ours: set[str], course: Course) -> Pruned:
    """A learner's file without what is not written yet; ours are the names that the course's own module has."""
    if name.rpartition(".")[2] in course.given:
        return Pruned(None, [Owned(name, "*", "ours", "it comes with the course")])
    try:
        text = path.read_text(encoding="utf-8-sig")
        tree = ast.parse(text)
    except (SyntaxError, ValueError, OSError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        return Pruned(None, [Owned(name, "*", "ours", f"{path.name}{line}: {getattr(error, 'msg', error)}")])
    kept, owned = list[ast.stmt](), list[Owned]()
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            kept.append(node)
            continue
        mixed = isinstance(node, ast.ClassDef) and node.name in course.by_method
        why = None
        if node.name in ours:
            abstract = _overridden(tree, node.name)
            why = unwritten(node, text) if isinstance(node, ast.FunctionDef) else _prune_class(node, text, abstract, mixed=mixed)
        if why and mixed:
            owned.append(Owned(name, node.name, "yours", f"but {why}: that is ours"))
        else:
            owned.append(Owned(name, node.name, "ours" if why else "yours", why or ""))
        if not why or mixed:
            kept.append(node)
    tree.body = kept
    defined = {one.name for one in owned}
    owned += [Owned(name, one, "ours", NOT_THERE) for one in sorted(ours - defined) if not one.startswith("_") and one not in HANDED_ON]
    return Pruned(tree, owned)


def _overridden(tree: ast.Module, name: str) -> set[str]:
    """The methods that the classes derived from this one have in its place: it need not write them."""
    derived = [one for one in tree.body if isinstance(one, ast.ClassDef) and name in map(ast.unparse, one.bases)]
    return {method.name for one in derived for method in one.body if isinstance(method, ast.FunctionDef)}


def _prune_class(node: ast.ClassDef, text: str, abstract: set[str], *, mixed: bool) -> str | None:
    """Why a class is not written to its end. With mixed, its unwritten methods are taken out of it, and our class made its last base."""
    methods = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.name not in abstract]
    lacking = {method.name: why for method in methods if (why := unwritten(method, text))}
    if not lacking:
        return None
    if mixed:
        node.body = [one for one in node.body if getattr(one, "name", None) not in lacking] or [ast.Pass()]
        bases = [base for base in node.bases if ast.unparse(base) != "object"]
        node.bases = [*bases, ast.copy_location(ast.Name(f"{PREFIX}{node.name}", ast.Load()), node)]
        ast.fix_missing_locations(node)
    return ", ".join(f"{name}: {why}" for name, why in lacking.items())


def names_in(path: Path) -> set[str]:
    """What a star import of one of our modules gives, read off its text: its __all__, or the functions and classes it defines or imports."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            names |= {alias.asname or alias.name for alias in node.names if alias.name != "*"}
    return {name for name in names if not name.startswith("_")}


def _lent(path: Path, course: Course) -> set[str]:
    """The names that one of our modules only imports: from the course's others, where they have their row, or for its own use."""
    names, body = names_in(path), ast.parse(path.read_text(encoding="utf-8")).body
    listed = any(isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__" for node in body)
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.discard(node.name)
        elif isinstance(node, ast.Assign):
            names -= {ast.unparse(target) for target in node.targets}
        elif (
            listed and isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").partition(".")[0] not in course.packages
        ):
            names -= {alias.asname or alias.name for alias in node.names}
    return names


def owners(course: Course, folder: Path, assignment: int | None = None) -> list[Owned]:
    """Whose each name of the course is when a learner's folder goes first."""
    root = learner_root(course, folder)
    own = {name: path for place in reversed(course.folders(assignment)) for name, path in modules_of(course, place)}
    theirs = dict(modules_of(course, root))
    rows = []
    for name in sorted(own.keys() | theirs.keys()):
        if name not in theirs:
            rows.append(Owned(name, "*", "ours", "there is no such file"))
        elif name not in own:
            rows.append(Owned(name, "*", "yours"))
        elif theirs[name].stat().st_size:
            pruned = prune(name, theirs[name], names_in(own[name]), course).owned
            lent = _lent(own[name], course)
            rows += [one for one in pruned if one.name not in lent or one.why != NOT_THERE]
    return rows


class Merged(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of a course in the learner's folder and in ours, and makes one of both."""

    def __init__(self, course: Course, root: Path, assignment: int | None) -> None:
        self.course, self.folders, self.root = course, course.folders(assignment), root

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> Any:
        if fullname.partition(".")[0] not in self.course.packages:
            return None
        theirs, ours = self._file([self.root], fullname), self._file(self.folders, fullname)
        if theirs is None and ours is None:
            return None
        one = theirs or ours
        package = one is not None and (one.is_dir() or one.name == "__init__.py")
        places = [str(root.joinpath(*fullname.split("."))) for root in [self.root, *self.folders]] if package else None
        file = one / "__init__.py" if one is not None and one.is_dir() else one
        return importlib.util.spec_from_file_location(fullname, file, loader=self, submodule_search_locations=places)

    def exec_module(self, module: types.ModuleType) -> None:
        name = module.__name__
        theirs, ours = (_text(self._file(places, name)) for places in ([self.root], self.folders))
        own = types.ModuleType(name)
        if ours is not None:
            own.__dict__.update(__file__=str(ours), __package__=module.__package__, __path__=getattr(module, "__path__", []))
            _run(ast.parse(ours.read_text(encoding="utf-8")), ours, own)
            module.__dict__.update(public(own))
        if theirs is None:
            return
        pruned = prune(name, theirs, set(public(own)), self.course)
        if pruned.tree is None:
            if pruned.owned[0].why != "it comes with the course":
                complain(name, pruned.owned[0].why)
            return
        module.__dict__.update({PREFIX + key: value for key, value in public(own).items() if isinstance(value, type)})
        try:
            _run(pruned.tree, theirs, module)
        except Exception as error:  # whatever a learner's file raises, the notebook goes on
            if ours is None:
                raise
            module.__dict__.update(public(own))
            complain(name, f"{theirs.name} raises {type(error).__name__}: {error}")

    def _file(self, folders: Sequence[Path], fullname: str) -> Path | None:
        package, *inner = fullname.split(".")
        for home in (home for folder in folders for home in self.course.homes(folder, package)):
            whole = home.joinpath(*inner)
            for path in (whole / "__init__.py", whole.with_name(f"{whole.name}.py"), whole):
                if path.is_file() or (path == whole and path.is_dir()):
                    return path
        return None


def public(module: types.ModuleType) -> dict[str, Any]:
    """What a star import of our module gives."""
    names = getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
    return {name: getattr(module, name) for name in names}


def complain(name: str, why: str) -> None:
    print(f"layerwise: your {name} cannot be used ({why}); ours is", file=sys.stderr)


def _text(path: Path | None) -> Path | None:
    return path if path is not None and path.is_file() else None


def _run(tree: ast.Module, path: Path, module: types.ModuleType) -> None:
    """Run a file's statements as a module's, as the import system does."""
    loader = _Source(module.__name__, str(path), tree)
    spec = importlib.util.spec_from_loader(module.__name__, loader, origin=str(path))
    if spec is not None:
        loader.exec_module(module)


class _Source(importlib.abc.InspectLoader):
    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def get_source(self, fullname: str) -> str | None:
        return None

    def get_code(self, fullname: str) -> types.CodeType:
        from layerwise.courses.shim import OneElement

        return compile(ast.fix_missing_locations(OneElement().visit(self.tree)), self.path, "exec", dont_inherit=True)
