"""Layers, and the tensors that they are called on."""

from .core import Activation, Dense, Dropout, Flatten, Input, InputLayer, Layer, Tensor

__all__ = ["Activation", "Dense", "Dropout", "Flatten", "Input", "InputLayer", "Layer", "Tensor"]
