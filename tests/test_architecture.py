"""The rules of the house, read off the source: who may import whom, and what may not be written at all.

Each rule is a function of source text, run over every file of the package and over a planted offender.
"""

import ast
import functools
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "layerwise"

FLOORS = {
    "arrays": 0,  # the type of an array, which every other file needs
    **dict.fromkeys(["blocks", "errors"], 1),
    **dict.fromkeys(["ops", "optim", "data", "features", "storage", "initializers", "metrics", "conventions"], 2),
    **dict.fromkeys(["layers", "train", "gradcheck"], 3),
    "models": 4,
    **dict.fromkeys(["grading", "sweep"], 5),
    **dict.fromkeys(["report", "estimators", "export", "courses"], 6),
    "jobs": 7,
    "labs": 8,
    "cli": 9,
    "__main__": 10,  # python -m layerwise
}
STRANGERS = {frozenset({"train", "models"})}  # they meet in a protocol, whatever their floors
DEFERRED = {  # imports within a function that close a cycle: something that a table lists looks another row up
    ("layerwise.models.network", "layerwise.models.file"),  # model.save(path) checks that MODELS can load it again
    ("layerwise.optim.schedule", "layerwise.optim.table"),  # the warm-up goes on with another of SCHEDULES
}
OPTIONAL = (
    "matplotlib",
    "mpl_toolkits",
    "sklearn",
    "PIL",
    "jinja2",
    "optuna",
    "onnx",
    "pandas",
    "torch",
    "nbclient",
    "nbformat",
    "jupyter_client",
    "ipykernel",
)
PICKLES = ("pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve")
PICKLE_READER = "layerwise.data.unpickle"
GENERATORS = ("Generator", "default_rng", "SeedSequence", "BitGenerator", "PCG64", "Philox", "MT19937")
KEEPERS = ("layerwise.train.preflight",)  # puts the global generator back to where it was, for a learner's model may draw from it
RUNNERS = ("eval", "exec", "builtins.eval", "builtins.exec", "os.system", "os.popen")
WORKED_OUT = "<worked out>"  # a module whose name no reader of the source can tell


def modules() -> dict[str, str]:
    """Dotted name -> source text, of every file of the package; a room's __init__ bears the room's name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
    return found


MODULES = modules()
PACKAGES = {".".join(path.parent.relative_to(SOURCE.parent).parts) for path in SOURCE.rglob("__init__.py")}


parse = functools.cache(ast.parse)


def room(name: str) -> str:
    """The room of a module: "layerwise.ops.affine" -> "ops", and "" for the package itself."""
    return name.partition(".")[2].partition(".")[0]


# Reading imports


def imports(name: str, source: str, *, types: bool = True) -> Iterator[tuple[str, str]]:
    """(module, name in it or "") for each import anywhere in the text: in functions and, with types, under TYPE_CHECKING."""
    tree = parse(source)
    blocks = [] if types else [block for block in ast.walk(tree) if _is_for_types(block)]
    skipped = {id(node) for block in blocks for line in block.body for node in ast.walk(line)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((_absolute(name, node), alias.name) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__") and node.args:
            target = node.args[0]
            yield (target.value if isinstance(target, ast.Constant) else WORKED_OUT, "")


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


class _WithoutFunctions(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.AST) -> ast.Pass:
        return ast.Pass()

    visit_AsyncFunctionDef = visit_FunctionDef


def _at_once(source: str) -> str:
    """The text without its functions: what runs when it is imported."""
    return ast.unparse(_WithoutFunctions().visit(ast.parse(source)))


def _absolute(name: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = name if name in PACKAGES else name.rpartition(".")[0]
    for _ in range(node.level - 1):
        package = package.rpartition(".")[0]
    return f"{package}.{node.module}" if node.module else package


def own_imports(name: str, source: str, *, types: bool = True) -> Iterator[str]:
    """What the text imports of this package, as "layerwise.ops.affine" whichever way it is written."""
    for module, member in imports(name, source, types=types):
        if module == "layerwise" or module.startswith("layerwise."):
            whole = f"{module}.{member}" if member else module
            yield whole if whole in MODULES or module == "layerwise" else module


def words(name: str, source: str) -> Iterator[str]:
    """Every name and attribute in the text, with imported names written out: "np.random.seed" -> "numpy.random.seed"."""
    tree = parse(source)
    full = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            full |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            full |= {alias.asname or alias.name: f"{_absolute(name, node)}.{alias.name}" for alias in node.names}
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    chains = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name) and id(node) not in inner)
    for word in (*full.values(), *map(ast.unparse, chains)):
        first, dot, rest = word.partition(".")
        if re.fullmatch(r"[\w.]+", word):  # not an attribute of a call's result, whose own chain comes by itself
            yield full.get(first, first) + dot + rest


def given(source: str, keyword: str) -> Iterator[int]:
    """The lines where a call is given this keyword as anything but False."""
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.keyword) and node.arg == keyword and ast.unparse(node.value) != "False":
            yield node.value.lineno


# The rules: each yields a sentence for each breach


def floors(name: str, source: str) -> Iterator[str]:
    """A room imports its own files and lower floors, never a neighbour on its floor, and never the face of the package."""
    here = room(name)
    if not here:
        return
    if here not in FLOORS:
        yield f"{name}: {here} is no room of the house; give it a floor"
        return
    for target in own_imports(name, source):
        there = room(target)
        if {here, there} in STRANGERS:
            yield f"{name} imports {target}; {here} and {there} never import each other"
        elif there not in (here, "__version__") and FLOORS.get(there, 99) >= FLOORS[here]:
            yield f"{name}, on floor {FLOORS[here]}, imports {target}, on floor {FLOORS.get(there, 'none')}"


def lazy_face(name: str, source: str) -> Iterator[str]:
    """The package's __init__ imports nothing when it is imported: rooms come on first use."""
    if name == "layerwise":
        for module, member in imports(name, _at_once(source), types=False):
            if module.partition(".")[0] not in sys.stdlib_module_names:
                yield f"{name} imports {module} {member} at once; let __getattr__ import it on first use"


def no_pickle(name: str, source: str) -> Iterator[str]:
    """No pickle is read but CIFAR's batches, in one file."""
    if name != PICKLE_READER:
        yield from (f"{name} imports {module}" for module, _ in imports(name, source) if module.partition(".")[0] in PICKLES)
    yield from (f"{name}, line {line}: allow_pickle must be False" for line in given(source, "allow_pickle"))


def no_code_from_text(name: str, source: str) -> Iterator[str]:
    """Nothing runs text: no eval, no exec, no shell."""
    yield from (f"{name} uses {word}" for word in words(name, source) if word in RUNNERS)
    yield from (f"{name}, line {line}: no command goes through a shell" for line in given(source, "shell"))


def no_global_generator(name: str, source: str) -> Iterator[str]:
    """Randomness comes from a generator that was passed in; the global ones are the courses' alone."""
    if room(name) == "courses":
        return
    yield from (f"{name} imports Python's random; take an rng" for module, _ in imports(name, source) if module == "random")
    for word in words(name, source):
        match word.split("."):
            case ["numpy", "random", "get_state" | "set_state"] if name in KEEPERS:
                continue
            case ["numpy", "random", *rest] if not rest or rest[0] not in GENERATORS:
                yield f"{name} uses {word}; take an rng"


def no_worked_out_import(name: str, source: str) -> Iterator[str]:
    """What a module imports can be read in it; only the package's face looks modules up."""
    if name != "layerwise":
        yield from (f"{name} imports a module whose name it works out" for module, _ in imports(name, source) if module == WORKED_OUT)


RULES = [floors, lazy_face, no_pickle, no_code_from_text, no_global_generator, no_worked_out_import]


# Rules over all files at once


def one_import_site(sources: Mapping[str, str]) -> Iterator[str]:
    """An optional dependency is imported in one file, where its error names the extra."""
    sites: dict[str, set[str]] = {}
    for name, source in sources.items():
        for module, _ in imports(name, source):
            sites.setdefault(module.partition(".")[0], set()).add(name)
    for optional in OPTIONAL:
        if len(sites.get(optional, ())) > 1:
            yield f"{optional} is imported in {', '.join(sorted(sites[optional]))}; keep one"


def no_cycles(sources: Mapping[str, str]) -> Iterator[str]:
    """Files of a room can be read in an order: none needs itself through others, not even from within a function, save DEFERRED.

    Imports for type checkers alone don't count, for they never run.
    """
    edges = {name: sorted(set(own_imports(name, source, types=False)) - {name}) for name, source in sources.items()}
    edges = {name: [t for t in targets if room(t) == room(name) and (name, t) not in DEFERRED] for name, targets in edges.items()}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> Iterator[str]:
        if name in path:
            yield " -> ".join((*path[path.index(name) :], name))
        elif name not in done:
            for target in edges.get(name, ()):
                yield from visit(target, (*path, name))
            done.add(name)

    for name in edges:
        if room(name):
            yield from visit(name, ())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule):
    assert [breach for name, source in MODULES.items() for breach in rule(name, source)] == []


@pytest.mark.parametrize("rule", [one_import_site, no_cycles], ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule(rule):
    assert list(rule(MODULES)) == []


@pytest.mark.parametrize(("name", "target"), sorted(DEFERRED))
def test_a_deferred_import_is_still_there_and_within_a_function(name, target):
    assert target in set(own_imports(name, MODULES[name]))
    assert target not in set(own_imports(name, _at_once(MODULES[name])))


def test_contributors_are_told_the_floor_of_every_room_and_of_no_other():
    text = (SOURCE.parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = {
        name: int(floor)
        for floor, rooms in re.findall(r"^\| (\d) \| (.*) \|$", text, re.MULTILINE)
        for name in re.findall(r"`(\w+)/?`", rooms)
    }
    there = {room(name) for name in MODULES} - {"", "__main__"}
    assert told == {name: FLOORS[name] for name in there}


def test_the_whole_package_was_read():
    assert {"layerwise", "layerwise.errors", "layerwise.ops", "layerwise.gradcheck.numeric"} <= MODULES.keys()
    assert len(MODULES) == len(list(SOURCE.rglob("*.py")))


OFFENDERS = [
    (floors, "layerwise.ops.affine", "from layerwise.layers.dense import Dense"),
    (floors, "layerwise.ops.affine", "from layerwise.optim import adam"),
    (floors, "layerwise.ops.affine", "import layerwise.optim.adam as adam"),
    (floors, "layerwise.ops.affine", "from layerwise import optim"),
    (floors, "layerwise.ops.affine", "from .. import optim"),
    (floors, "layerwise.ops.affine", "from ..optim.adam import adam"),
    (floors, "layerwise.ops", "from ..optim import adam"),
    (floors, "layerwise.metrics", "from .optim import adam"),
    (floors, "layerwise.ops.affine", "import layerwise as lw"),
    (floors, "layerwise.ops.affine", "from layerwise import Solver"),
    (floors, "layerwise.ops.affine", "from layerwise import __version__, load_mnist"),
    (floors, "layerwise.ops.affine", "def f():\n    from layerwise.train import Solver"),
    (floors, "layerwise.ops.affine", "if TYPE_CHECKING:\n    from layerwise.train import Solver"),
    (floors, "layerwise.ops.affine", "import importlib\nimportlib.import_module('layerwise.train.solver')"),
    (floors, "layerwise.train.solver", "from layerwise.models import load"),
    (floors, "layerwise.models.linear", "from layerwise.train import Solver"),
    (floors, "layerwise.errors", "from layerwise.blocks import walk"),
    (floors, "layerwise.cellar.coal", "x = 1"),
    (floors, "layerwise.labs.mnist", "from layerwise.cellar import coal"),
    (lazy_face, "layerwise", "from layerwise.train import Solver"),
    (lazy_face, "layerwise", "import numpy as np"),
    (lazy_face, "layerwise", "try:\n    import scipy\nexcept ImportError:\n    scipy = None"),
    (no_pickle, "layerwise.models.file", "import pickle"),
    (no_pickle, "layerwise.models.file", "def f():\n    from pickle import load"),
    (no_pickle, "layerwise.models.file", "import joblib"),
    (no_pickle, "layerwise.data.npz", "import numpy as np\nnp.load('a', allow_pickle=True)"),
    (no_pickle, "layerwise.data.npz", "import numpy as np\nnp.load('a', allow_pickle=trust)"),
    (no_code_from_text, "layerwise.cli.main", "eval('1')"),
    (no_code_from_text, "layerwise.cli.main", "run = exec"),
    (no_code_from_text, "layerwise.cli.main", "import os\nos.system('ls')"),
    (no_code_from_text, "layerwise.cli.main", "from os import system as run"),
    (no_code_from_text, "layerwise.cli.main", "import subprocess\nsubprocess.run('ls', shell=True)"),
    (no_global_generator, "layerwise.data.split", "import numpy as np\nnp.random.seed(0)"),
    (no_global_generator, "layerwise.data.split", "import numpy\nx = numpy.random.randn(3)"),
    (no_global_generator, "layerwise.data.split", "import numpy as np\nrng = np.random"),
    (no_global_generator, "layerwise.data.split", "from numpy.random import shuffle"),
    (no_global_generator, "layerwise.data.split", "from numpy import random as r\nr.shuffle(x)"),
    (no_global_generator, "layerwise.data.split", "import numpy as np\nx = np.random.RandomState(0)"),
    (no_global_generator, "layerwise.data.split", "import random\nrandom.shuffle(x)"),
    (no_global_generator, "layerwise.data.split", "from random import shuffle"),
    (no_global_generator, "layerwise.train.preflight", "import numpy as np\nnp.random.randn(3)"),
    (no_global_generator, "layerwise.train.solver", "import numpy as np\nnp.random.get_state()"),
    (no_worked_out_import, "layerwise.optim.choice", "from importlib import import_module\nimport_module(f'layerwise.{name}')"),
]


@pytest.mark.parametrize(("rule", "name", "source"), OFFENDERS)
def test_an_offender_breaks_the_rule(rule, name, source):
    assert list(rule(name, source))


LAWFUL = [
    (floors, "layerwise.ops.affine", "from layerwise.arrays import Array\nfrom layerwise.ops.check import expect\nimport numpy as np"),
    (floors, "layerwise.models.linear", "from layerwise import ops\nfrom ..layers import dense"),
    (floors, "layerwise.cli.main", "from layerwise import __version__"),
    (floors, "layerwise", "def __getattr__(name):\n    from layerwise.train import Solver\n    return Solver"),
    (
        lazy_face,
        "layerwise",
        "import importlib\nif TYPE_CHECKING:\n    from layerwise import ops\ndef __getattr__(name):\n    import numpy",
    ),
    (no_pickle, PICKLE_READER, "import pickle"),
    (no_pickle, "layerwise.data.npz", "import numpy as np\nnp.load('a', allow_pickle=False)"),
    (no_code_from_text, "layerwise.cli.main", "import re, subprocess\nre.compile('a')\nmodel.eval()\nsubprocess.run(['ls'])"),
    (
        no_global_generator,
        "layerwise.data.split",
        "import numpy as np\nrng = np.random.default_rng(0)\nrng.random()\ndef f(rng: np.random.Generator): ...",
    ),
    (no_global_generator, "layerwise.courses.seed", "import numpy as np\nnp.random.seed(231)"),
    (no_global_generator, "layerwise.train.preflight", "import numpy as np\nnp.random.set_state(np.random.get_state())"),
    (no_worked_out_import, "layerwise", "import importlib\nimportlib.import_module(name)"),
]


@pytest.mark.parametrize(("rule", "name", "source"), LAWFUL)
def test_lawful_text_keeps_the_rule(rule, name, source):
    assert list(rule(name, source)) == []


def test_a_second_import_site_is_found():
    assert (
        list(
            one_import_site(
                {
                    "layerwise.report.figure": "import matplotlib.pyplot as plt",
                    "layerwise.report.tile": "def f():\n    from PIL import Image",
                }
            )
        )
        == []
    )
    sources = {
        "layerwise.report.figure": "import matplotlib.pyplot as plt",
        "layerwise.labs.mnist": "def f():\n    from matplotlib import cm",
    }
    assert list(one_import_site(sources)) == ["matplotlib is imported in layerwise.labs.mnist, layerwise.report.figure; keep one"]


def test_a_cycle_within_a_room_is_found():
    chain = {
        "layerwise.ops.affine": "from layerwise.ops.check import x",
        "layerwise.ops.check": "if TYPE_CHECKING:\n    from layerwise.ops import affine",
    }
    assert list(no_cycles(chain)) == []
    for back in ("from layerwise.ops import affine", "def f():\n    from layerwise.ops.affine import y"):
        ring = {**chain, "layerwise.ops.check": back}
        assert list(no_cycles(ring)) == ["layerwise.ops.affine -> layerwise.ops.check -> layerwise.ops.affine"]
    door = {"layerwise.ops": "from layerwise.ops.check import x", "layerwise.ops.check": "from layerwise.ops import affine_forward"}
    assert list(no_cycles(door)) == ["layerwise.ops -> layerwise.ops.check -> layerwise.ops"]
