"""The courses' names for parameters."""

from __future__ import annotations

from collections import Counter

from layerwise.layers.layer import Layer
from layerwise.models.network import Network


class CourseNet(Network):
    """A network whose arrays are called W1, b1, gamma1, beta1, running_mean1, W2, ..., counted from the input up.

    Dense and convolutional layers are counted together, and normalising layers by themselves.
    """

    def _prefixes(self) -> dict[Layer, str]:
        prefixes = super()._prefixes()
        counts: Counter[tuple[str, ...]] = Counter()
        self._numbers: dict[Layer, int] = {}
        for layer in prefixes:
            alike = tuple(layer.params)
            counts[alike] += 1
            self._numbers[layer] = counts[alike]
        return prefixes

    def key(self, layer: Layer, name: str) -> str:
        return f"{'W' if name == 'w' else name}{self._numbers[layer]}"
