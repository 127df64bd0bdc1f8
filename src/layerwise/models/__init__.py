"""Models: layers in a row and a loss; and predictors that are set rather than trained."""

from layerwise.models.autoencoder import Autoencoder
from layerwise.models.convolution import ConvNet, ThreeLayerConvNet
from layerwise.models.file import load, save
from layerwise.models.fully_connected import FullyConnectedNet, TwoLayerNet
from layerwise.models.inputs import Inputs
from layerwise.models.linear import SoftmaxModel, SVMModel
from layerwise.models.nearest import NearestNeighbors
from layerwise.models.network import Network
from layerwise.models.provenance import Provenance
from layerwise.models.sequential import Sequential
from layerwise.models.table import MODELS
from layerwise.models.threshold import AND, NOT, OR, ThresholdNet, ThresholdUnit, linearly_separable

__all__ = [
    "AND",
    "MODELS",
    "NOT",
    "OR",
    "Autoencoder",
    "ConvNet",
    "FullyConnectedNet",
    "Inputs",
    "NearestNeighbors",
    "Network",
    "Provenance",
    "SVMModel",
    "Sequential",
    "SoftmaxModel",
    "ThreeLayerConvNet",
    "ThresholdNet",
    "ThresholdUnit",
    "TwoLayerNet",
    "linearly_separable",
    "load",
    "save",
]
