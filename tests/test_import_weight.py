"""`import layerwise` is light, and shows all that it has."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import layerwise

SOURCE = Path(layerwise.__file__).parent
HEAVY_STANDARD = {"asyncio", "multiprocessing", "unittest", "sqlite3", "xml", "http", "email"}  # standard, but slow to import

INTERNAL = {"arrays", "blocks", "cli", "jobs", "labs"}  # rooms that serve the others and the command line

PROBE = """
import json, sys
before = set(sys.modules)
{statement}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def loaded_by(statement: str) -> list[str]:
    """The modules that a fresh interpreter has more of after the statement than before it."""
    result = subprocess.run([sys.executable, "-c", PROBE.format(statement=statement)], capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def packages(modules: list[str]) -> set[str]:
    """Their top-level packages, those of the standard library left out (and Cython's marks, which are no files)."""
    tops = {name.partition(".")[0] for name in modules}
    return {top for top in tops - sys.stdlib_module_names if not top.startswith(("_cython", "cython_runtime"))}


def rooms() -> set[str]:
    """The rooms that a user is shown."""
    folders = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    return (folders | {path.stem for path in SOURCE.glob("*.py") if not path.stem.startswith("__")}) - INTERNAL


def test_importing_the_package_brings_in_numpy_and_nothing_else():
    loaded = loaded_by("import layerwise")
    assert packages(loaded) <= {"layerwise", "numpy"}
    assert "layerwise" in loaded


def test_importing_the_package_imports_no_slow_standard_module_that_numpy_does_without():
    extra = set(loaded_by("import layerwise")) - set(loaded_by("import numpy"))
    assert not {name.partition(".")[0] for name in extra} & HEAVY_STANDARD


def test_importing_the_package_opens_no_room():
    assert [name for name in loaded_by("import layerwise") if name.startswith("layerwise.")] == []


def test_listing_the_package_opens_no_room():
    assert [name for name in loaded_by("import layerwise; dir(layerwise)") if name.startswith("layerwise.")] == []


@pytest.mark.parametrize("heavy", ["scipy", "safetensors", "rich", "typer"])
def test_the_probe_sees_what_a_heavy_import_brings_in(heavy):
    assert heavy in packages(loaded_by(f"import layerwise, {heavy}"))


def test_every_room_is_public_and_every_public_name_is_listed():
    assert rooms() <= set(layerwise.__all__)
    assert {"__version__", *layerwise.__all__} <= set(dir(layerwise))
    assert len(layerwise.__all__) == len(set(layerwise.__all__))


def test_the_names_that_completion_offers_are_the_public_ones():
    assert [name for name in dir(layerwise) if not name.startswith("__")] == sorted(set(layerwise.__all__) - {"__version__"})


def test_every_room_opens_on_first_use():
    program = f"import layerwise\nfor name in {sorted(rooms())!r}: assert getattr(layerwise, name).__name__ == 'layerwise.' + name"
    assert {f"layerwise.{name}" for name in rooms()} <= set(loaded_by(program))


def test_type_checkers_are_told_the_same_names():
    block = next(node for node in ast.parse((SOURCE / "__init__.py").read_text(encoding="utf-8")).body if isinstance(node, ast.If))
    assert ast.unparse(block.test) == "TYPE_CHECKING"
    told = {alias.asname or alias.name for line in block.body for alias in line.names}
    assert told == set(layerwise.__all__) - {"__version__"}


def test_every_public_name_is_there():
    for name in layerwise.__all__:
        assert getattr(layerwise, name) is not None


def test_a_name_that_is_not_there_is_an_attribute_error_with_its_name():
    with pytest.raises(AttributeError, match=r"layerwise.*no_such_room"):
        layerwise.no_such_room  # noqa: B018
