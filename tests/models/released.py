"""Model files as a version of the package writes them, with what they predict.

`python -m tests.models.released FOLDER` writes a set; each release adds one to tests/models/files and never changes an earlier one.
"""

import json
import sys
from pathlib import Path

import numpy as np

from layerwise.data import PCA, Dataset
from layerwise.data.delimited import Column
from layerwise.data.preprocessing import Preprocessing
from layerwise.layers import Activation, BatchNorm, Conv2D, Dense, Dropout, Flatten, GroupNorm, LayerNorm, MaxPool2D
from layerwise.layers.pooling import AveragePool2D, GlobalAveragePool2D
from layerwise.models import Autoencoder, ConvNet, FullyConnectedNet, Sequential, SVMModel
from layerwise.models.inputs import Inputs
from layerwise.models.provenance import Provenance

FILES = Path(__file__).parent / "files"


def table():
    """A net on a table with numbers, a text column and a missing number's stand-in."""
    X = np.random.default_rng(0).normal(5, 3, size=(30, 5))
    model = FullyConnectedNet([7], input_dim=5, num_classes=2, normalization="batchnorm", keep_prob=0.75, reg=0.01, rng=1)
    columns = (Column("width", fill=1.5), Column("height"), Column("colour", ("red", "grün", "(missing)")))
    model.inputs = Inputs(Preprocessing.fit(["standardize"], X), ("no", "yes"), (5,), columns, None, "plants")
    settings = {"data": "plants.csv", "hidden": [7], "lr": 1e-3, "rule_options": {"beta1": 0.9}}
    model.provenance = Provenance("0.1.0", "2026-01-31T12:00:00Z", "plants", "plants.csv", "", "0" * 64, settings)
    return model


def images():
    """A convolutional net on bytes, each colour standardised."""
    X = np.random.default_rng(1).integers(0, 256, (20, 3, 8, 8), dtype=np.uint8)
    data = Dataset(X, np.arange(20) % 4, class_names=("cat", "dog", "fox", "owl"), name="animals").with_preprocessing(
        "scale", "standardize_channels"
    )
    blocks = ["conv 4 3x3", "batchnorm", "leaky_relu negative_slope=0.1", "max_pool 2", "groupnorm 2", "dense 6", "dropout keep_prob=0.8"]
    model = ConvNet(blocks, input_dim=(3, 8, 8), num_classes=4, reg_l1=0.001, rng=2)
    model.inputs = Inputs.of(data)
    return model


def rows():
    """A linear classifier on principal components with a column of ones, in float64."""
    X = np.random.default_rng(2).normal(size=(30, 2, 3))
    model = SVMModel(4, 3, bias=False, weight_scale=0.5, rng=3, dtype=np.float64)
    model.inputs = Inputs(Preprocessing.fit(["center", PCA(3, whiten=True), "bias_column"], X), ("a", "b", "c"), (2, 3))
    return model


def autoencoder():
    return Autoencoder([4, 3], input_dim=6, noise=0.1, masking=0.2, reg=0.1, rng=4)


def layers():
    """One layer twice, a frozen one, penalties of a layer's own, and every other kind."""
    tied, frozen = Dense(6, weights=0.5, reg=0.3), Dense(6, bias=False)
    frozen.trainable = False
    images = [Conv2D(4, 3, stride=2, pad=1, bias=False), BatchNorm(momentum=0.5), MaxPool2D(2, stride=1), GroupNorm(2), AveragePool2D(2)]
    dense = [tied, LayerNorm(eps=1e-3), Activation("gelu"), frozen, tied, Dropout(0.5), Dense(2, reg_l1=0.2)]
    start = [*images, Activation("elu", alpha=0.5), Conv2D(6, 1), GlobalAveragePool2D(), Flatten()]
    return Sequential([*start, *dense], input_shape=(2, 9, 9), loss="squared", reg=0.1, rng=5)


MAKERS = {"table": table, "images": images, "rows": rows, "autoencoder": autoencoder, "layers": layers}


def settled(model):
    """The model with every array changed from what its maker drew, running statistics included."""
    rng = np.random.default_rng(7)
    for tree in (model.params, model.buffers):
        for name, array in tree.items():
            tree[name] = (array + 0.1 + 0.1 * rng.random(array.shape)).astype(array.dtype)
    return model


def examples(model):
    """Three raw examples."""
    rng = np.random.default_rng(8)
    shape = (3, *(model.inputs.example_shape if model.inputs else model.input_shape))
    return rng.integers(0, 256, shape, dtype=np.uint8) if model.inputs and model.inputs.full_scale else rng.random(shape)


def scores(model, X):
    return model.forward(X if model.inputs is None else model.inputs.prepare(X, model.dtype))


def write(folder):
    """The files of this version, and expected.json with raw examples and scores."""
    expected = {}
    for name, make in MAKERS.items():
        model = settled(make())
        model.save(folder / name)
        X = examples(model)
        expected[name] = {"X": X.tolist(), "dtype": X.dtype.name, "scores": scores(model, X).tolist(), "model": repr(model)}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
