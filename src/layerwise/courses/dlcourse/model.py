"""The nets of the second and third assignment, built from the course's layers."""

from typing import Any

from layers import (
    ConvolutionalLayer,
    Flattener,
    FullyConnectedLayer,
    MaxPoolingLayer,
    Param,
    ReLULayer,
    softmax_with_cross_entropy,
)
from layerwise.conventions import reg_from_plain_l2
from layerwise.layers.param import with_l2_penalties
from layerwise.metrics import class_of


class _Chain:
    """Layers in a row under the softmax loss, with reg · Σw² over all parameters, biases too."""

    reg = 0.0
    layers: list[Any]

    def compute_loss_and_gradients(self, X: Any, y: Any) -> Any:
        """The loss of a batch; every parameter's grad is that of this batch alone."""
        self._forget()
        loss, grad = softmax_with_cross_entropy(self._scores(X), y)
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return with_l2_penalties(loss, self.params().values(), reg_from_plain_l2(self.reg))

    def _forget(self) -> None:
        for param in self.params().values():
            param.zero_grad()

    def _scores(self, X: Any) -> Any:
        for layer in self.layers:
            X = layer.forward(X)
        return X

    def predict(self, X: Any) -> Any:
        """The class of each example."""
        return class_of(self._scores(X))

    def params(self) -> dict[str, Param]:
        """All parameters: W1, B1, W2, B2, ..., counted from the input up."""
        found = {}
        for k, layer in enumerate(filter(lambda layer: layer.params(), self.layers), 1):
            found.update({f"{name}{k}": param for name, param in layer.params().items()})
        return found


class TwoLayerNet(_Chain):
    """Fully connected, ReLU, fully connected."""

    def __init__(self, n_input: int, n_output: int, hidden_layer_size: int, reg: float) -> None:
        self.reg = reg
        self.layers = [FullyConnectedLayer(n_input, hidden_layer_size), ReLULayer(), FullyConnectedLayer(hidden_layer_size, n_output)]


class ConvNet(_Chain):
    """Twice a convolution of 3 × 3, ReLU, and pooling of 4 × 4; then fully connected."""

    def __init__(self, input_shape: Any, n_output_classes: int, conv1_channels: int, conv2_channels: int) -> None:
        height, width, channels = input_shape
        first = [ConvolutionalLayer(channels, conv1_channels, 3, 1), ReLULayer(), MaxPoolingLayer(4, 4)]
        second = [ConvolutionalLayer(conv1_channels, conv2_channels, 3, 1), ReLULayer(), MaxPoolingLayer(4, 4), Flattener()]
        self.layers = [*first, *second]
        self.layers = [*first, *second, FullyConnectedLayer(_width_after(self.layers, height, width, channels), n_output_classes)]


def _width_after(layers: list[Any], height: int, width: int, channels: int) -> int:
    """How many features an image has after these layers."""
    from layerwise.initializers import zeros

    X = zeros((1, height, width, channels))
    for layer in layers:
        X = layer.forward(X)
    return len(X[0])
