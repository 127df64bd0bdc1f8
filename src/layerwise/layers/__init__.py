"""Layers: ops that own parameters."""

from layerwise.layers.activation import ACTIVATIONS, Activation
from layerwise.layers.dense import Dense
from layerwise.layers.dropout import Dropout
from layerwise.layers.flatten import Flatten
from layerwise.layers.layer import Layer
from layerwise.layers.table import LAYERS

__all__ = ["ACTIVATIONS", "LAYERS", "Activation", "Dense", "Dropout", "Flatten", "Layer"]
