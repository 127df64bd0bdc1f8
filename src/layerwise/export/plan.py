"""What a model does to a raw example, as a list of plain steps: what every format is written from."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.pca import PCA
from layerwise.data.transform import Affine, BiasColumn, Transform
from layerwise.layers.activation import ACTIVATIONS, Activation
from layerwise.layers.convolution import Conv2D
from layerwise.layers.dense import Dense
from layerwise.layers.layer import Layer, Shape
from layerwise.layers.norm import BatchNorm, GroupNorm, LayerNorm
from layerwise.layers.pooling import AveragePool2D, MaxPool2D
from layerwise.models.inputs import Inputs
from layerwise.models.network import Network
from layerwise.models.provenance import Provenance
from layerwise.ops.table import LOSSES
from layerwise.train.protocol import ignores_labels


@dataclass(frozen=True, eq=False)
class Step:
    """One operation on a batch: its name, the layer or transform that it is of, its arrays and options, and what comes out."""

    operation: str
    name: str
    arrays: dict[str, Array]
    options: dict[str, Any]
    shape: Shape  # of one example afterwards


@dataclass(frozen=True, eq=False)
class Plan:
    """Raw examples (N, *example_shape) of dtype `raw`; the steps of `prepare`, in floats; then those of `net`, in `dtype`.

    said is "labels", "shares" (each of K may be true) or "values"; to_probability the operation that makes probabilities
    of scores, None where the loss makes none; features are the names of a table's numbers.
    """

    model: str
    example_shape: Shape
    raw: np.dtype[Any]
    dtype: np.dtype[Any]
    prepare: list[Step]
    net: list[Step]
    said: str
    to_probability: str | None
    class_names: tuple[str, ...] | None
    features: tuple[str, ...] | None
    data_name: str
    provenance: Provenance | None

    @property
    def outputs(self) -> Shape:
        """The shape of the scores, or values, of one example."""
        return [*self.prepare, *self.net][-1].shape if self.prepare or self.net else self.example_shape

    @property
    def work(self) -> np.dtype[Any]:
        """The floats that examples are prepared in: the model's, or wider where raw ones are."""
        return np.result_type(self.raw, self.dtype) if self.raw.kind == "f" else self.dtype


@dataclass(frozen=True)
class Part:
    """What a layer or a transform comes to: operations with their arrays and options, none for one that is idle in prediction."""

    operation: str
    arrays: dict[str, Array] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    rows: bool = False  # it takes rows (N, D) alone


def plan(model: Network, raw: Any = None) -> Plan:
    """The steps of a model in predict mode, its preprocessing first; what cannot be written in another format is refused by name.

    raw is the dtype that examples come in: by default uint8 for images of 0 to 255, float64 for tables, else the model's.

    >>> from layerwise.models import FullyConnectedNet
    >>> [step.operation for step in plan(FullyConnectedNet([5], input_dim=4, num_classes=3, keep_prob=0.5)).net]
    ['dense', 'relu', 'dense']
    """
    inputs = model.inputs or Inputs()
    shape = inputs.example_shape or model.input_shape
    raw = np.dtype(_raw(inputs, model) if raw is None else raw)
    if raw.kind not in "fiu":
        raise TypeError(f"export: raw is {raw}, but examples are numbers: np.uint8, np.float32 or np.float64.")
    prepare = _steps(_transforms(inputs), shape)
    net = _steps(_layers(model), prepare[-1].shape if prepare else shape)
    said = "values" if ignores_labels(model) else LOSSES[model.loss_name].targets
    to_probability = {"labels": "softmax" if model.loss_name == "softmax" else None, "shares": "sigmoid"}.get(said)
    names = inputs.class_names if said == "labels" else None
    return Plan(
        model=type(model).__name__,
        example_shape=shape,
        raw=raw,
        dtype=model.dtype,
        prepare=prepare,
        net=net,
        said=said,
        to_probability=to_probability,
        class_names=names if names and len(names) == math.prod(model.shapes[-1]) else None,
        features=None if inputs.columns is None else tuple(name for column in inputs.columns for name in column.features),
        data_name=inputs.data_name,
        provenance=model.provenance,
    )


def _raw(inputs: Inputs, model: Network) -> Any:
    if inputs.full_scale is not None:
        return np.uint8 if inputs.full_scale == 255 else model.dtype
    return np.float64 if inputs.preprocessing.transforms else model.dtype


def _steps(owners: Iterable[tuple[str, Layer | Transform, list[Part]]], shape: Shape) -> list[Step]:
    """Each owner's parts in a row, images flattened before what takes rows alone."""
    steps: list[Step] = []
    for name, owner, parts in owners:
        after = owner.output_shape(shape) if isinstance(owner, Layer) else owner.output_shape((1, *shape))[1:]
        for part in parts:
            if part.rows and len(shape) != 1:
                steps.append(Step("flatten", name, {}, {}, (math.prod(shape),)))
            steps.append(Step(part.operation, name, part.arrays, part.options, after))
        shape = after
    return steps


def _transforms(inputs: Inputs) -> Iterable[tuple[str, Transform, list[Part]]]:
    for i, transform in enumerate(inputs.preprocessing.transforms, 1):
        if transform.kind not in TRANSFORM_PARTS:
            raise ValueError(
                f'export: transform {i}, "{transform.kind}", cannot be written in another format. To export the net alone, set '
                "model.inputs = None, and prepare examples with what it was: inputs.prepare(X)."
            )
        yield f"{transform.kind}{i}", transform, TRANSFORM_PARTS[transform.kind](transform)


def _layers(model: Network) -> Iterable[tuple[str, Layer, list[Part]]]:
    for i, layer in enumerate(model.layers, 1):
        name = model.prefixes[layer]
        if layer.kind not in LAYER_PARTS:
            raise ValueError(f"export: layer {i}, {name}, is a {type(layer).__name__}, which cannot be written in another format.")
        for key, array in layer.params.items():
            if np.ndim(array) != ((4 if isinstance(layer, Conv2D) else 2) if key == "w" else 1):
                raise ValueError(f"export: {model.key(layer, key)} has shape {np.shape(array)}: a population. Export one of its members.")
            if not np.isfinite(array).all():
                raise ValueError(f"export: {model.key(layer, key)} holds NaN or infinity: the model has diverged. Export an earlier one.")
        yield name, layer, LAYER_PARTS[layer.kind](layer)


def key_of(step: Step, name: str) -> str:
    """The name of a step's array among all of a net's."""
    return f"{step.name}.{name}"


def arrays_of(made: Plan) -> dict[str, Array]:
    """All arrays of the steps by name, each once: those that prepare in the floats of that, the net's in its own."""
    prepared = {key_of(step, name): np.asarray(a, made.work) for step in made.prepare for name, a in step.arrays.items()}
    return prepared | {key_of(step, name): np.asarray(a, made.dtype) for step in made.net for name, a in step.arrays.items()}


# ---- what each kind comes to


def _affine(transform: Affine) -> list[Part]:
    center, factor = (np.asarray(value, np.float64) for value in transform.affine())
    return [Part("center_and_scale", {"center": center, "factor": factor})]


def _pca(transform: PCA) -> list[Part]:
    mean, matrix = transform.projection()
    return [Part("project", {"mean": mean, "matrix": matrix}, rows=True)]


def _bias_column(transform: BiasColumn) -> list[Part]:
    return [Part("bias_column", options={"position": transform.position})]


def _flatten(owner: Any) -> list[Part]:
    return [Part("flatten")]


def _dense(layer: Dense) -> list[Part]:
    return [Part("dense", dict(layer.params), rows=True)]


def _conv(layer: Conv2D) -> list[Part]:
    return [Part("conv", dict(layer.params), {"stride": layer.stride, "pad": layer.padding})]


def _activation(layer: Activation) -> list[Part]:
    parameters = inspect.signature(ACTIVATIONS[layer.name].forward).parameters.values()
    defaults = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    return [Part(layer.name, options={**defaults, **layer.options})]


def _dropout(layer: Layer) -> list[Part]:
    return []  # idle in prediction


def _pool(layer: MaxPool2D | AveragePool2D) -> list[Part]:
    return [Part(layer.kind, options={"size": layer.size, "stride": layer.stride})]


def _global_average_pool(layer: Layer) -> list[Part]:
    return [Part("global_average_pool")]


def _batchnorm(layer: BatchNorm) -> list[Part]:
    running = {"mean": layer.buffers["running_mean"], "var": layer.buffers["running_var"]}
    return [Part("batchnorm", {**layer.params, **running}, {"eps": layer.eps})]


def _layernorm(layer: LayerNorm) -> list[Part]:
    return [Part("layernorm", dict(layer.params), {"eps": layer.eps})]


def _groupnorm(layer: GroupNorm) -> list[Part]:
    return [Part("groupnorm", dict(layer.params), {"groups": layer.groups, "eps": layer.eps})]


TRANSFORM_PARTS: dict[str, Callable[[Any], list[Part]]] = {
    "scale": _affine,
    "center": _affine,
    "standardize": _affine,
    "standardize_channels": _affine,
    "pca": _pca,
    "flatten": _flatten,
    "bias_column": _bias_column,
}
LAYER_PARTS: dict[str, Callable[[Any], list[Part]]] = {
    "dense": _dense,
    "conv": _conv,
    "activation": _activation,
    "dropout": _dropout,
    "flatten": _flatten,
    "max_pool": _pool,
    "average_pool": _pool,
    "global_average_pool": _global_average_pool,
    "batchnorm": _batchnorm,
    "layernorm": _layernorm,
    "groupnorm": _groupnorm,
}
