"""The labs by name."""

from layerwise.labs.lab import Worksheet
from layerwise.labs.mnist_networks import MNIST_NETWORKS

LABS: dict[str, Worksheet] = {"mnist-networks": MNIST_NETWORKS}
