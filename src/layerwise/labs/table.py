"""The labs by name."""

from layerwise.labs.cifar10_features import CIFAR10_FEATURES
from layerwise.labs.cifar10_fully_connected import CIFAR10_FULLY_CONNECTED
from layerwise.labs.cifar10_softmax import CIFAR10_SOFTMAX
from layerwise.labs.lab import Worksheet
from layerwise.labs.mnist_networks import MNIST_NETWORKS
from layerwise.labs.svhn_softmax import SVHN_SOFTMAX

LABS: dict[str, Worksheet] = {
    "svhn-softmax": SVHN_SOFTMAX,
    "mnist-networks": MNIST_NETWORKS,
    "cifar10-softmax": CIFAR10_SOFTMAX,
    "cifar10-fully-connected": CIFAR10_FULLY_CONNECTED,
    "cifar10-features": CIFAR10_FEATURES,
}
