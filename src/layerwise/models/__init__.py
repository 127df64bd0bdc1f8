"""Models: layers in a row and a loss."""

from layerwise.models.fully_connected import FullyConnectedNet, TwoLayerNet
from layerwise.models.linear import SoftmaxModel, SVMModel
from layerwise.models.network import Network
from layerwise.models.sequential import Sequential

__all__ = ["FullyConnectedNet", "Network", "SVMModel", "Sequential", "SoftmaxModel", "TwoLayerNet"]
