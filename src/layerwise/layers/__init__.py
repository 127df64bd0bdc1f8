"""Layers: ops that own parameters."""

from layerwise.layers.activation import ACTIVATIONS, Activation
from layerwise.layers.convolution import Conv2D
from layerwise.layers.dense import Dense
from layerwise.layers.dropout import Dropout
from layerwise.layers.flatten import Flatten
from layerwise.layers.layer import Layer
from layerwise.layers.norm import BatchNorm, GroupNorm, LayerNorm
from layerwise.layers.pooling import AveragePool2D, GlobalAveragePool2D, MaxPool2D
from layerwise.layers.table import LAYERS

__all__ = [
    "ACTIVATIONS",
    "LAYERS",
    "Activation",
    "AveragePool2D",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAveragePool2D",
    "GroupNorm",
    "Layer",
    "LayerNorm",
    "MaxPool2D",
]
