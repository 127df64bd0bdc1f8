"""The labs by name."""

from layerwise.labs.cifar10_features import CIFAR10_FEATURES
from layerwise.labs.lab import Worksheet
from layerwise.labs.mnist_networks import MNIST_NETWORKS
from layerwise.labs.svhn_softmax import SVHN_SOFTMAX

LABS: dict[str, Worksheet] = {
    "mnist-networks": MNIST_NETWORKS,
    "cifar10-features": CIFAR10_FEATURES,
    "svhn-softmax": SVHN_SOFTMAX,
}
