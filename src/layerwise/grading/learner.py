"""A learner's file as a module: imported from its own folder, with stand-ins for what is not there.

A stand-in does nothing until it is used; then the function that uses it is not done yet, which is no mistake.
"""

import ast
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import traceback
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any


class NotDoneError(Exception):
    """The learner has not written this yet, or something that it needs."""


class LearnerError(ValueError):
    """The learner's code raised: the text says what, and in which line."""


class StandIn:
    """What a module that is not there would have provided. It may be imported, passed on and derived from, but not used."""

    importing = True  # while the file is imported, calls pass too: a decorator, a setting of a plotting library

    def __init__(self, name: str) -> None:
        self.__dict__["stand_in_name"] = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self.stand_in_name}.{name}")

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return ()

    def _used(self, *args: Any, **options: Any) -> Any:
        if StandIn.importing:
            return args[0] if len(args) == 1 and callable(args[0]) and not options else self
        raise NotDoneError(f"it needs {self.stand_in_name}, which is not here")

    __call__ = __getitem__ = __setitem__ = __setattr__ = __iter__ = __add__ = __mul__ = __matmul__ = _used


class StandInModule(types.ModuleType):
    __all__: Sequence[str] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return PROVIDED.get(name) or StandIn(f"{self.__name__}.{name}")


PROVIDED = {"xrange": range}  # from past.builtins or six.moves import xrange


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Comes last, and so finds what nobody else has, for imports that stand in a file of these folders."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = folders

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
            frame = frame.f_back
        if frame is None or Path(frame.f_code.co_filename).parent not in self.folders:
            return None  # a library asks for what it can do without
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: Any) -> types.ModuleType:
        return StandInModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__path__ = []


def load(path: Path) -> types.ModuleType:
    """The file as a module. `from .layers import *` finds the files next to it, and `from ..layers` those one folder up."""
    path = path.resolve()
    tree = ast.parse(path.read_bytes())
    level = max((node.level for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)), default=0)
    folders = [folder for folder in list(path.parents)[:level] if folder.name]
    name = _packages(folders) + _free(path.stem)
    sys.path.insert(0, str(path.parent))
    sys.meta_path.append(_Finder([path.parent, *folders]))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise LearnerError(f"{path.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    guarded(spec.loader.exec_module, path)(module)
    StandIn.importing = False
    return module


def _free(stem: str) -> str:
    return f"learner_{stem}" if stem in sys.modules or stem in sys.stdlib_module_names else stem


def _packages(folders: Sequence[Path]) -> str:
    """Packages for the folders that the file's relative imports count on, "cs231n.classifiers."; "" if there are none."""
    name = ""
    for folder in reversed(folders):
        stem = folder.name.replace(".", "_")
        name += stem if name else _free(stem)
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        package.__package__ = name
        sys.modules[name] = package
        name += "."
    if folders:
        sys.path.append(str(folders[-1].parent))  # so that `from cs231n.layers import *` finds them too
    return name


def guarded(function: Callable[..., Any], path: Path) -> Callable[..., Any]:
    """The function, whose errors come as NotDoneError or LearnerError with the line of the learner's file."""

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except (NotDoneError, LearnerError):
            raise
        except NotImplementedError:
            raise NotDoneError("it raises NotImplementedError") from None
        except UnboundLocalError as error:
            raise LearnerError(told(error, path)) from None
        except NameError as error:
            raise NotDoneError(f"{error.name or error} is not defined{line_in(error, path)}") from None
        except MemoryError:
            raise LearnerError(
                "it takes more memory than it was given" + (" (see --memory-limit)" if not StandIn.importing else "")
            ) from None
        except BaseException as error:  # whatever a learner's code raises, sys.exit too, is one line of the report
            raise LearnerError(told(error, path)) from None

    return call


def told(error: BaseException, path: Path) -> str:
    """What was raised, and where."""
    if isinstance(error, SystemExit):
        return f"it calls sys.exit({'' if error.code is None else repr(error.code)}){line_in(error, path)}"
    lines = str(error).strip().splitlines()
    text = lines[0][:200] if lines else ""
    return f"it raises {type(error).__name__}" + (f": {text}" if text else "") + line_in(error, path)


def line_in(error: BaseException, path: Path) -> str:
    """The line of the learner's file that was being run, the innermost one."""
    here = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    return f" (line {here[-1]})" if here else ""


class Learner:
    """The functions of a learner's file by their course names, called on copies and with their errors caught.

    names: course name -> the learner's own name, where it is another.
    """

    def __init__(self, path: Path, names: Mapping[str, str]) -> None:
        self.path, self.names = path.resolve(), names
        self.module = load(path)
        self.tree = ast.parse(path.read_bytes())

    def function(self, name: str) -> Callable[..., Any]:
        """The function (or class) that goes by this course name."""
        own = self.names.get(name, name)
        found = getattr(self.module, own, None)
        if found is None or isinstance(found, StandIn):
            raise NotDoneError(f"{own} is not defined in {self.path.name}")
        return guarded(found, self.path)

    def has(self, name: str) -> bool:
        return callable(getattr(self.module, self.names.get(name, name), None))

    def blanks(self, name: str) -> list[bool]:
        """For each thing that the function returns: whether it is still what a stub sets it to, None or zeros."""
        own = self.names.get(name, name)
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef) and node.name == own]
        return blank_results(found[-1]) if found else []

    def lines_run(self, name: str, *args: Any) -> int:
        """How many lines of the learner's own code a call runs: the same for any N where nothing loops over examples."""
        count = 0

        def trace(frame: types.FrameType, event: str, arg: Any) -> Any:
            nonlocal count
            if Path(frame.f_code.co_filename) != self.path:
                return None
            count += event == "line"
            return trace

        function, before = self.function(name), sys.gettrace()
        sys.settrace(trace)
        try:
            function(*args)
        finally:
            sys.settrace(before)
        return count


BLANK_CALLS = ("zeros", "zeros_like", "empty", "empty_like")


def blank_results(function: ast.FunctionDef) -> list[bool]:
    """Which of the returned names are only ever set to None, 0 or zeros, and not touched again.

    >>> source = "def f(w):\\n    loss, dw = 0.0, np.zeros_like(w)\\n    loss += (w ** 2).sum()\\n    return loss, dw"
    >>> blank_results(ast.parse(source).body[0])
    [False, True]
    """
    returns = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
    if len(returns) != 1:
        return []
    results = returns[0].elts if isinstance(returns[0], ast.Tuple) else [returns[0]]
    return [isinstance(result, ast.Name) and _is_blank(function, result) for result in results]


def _is_blank(function: ast.FunctionDef, result: ast.Name) -> bool:
    uses = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == result.id and node is not result]
    assigned: list[ast.expr] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=False))
                else:
                    pairs = [(target, node.value)]
                assigned += [value for name, value in pairs if isinstance(name, ast.Name) and name.id == result.id]
    return len(uses) == len(assigned) > 0 and all(map(_is_nothing, assigned))


def _is_nothing(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return value.value is None or value.value == 0
    return isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] in BLANK_CALLS
