"""scikit-learn's MLP says what the model says, and back; what it cannot express is refused by the layer's name."""

import re

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier, MLPRegressor
from tests.export.case import CASES, TRANSFORM_CASES, examples, of_batchnorm_on_images, of_loss, of_transforms

import layerwise
from layerwise.export import from_sklearn, to_sklearn
from layerwise.export.mlp import coefficients
from layerwise.export.mlp_script import sklearn_script
from layerwise.export.proof import prove
from layerwise.layers import Activation, BatchNorm, Dense, Dropout, LayerNorm
from layerwise.models import Autoencoder, FullyConnectedNet, Sequential, SoftmaxModel, SVMModel

KINDS = {"MLPClassifier": MLPClassifier, "MLPRegressor": MLPRegressor}
EXPRESSED = [
    *("model SoftmaxModel", "model TwoLayerNet", "model Autoencoder", "model Sequential of dense"),
    *("layer dense", "layer dropout", "layer flatten", "layer batchnorm"),
    *("loss softmax", "loss softmax, two classes", "loss squared", "loss squared, one value", "loss huber", "loss absolute"),
    *("loss binary_cross_entropy", "loss binary_cross_entropy, one share", "transform none, images to a dense layer"),
    *("transform standardize of large numbers", "transform pca, then a bias column", "transform bias_column first"),
    *(f"transform {kind}" for kind in TRANSFORM_CASES),
]


def said_by(mlp, rows):
    if isinstance(mlp, MLPRegressor):
        return {"value": mlp.predict(rows)}
    return {"label": mlp.predict(rows), "probability": mlp.predict_proba(rows)}


def expressible(name):
    try:
        coefficients(CASES[name]())
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", EXPRESSED)
def test_a_fitted_mlp_says_what_the_model_says(name):
    model = CASES[name]()
    X = examples(model)
    mlp = to_sklearn(model, KINDS[coefficients(model).kind])
    prove(model, X, said_by(mlp, X.reshape(len(X), -1)))


def test_all_that_it_can_express_is_compared():
    assert {name for name in CASES if expressible(name)} - set(EXPRESSED) <= {"layer dense in float64", "layer dropout in float64"} | {
        "layer flatten in float64",
        "layer batchnorm in float64",
    }


def test_batch_norm_beside_dense_layers_and_dense_layers_in_a_row_are_multiplied_in():
    layers = [BatchNorm(), Dense(6), Dense(5), BatchNorm(), Activation("tanh"), Dropout(0.5), BatchNorm(), Dense(3)]
    model = Sequential(layers, input_shape=5, rng=1, dtype=np.float64)
    for name, array in model.buffers.items():
        model.buffers[name] = array + np.random.default_rng(2).random(array.shape)
    mlp = to_sklearn(model, MLPClassifier)
    X = np.random.default_rng(3).normal(size=(30, 5))
    np.testing.assert_allclose(mlp.predict_proba(X), model.predict_proba(X), rtol=1e-12)
    assert [w.shape for w in mlp.coefs_] == [(5, 5), (5, 3)]


def test_by_hand_preprocessing_goes_into_the_first_matrix():
    model = of_transforms("standardize", table=True, dtype=np.float64)
    mean, deviation = model.inputs.preprocessing.transforms[0].mean, model.inputs.preprocessing.transforms[0].deviation
    found = coefficients(model)
    np.testing.assert_allclose(found.coefs[0], model.params["dense1.w"] / deviation[:, None], rtol=1e-14)
    np.testing.assert_allclose(found.intercepts[0], -(mean / deviation) @ model.params["dense1.w"], rtol=1e-9)


def test_a_fitted_mlp_has_the_labels_that_are_asked_for_and_can_be_fitted_further():
    model = of_loss("softmax")
    X = examples(model)
    mlp = to_sklearn(model, MLPClassifier, classes=["ant", "bee", "cat"])
    assert mlp.predict(X).tolist() == [["ant", "bee", "cat"][k] for k in model.predict(X)]
    mlp.partial_fit(X, ["ant"] * len(X))
    assert mlp.n_features_in_ == 5


class Own(MLPClassifier):
    pass


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((MLPRegressor,), TypeError, "to_sklearn: got 'MLPRegressor', but this model becomes an MLPClassifier: hand in that class, from"),
        ((MLPClassifier(),), TypeError, "to_sklearn: got 'MLPClassifier', but"),
        (("MLPClassifier",), TypeError, "to_sklearn: got 'str', but"),
        ((MLPClassifier, ["a", "b"]), ValueError, "to_sklearn: 2 classes are given, but the model has 3 classes."),
        ((MLPClassifier, ["a", "b", "b"]), ValueError, "to_sklearn: 2 classes are given, but the model has 3 classes."),
    ],
)
def test_the_wrong_class_or_labels_are_refused(arguments, error, words):
    mlp, *classes = arguments
    with pytest.raises(error, match=re.escape(words)):
        to_sklearn(of_loss("softmax"), mlp, classes=classes[0] if classes else None)


HAS = "it has dense layers, and relu, tanh, sigmoid or nothing between them. Export to ONNX or NumPy, which have all layers."
REFUSED = {
    f"scikit-learn's MLP cannot express conv1: {HAS}": of_batchnorm_on_images,
    f"scikit-learn's MLP cannot express layernorm1: {HAS}": lambda: Sequential([Dense(5), LayerNorm(), Dense(3)], input_shape=5),
    f"scikit-learn's MLP cannot express activation1 (gelu): {HAS}": lambda: FullyConnectedNet([4], input_dim=5, activation="gelu"),
    "scikit-learn's MLP cannot express activation2 (tanh): it has one activation for all hidden layers, and activation1 (relu) came before. "
    "Export to ONNX or NumPy, which have all layers.": lambda: Sequential(
        [Dense(4), Activation("relu"), Dense(4), Activation("tanh"), Dense(3)], input_shape=5
    ),
    "scikit-learn's MLP cannot express activation1 (relu): it has no activation before its first matrix, nor two in a row.": lambda: (
        Sequential([Activation("relu"), Dense(3)], input_shape=5)
    ),
    "scikit-learn's MLP ends in a dense layer, but this net does not. Export to ONNX": lambda: Sequential(
        [Dense(3), Activation("relu")], input_shape=5
    ),
    "scikit-learn's MLP ends in a dense layer, but this net": lambda: Sequential([Dropout(0.5)], input_shape=5),
    'scikit-learn\'s MLPClassifier gives probabilities, but the loss "svm" makes none of its scores. Train with loss="softmax", or': lambda: (
        SVMModel(5, 3)
    ),
    "scikit-learn's MLPClassifier tells classes apart, but this net has one only.": lambda: SoftmaxModel(5, 1),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_it_cannot_express_is_refused_by_name(words):
    with pytest.raises(ValueError, match=f"^{re.escape(words)}"):
        coefficients(REFUSED[words]())


@pytest.mark.parametrize(
    "kind", ["classes", "two classes", "text labels", "multilabel", "values", "one value", "no hidden layer", "identity"]
)
def test_a_fitted_mlp_comes_in_and_says_the_same(kind):
    X, y = load_iris(return_X_y=True)
    options = {"hidden_layer_sizes": (6, 5), "max_iter": 5, "random_state": 0, "activation": "tanh"}
    match kind:
        case "two classes":
            X, y = X[:100], y[:100]
        case "text labels":
            y = np.array(["setosa", "versicolor", "virginica"])[y]
        case "multilabel":
            y = np.eye(3, dtype=int)[y]
        case "values":
            y = X[:, :2] * 1.0
        case "one value":
            y = X[:, 0] * 1.0
        case "no hidden layer":
            options["hidden_layer_sizes"] = ()
        case "identity":
            options["activation"] = "identity"
    with pytest.warns(UserWarning, match="haven't converged|Stochastic Optimizer"):
        mlp = (MLPRegressor if kind in ("values", "one value") else MLPClassifier)(**options).fit(X, y)
    model = from_sklearn(mlp)
    if kind in ("values", "one value"):
        np.testing.assert_allclose(model.predict(X), mlp.predict(X).reshape(len(X), -1), rtol=1e-12)
        return
    np.testing.assert_allclose(model.predict_proba(X), mlp.predict_proba(X), rtol=1e-9, atol=1e-15)
    if kind != "multilabel":
        assert [model.inputs.class_names[k] for k in model.predict(X)] == [str(label) for label in mlp.predict(X)]
    again = to_sklearn(model, MLPClassifier)
    np.testing.assert_allclose(again.predict_proba(X), mlp.predict_proba(X), rtol=1e-9, atol=1e-15)


def test_what_came_in_can_be_saved_and_trained_on(tmp_path):
    X, y = load_iris(return_X_y=True)
    mlp = to_sklearn(of_loss("softmax"), MLPClassifier)
    model = from_sklearn(mlp, dtype=np.float32)
    model.save(tmp_path / "net")
    rows = np.pad(X, [(0, 0), (0, 1)])
    before = layerwise.load(tmp_path / "net").evaluate(rows, y)[0]
    layerwise.Solver(model, {"X_train": rows, "y_train": y}, update_rule="adam", num_epochs=3, verbose=False).train()
    assert model.evaluate(rows, y)[0] < before


@pytest.mark.parametrize(
    ("mlp", "error", "words"),
    [
        (MLPClassifier(), ValueError, r"from_sklearn: this MLPClassifier is not fitted yet\. Call its fit\(X, y\) first\."),
        (Own(), ValueError, "from_sklearn: this MLPClassifier is not fitted yet"),
        (object(), TypeError, "from_sklearn: got a object, but an MLPClassifier or MLPRegressor of scikit-learn is needed"),
    ],
)
def test_what_is_no_fitted_mlp_is_refused(mlp, error, words):
    with pytest.raises(error, match=words):
        from_sklearn(mlp)


def test_an_autoencoder_ends_in_its_sigmoid():
    mlp = to_sklearn(Autoencoder([4], input_dim=6), MLPRegressor)
    assert (mlp.activation, mlp.out_activation_) == ("relu", "logistic")


def test_a_script_names_the_class_and_holds_no_pickle():
    text = sklearn_script(of_loss("softmax"))
    assert "from sklearn.neural_network import MLPClassifier" in text
    assert "pickle" not in text.replace("allow_pickle=False", "")
