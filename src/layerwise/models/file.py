"""A model as two files: its arrays in safetensors, its description in JSON. Nothing in either can run."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.errors import ModelFileError
from layerwise.initializers import Undrawn
from layerwise.models.inputs import Inputs
from layerwise.models.network import Network
from layerwise.models.table import MODELS
from layerwise.storage.array_file import expect_fields, load_arrays, save_arrays

TREES = ("params", "buffers")


def save(model: Network, path: str | Path) -> None:
    """Write path.safetensors and path.json: the weights, what they mean, and how inputs were prepared."""
    name = type(model).__name__
    if MODELS.get(name) is not type(model):
        raise ValueError(f"a {name} is not in MODELS, so a file could not name it: save its params with layerwise.storage.save_arrays.")
    arrays = {f"{tree}/{key}": array for tree in TREES for key, array in getattr(model, tree).items()}
    if model.inputs is not None:
        arrays |= {f"inputs/{key}": array for key, array in model.inputs.preprocessing.arrays().items()}
    inputs = None if model.inputs is None else model.inputs.config()
    save_arrays(path, arrays, {"model": name, "config": model.config(), "inputs": inputs})


def load(path: str | Path) -> Any:
    """The model that `save` wrote. What does not fit together is refused with a ModelFileError, before memory is taken for it.

    >>> import tempfile
    >>> from layerwise.models import SoftmaxModel
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     SoftmaxModel(4, 3).save(f"{folder}/net")
    ...     load(f"{folder}/net")
    <SoftmaxModel (4,) -> (3,), 15 parameters, float32>
    """
    arrays, document = load_arrays(path)
    where = str(path)
    expect_fields(document, ("model", "config", "inputs"), where)
    name, config = document["model"], document["config"]
    if not isinstance(name, str) or name not in MODELS or not isinstance(config, dict):
        raise ModelFileError(
            f"{where}: the model {name!r} is not known here. It may come from a newer version: update layerwise to read it."
        )
    constructor = inspect.signature(MODELS[name].__init__).parameters
    expect_fields(config, [key for key in constructor if key not in ("self", "rng")], f"{where}, config")
    try:
        model = MODELS[name].from_config(config, rng=Undrawn())
        _fill(model, arrays, where)
        if document["inputs"] is not None:
            own = {key.removeprefix("inputs/"): array for key, array in arrays.items() if key.startswith("inputs/")}
            model.inputs = Inputs.load(document["inputs"], own)
    except ModelFileError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, MemoryError) as error:
        raise ModelFileError(f"{where}: its description does not make a model: {error}. The file is damaged.") from None
    return model


def _fill(model: Network, arrays: dict[str, Any], where: str) -> None:
    """Put the arrays where the model has placeholders of the same shapes; nothing may be missing or left over."""
    trees = {name: getattr(model, name) for name in TREES}
    expected = {f"{name}/{key}" for name, tree in trees.items() for key in tree}
    found = {key for key in arrays if not key.startswith("inputs/")}
    if expected != found:
        key = sorted(expected ^ found)[0]
        raise ModelFileError(f'{where}: the array "{key}" is {"missing" if key in expected else "not part of this model"}.')
    for name, tree in trees.items():
        for key in tree:
            array, placeholder = arrays[f"{name}/{key}"], tree[key]
            if array.shape != placeholder.shape or array.dtype != placeholder.dtype:
                raise ModelFileError(
                    f'{where}: the array "{name}/{key}" is {array.dtype} {array.shape}, but the model needs {placeholder.dtype} {placeholder.shape}.'
                )
            if not np.isfinite(array).all():
                raise ModelFileError(f'{where}: the array "{name}/{key}" holds NaN or infinity: the run that wrote it had diverged.')
            tree[key] = np.array(array)  # ours to write to
