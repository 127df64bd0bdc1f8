"""The table of layers, by the kind that a saved model names."""

from layerwise.layers.activation import Activation
from layerwise.layers.dense import Dense
from layerwise.layers.dropout import Dropout
from layerwise.layers.flatten import Flatten
from layerwise.layers.layer import Layer

LAYERS: dict[str, type[Layer]] = {layer.kind: layer for layer in (Dense, Activation, Dropout, Flatten)}
