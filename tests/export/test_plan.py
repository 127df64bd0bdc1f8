"""Every kind of layer and transform has its steps, and what has none is refused by name."""

import re

import numpy as np
import pytest
from tests.export.case import TRANSFORM_CASES, OwnLayer, of_loss, of_transforms

from layerwise.data import TRANSFORMS
from layerwise.data.delimited import Column
from layerwise.data.transform import Transform
from layerwise.export.operation import OPERATIONS
from layerwise.export.plan import LAYER_PARTS, TRANSFORM_PARTS, plan
from layerwise.layers import LAYERS, Activation, Dense
from layerwise.layers.activation import ACTIVATIONS
from layerwise.models import Autoencoder, FullyConnectedNet, Sequential, SoftmaxModel
from layerwise.models.inputs import Inputs
from layerwise.train import stack


def test_every_layer_activation_and_transform_has_its_steps():
    assert set(LAYER_PARTS) == set(LAYERS)
    assert set(TRANSFORM_PARTS) == set(TRANSFORM_CASES)
    assert set(TRANSFORM_PARTS) <= set(TRANSFORMS)
    assert set(ACTIVATIONS) <= set(OPERATIONS)


def test_steps_carry_what_the_net_computes_with_and_the_shape_that_comes_out():
    made = plan(FullyConnectedNet([7], input_dim=5, num_classes=3, normalization="batchnorm", keep_prob=0.5))
    assert [(step.operation, step.name, step.shape) for step in made.net] == [
        ("dense", "dense1", (7,)),
        ("batchnorm", "batchnorm1", (7,)),
        ("relu", "activation1", (7,)),
        ("dense", "dense2", (3,)),
    ]
    assert sorted(made.net[1].arrays) == ["beta", "gamma", "mean", "var"]
    assert (made.said, made.to_probability, made.outputs) == ("labels", "softmax", (3,))


def test_images_are_flattened_before_a_dense_layer_and_before_a_projection():
    assert [step.operation for step in plan(of_transforms("scale")).net][:2] == ["flatten", "dense"]
    assert [step.operation for step in plan(of_transforms("pca")).prepare] == ["flatten", "project"]


@pytest.mark.parametrize(
    ("make", "raw", "work"),
    [
        (lambda: of_transforms("scale"), np.uint8, np.float32),
        (lambda: of_transforms("standardize", table=True), np.float64, np.float64),
        (lambda: SoftmaxModel(4, 3), np.float32, np.float32),
        (lambda: SoftmaxModel(4, 3, dtype=np.float64), np.float64, np.float64),
    ],
)
def test_examples_come_in_the_numbers_of_the_data(make, raw, work):
    made = plan(make())
    assert (made.raw, made.work) == (raw, work)


@pytest.mark.parametrize(
    ("loss", "said", "to_probability"),
    [("softmax", "labels", "softmax"), ("svm", "labels", None), ("binary_cross_entropy", "shares", "sigmoid"), ("squared", "values", None)],
)
def test_what_is_said_depends_on_the_loss(loss, said, to_probability):
    made = plan(of_loss(loss))
    assert (made.said, made.to_probability) == (said, to_probability)
    assert plan(Autoencoder([2], input_dim=5, loss="binary_cross_entropy")).said == "values"


def test_names_of_classes_and_features_travel():
    model = SoftmaxModel(3, 2)
    columns = (Column("width", fill=1.5), Column("colour", ("red", "grün")))
    model.inputs = Inputs(class_names=("no", "yes"), example_shape=(3,), columns=columns, data_name="plants")
    made = plan(model)
    assert (made.class_names, made.features, made.data_name) == (("no", "yes"), ("width", "colour=red", "colour=grün"), "plants")


class Wavelet(Transform):
    kind = "wavelet"


def spoilt():
    model = SoftmaxModel(5, 3)
    model.params["W"][1, 1] = np.inf
    return model


def with_wavelet():
    from layerwise.data.preprocessing import Preprocessing

    model = SoftmaxModel(5, 3)
    model.inputs = Inputs(Preprocessing((Wavelet(),)), example_shape=(5,))
    return model


REFUSED = {
    "export: layer 2, own1, is a OwnLayer, which cannot be written in another format.": lambda: Sequential(
        [Dense(5), OwnLayer(), Activation("relu")], input_shape=5
    ),
    'export: transform 1, "wavelet", cannot be written in another format. To export the net alone, set model.inputs = None, and prepare '
    "examples with what it was: inputs.prepare(X).": with_wavelet,
    "export: W has shape (2, 5, 3): a population. Export one of its members.": lambda: stack(
        [SoftmaxModel(5, 3), SoftmaxModel(5, 3, rng=1)]
    ),
    "export: W holds NaN or infinity: the model has diverged. Export an earlier one.": spoilt,
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_cannot_be_written_is_refused_by_name(words):
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        plan(REFUSED[words]())


def test_examples_must_be_numbers():
    with pytest.raises(TypeError, match=r"export: raw is <U3, but examples are numbers: np\.uint8, np\.float32 or np\.float64\."):
        plan(SoftmaxModel(5, 3), "U3")
