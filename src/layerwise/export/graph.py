"""A model as an ONNX graph: raw examples in; class numbers, probabilities and scores out (or values)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from layerwise import __version__
from layerwise.arrays import Array
from layerwise.errors import missing_extra
from layerwise.export.plan import Plan, Step, arrays_of, key_of

try:
    import onnx
    from onnx import helper, numpy_helper
    from onnx.reference import ReferenceEvaluator
except ImportError:
    raise missing_extra("ONNX files need onnx", "onnx") from None

OPSET = 17  # the first with LayerNormalization; all runtimes of the last years read it
IR_VERSION = 8  # that opset's own


class _Graph:
    """Nodes and constants as they are added, each result under a name of its own."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Array] = {}

    def add(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """A node; gives the name of its result."""
        result = name or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [result], name=result, **attributes))
        return result

    def constant(self, name: str, value: Array) -> str:
        self.constants[name] = value
        return name

    def number(self, like: np.dtype[Any], value: float) -> str:
        """A constant number in the net's floats."""
        return self.constant(f"{value!r} as {like}", np.asarray(value, like))


def graph_of(made: Plan) -> onnx.ModelProto:
    """The plan as a model of ONNX, see `layerwise.export.to_onnx`."""
    graph = _Graph()
    for key, array in arrays_of(made).items():
        graph.constant(key, array)
    x = "example" if made.raw == made.work else graph.add("Cast", "example", to=_type(made.work))
    for step in made.prepare:
        x = OPERATORS[step.operation](graph, x, step, made.work)
    if made.work != made.dtype:
        x = graph.add("Cast", x, to=_type(made.dtype))
    for step in made.net:
        x = OPERATORS[step.operation](graph, x, step, made.dtype)
    outputs = list(_outputs(graph, x, made))
    example = helper.make_tensor_value_info("example", _type(made.raw), ["N", *made.example_shape])
    used = {name for node in graph.nodes for name in node.input}
    constants = [numpy_helper.from_array(np.asarray(a, order="C"), name) for name, a in graph.constants.items() if name in used]
    body = helper.make_graph(graph.nodes, made.model, [example], outputs, constants)
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION, producer_name="layerwise", producer_version=__version__)
    known: dict[str, Any] = {"class_names": made.class_names, "features": made.features, "data": made.data_name or None}
    known["provenance"] = None if made.provenance is None else made.provenance.config()
    helper.set_model_props(model, {name: json.dumps(value) for name, value in known.items() if value is not None})
    return model


def run_onnx(model: onnx.ModelProto, examples: Array) -> dict[str, Array]:
    """What the graph says of raw examples, by onnx's own reference evaluator."""
    evaluator = ReferenceEvaluator(model)
    with np.errstate(all="ignore"):
        results = evaluator.run(None, {"example": examples})
    return dict(zip(evaluator.output_names, results, strict=True))


def read_onnx(data: bytes) -> onnx.ModelProto:
    """The model that these bytes of a file are, looked over by onnx's checker."""
    model = onnx.load_model_from_string(data)
    onnx.checker.check_model(model, full_check=True)
    return model


def _outputs(graph: _Graph, x: str, made: Plan) -> Iterable[Any]:
    shape = ["N", *made.outputs]
    if made.said == "values":
        yield helper.make_tensor_value_info(graph.add("Identity", x, name="value"), _type(made.dtype), shape)
        return
    if made.said == "labels":
        label = graph.add("ArgMax", x, name="label", axis=-1, keepdims=0)
        yield helper.make_tensor_value_info(label, onnx.TensorProto.INT64, shape[:-1])
    else:
        likelier = graph.add("Greater", x, graph.number(made.dtype, 0.0))
        yield helper.make_tensor_value_info(
            graph.add("Cast", likelier, name="label", to=onnx.TensorProto.INT64), onnx.TensorProto.INT64, shape
        )
    if made.to_probability:
        probability = graph.add(
            made.to_probability.capitalize(), x, name="probability", **({"axis": -1} if made.to_probability == "softmax" else {})
        )
        yield helper.make_tensor_value_info(probability, _type(made.dtype), shape)
    yield helper.make_tensor_value_info(graph.add("Identity", x, name="score"), _type(made.dtype), shape)


def _type(dtype: np.dtype[Any]) -> int:
    return int(helper.np_dtype_to_tensor_dtype(dtype))


# ---- operators


def _own(step: Step, *names: str) -> list[str]:
    return [key_of(step, name) for name in names if name in step.arrays]


def _center_and_scale(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    center, factor = _own(step, "center", "factor")
    return graph.add("Mul", graph.add("Sub", x, center), factor)


def _project(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    mean, matrix = _own(step, "mean", "matrix")
    return graph.add("MatMul", graph.add("Sub", x, mean), matrix)


def _bias_column(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    one = graph.constant("one", np.array([1]))
    shape = graph.add("Concat", graph.add("Shape", x, start=0, end=1), one, axis=0)  # (N, 1)
    ones = graph.add("ConstantOfShape", shape, value=numpy_helper.from_array(np.ones(1, dtype)))
    return graph.add("Concat", *([ones, x] if step.options["position"] == "first" else [x, ones]), axis=1)


def _flatten(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    return graph.add("Flatten", x, axis=1)


def _dense(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    return graph.add("Gemm", x, *_own(step, "w", "b"))


def _conv(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    stride, pad = step.options["stride"], step.options["pad"]
    sides = list(step.arrays["w"].shape[2:])
    return graph.add("Conv", x, *_own(step, "w", "b"), kernel_shape=sides, strides=[stride] * 2, pads=[pad] * 4)


def _pool(operator: str) -> Operator:
    def add(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
        return graph.add(operator, x, kernel_shape=[step.options["size"]] * 2, strides=[step.options["stride"]] * 2)

    return add


def _global_average_pool(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    return graph.add("Flatten", graph.add("GlobalAveragePool", x), axis=1)


def _batchnorm(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    return graph.add("BatchNormalization", x, *_own(step, "gamma", "beta", "mean", "var"), epsilon=step.options["eps"])


def _layernorm(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    return graph.add("LayerNormalization", x, *_own(step, "gamma", "beta"), axis=-1, epsilon=step.options["eps"])


def _groupnorm(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    """Groups as channels of an instance norm, then each channel's own gamma and beta (GroupNormalization is of a later opset)."""
    groups = step.options["groups"]
    grouped = graph.add("Reshape", x, graph.constant(f"{step.name}.groups", np.array([0, groups, -1])))  # (N, C, H, W) -> (N, G, C/G·H·W)
    ones, none = (graph.constant(f"{step.name}.{value}", np.full(groups, value, dtype)) for value in (1, 0))
    normal = graph.add("InstanceNormalization", grouped, ones, none, epsilon=step.options["eps"])
    normal = graph.add("Reshape", normal, graph.constant(f"{step.name}.images", np.array([0, *step.shape])))
    gamma, beta = (
        graph.constant(f"{step.name}.{n} of images", np.asarray(step.arrays[n], dtype).reshape(-1, 1, 1)) for n in ("gamma", "beta")
    )
    return graph.add("Add", graph.add("Mul", normal, gamma), beta)


def _elementwise(operator: str, **attributes: Any) -> Operator:
    def add(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
        return graph.add(operator, x, **attributes)

    return add


def _leaky_relu(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    return graph.add("PRelu", x, graph.number(dtype, step.options["negative_slope"]))  # LeakyRelu has its slope in float32 alone


def _elu(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    below = graph.add("Elu", graph.add("Neg", graph.add("Relu", graph.add("Neg", x))))  # likewise
    return graph.add("Add", graph.add("Relu", x), graph.add("Mul", below, graph.number(dtype, step.options["alpha"])))


def _gelu(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    erf = graph.add("Erf", graph.add("Mul", x, graph.number(dtype, 1 / math.sqrt(2))))
    share = graph.add("Mul", graph.add("Add", erf, graph.number(dtype, 1.0)), graph.number(dtype, 0.5))
    return graph.add("Mul", x, share)


def _softplus(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    """max(x, 0) + log(1 + e^-|x|): no implementation of Softplus can overflow on that."""
    rest = graph.add("Softplus", graph.add("Neg", graph.add("Abs", x)))
    return graph.add("Add", graph.add("Relu", x), rest)


def _step(graph: _Graph, x: str, step: Step, dtype: np.dtype[Any]) -> str:
    return graph.add("Cast", graph.add("GreaterOrEqual", x, graph.number(dtype, 0.0)), to=_type(dtype))


Operator = Callable[[_Graph, str, Step, "np.dtype[Any]"], str]  # adds a step to the graph; gives the name of its result

OPERATORS: dict[str, Operator] = {
    "center_and_scale": _center_and_scale,
    "project": _project,
    "bias_column": _bias_column,
    "flatten": _flatten,
    "dense": _dense,
    "conv": _conv,
    "max_pool": _pool("MaxPool"),
    "average_pool": _pool("AveragePool"),
    "global_average_pool": _global_average_pool,
    "batchnorm": _batchnorm,
    "layernorm": _layernorm,
    "groupnorm": _groupnorm,
    "relu": _elementwise("Relu"),
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "gelu": _gelu,
    "sigmoid": _elementwise("Sigmoid"),
    "tanh": _elementwise("Tanh"),
    "softplus": _softplus,
    "softmax": _elementwise("Softmax", axis=-1),
    "log_softmax": _elementwise("LogSoftmax", axis=-1),
    "step": _step,
}
