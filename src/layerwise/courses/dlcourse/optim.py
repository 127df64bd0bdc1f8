"""Update rules, an object for each parameter."""

from typing import Any

import numpy as np

from layerwise import optim as _optim


class SGD:
    """Plain descent."""

    def update(self, w: Any, d_w: Any, learning_rate: float) -> Any:
        """The weights after a step; w stays as it is."""
        moved = np.copy(w)
        _optim.sgd(moved, d_w, {}, lr=learning_rate)
        return moved


class MomentumSGD:
    """Descent with momentum; its velocity belongs to one parameter."""

    def __init__(self, momentum: float = 0.9) -> None:
        self.momentum, self.state = momentum, dict[str, Any]()

    def update(self, w: Any, d_w: Any, learning_rate: float) -> Any:
        """The weights after a step; w stays as it is."""
        moved = np.copy(w)
        _optim.sgd_momentum(moved, d_w, self.state, lr=learning_rate, momentum=self.momentum)
        return moved
