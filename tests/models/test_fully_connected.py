"""The courses' nets: their names, their published scores and losses, their initial weights."""

import numpy as np
import pytest
from tests.reference import EXPECTED, array

from layerwise.gradcheck import check_gradient
from layerwise.models import FullyConnectedNet, TwoLayerNet, load


def published_net(reg=0.0):
    net = EXPECTED["two_layer_net"]
    model = TwoLayerNet(input_dim=net["D"], hidden_dim=net["H"], num_classes=net["C"], reg=reg, dtype=np.float64)
    for name in ("W1", "b1", "W2", "b2"):
        model.params[name] = array(net[name])
    return model, array(net["X"]), np.array(net["y"]), net


def test_the_two_layer_net_gives_the_published_scores():
    model, X, _, net = published_net()
    assert abs(model.loss(X) - net["scores"]).sum() < net["sum_abs_difference"]


@pytest.mark.parametrize("reg", [0, 1])
def test_the_two_layer_net_gives_the_published_loss(reg):
    model, X, y, net = published_net(reg)
    assert abs(model.loss(X, y)[0] - net[f"loss_reg_{reg}"]) < net["loss_tolerance"]
    assert abs(model.evaluate(X, y)[0] - net[f"loss_reg_{reg}"]) < net["loss_tolerance"]


@pytest.mark.parametrize("reg", [0.0, 0.7])
@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
def test_the_two_layer_nets_gradient_is_the_measured_slope(reg, name):
    model, X, y, _ = published_net(reg)

    def loss(_):
        value, grads = model.loss(X, y)
        return value, grads[name]

    verdict = check_gradient(loss, model.params[name])
    assert verdict, str(verdict)


@pytest.mark.parametrize("reg", [0, 3.14])
def test_the_initial_loss_is_the_published_one_with_the_legacy_generator(reg):
    np.random.seed(493)
    X, y = np.random.randn(2, 15), np.random.randint(10, size=(2,))
    options = {"input_dim": 15, "num_classes": 10, "weight_scale": 5e-2, "dtype": np.float64}
    for one in (0, 3.14):  # as the worksheet draws them: both nets from one stream
        model = FullyConnectedNet([20, 30], reg=one, rng=np.random, **options)
        if one == reg:
            break
    expected = EXPECTED["fully_connected_net_initial_loss"][f"reg_{reg}"]
    assert model.loss(X, y)[0] == pytest.approx(expected, rel=1e-13)


def test_the_parameters_have_the_courses_names_in_the_order_of_the_layers():
    model = FullyConnectedNet([5, 6, 7], input_dim=4, num_classes=3, keep_prob=0.5)
    shapes = {"W1": (4, 5), "b1": (5,), "W2": (5, 6), "b2": (6,), "W3": (6, 7), "b3": (7,), "W4": (7, 3), "b4": (3,)}
    assert {name: w.shape for name, w in model.params.items()} == shapes


def test_without_hidden_layers_it_is_linear():
    model = FullyConnectedNet([], input_dim=4, num_classes=3, dtype=np.float64)
    X = np.random.default_rng(0).normal(size=(5, 4))
    np.testing.assert_allclose(model.loss(X), X @ model.params["W1"])


def test_biases_start_at_zero_and_weights_at_their_scale():
    model = TwoLayerNet(input_dim=400, hidden_dim=300, weight_scale=0.02)
    assert not model.params["b1"].any()
    assert model.params["W1"].std() == pytest.approx(0.02, rel=0.02)
    assert FullyConnectedNet([300], input_dim=400).params["W1"].std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)


@pytest.mark.parametrize(
    "model",
    [
        TwoLayerNet(4, 6, 3, weight_scale=0.1, reg=0.2, dtype=np.float64),
        FullyConnectedNet([5], input_dim=4, num_classes=3, activation="elu", keep_prob=0.8, loss="svm", reg=0.1, reg_l1=0.2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_net_can_be_made_again_from_its_config(model):
    again = type(model).from_config(model.config())
    assert again.config() == model.config()
    assert repr(again) == repr(model)
    for name, w in model.params.items():
        np.testing.assert_array_equal(again.params[name], w)


def test_the_config_has_the_settings_of_now():
    model = FullyConnectedNet([5], input_dim=4, num_classes=3, keep_prob=0.8)
    model.reg = 0.3
    model.settings["dropout1.keep_prob"] = 0.6
    assert (model.config()["reg"], model.config()["keep_prob"]) == (0.3, 0.6)


# Normalisation


@pytest.mark.parametrize("normalization", ["batchnorm", "layernorm"])
def test_hidden_layers_are_normalised_and_named_as_the_courses_do(normalization):
    model = FullyConnectedNet([5, 6], input_dim=4, num_classes=3, normalization=normalization, keep_prob=0.5)
    assert [layer.kind for layer in model.layers] == ["dense", normalization, "activation", "dropout"] * 2 + ["dense"]
    assert list(model.params) == ["W1", "b1", "gamma1", "beta1", "W2", "b2", "gamma2", "beta2", "W3", "b3"]
    assert model.params["gamma2"].shape == model.params["beta2"].shape == (6,)
    running = [f"running_{name}{i}" for i in (1, 2) for name in ("mean", "var")]
    assert list(model.buffers) == (running if normalization == "batchnorm" else [])


def test_normalised_scores_are_those_of_the_formula():
    model = FullyConnectedNet([5], input_dim=4, num_classes=3, normalization="layernorm", rng=2, dtype=np.float64)
    X = np.random.default_rng(0).normal(size=(6, 4))
    p = model.params
    p["gamma1"], p["beta1"] = np.arange(1.0, 6), np.arange(5.0)
    z = X @ p["W1"] + p["b1"]
    z = (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)
    scores = np.maximum(z * p["gamma1"] + p["beta1"], 0) @ p["W2"] + p["b2"]
    np.testing.assert_allclose(model.loss(X), scores, rtol=1e-12)


def test_batch_norm_makes_the_training_loss_blind_to_the_scale_of_the_weights():
    X, y = np.random.default_rng(0).normal(size=(50, 4)), np.arange(50) % 3
    losses = {}
    for normalization in ("batchnorm", None):
        model = FullyConnectedNet([20], input_dim=4, num_classes=3, normalization=normalization, weight_scale=1.0, dtype=np.float64)
        first = model.loss(X, y)[0]
        model.params["W1"] *= 10
        losses[normalization] = abs(model.loss(X, y)[0] - first)
    assert losses["batchnorm"] < 1e-4 < 1 < losses[None]


def test_without_normalization_the_initial_weights_are_the_same():
    plain, normalised = (FullyConnectedNet([5, 6], input_dim=4, normalization=name) for name in (None, "batchnorm"))
    for name, w in plain.params.items():
        np.testing.assert_array_equal(normalised.params[name], w)


def test_a_normalised_net_comes_back_from_its_files_with_its_running_statistics(tmp_path):
    model = FullyConnectedNet([5], input_dim=4, num_classes=3, normalization="batchnorm")
    X = np.random.default_rng(0).normal(3, 2, size=(6, 4))
    model.loss(X, np.arange(6) % 3)
    model.save(tmp_path / "net")
    again = load(tmp_path / "net")
    assert again.config() == model.config()
    assert again.buffers["running_mean1"].any()
    np.testing.assert_array_equal(again.loss(X), model.loss(X))


def test_an_unknown_normalization_is_told_with_the_nearest():
    with pytest.raises(ValueError, match=r'unknown normalization "batch_norm"\. Did you mean "batchnorm"\?'):
        FullyConnectedNet([], normalization="batch_norm")


def test_one_width_in_place_of_a_list_is_told():
    with pytest.raises(TypeError, match=r"hidden_dims is 100, but must be a list of widths: \[100\] is one layer"):
        FullyConnectedNet(100, input_dim=64)
