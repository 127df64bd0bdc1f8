"""SweepSearchCV finds what GridSearchCV finds, by training the candidates of a fold as one population."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from layerwise.estimators import ConvNetClassifier, MLPClassifier, MLPRegressor, SoftmaxClassifier, SweepSearchCV, network
from layerwise.estimators.search import together_in
from layerwise.train import Solver

X, Y = load_iris(return_X_y=True)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def net(**options):
    return MLPClassifier(**{"hidden_layer_sizes": (8,), "max_iter": 20, "batch_size": 32, "random_state": 0, **options})


GRIDS = [
    (net(), {"alpha": [1e-4, 1.0], "learning_rate_init": [1e-3, 0.03], "hidden_layer_sizes": [(8,), (4, 4)]}),
    (net(normalization="batchnorm"), {"dropout": [0.0, 0.3], "solver_options": [{"beta1": 0.9}, {"beta1": 0.5}]}),
    (net(early_stopping=True, max_iter=40, n_iter_no_change=3), {"learning_rate_init": [1e-4, 0.01, 0.3]}),
    (net(tol=1e-2, n_iter_no_change=2, max_iter=60), {"learning_rate_init": [1e-3, 0.01, 1e30]}),
    (make_pipeline(StandardScaler(), net()), {"mlpclassifier__alpha": [1e-4, 10.0]}),
    (make_pipeline(StandardScaler(), net()), {"standardscaler__with_mean": [True, False], "mlpclassifier__alpha": [1e-4, 10.0]}),
]


@pytest.mark.parametrize(("estimator", "grid"), GRIDS)
def test_it_finds_what_a_grid_search_finds(estimator, grid):
    own, other = (search(estimator, grid, cv=3, return_train_score=True).fit(X, Y) for search in (SweepSearchCV, GridSearchCV))
    assert own.cv_results_.keys() == other.cv_results_.keys()
    for name in own.cv_results_:
        if "score" in name and "time" not in name:
            np.testing.assert_allclose(own.cv_results_[name], other.cv_results_[name], err_msg=name)
    assert own.cv_results_["params"] == other.cv_results_["params"]
    assert (own.best_index_, own.best_score_, own.best_params_) == (other.best_index_, other.best_score_, other.best_params_)
    np.testing.assert_array_equal(own.predict_proba(X), other.predict_proba(X))
    assert own.score(X, Y) == other.score(X, Y)
    assert own.n_splits_ == 3
    assert own.n_features_in_ == 4


def test_a_member_is_what_its_estimator_is_alone():
    rates = [1e-3, 1e-2, 1e-1]
    together = [net(learning_rate_init=rate, dropout=0.2, tol=1e-3, n_iter_no_change=2) for rate in rates]
    network.fit_together(together, X, Y)
    for one, rate in zip(together, rates, strict=True):
        alone = net(learning_rate_init=rate, dropout=0.2, tol=1e-3, n_iter_no_change=2).fit(X, Y)
        assert (one.n_iter_, one.stopped_) == (alone.n_iter_, alone.stopped_)
        for a, b in zip(one.coefs_, alone.coefs_, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(one.loss_curve_, alone.loss_curve_)
        assert a.flags.c_contiguous


def test_candidates_of_one_shape_train_as_one_solver(monkeypatch):
    made = []
    plain = Solver.__init__

    def counted(self, model, *args, **options):
        made.append(len(next(iter(model.params.values()))) if model.params["dense1.b"].ndim == 2 else 1)
        plain(self, model, *args, **options)

    monkeypatch.setattr(Solver, "__init__", counted)
    SweepSearchCV(net(), {"alpha": [0.0, 1.0, 2.0], "hidden_layer_sizes": [(8,), (4,)]}, cv=3, refit=False, n_jobs=1).fit(X, Y)
    assert made == [3, 3] * 3


def test_what_trains_together():
    grid = [{"alpha": 0, "dropout": 0.1}, {"alpha": 1, "dropout": 0.2}, {"alpha": 0, "activation": "tanh"}, {"random_state": 1}]
    assert together_in(net(), grid) == [[0, 1], [2], [3]]
    assert together_in(net(), [{"solver_options": {"beta1": 0.1}}, {"solver_options": {"beta1": 0.2}}, {"solver_options": None}]) == [
        [0, 1],
        [2],
    ]
    assert together_in(ConvNetClassifier(), [{"alpha": 0}, {"alpha": 1}]) == [[0], [1]]
    assert together_in(LogisticRegression(), [{"C": 1}, {"C": 2}]) == [[0], [1]]


@pytest.mark.parametrize(
    ("estimator", "grid", "options"),
    [
        (LogisticRegression(max_iter=500), {"C": [0.01, 1.0]}, {}),
        (
            SoftmaxClassifier(max_iter=30, random_state=0),
            {"alpha": [1e-4, 1.0]},
            {"scoring": ["accuracy", "f1_macro"], "refit": "f1_macro"},
        ),
        (SoftmaxClassifier(max_iter=30, random_state=0), {"alpha": [1e-4, 1.0]}, {"scoring": "neg_log_loss"}),
        (SoftmaxClassifier(max_iter=30, random_state=0), {"alpha": [1e-4, 1.0]}, {"refit": lambda results: 1}),
    ],
)
def test_scoring_and_refit_are_those_of_grid_search(estimator, grid, options):
    own, other = (search(estimator, grid, cv=3, **options).fit(X, Y) for search in (SweepSearchCV, GridSearchCV))
    for name in own.cv_results_:
        if "test" in name:
            np.testing.assert_allclose(own.cv_results_[name], other.cv_results_[name])
    assert own.best_params_ == other.best_params_
    np.testing.assert_array_equal(own.predict(X), other.predict(X))


def test_weights_of_examples_are_cut_into_folds():
    features, y = load_diabetes(return_X_y=True)
    weights = np.random.default_rng(0).random(len(y))
    model = MLPRegressor((8,), max_iter=20, random_state=0)
    own, other = (
        search(model, {"alpha": [0.0, 1.0]}, cv=3).fit(features, y, sample_weight=weights) for search in (SweepSearchCV, GridSearchCV)
    )
    np.testing.assert_allclose(own.cv_results_["mean_test_score"], other.cv_results_["mean_test_score"])


def test_a_candidate_that_fails_is_told_and_the_others_go_on():
    with (
        pytest.warns(UserWarning, match="non-finite"),
        pytest.warns(FitFailedWarning, match="2 fits failed out of a total of 4. The first one: ValueError: alpha=-1.0 must be"),
    ):
        search = SweepSearchCV(net(), {"alpha": [1e-4, -1.0]}, cv=2).fit(X, Y)
    assert np.isnan(search.cv_results_["mean_test_score"][1])
    assert search.best_params_ == {"alpha": 1e-4}
    with pytest.raises(ValueError, match="All the 2 fits failed"):
        SweepSearchCV(net(), {"alpha": [-1.0]}, cv=2).fit(X, Y)
    with pytest.raises(ValueError, match=r"alpha=-1\.0 must be"):
        SweepSearchCV(net(), {"alpha": [-1.0, 1.0]}, cv=2, error_score="raise").fit(X, Y)


def test_one_warning_tells_of_all_fits_that_did_not_settle():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        SweepSearchCV(net(max_iter=5), {"alpha": [0.0, 1.0]}, cv=2, refit=False).fit(X, Y)
    assert [warning.category for warning in told] == [ConvergenceWarning]
    assert str(told[0].message).startswith("4 fits of 4 did not settle. The first one: MLPClassifier took all of max_iter=5 epochs")
