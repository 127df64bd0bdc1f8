"""scikit-learn's own contract for estimators, without one exception."""

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from layerwise.estimators import (
    AutoencoderTransformer,
    ConvNetClassifier,
    HOGTransformer,
    LinearSVMClassifier,
    MLPClassifier,
    MLPRegressor,
    SoftmaxClassifier,
    SweepSearchCV,
)

pytestmark = pytest.mark.filterwarnings("ignore")  # the checks warn of what they do themselves

ESTIMATORS = [
    MLPClassifier(max_iter=100),
    MLPClassifier((20, 10), activation=["tanh", "gelu"], normalization="layernorm", loss="hinge", solver="nesterov", max_iter=60),
    MLPRegressor(max_iter=100),
    MLPRegressor(loss="huber", max_iter=100),
    LinearSVMClassifier(),
    AutoencoderTransformer(2, max_iter=20),
    ConvNetClassifier(["conv 8 3x3", "relu"], image_shape=(1, 1, -1), learning_rate_init=0.01, max_iter=60),  # a row is a line of pixels
    HOGTransformer(2, 1, 1, image_shape=(1, 1, -1)),
    SweepSearchCV(SoftmaxClassifier(max_iter=60), {"alpha": [1e-4, 1e-2]}, cv=2),
    SweepSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
]


@parametrize_with_checks([SoftmaxClassifier()])
def test_the_smallest_keeps_the_contract(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(ESTIMATORS)
def test_an_estimator_keeps_the_contract(estimator, check):
    check(estimator)
