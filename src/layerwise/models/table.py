"""The table of models, by the name that a file gives."""

from layerwise.models.autoencoder import Autoencoder
from layerwise.models.convolution import ConvNet, ThreeLayerConvNet
from layerwise.models.fully_connected import FullyConnectedNet, TwoLayerNet
from layerwise.models.linear import SoftmaxModel, SVMModel
from layerwise.models.network import Network
from layerwise.models.sequential import Sequential

MODELS: dict[str, type[Network]] = {
    "SoftmaxModel": SoftmaxModel,
    "SVMModel": SVMModel,
    "TwoLayerNet": TwoLayerNet,
    "FullyConnectedNet": FullyConnectedNet,
    "ThreeLayerConvNet": ThreeLayerConvNet,
    "ConvNet": ConvNet,
    "Autoencoder": Autoencoder,
    "Sequential": Sequential,
}
