"""A model as one Python file that predicts with NumPy alone: readable code on top, its arrays as text at the end."""

from __future__ import annotations

import base64
import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from layerwise import __version__
from layerwise.arrays import Array
from layerwise.export.operation import HELPERS, OPERATIONS
from layerwise.export.plan import Plan, Step, arrays_of, key_of, plan
from layerwise.models.network import Network

WIDTH = 120  # letters of a line of base64

HEAD = '''"""A trained net that predicts with {needs} alone, written by Layerwise {version}.

    python FILE.py examples.npy                  a line for each example
    python FILE.py examples.npy predicted.npz    {written}, as arrays

Or import it, and use {offered}. Examples are raw, as they were before any scaling.
"""

import base64
import math
import sys
{standard}
import numpy as np
{imports}

MODEL = {model!r}
DATA = {data!r}
EXAMPLE_SHAPE = {shape!r}
'''

LABELS = '''

def predict(X):
    """Raw examples -> the number of each one's class (N,)."""
    return scores(X).argmax(axis=-1)
'''

SHARES = '''

def predict(X):
    """Raw examples -> 1 for each of K that is likelier true than not, else 0: (N, K)."""
    return (scores(X) > 0).astype(int)
'''

PROBABILITIES = '''

def probabilities(X):
    """Raw examples -> probabilities (N, K)."""
    return {function}(scores(X))
'''

EXAMPLES = '''

def examples(X):
    """X as a batch (N, *EXAMPLE_SHAPE) of floats, from that shape, flat rows, grey images (N, H, W), or one example alone."""
    X = np.asarray(X)
    if X.dtype.kind not in "fiub":
        raise ValueError(f"examples are numbers, but these are {{X.dtype}}")
    shapes = [EXAMPLE_SHAPE, (math.prod(EXAMPLE_SHAPE),)]
    if len(EXAMPLE_SHAPE) == 3 and EXAMPLE_SHAPE[0] == 1:
        shapes.append(EXAMPLE_SHAPE[1:])
    if X.shape not in shapes and X.shape[1:] not in shapes:
        raise ValueError(f"examples have shape {{X.shape[1:]}}, but must have {{EXAMPLE_SHAPE}}")
    return X.astype(np.{dtype}).reshape(-1, *EXAMPLE_SHAPE)
'''

MAIN = '''

def everything(X):
    """All that is said of raw examples, by name."""
    {first}
    return {{{said}}}


def main(arguments):
    sys.stdout.reconfigure(errors="backslashreplace")  # a letter that the terminal has not is no reason to stop
    if len(arguments) not in (1, 2):
        sys.exit(f"usage: python {{sys.argv[0]}} examples.npy [predicted.npz]")
    try:
        with open(arguments[0], "rb") as file:
            if file.read(6) != b"\\x93NUMPY":
                raise ValueError("is no .npy file. Write one with numpy.save, of raw examples.")
        said = everything(np.load(arguments[0], allow_pickle=False))
    except (OSError, ValueError, EOFError) as error:
        sys.exit(f"{{arguments[0]}}: {{error}}")
    if len(arguments) == 2:
        np.savez(arguments[1], **said)
        return
    figures = said[{figure!r}]
{shown}


def array(dtype, shape, text):
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape).copy()


ARRAYS = {{
{arrays}}}

if __name__ == "__main__":
    main(sys.argv[1:])
'''

CLASSES_SHOWN = """    names = CLASS_NAMES or range(figures.shape[-1])
    for k, row in zip(said["label"], figures):
        print(f"{names[k]}\\t{row[k]:.4f}")"""

ROWS_SHOWN = """    for row in figures.reshape(len(figures), -1):
        print("\\t".join(f"{value:.6g}" for value in row))"""


def to_numpy(model: Network, *, raw: Any = None) -> str:
    """The text of a Python file that predicts with NumPy alone: predict, probabilities and scores (or values) of raw examples.

    raw is the dtype that examples come in, as in `plan`. What people wrote (names of classes, columns, data) stands in the
    file as literals, and never runs.

    >>> from layerwise.models import SoftmaxModel
    >>> text = to_numpy(SoftmaxModel(4, 3))
    >>> [line.partition("(")[0] for line in text.splitlines() if line.startswith("def ")][:5]
    ['def scores', 'def predict', 'def probabilities', 'def dense', 'def softmax']
    """
    return "".join(_text(plan(model, raw)))


def _text(made: Plan) -> Iterator[str]:
    function = "values" if made.said == "values" else "scores"
    offered = [function] if made.said == "values" else ["predict", *(["probabilities"] if made.to_probability else []), function]
    uses = ", ".join(f"FILE.{name}(X)" for name in offered)
    yield head(made, "NumPy", said_by(made), uses, "from numpy import ndarray as Array")
    yield f'\n\ndef {function}(X):\n    """Raw examples -> {function} {_shape(made.outputs)}."""\n'
    yield f"    x = examples(X)  # {_shape(made.example_shape)}\n"
    yield from map(_line, made.prepare)
    if made.work != made.dtype:
        yield f"    x = x.astype(np.{made.dtype})\n"
    yield from map(_line, made.net)
    yield "    return x\n"
    if made.said != "values":
        yield LABELS if made.said == "labels" else SHARES
    if made.to_probability:
        yield PROBABILITIES.format(function=made.to_probability)
    for name in _used(made):
        yield f"\n\n{inspect.getsource(OPERATIONS.get(name) or HELPERS[name][1])}"
    label = "score.argmax(axis=-1)" if made.said == "labels" else "(score > 0).astype(int)"
    every = {"label": label, "probability": f"{made.to_probability}(score)", "score": "score", "value": "value"}
    first = "value = values(X)" if made.said == "values" else "score = scores(X)"
    yield tail(made, first, {name: every[name] for name in said_by(made)}, made.work, arrays_of(made))


def said_by(made: Plan) -> list[str]:
    """The names of what a net says of examples: of labels, probabilities and scores those that it has, or values."""
    if made.said == "values":
        return ["value"]
    return ["label", *(["probability"] if made.to_probability else []), "score"]


def head(made: Plan, needs: str, said: Iterable[str], offered: str, imports: str, standard: str = "") -> str:
    """The first lines of a script, what it is and how it is used, and what is known of its examples."""
    text = HEAD.format(
        needs=needs,
        version=__version__,
        written=", ".join(said),
        offered=offered,
        imports=imports,
        standard=standard,
        model=made.model,
        data=made.data_name,
        shape=made.example_shape,
    )
    if made.said == "labels":
        text += f"CLASS_NAMES = {list(made.class_names or ())!r}\n"
    return text + (f"FEATURES = {list(made.features)!r}\n" if made.features else "")


def tail(made: Plan, first: str, said: Mapping[str, str], dtype: np.dtype[Any], arrays: Mapping[str, Array]) -> str:
    """The last lines of a script: what its examples may be, what it says of them when it is run, and its arrays."""
    figure = next(name for name in ("probability", "score", "value") if name in said)
    return EXAMPLES.format(dtype=dtype) + MAIN.format(
        first=first,
        said=", ".join(f'"{name}": {value}' for name, value in said.items()),
        figure=figure,
        shown=CLASSES_SHOWN if made.said == "labels" else ROWS_SHOWN,
        arrays="".join(f"    {name!r}: {_literal(array)},\n" for name, array in arrays.items()),
    )


def _line(step: Step) -> str:
    """One step as a line of code, with the shape of its result."""
    arrays = [f"{name}=ARRAYS[{key_of(step, name)!r}]" for name in step.arrays]
    options = [f"{name}={value!r}" for name, value in step.options.items()]
    return f"    x = {step.operation}({', '.join(['x', *arrays, *options])})  # {_shape(step.shape)}\n"


def _shape(of_example: Iterable[int]) -> str:
    return f"({', '.join(map(str, ('N', *of_example)))})"


def _used(made: Plan) -> list[str]:
    """The operations that a script holds, with those that they call."""
    names = [step.operation for step in (*made.prepare, *made.net)] + ([made.to_probability] if made.to_probability else [])
    return list(dict.fromkeys([*names, *(helper for helper, (users, _) in HELPERS.items() if users & set(names))]))


def _literal(array: Array) -> str:
    """Python text of the array, to the bit."""
    plain = np.asarray(array, array.dtype.newbyteorder("<"), order="C")
    text = base64.b64encode(plain.tobytes()).decode()
    lines = "\n".join(text[start : start + WIDTH] for start in range(0, len(text), WIDTH))
    return f'array("{plain.dtype.str}", {plain.shape!r}, """\n{lines}""")'
