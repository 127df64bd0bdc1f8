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
from layerwise.models.provenance import Provenance
from layerwise.models.table import MODELS
from layerwise.ops.table import LOSSES
from layerwise.storage.array_file import cut, expect_fields, load_arrays, save_arrays
from layerwise.storage.strict_json import to_json

TREES = ("params", "buffers")


def save(model: Network, path: str | Path) -> None:
    """Write path.safetensors and path.json: the weights, what they mean, how inputs were prepared, and where the model comes from.

    What could not come back the same is refused now, when there is still something to be done about it.
    """
    name = type(model).__name__
    if MODELS.get(name) is not type(model):
        raise ValueError(f"a {name} is not in MODELS, so a file could not name it: save its params with layerwise.storage.save_arrays.")
    if model.loss_name not in LOSSES:
        raise ValueError(f"a file cannot describe this {name}: its loss is your own. Save its params with layerwise.storage.save_arrays.")
    config = model.config()
    try:
        to_json(config)
    except TypeError as error:
        raise ValueError(
            f"a file cannot describe this {name}: {error}. Initial weights must be an initializer's name or a number, not a function."
        ) from None
    _expect_twin(model, MODELS[name].from_config(config, rng=Undrawn()))
    arrays = {f"{tree}/{key}": array for tree in TREES for key, array in getattr(model, tree).items()}
    for key, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"the model's {key} holds NaN or infinity: it has diverged. Save the parameters of an earlier epoch.")
    if model.inputs is not None:
        model.inputs.expect(model.input_shape)
        arrays |= {f"inputs/{key}": array for key, array in model.inputs.preprocessing.arrays().items()}
    inputs = None if model.inputs is None else model.inputs.config()
    provenance = None if model.provenance is None else model.provenance.config()
    save_arrays(path, arrays, {"model": name, "config": config, "inputs": inputs, "provenance": provenance})


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
    expect_fields(document, ("model", "config", "inputs", "provenance"), where)
    name, config, inputs, provenance = (document[field] for field in ("model", "config", "inputs", "provenance"))
    if not isinstance(name, str) or name not in MODELS or not isinstance(config, dict):
        raise ModelFileError(
            f"{where}: the model {cut(repr(name))} is not known here. It may come from a newer version: update layerwise to read it."
        )
    constructor = inspect.signature(MODELS[name].__init__).parameters
    expect_fields(config, [key for key in constructor if key not in ("self", "rng")], f"{where}, config")
    for key, array in arrays.items():
        if not np.isfinite(array).all():
            raise ModelFileError(f'{where}: the array "{key}" holds NaN or infinity. The file is damaged.')
    try:
        own = {} if inputs is None else {key: array for key, array in arrays.items() if key.startswith("inputs/")}
        model = MODELS[name].from_config(config, rng=Undrawn())
        for key, value in model.settings.items():
            if type(value) not in (int, float):
                raise TypeError(f"{key} is {value!r}, but must be a number")
        _fill(model, {key: array for key, array in arrays.items() if key not in own}, where)
        if inputs is not None:
            model.inputs = Inputs.load(inputs, {key.removeprefix("inputs/"): array for key, array in own.items()}, where)
            with np.errstate(over="raise", divide="raise", invalid="raise"):
                model.inputs.expect(model.input_shape)
        model.provenance = None if provenance is None else Provenance.load(provenance, where)
    except ModelFileError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise ModelFileError(f"{where}: its description does not make a model: {cut(str(error), 300)}. The file is damaged.") from None
    return model


def _expect_twin(model: Network, twin: Network) -> None:
    """Refuse a model that its own description does not make again."""
    hint = "Build it as a Sequential, whose file describes every layer."
    for tree in TREES:
        for key, array in getattr(model, tree).items():
            shape = np.shape(getattr(twin, tree)[key]) if key in getattr(twin, tree) else None
            if np.shape(array) == shape:
                continue
            if np.shape(array)[1:] == shape:
                raise ValueError(f"{key} has shape {np.shape(array)}: a population cannot be saved as one model. Save its members.")
            was = "is frozen" if shape is None else f"has shape {np.shape(array)}, not {shape}"
            raise ValueError(f"{key} {was}, which the file of a {type(model).__name__} cannot say. {hint}")
    ours, theirs = dict(model.settings), dict(twin.settings)
    for key in ours:
        if key not in theirs or np.any(ours[key] != theirs[key]):
            raise ValueError(f"{key} was set to {ours[key]}, which the file of a {type(model).__name__} cannot say. {hint}")


def _fill(model: Network, arrays: dict[str, Any], where: str) -> None:
    """Put the arrays where the model has placeholders of the same shapes; nothing may be missing or left over."""
    trees = {name: getattr(model, name) for name in TREES}
    expected = {f"{name}/{key}" for name, tree in trees.items() for key in tree}
    if expected != arrays.keys():
        key = sorted(expected ^ arrays.keys())[0]
        raise ModelFileError(f'{where}: the array "{key}" is {"missing" if key in expected else "not part of this model"}.')
    for name, tree in trees.items():
        for key in tree:
            array, placeholder = arrays[f"{name}/{key}"], tree[key]
            if array.shape != placeholder.shape or array.dtype != placeholder.dtype:
                raise ModelFileError(
                    f'{where}: the array "{name}/{key}" is {array.dtype} {array.shape}, but the model needs {placeholder.dtype} {placeholder.shape}.'
                )
            tree[key] = np.array(array)  # ours to write to
