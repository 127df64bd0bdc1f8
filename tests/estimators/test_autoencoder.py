"""Codes and back; labels are not looked at."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from layerwise.estimators import AutoencoderTransformer, SoftmaxClassifier

X, Y = load_iris(return_X_y=True)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def coder(**options):
    return AutoencoderTransformer(**{"hidden_layer_sizes": (2,), "learning_rate_init": 0.02, "max_iter": 400, "random_state": 0, **options})


def test_a_linear_code_is_as_good_as_principal_components():
    rows = X - X.mean(0)
    model = coder(activation="leaky_relu", max_iter=3000, tol=0, n_iter_no_change=3000, alpha=0).fit(rows)
    lost = np.square(model.inverse_transform(model.transform(rows)) - rows).sum()
    values = np.linalg.svd(rows, compute_uv=False)
    assert lost < 1.5 * np.square(values[2:]).sum()


def test_it_stands_before_a_classifier():
    pipe = make_pipeline(StandardScaler(), coder(activation="tanh"), SoftmaxClassifier(max_iter=500, random_state=0)).fit(X, Y)
    assert pipe.score(X, Y) > 0.85
    assert list(pipe[1].get_feature_names_out()) == ["autoencodertransformer0", "autoencodertransformer1"]


def test_labels_change_nothing_and_early_stopping_goes_by_what_is_lost():
    np.testing.assert_array_equal(coder().fit(X).transform(X), coder().fit(X, Y).transform(X))
    model = coder(early_stopping=True, n_iter_no_change=3).fit(X)
    assert model.history_["val_score"] == [-loss for loss in model.history_["val_loss"]]
    watched = coder(max_iter=4).fit(X[::2], X_val=X[1::2])
    assert len(watched.history_["val_loss"]) == 4


def test_values_that_a_sigmoid_cannot_give_are_refused():
    with pytest.raises(ValueError, match=r"a sigmoid gives values in 0 .. 1, but X has some from"):
        coder(output="sigmoid").fit(X)
    with pytest.raises(ValueError, match="loss is 'huber', but must be 'squared' or 'binary_cross_entropy'"):
        coder(loss="huber").fit(X)
