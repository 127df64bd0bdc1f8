"""Models of every kind with raw examples: what an exported file must say again."""

import numpy as np
from tests.layers.case import DEFAULT, OPTIONS
from tests.models.test_file import MAKERS, settled

from layerwise.data import PCA, TRANSFORMS, Dataset
from layerwise.data.transform import BiasColumn, Scale
from layerwise.layers import LAYERS, Activation, Conv2D, Dense, Layer
from layerwise.layers.activation import ACTIVATIONS
from layerwise.models import FullyConnectedNet, Sequential
from layerwise.models.inputs import Inputs
from layerwise.ops import LOSSES

ROW, IMAGE = (5,), (2, 4, 5)


def of_layer(kind, dtype=np.float32):
    """The layer between dense ones where it takes rows, on images as they are otherwise."""
    options, shape = OPTIONS.get(kind, DEFAULT)
    return settled(Sequential([LAYERS[kind](**options), Dense(3)], input_shape=shape, rng=1, dtype=dtype))


def of_batchnorm_on_images():
    return settled(Sequential([Conv2D(4, 3), LAYERS["batchnorm"](eps=1e-3), Activation("relu"), Dense(3)], input_shape=IMAGE, rng=1))


def of_activation(name, **options):
    """The activation on numbers from -40 to 40, and its values as they are."""
    return Sequential([Activation(name, **options)], input_shape=ROW, loss="squared")


def of_loss(loss, outputs=3):
    return FullyConnectedNet([4], input_dim=5, num_classes=outputs, loss=loss, rng=2, weight_scale=1.0)


def of_transforms(*transforms, dtype=np.float32, table=False):
    """A net on images, or on a table with large numbers of little spread, that went through these transforms."""
    rng = np.random.default_rng(3)
    X = 1e6 + rng.normal(size=(40, 5)) if table else rng.integers(0, 256, (40, 2, 4, 5), dtype=np.uint8)
    data = Dataset(X, np.arange(40) % 3, class_names=("a", "b", "c")).with_preprocessing(*transforms)
    shape = data.preprocessing.output_shape(X.shape)[1:]
    model = Sequential([Dense(6), Activation("relu"), Dense(3)], input_shape=shape, rng=4, dtype=dtype)
    model.inputs = Inputs.of(data)
    return model


TRANSFORM_CASES = {  # a new row of TRANSFORMS needs one here, or a sentence in export.plan that refuses it
    "scale": ("scale",),
    "center": ("center",),
    "standardize": ("standardize",),
    "standardize_channels": ("standardize_channels",),
    "pca": (Scale(255), PCA(7, whiten=True)),
    "flatten": ("center", "flatten", "standardize"),
    "bias_column": ("flatten", "bias_column"),
}

CASES = {
    **{f"model {name}": lambda name=name: settled(MAKERS[name]()) for name in MAKERS},
    **{f"layer {kind}": lambda kind=kind: of_layer(kind) for kind in LAYERS},
    **{f"layer {kind} in float64": lambda kind=kind: of_layer(kind, np.float64) for kind in LAYERS},
    "layer batchnorm on images": of_batchnorm_on_images,
    **{f"activation {name}": lambda name=name: of_activation(name) for name in ACTIVATIONS},
    "activation elu with alpha": lambda: of_activation("elu", alpha=0.3),
    **{f"loss {loss}": lambda loss=loss: of_loss(loss) for loss in LOSSES},
    "loss softmax, two classes": lambda: of_loss("softmax", 2),
    "loss binary_cross_entropy, one share": lambda: of_loss("binary_cross_entropy", 1),
    "loss squared, one value": lambda: of_loss("squared", 1),
    **{f"transform {kind}": lambda steps=steps: of_transforms(*steps) for kind, steps in TRANSFORM_CASES.items()},
    "transform bias_column first": lambda: of_transforms("scale", "flatten", BiasColumn("first")),
    "transform none, images to a dense layer": lambda: of_transforms(),
    "transform standardize of large numbers": lambda: of_transforms("standardize", table=True),
    "transform pca, then a bias column": lambda: of_transforms("standardize", PCA(3), "bias_column", table=True, dtype=np.float64),
}


def examples(model, count=20):
    """Raw examples of what the model takes."""
    rng = np.random.default_rng(5)
    if model.inputs is None:
        return 20 * rng.normal(size=(count, *model.input_shape)) * (rng.random((count, 1)) if len(model.input_shape) == 1 else 0.1)
    if model.inputs.full_scale:
        return rng.integers(0, 256, (count, *model.inputs.example_shape), dtype=np.uint8)
    return 1e6 + rng.normal(size=(count, *model.inputs.example_shape))


class OwnLayer(Layer):
    """A kind that no table has."""

    kind = "own"


def known_kinds():
    return set(LAYERS), set(TRANSFORMS)
