"""The table of formats, and how a model becomes a file that is proved before it is kept."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import ExportError, look_up, missing_extra
from layerwise.export.mlp_script import sklearn_script
from layerwise.export.plan import Plan, plan
from layerwise.export.proof import EXAMPLES, Proof, prove
from layerwise.export.script import to_numpy
from layerwise.models.network import Network
from layerwise.storage.atomic import replacing

LONGEST = 600.0  # seconds that a script may take for its proof


@dataclass(frozen=True)
class Format:
    """How a file is called, what a reader calls it, how its bytes are made, and how the file predicts: raw examples -> what it says."""

    ending: str
    title: str
    write: Callable[[Network], bytes]
    run: Callable[[Path, Array], dict[str, Array]]


def to_onnx(model: Network, *, raw: Any = None) -> Any:
    """The model in predict mode, its preprocessing included, as an onnx.ModelProto of opset 17.

    Its input "example" is (N, ...) raw examples, of the dtype `raw`: by default uint8 for images of 0 to 255, float64 for tables, else the
    model's. Its outputs are "label" (class numbers), "probability" where the loss makes some, and "score"; or "value".
    Class names, a table's features, the data's name and the provenance are in its metadata, as JSON.
    """
    from layerwise.export.graph import graph_of

    return graph_of(plan(model, raw))


def _onnx_bytes(model: Network) -> bytes:
    return to_onnx(model).SerializeToString()


def _sklearn_bytes(model: Network) -> bytes:
    if find_spec("sklearn") is None:
        raise missing_extra("Its proof needs scikit-learn", "sklearn")
    return sklearn_script(model).encode()


def _numpy_bytes(model: Network) -> bytes:
    return to_numpy(model).encode()


def _run_onnx(path: Path, X: Array) -> dict[str, Array]:
    from layerwise.export.graph import read_onnx, run_onnx

    return run_onnx(read_onnx(path.read_bytes()), X)


def _run_script(path: Path, X: Array) -> dict[str, Array]:
    """What the file says when it is run by itself: by this Python, without this package's or the user's folders."""
    with tempfile.TemporaryDirectory() as folder:
        examples, predicted = Path(folder, "examples.npy"), Path(folder, "predicted.npz")
        np.save(examples, X, allow_pickle=False)
        command = [sys.executable, "-I", str(path.resolve()), str(examples), str(predicted)]
        try:
            done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", timeout=LONGEST, check=False)
        except subprocess.TimeoutExpired:
            raise ExportError(f"the script takes more than {LONGEST:g} s for {len(X)} examples") from None
        if done.returncode:
            raise ExportError(f"the script ends with {(done.stderr.strip().splitlines() or ['no word'])[-1]}")
        with np.load(predicted, allow_pickle=False) as arrays:
            return dict(arrays)


FORMATS: dict[str, Format] = {
    "onnx": Format(".onnx", "ONNX", _onnx_bytes, _run_onnx),
    "sklearn": Format("_sklearn.py", "scikit-learn", _sklearn_bytes, _run_script),
    "numpy": Format("_numpy.py", "NumPy", _numpy_bytes, _run_script),
}


def save(model: Network, path: str | Path, to: str, *, examples: Any = None) -> Proof:
    """Write the model to a file in one of FORMATS, and keep it only if it predicts 100 examples as the model does.

    examples are raw (N, ...), as the model's inputs take them; without any they are drawn. An ExportError says where a
    file and its model part, and leaves what was at `path`.

    >>> from layerwise.models import SoftmaxModel
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(SoftmaxModel(4, 3), f"{folder}/net.py", "numpy").examples
    100
    """
    chosen = look_up(FORMATS, to, "format")
    made = plan(model)
    X = drawn(model, made) if examples is None else np.asarray(examples)
    if X.shape[1:] != made.example_shape or not len(X):
        raise ValueError(f"save: examples have shape {X.shape}, but (N, {', '.join(map(str, made.example_shape))}) are needed.")
    X = X[:EXAMPLES].astype(made.raw)
    data = chosen.write(model)
    with replacing(path) as temporary:
        temporary.write_bytes(data)
        try:
            return prove(model, X, chosen.run(temporary, X))
        except ExportError as error:
            raise ExportError(f"{path}: not kept, as it would not predict what the model does: {error}") from None


def drawn(model: Network, made: Plan) -> Array:
    """A hundred raw examples at random: pixels of the data's range, or what preprocessing makes normal numbers of."""
    rng = np.random.default_rng(0)
    shape = (EXAMPLES, *made.example_shape)
    white = None if model.inputs is None else model.inputs.full_scale
    if white is not None:
        return rng.integers(0, int(white), shape, endpoint=True) if white >= 1 else rng.uniform(0, white, shape)
    if model.inputs is None or not made.prepare:
        return rng.normal(size=shape)
    return model.inputs.preprocessing.invert(rng.normal(size=(EXAMPLES, *made.prepare[-1].shape))).reshape(shape)
