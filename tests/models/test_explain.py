"""An entry of a gradient is shown as a sum over examples and paths, with the numbers that really make it up."""

import numpy as np
import pytest

from layerwise.layers import Activation, Conv2D, Dense, Flatten, MaxPool2D
from layerwise.models import Autoencoder, FullyConnectedNet, Sequential, SoftmaxModel, SVMModel, TwoLayerNet
from layerwise.train import stack

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(9, 6)), RNG.integers(4, size=9)
IMAGES = RNG.normal(size=(5, 2, 6, 6))


def dense(**options):
    return FullyConnectedNet([8, 7], input_dim=6, num_classes=4, dtype=np.float64, **options)


MODELS = {
    "softmax": SoftmaxModel(6, 4, weight_scale=0.5, dtype=np.float64),
    "svm": SVMModel(6, 4, weight_scale=0.5, reg=0.1, dtype=np.float64),
    "two layers": TwoLayerNet(6, 8, 4, weight_scale=0.5, reg=0.3, dtype=np.float64),
    "three layers": dense(),
    "dropout": dense(keep_prob=0.6),
    "batch norm": dense(normalization="batchnorm", reg=0.1),
    "layer norm": dense(normalization="layernorm", reg_l1=0.1),
    "float32": FullyConnectedNet([8], input_dim=6, num_classes=4),
}


@pytest.mark.parametrize("kind", MODELS)
def test_the_shares_of_every_parameter_add_up_to_its_gradient(kind):
    model = MODELS[kind]
    for name, w in model.params.items():
        index = tuple(int(RNG.integers(n)) for n in w.shape)
        found = model.explain_grad(name, index, X, Y)
        assert found.agrees, found
        assert len(found.shares) == len(X)
        assert found.total == pytest.approx(found.gradient, rel=1e-4 if kind == "float32" else 1e-9, abs=1e-7)


@pytest.mark.parametrize("kind", [kind for kind in MODELS if kind not in ("softmax", "svm")])
def test_the_paths_of_an_example_add_up_to_its_slope(kind):
    found = MODELS[kind].explain_grad("W1", (3, 2), X, Y)
    assert found.above == "W2"
    for share in found.shares:
        assert sum(path.share for path in share.paths) == pytest.approx(share.slope, rel=1e-4, abs=1e-7)
        assert share.input * share.slope == pytest.approx(share.share, rel=1e-5, abs=1e-9)
        assert share.input == pytest.approx(X[share.example, 3], rel=1e-6)


def test_the_numbers_are_those_of_a_net_done_by_hand():
    model = TwoLayerNet(2, 1, 2, dtype=np.float64)
    model.params["W1"], model.params["W2"] = np.array([[1.0], [2.0]]), np.array([[1.0, -1.0]])
    found = model.explain_grad("W1", (1, 0), np.array([[1.0, 0.5]]), np.array([0]))
    wrong = 1 / (1 + np.exp(4.0))  # the probability of class 1: the scores are 2 and -2
    (share,) = found.shares
    assert [path.slope for path in share.paths] == pytest.approx([-wrong, wrong])
    assert [path.weight for path in share.paths] == [1.0, -1.0]
    assert share.slope == pytest.approx(-2 * wrong)
    assert found.gradient == pytest.approx(0.5 * -2 * wrong)


def test_the_shares_are_the_gradients_of_the_examples_alone():
    model = MODELS["three layers"]
    found = model.explain_grad("W2", (1, 2), X, Y)
    for n, share in enumerate(found.shares):
        alone = model.loss(X[n : n + 1], Y[n : n + 1])[1]["W2"][1, 2] / len(X)
        assert share.share == pytest.approx(alone, abs=1e-12)


def test_filters_are_explained_example_by_example():
    layers = [Conv2D(3, 3, pad=1), Activation("relu"), MaxPool2D(), Flatten(), Dense(4)]
    model = Sequential(layers, input_shape=(2, 6, 6), dtype=np.float64, reg=0.2)
    for name, w in model.params.items():
        found = model.explain_grad(name, tuple(n - 1 for n in w.shape), IMAGES, Y[:5])
        assert found.agrees, found
        assert found.total == pytest.approx(found.gradient, rel=1e-9)
        assert len(found.shares) == 5


def test_a_layer_that_stands_twice_adds_up_both_places():
    twice = Dense(6)
    model = Sequential([twice, Activation("tanh"), twice, Dense(4)], input_shape=6, dtype=np.float64)
    found = model.explain_grad("dense1.w", (2, 3), X, Y)
    assert found.total == pytest.approx(found.gradient, rel=1e-9)


def test_the_model_is_left_as_it_was():
    model = FullyConnectedNet([8], input_dim=6, num_classes=4, keep_prob=0.5, normalization="batchnorm", rng=1)
    twin = FullyConnectedNet([8], input_dim=6, num_classes=4, keep_prob=0.5, normalization="batchnorm", rng=1)
    model.explain_grad("W1", (0, 0), X, Y)
    assert model.loss(X, Y)[0] == twin.loss(X, Y)[0]
    assert all(np.array_equal(model.buffers[name], twin.buffers[name]) for name in twin.buffers)


def test_the_text_tells_the_largest_first_and_ends_in_the_sum():
    lines = str(MODELS["two layers"].explain_grad("W1", (3, 2), X, Y)).splitlines()
    assert lines[0].startswith("The gradient of the loss by W1[3, 2] is ")
    assert "(input) ×" in lines[1]
    assert lines[2].lstrip().startswith("through unit ")
    assert any("other" in line for line in lines)
    assert any("the penalty: " in line for line in lines)
    assert lines[-1].endswith(", the gradient.")


def test_the_dict_holds_every_example():
    found = MODELS["two layers"].explain_grad("b1", 2, X, Y).as_dict()
    assert found["index"] == [2]
    assert [share["example"] for share in found["shares"]] == list(range(9))
    assert found["shares"][0]["input"] is None
    assert len(found["shares"][0]["paths"]) == 4


def test_what_is_not_there_is_told():
    model = MODELS["softmax"]
    with pytest.raises(ValueError, match=r"W has shape \(6, 4\), and no entry \(6, 0\)"):
        model.explain_grad("W", (6, 0), X, Y)
    with pytest.raises(ValueError, match='unknown parameter "W9"'):
        model.explain_grad("W9", (0, 0), X, Y)
    with pytest.raises(ValueError, match="population"):
        stack([model, model]).explain_grad("W", (0, 0), X, Y)
    with pytest.raises(TypeError, match="Autoencoder makes its loss"):
        Autoencoder([3], input_dim=6).explain_grad("W1", (0, 0), X, X)


def test_negative_places_count_from_the_end():
    model = MODELS["softmax"]
    assert model.explain_grad("W", (-1, -1), X, Y).index == (5, 3)
