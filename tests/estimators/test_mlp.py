"""MLPClassifier and MLPRegressor: targets of every kind, layers, hidden features, and their place among scikit-learn's tools."""

import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from layerwise.estimators import LinearSVMClassifier, MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)


def fast(**options):
    return MLPClassifier(**{"hidden_layer_sizes": (16,), "learning_rate_init": 0.02, "max_iter": 60, "random_state": 0, **options})


def test_labels_of_any_kind_come_back_as_they_were():
    names = np.array(["setosa", "versicolor", "virginica"])[Y]
    model = fast().fit(X, names)
    assert list(model.classes_) == ["setosa", "versicolor", "virginica"]
    assert model.predict(X[:1]) == ["setosa"]
    assert model.score(X, names) > 0.95
    np.testing.assert_array_equal(model.predict(X), model.classes_[fast().fit(X, Y).predict(X)])


def test_two_classes_have_one_decision_and_many_have_one_each():
    two = fast().fit(X[:100], Y[:100])
    assert two.decision_function(X).shape == (150,)
    np.testing.assert_array_equal(two.decision_function(X) > 0, two.predict(X) == 1)
    np.testing.assert_allclose(two.predict_proba(X).sum(1), 1)
    assert fast().fit(X, Y).decision_function(X).shape == (150, 3)


def test_several_labels_at_once():
    features, labels = make_multilabel_classification(200, n_classes=4, random_state=0)
    model = fast(max_iter=200).fit(features, labels)
    assert model.predict(features).shape == (200, 4)
    assert model.score(features, labels) > 0.7
    np.testing.assert_array_equal(model.predict_proba(features) > 0.5, model.predict(features) == 1)
    with pytest.raises(ValueError, match="loss is 'hinge'"):
        fast(loss="hinge").fit(features, labels)


def test_several_outputs_at_once_and_one():
    features, y = load_diabetes(return_X_y=True)
    both = np.column_stack([y, -2 * y])
    model = MLPRegressor((30,), learning_rate_init=0.05, max_iter=300, random_state=0).fit(features, both)
    assert model.predict(features).shape == (442, 2)
    assert model.score(features, both) > 0.4
    assert MLPRegressor((30,), max_iter=2).fit(features, y).predict(features).shape == (442,)


@pytest.mark.parametrize("loss", ["squared", "absolute", "huber"])
def test_every_loss_learns_a_line(loss):
    features = np.random.default_rng(0).normal(size=(300, 3))
    y = features @ [1.0, -2.0, 0.5] + 3
    model = MLPRegressor((), loss=loss, learning_rate_init=0.05, max_iter=600, alpha=0, tol=0, n_iter_no_change=600, random_state=0)
    model.fit(features, y)
    np.testing.assert_allclose(model.coefs_[0][:, 0], [1, -2, 0.5], atol=0.05)
    np.testing.assert_allclose(model.intercepts_[0], [3], atol=0.05)


def test_each_layer_has_an_activation_a_norm_and_a_dropout_of_its_own():
    model = fast(
        hidden_layer_sizes=(5, 4), activation=["tanh", "identity"], normalization=["batchnorm", None], dropout=[0.0, 0.5], max_iter=2
    )
    model.fit(X, Y)
    kinds = [layer.kind for layer in model.model_.layers]
    assert kinds == ["dense", "batchnorm", "activation", "dropout", "dense", "dropout", "dense"]
    assert [layer.keep_prob for layer in model.model_.layers if layer.kind == "dropout"] == [1.0, 0.5]


def test_transform_gives_what_a_hidden_layer_puts_out():
    model = fast(hidden_layer_sizes=(6, 5), activation="logistic", max_iter=3).fit(X, Y)
    first = 1 / (1 + np.exp(-(X @ model.coefs_[0] + model.intercepts_[0])))
    np.testing.assert_allclose(model.transform(X, layer=0), first)
    np.testing.assert_allclose(model.transform(X), 1 / (1 + np.exp(-(first @ model.coefs_[1] + model.intercepts_[1]))))
    assert list(model.get_feature_names_out()) == [f"mlpclassifier{i}" for i in range(5)]
    with pytest.raises(ValueError, match="transform: layer is 2, but the network has 2 hidden layers: give 0 to 1, or -1 for the last"):
        model.transform(X, layer=2)


def cosh_forward(x, y):
    return np.log(np.cosh(x - y)).sum(axis=1), (x, y)


def cosh_backward(dlosses, cache):
    x, y = cache
    return dlosses[:, None] * np.tanh(x - y)


def halved_backward(dlosses, cache):
    return cosh_backward(dlosses, cache) / 2


def test_a_loss_of_your_own_trains_once_its_gradient_is_right():
    features, y = np.linspace(-1, 1, 50)[:, None], np.linspace(-2, 2, 50)
    model = MLPRegressor(
        (), loss=(cosh_forward, cosh_backward), learning_rate_init=0.1, max_iter=300, alpha=0, tol=0, n_iter_no_change=300, random_state=0
    )
    np.testing.assert_allclose(model.fit(features, y).coefs_[0], [[2.0]], atol=0.02)
    with pytest.raises(ValueError, match=r"backward that is not the slope of its forward. The gradient is wrong .* 0.5 of the slope"):
        MLPRegressor(loss=(cosh_forward, halved_backward)).fit(features, y)


def test_probabilities_are_there_where_the_loss_makes_some():
    assert not hasattr(LinearSVMClassifier(), "predict_proba")
    assert not hasattr(fast(loss="hinge"), "predict_proba")
    with pytest.raises(AttributeError):
        fast(loss="hinge").predict_proba(X)
    calibrated = CalibratedClassifierCV(LinearSVMClassifier(max_iter=300, random_state=0), cv=3).fit(X, Y)
    assert calibrated.score(X, Y) > 0.9


def test_it_works_inside_scikit_learns_tools(tmp_path):
    pipe = make_pipeline(StandardScaler(), fast())
    assert cross_val_score(pipe, X, Y, cv=3).mean() > 0.9
    search = GridSearchCV(pipe, {"mlpclassifier__alpha": [1e-4, 1e3]}, cv=3).fit(X, Y)
    assert search.best_params_ == {"mlpclassifier__alpha": 1e-4}
    assert "mlpclassifier" in pipe._repr_html_()
    joblib.dump(search.best_estimator_, tmp_path / "model.joblib")
    np.testing.assert_array_equal(joblib.load(tmp_path / "model.joblib").predict_proba(X), search.predict_proba(X))


@pytest.mark.slow
def test_it_works_in_several_processes():
    pipe = make_pipeline(StandardScaler(), fast())
    parallel = cross_val_score(pipe, X, Y, cv=3, n_jobs=2)
    np.testing.assert_array_equal(parallel, cross_val_score(pipe, X, Y, cv=3))


def test_a_pipeline_hands_validation_examples_on_transformed():
    with sklearn.config_context(enable_metadata_routing=True):
        last = fast(early_stopping=True, max_iter=100).set_fit_request(X_val=True, y_val=True, sample_weight=True)
        pipe = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), last, transform_input=["X_val"])
        pipe.fit(X[::2], Y[::2], X_val=X[1::2], y_val=Y[1::2], sample_weight=np.ones(75))
    assert pipe[-1].best_validation_score_ == pipe.score(X[1::2], Y[1::2]) > 0.9  # as predict scales them


def test_a_table_of_numbers_and_texts_from_a_file(tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"size": rng.normal(size=300) * 100, "colour": rng.choice(["red", "green", "blue"], 300)})
    table["kind"] = np.where((table["size"] > 0) & (table["colour"] != "red"), "keep", "leave")
    table.to_csv(tmp_path / "table.csv", index=False)
    read = pd.read_csv(tmp_path / "table.csv")
    columns = make_column_transformer((StandardScaler(), ["size"]), (OneHotEncoder(sparse_output=False), ["colour"]))
    model = make_pipeline(columns, fast(max_iter=300)).fit(read[["size", "colour"]], read["kind"])
    assert model.score(read[["size", "colour"]], read["kind"]) > 0.97
    assert set(model.predict(pd.DataFrame({"size": [90.0, 90.0], "colour": ["red", "blue"]}))) == {"leave", "keep"}


def test_warnings_of_fits_in_a_search_are_convergence_warnings_alone():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        cross_val_score(fast(max_iter=2), X, Y, cv=2)
    assert {warning.category for warning in told} == {ConvergenceWarning}
