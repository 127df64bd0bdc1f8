"""Fitting: weights, early stopping, going on with a fit, curves, the one warning, and what is refused."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler

from layerwise.estimators import AutoencoderTransformer, LinearSVMClassifier, MLPClassifier, MLPRegressor, SoftmaxClassifier

X, Y = load_iris(return_X_y=True)
WINE, KIND = load_wine(return_X_y=True)
WINE = StandardScaler().fit_transform(WINE)
QUIET = {"tol": 1.0, "n_iter_no_change": 10**6, "random_state": 0}


def fitted(estimator, *data, **given):
    """Fitted without a word about having taken all epochs, which short runs are bound to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(*data, **given)


def scores(estimator):
    return estimator.model_.forward(WINE)


MAKERS = [
    lambda **o: MLPClassifier((8,), max_iter=30, random_state=0, learning_rate_init=0.01, **o),
    lambda **o: MLPRegressor((8,), max_iter=30, random_state=0, learning_rate_init=0.01, **o),
    lambda **o: LinearSVMClassifier(max_iter=30, random_state=0, **o),
    lambda **o: AutoencoderTransformer((3,), max_iter=30, random_state=0, learning_rate_init=0.01, **o),
]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("batch_size", ["auto", 32])
def test_weights_of_one_change_nothing(make, batch_size):
    plain, weighted = (fitted(make(batch_size=batch_size), WINE, KIND, sample_weight=w) for w in (None, np.ones(len(WINE))))
    np.testing.assert_array_equal(scores(plain), scores(weighted))


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("alpha", [0.0, 10.0])
def test_a_weight_of_two_is_the_row_twice_and_of_none_no_row(make, alpha):
    counts = np.random.default_rng(0).integers(0, 4, len(WINE))
    weighted = fitted(make(batch_size=10**6, alpha=alpha), WINE, KIND, sample_weight=counts)
    repeated = fitted(make(batch_size=10**6, alpha=alpha), np.repeat(WINE, counts, axis=0), np.repeat(KIND, counts))
    np.testing.assert_allclose(scores(weighted), scores(repeated), rtol=1e-7, atol=1e-9)
    assert not np.allclose(scores(weighted), scores(fitted(make(batch_size=10**6, alpha=alpha), WINE, KIND)))


def test_class_weight_is_the_weight_of_each_row_of_the_class():
    by_class = fitted(SoftmaxClassifier(class_weight={0: 3.0, 1: 1.0, 2: 0.5}, max_iter=40, random_state=0), WINE, KIND)
    by_row = fitted(SoftmaxClassifier(max_iter=40, random_state=0), WINE, KIND, sample_weight=np.array([3.0, 1.0, 0.5])[KIND])
    np.testing.assert_array_equal(scores(by_class), scores(by_row))
    balanced = fitted(SoftmaxClassifier(class_weight="balanced", max_iter=40, random_state=0), WINE, KIND)
    by_share = fitted(SoftmaxClassifier(max_iter=40, random_state=0), WINE, KIND, sample_weight=(len(KIND) / 3 / np.bincount(KIND))[KIND])
    np.testing.assert_allclose(scores(balanced), scores(by_share), rtol=1e-6)


def test_alpha_is_the_penalty_that_scikit_learn_writes():
    model = fitted(MLPClassifier((8,), alpha=3.0, batch_size=50, max_iter=1, random_state=0), WINE, KIND)
    assert model.model_.reg == 3.0 / 50
    squared = fitted(MLPRegressor((8,), alpha=3.0, batch_size=50, max_iter=1, random_state=0), WINE, KIND)
    assert squared.model_.reg == 2 * 3.0 / 50  # scikit-learn halves the squares


def test_early_stopping_goes_by_held_out_rows_and_keeps_the_best_epoch():
    model = MLPClassifier((8,), early_stopping=True, learning_rate_init=0.02, n_iter_no_change=5, random_state=0).fit(WINE, KIND)
    assert model.stopped_
    assert model.n_iter_ == len(model.history_["val_score"]) == len(model.history_["val_loss"]) == len(model.loss_curve_) < 200
    assert model.best_validation_score_ == max(model.validation_scores_[:-6]) >= max(model.validation_scores_[-6:]) - 1e-4
    longer = clone(model).set_params(n_iter_no_change=20, max_iter=model.n_iter_)
    fitted(longer, WINE, KIND)
    np.testing.assert_array_equal(scores(model), scores(longer))  # of the best epoch, not of the last


def test_validation_examples_give_curves_and_are_what_early_stopping_goes_by():
    train, val = (WINE[::2], KIND[::2]), (WINE[1::2], KIND[1::2])
    model = fitted(MLPClassifier((8,), max_iter=15, random_state=0), *train, X_val=val[0], y_val=val[1])
    alone = fitted(MLPClassifier((8,), max_iter=15, random_state=0), *train)
    np.testing.assert_array_equal(scores(model), scores(alone))  # watching changes nothing
    assert model.history_["val_score"][-1] == model.score(*val)
    assert alone.validation_scores_ is None
    stopping = fitted(MLPClassifier((8,), max_iter=100, early_stopping=True, random_state=0), *train, X_val=val[0], y_val=val[1])
    assert stopping.score(*val) == stopping.best_validation_score_
    assert stopping.t_ == stopping.n_iter_ * len(train[0])  # nothing was held out of the training rows


def test_an_epoch_of_partial_fit_is_an_epoch_of_fit():
    whole = fitted(MLPClassifier((8,), max_iter=5, batch_size=32, dropout=0.2, random_state=3), WINE, KIND)
    step = MLPClassifier((8,), batch_size=32, dropout=0.2, random_state=3)
    for _ in range(5):
        step.partial_fit(WINE, KIND, classes=[0, 1, 2])
    np.testing.assert_array_equal(scores(whole), scores(step))
    assert step.loss_curve_ == whole.loss_curve_
    assert step.n_iter_ == 5


def test_partial_fit_stops_early_with_the_best_network():
    model = MLPClassifier((8,), early_stopping=True, n_iter_no_change=3, learning_rate_init=0.05, random_state=0)
    given = {"X_val": WINE[1::2], "y_val": KIND[1::2]}
    for _ in range(100):
        model.partial_fit(WINE[::2], KIND[::2], classes=[0, 1, 2], **given)
    assert model.stopped_
    assert 4 < model.n_iter_ < 100
    assert model.score(WINE[1::2], KIND[1::2]) == model.best_validation_score_
    before = scores(model)
    np.testing.assert_array_equal(before, scores(model.partial_fit(WINE[::2], KIND[::2], **given)))


def test_partial_fit_goes_on_after_a_pickle():
    one = MLPClassifier((8,), random_state=0, dropout=0.3).partial_fit(WINE, KIND, classes=[0, 1, 2])
    other = pickle.loads(pickle.dumps(one))
    np.testing.assert_array_equal(scores(one.partial_fit(WINE, KIND)), scores(other.partial_fit(WINE, KIND)))


def test_a_warm_start_goes_on_from_the_network_as_it_is():
    model = fitted(MLPClassifier((8,), max_iter=5, warm_start=True, random_state=0), WINE, KIND)
    before = model.loss_curve_[-1]
    fitted(model, WINE, KIND)
    assert (len(model.loss_curve_), model.n_iter_) == (10, 10)
    assert model.loss_curve_[5] < before
    cold = fitted(model.set_params(warm_start=False), WINE, KIND)
    assert cold.n_iter_ == 5


@pytest.mark.parametrize("dtype", ["float32", np.float32, np.dtype("float32")])
def test_a_table_of_float64_is_computed_in_single_precision_where_asked(dtype):
    model = fitted(MLPClassifier((8,), max_iter=20, random_state=0, dtype=dtype), X, Y)
    exact = fitted(MLPClassifier((8,), max_iter=20, random_state=0), X, Y)
    assert {w.dtype for w in model.model_.params.values()} == {model.predict_proba(X).dtype} == {np.dtype(np.float32)}
    np.testing.assert_allclose(model.predict_proba(X), exact.predict_proba(X), atol=1e-3)


@pytest.mark.parametrize("dtype", ["float16", int, 32])
def test_other_numbers_are_not_computed_in(dtype):
    with pytest.raises(ValueError, match=r'dtype is .* but must be "float32", "float64", or None for that of X'):
        MLPClassifier(dtype=dtype).fit(X, Y)


def test_float32_is_kept_and_all_else_becomes_float64():
    for dtype, kept in ((np.float32, np.float32), (np.float64, np.float64), (np.int64, np.float64)):
        model = fitted(MLPClassifier((8,), max_iter=2), X.astype(dtype), Y)
        assert model.coefs_[0].dtype == model.predict_proba(X.astype(dtype)).dtype == model.transform(X.astype(dtype)).dtype == kept


def test_one_warning_says_cause_and_number():
    with pytest.warns(ConvergenceWarning) as told:
        MLPClassifier(max_iter=20, random_state=0).fit(X, Y)
    assert len(told) == 1
    assert str(told[0].message).startswith("MLPClassifier took all of max_iter=20 epochs: loss still falls ")
    assert str(told[0].message).endswith(" more epochs, or learning_rate_init 0.001 -> 0.003.")
    assert told[0].filename == __file__


def test_one_warning_says_that_a_run_diverged():
    with pytest.warns(ConvergenceWarning, match="diverged at step .* try 1e") as told:
        MLPClassifier(solver="sgd", learning_rate_init=1e30, random_state=0).fit(X, Y)
    assert len(told) == 1


def test_a_fit_that_settles_says_nothing():
    assert SoftmaxClassifier(tol=1e-2, max_iter=500).fit(X, Y).stopped_  # warnings are errors here


def test_callbacks_see_every_epoch():
    class Log:
        epochs: list[int] = []  # noqa: RUF012

        def epoch_end(self, state):
            self.epochs.append(state.epoch)

    fitted(MLPClassifier(max_iter=3, callbacks=[Log()]), X, Y)
    assert Log.epochs == [1, 2, 3]


def test_schedules_and_rules_are_those_of_layerwise():
    model = fitted(MLPClassifier(max_iter=8, solver="nesterov", solver_options={"momentum": 0.8}, schedule="cosine"), X, Y)
    rates = model.history_["learning_rate"]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 1e-3 / 4


def test_ctrl_c_keeps_what_was_trained():
    class Interrupt:
        def step_end(self, state):
            if state.step == 3:
                import signal

                signal.raise_signal(signal.SIGINT)

    model = MLPClassifier(max_iter=50, callbacks=[Interrupt()], random_state=0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y)
    assert model.n_iter_ == 4  # the step that was under way is finished
    assert model.predict(X).shape == (150,)


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"alpha": -1}, "alpha=-1 must be a finite strength, 0 or above"),
        ({"max_iter": 0}, "max_iter is 0, but must be a whole number from 1 up"),
        ({"n_iter_no_change": 0.5}, "n_iter_no_change is 0.5, but must be a whole number from 1 up"),
        ({"batch_size": "all"}, "batch_size is 'all', but must be a whole number from 1 up, or \"auto\""),
        ({"validation_fraction": 1.5}, "validation_fraction is 1.5, but must be a share between 0 and 1"),
        ({"solver": "lbfgs"}, 'solver="lbfgs" is not an update rule of layerwise: use "adam"'),
        ({"solver": "admam"}, 'unknown update rule "admam". Did you mean "adam"?'),
        ({"solver_options": {"momentum": 1}}, 'the update rule adam has no option "momentum"'),
        ({"loss": "softmx"}, "loss is 'softmx', but must be a name, or a pair of functions (forward, backward). Did you mean \"softmax\"?"),
        ({"dropout": 1.0}, "dropout=1.0 must be the share dropped, at least 0 (off) and below 1"),
        ({"activation": "rleu"}, 'unknown activation "rleu". Did you mean "relu"?'),
        ({"activation": ["relu", "tanh"]}, "activation is a list of 2, but there are 1 hidden layers"),
        ({"hidden_layer_sizes": (0,)}, "Dense: units is 0, but must be a whole number from 1 up"),
        ({"normalization": "batch"}, 'unknown normalization "batch". Did you mean "batchnorm"?'),
    ],
)
def test_a_mistaken_parameter_is_refused_by_name(parameters, told):
    with pytest.raises((ValueError, TypeError)) as error:
        MLPClassifier(**parameters).fit(X, Y)
    assert told in str(error.value)


def test_mistaken_data_are_refused_in_scikit_learns_words():
    broken = X.copy()
    broken[3, 1] = np.nan
    with pytest.raises(ValueError, match="Input X contains NaN"):
        MLPClassifier().fit(broken, Y)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        fitted(MLPClassifier(max_iter=1), X, Y).predict(broken)
    with pytest.raises(ValueError, match="y_val is missing: validation needs both X_val and y_val"):
        MLPClassifier().fit(X, Y, X_val=X)
    with pytest.raises(ValueError, match=r"y holds the class 5, which is none of the classes \[0, 1, 2\]"):
        MLPClassifier().fit(X, Y, X_val=X, y_val=Y + 5)
    with pytest.raises(ValueError, match=r"sample_weight is 0 for every example|at least one non-zero|all zero"):
        MLPClassifier().fit(X, Y, sample_weight=np.zeros(150))
    with pytest.raises(ValueError, match="classes must be passed on the first call to partial_fit"):
        MLPClassifier().partial_fit(X, Y)
    with pytest.raises(ValueError, match="partial_fit cannot follow the schedule 'cosine'"):
        MLPClassifier(schedule="cosine").partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match='class_weight="balanced" needs all examples at once'):
        MLPClassifier(class_weight="balanced").partial_fit(X, Y, classes=[0, 1, 2])
