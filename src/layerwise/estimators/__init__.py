"""Networks as scikit-learn estimators: in a Pipeline, a grid search, or on their own."""

from layerwise.estimators.autoencoder import AutoencoderTransformer
from layerwise.estimators.convolution import ConvNetClassifier
from layerwise.estimators.hog import HOGTransformer
from layerwise.estimators.linear import LinearSVMClassifier, SoftmaxClassifier
from layerwise.estimators.mlp import MLPClassifier, MLPRegressor
from layerwise.estimators.search import SweepSearchCV

__all__ = [
    "AutoencoderTransformer",
    "ConvNetClassifier",
    "HOGTransformer",
    "LinearSVMClassifier",
    "MLPClassifier",
    "MLPRegressor",
    "SoftmaxClassifier",
    "SweepSearchCV",
]
