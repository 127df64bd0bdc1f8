"""Models: layers in a row and a loss."""

from layerwise.models.file import load, save
from layerwise.models.fully_connected import FullyConnectedNet, TwoLayerNet
from layerwise.models.linear import SoftmaxModel, SVMModel
from layerwise.models.network import Network
from layerwise.models.sequential import Sequential
from layerwise.models.table import MODELS

__all__ = ["MODELS", "FullyConnectedNet", "Network", "SVMModel", "Sequential", "SoftmaxModel", "TwoLayerNet", "load", "save"]
