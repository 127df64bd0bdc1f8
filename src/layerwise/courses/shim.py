"""What notebooks of earlier years count on and today's libraries have not: put back inside one kernel, and nowhere else.

A module that is gone is supplied when it is imported; one that has changed is mended right after its import. Nothing here
imports a library by itself.
"""

import ast
import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

NUMPY_NAMES: dict[str, Any] = {  # gone since NumPy 1.24 or 2.0
    "float": float,
    "int": int,
    "bool": bool,
    "object": object,
    "str": str,
    "complex": complex,
    "long": int,
    "unicode": str,
    "float_": np.float64,
    "int0": np.intp,
    "NaN": np.nan,
    "Inf": np.inf,
    "infty": np.inf,
    "PINF": np.inf,
    "product": np.prod,
    "cumproduct": np.cumprod,
    "alltrue": np.all,
    "sometrue": np.any,
    "row_stack": np.vstack,
    "round_": np.round,
    "asfarray": lambda a, dtype=np.float64: np.asarray(a, dtype),
}
AXES_KEYWORDS = {  # of matplotlib before 3.5
    "set_xscale": {"basex": "base", "nonposx": "nonpositive", "subsx": "subs", "linthreshx": "linthresh"},
    "set_yscale": {"basey": "base", "nonposy": "nonpositive", "subsy": "subs", "linthreshy": "linthresh"},
    "hist": {"normed": "density"},
}
NUMBER = "__layerwise_{}__"  # the stand-in for float() or int() in a cell


def add_numpy_names() -> None:
    """np.float, np.int and their like, where NumPy has them no more."""
    for name, value in NUMPY_NAMES.items():
        if name not in vars(np):
            setattr(np, name, value)


class OneElement(ast.NodeTransformer):
    """float(x) and int(x) of an array of one element, which NumPy 2.4 refuses where x has an axis: calls go to a stand-in."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in ("float", "int") and len(node.args) == 1 and not node.keywords:
            node.func.id = NUMBER.format(node.func.id)
        return node


def number(kind: type) -> Callable[[Any], Any]:
    """float or int, which also takes an array of one element.

    >>> number(float)(np.array([[2]]))
    2.0
    """
    return lambda value: kind(value.item() if isinstance(value, np.ndarray) and value.size == 1 else value)


def add_numbers() -> None:
    """The stand-ins that OneElement's calls go to."""
    for kind in (float, int):
        setattr(builtins, NUMBER.format(kind.__name__), number(kind))


# Modules that are gone


def _nothing(*arguments: Any, **options: Any) -> None:
    """Does nothing: there is no drive here, and no browser to send a file to."""


def _colab_drive() -> dict[str, Any]:
    return {"mount": _nothing, "flush_and_unmount": _nothing}


def _colab_files() -> dict[str, Any]:
    return {"download": _nothing, "upload": dict}


def _colab() -> dict[str, Any]:
    return {name: _module(f"google.colab.{name}", content) for name, content in (("drive", _colab_drive()), ("files", _colab_files()))}


def _scipy_misc() -> dict[str, Any]:
    from layerwise.courses.picture import imread, imresize, imsave

    return {"imread": imread, "imresize": imresize, "imsave": imsave}


def _past_builtins() -> dict[str, Any]:
    return {"xrange": range, "range": range, "basestring": str, "unicode": str, "long": int, "raw_input": input, "reduce": _reduce()}


def _six_moves() -> dict[str, Any]:
    import io
    import queue
    import urllib

    own = {"xrange": range, "range": range, "zip": zip, "map": map, "filter": filter, "input": input, "reduce": _reduce()}
    return {
        **own,
        "urllib": urllib,
        "queue": queue,
        "StringIO": io.StringIO,
        "cPickle": sys.modules.get("pickle"),
    }  # which NumPy has imported


def _six() -> dict[str, Any]:
    return {
        "PY2": False,
        "PY3": True,
        "string_types": (str,),
        "integer_types": (int,),
        "text_type": str,
        "iteritems": lambda d: iter(d.items()),
    }


def _reduce() -> Any:
    from functools import reduce

    return reduce


def _imp() -> dict[str, Any]:
    return {"reload": importlib.reload, "new_module": types.ModuleType}


def _future() -> dict[str, Any]:
    return {
        "standard_library": types.SimpleNamespace(install_aliases=_nothing),
        "utils": types.SimpleNamespace(iteritems=lambda d: d.items()),
    }


ALWAYS: dict[str, Callable[[], Mapping[str, Any]]] = {
    "google.colab": _colab,
    "google.colab.drive": _colab_drive,
    "google.colab.files": _colab_files,
    "scipy.misc": _scipy_misc,
    "imp": _imp,
}
WHERE_MISSING: dict[str, Callable[[], Mapping[str, Any]]] = {
    "google": dict,
    "past": dict,
    "past.builtins": _past_builtins,
    "six": _six,
    "six.moves": _six_moves,
    "future": _future,
}


def _module(name: str, content: Mapping[str, Any]) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__dict__.update(content)
    return module


# Modules that have changed


def _renamed(method: Callable[..., Any], names: Mapping[str, str]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        return method(*arguments, **{names.get(name, name): value for name, value in options.items()})

    return call


def _mend_axes(module: types.ModuleType) -> None:
    for name, names in AXES_KEYWORDS.items():
        setattr(module.Axes, name, _renamed(getattr(module.Axes, name), names))


MENDED: dict[str, Callable[[types.ModuleType], None]] = {"matplotlib.axes": _mend_axes}


class Supply(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of a table, and makes each from its row."""

    def __init__(self, table: Mapping[str, Callable[[], Mapping[str, Any]]]) -> None:
        self.table = table

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> Any:
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True) if fullname in self.table else None

    def exec_module(self, module: types.ModuleType) -> None:
        module.__dict__.update(self.table[module.__name__]())


class Mend(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Lets a module be imported as ever, then mends it."""

    def __init__(self, table: Mapping[str, Callable[[types.ModuleType], None]]) -> None:
        self.table, self.specs = table, dict[str, Any]()

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> Any:
        if fullname not in self.table or fullname in self.specs:
            return None
        self.specs[fullname] = None  # so that the search goes past this finder
        self.specs[fullname] = found = importlib.util.find_spec(fullname)
        if found is None:
            return None
        return importlib.util.spec_from_file_location(
            fullname, found.origin, loader=self, submodule_search_locations=found.submodule_search_locations
        )

    def exec_module(self, module: types.ModuleType) -> None:
        self.specs[module.__name__].loader.exec_module(module)
        self.table[module.__name__](module)


def install() -> None:
    """Put it all in place, in this process, for good."""
    add_numpy_names()
    add_numbers()
    sys.meta_path.insert(0, Supply(ALWAYS))
    sys.meta_path.insert(0, Mend(MENDED))
    sys.meta_path.append(Supply(WHERE_MISSING))
