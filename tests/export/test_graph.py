"""ONNX files of every kind of model say what the model says, by onnx's reference evaluator."""

import json
from importlib.util import find_spec

import numpy as np
import onnx
import pytest
from tests.export.case import CASES, examples, of_loss, of_transforms

from layerwise.data.delimited import Column
from layerwise.export import to_onnx
from layerwise.export.graph import OPERATORS, OPSET, read_onnx, run_onnx
from layerwise.export.operation import OPERATIONS
from layerwise.export.plan import plan
from layerwise.export.proof import prove
from layerwise.models import SoftmaxModel
from layerwise.models.inputs import Inputs
from layerwise.models.provenance import Provenance


def test_every_operation_has_its_nodes():
    assert set(OPERATORS) == set(OPERATIONS)


@pytest.mark.parametrize("name", CASES)
def test_a_graph_says_what_the_model_says(name):
    model = CASES[name]()
    X = examples(model).astype(plan(model).raw)
    proof = prove(model, X, run_onnx(read_onnx(to_onnx(model).SerializeToString()), X))
    assert proof.examples == 20


def test_the_opset_is_stated_and_no_other_domain_is_used():
    model = to_onnx(CASES["layer groupnorm"]())
    assert [(o.domain, o.version) for o in model.opset_import] == [("", OPSET)]
    assert {node.domain for node in model.graph.node} == {""}
    assert model.ir_version == 8


def test_raw_examples_of_any_count_go_in_under_one_name():
    model = to_onnx(of_transforms("scale", "center"))
    (example,) = model.graph.input
    assert (example.name, example.type.tensor_type.elem_type) == ("example", onnx.TensorProto.UINT8)
    assert [d.dim_param or d.dim_value for d in example.type.tensor_type.shape.dim] == ["N", 2, 4, 5]
    for count in (1, 3):
        assert run_onnx(model, np.zeros((count, 2, 4, 5), np.uint8))["label"].shape == (count,)


def test_examples_may_come_in_other_numbers():
    model = to_onnx(of_transforms("scale"), raw=np.float64)
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.DOUBLE


@pytest.mark.parametrize(
    ("loss", "outputs"),
    [
        ("softmax", ["label", "probability", "score"]),
        ("svm", ["label", "score"]),
        ("binary_cross_entropy", ["label", "probability", "score"]),
        ("huber", ["value"]),
    ],
)
def test_outputs_are_what_the_loss_allows(loss, outputs):
    assert [output.name for output in to_onnx(of_loss(loss)).graph.output] == outputs


def test_names_are_in_the_metadata():
    model = SoftmaxModel(3, 2)
    columns = (Column("width"), Column("colour", ("red", "grün")))
    model.inputs = Inputs(class_names=("no", "jä"), example_shape=(3,), columns=columns, data_name="plants")
    model.provenance = Provenance("0.1.0", settings={"lr": 0.1})
    found = {entry.key: json.loads(entry.value) for entry in to_onnx(model).metadata_props}
    assert found.pop("provenance") == model.provenance.config()
    assert found == {"class_names": ["no", "jä"], "features": ["width", "colour=red", "colour=grün"], "data": "plants"}


def test_the_same_model_gives_the_same_bytes():
    first, second = (to_onnx(CASES["model ConvNet"]()).SerializeToString(deterministic=True) for _ in range(2))
    assert first == second


def test_a_layer_that_stands_twice_is_stored_once():
    names = [constant.name for constant in to_onnx(CASES["model Sequential"]()).graph.initializer]
    assert len(names) == len(set(names))
    assert names.count("dense1.w") == 1


@pytest.mark.parametrize("name", CASES)
def test_every_array_in_a_graph_is_used_and_known(name):
    graph = to_onnx(CASES[name]()).graph
    used = {name for node in graph.node for name in node.input}
    made = {name for node in graph.node for name in node.output} | {"example"}
    assert {constant.name for constant in graph.initializer} == used - made


if find_spec("onnxruntime"):
    import onnxruntime

    NOT_THERE = {
        "layer conv in float64",
        "layer average_pool in float64",
        "layer global_average_pool in float64",
        "layer groupnorm in float64",
    }

    @pytest.mark.peer
    @pytest.mark.parametrize("name", [name for name in CASES if name not in NOT_THERE])
    def test_onnxruntime_says_what_the_model_says(name):
        model = CASES[name]()
        X = examples(model).astype(plan(model).raw)
        session = onnxruntime.InferenceSession(to_onnx(model).SerializeToString(), providers=["CPUExecutionProvider"])
        said = dict(zip([output.name for output in session.get_outputs()], session.run(None, {"example": X}), strict=True))
        prove(model, X, said)
