"""The table of layers, by the kind that a saved model names."""

from layerwise.layers.activation import Activation
from layerwise.layers.convolution import Conv2D
from layerwise.layers.dense import Dense
from layerwise.layers.dropout import Dropout
from layerwise.layers.flatten import Flatten
from layerwise.layers.layer import Layer
from layerwise.layers.norm import BatchNorm, GroupNorm, LayerNorm
from layerwise.layers.pooling import AveragePool2D, GlobalAveragePool2D, MaxPool2D

LAYERS: dict[str, type[Layer]] = {
    layer.kind: layer
    for layer in (
        Dense,
        Conv2D,
        Activation,
        Dropout,
        Flatten,
        MaxPool2D,
        AveragePool2D,
        GlobalAveragePool2D,
        BatchNorm,
        LayerNorm,
        GroupNorm,
    )
}
