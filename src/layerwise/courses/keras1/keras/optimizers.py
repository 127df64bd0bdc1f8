"""Update rules with the names and defaults of Keras 1."""

from typing import Any


class Optimizer:
    """rule is the name of one in layerwise.optim, options are its own."""

    rule = "sgd"

    def __init__(self, decay: float = 0.0, **options: Any) -> None:
        if decay:
            raise ValueError(f"{type(self).__name__}: decay={decay} is not offered; leave it out, or train in parts with a lower lr")
        self.options = options


class SGD(Optimizer):
    """Plain descent, or with momentum, also Nesterov's."""

    def __init__(self, lr: float = 0.01, momentum: float = 0.0, decay: float = 0.0, nesterov: bool = False) -> None:
        super().__init__(decay, lr=lr, **({"momentum": momentum} if momentum or nesterov else {}))
        self.rule = "nesterov" if nesterov else "sgd_momentum" if momentum else "sgd"


class RMSprop(Optimizer):
    """rho is the share that the running mean keeps."""

    rule = "rmsprop"

    def __init__(self, lr: float = 0.001, rho: float = 0.9, epsilon: float = 1e-8, decay: float = 0.0) -> None:
        super().__init__(decay, lr=lr, decay_rate=rho, eps=epsilon)


class Adagrad(Optimizer):
    """Divides by the root of the sum of all squares."""

    rule = "adagrad"

    def __init__(self, lr: float = 0.01, epsilon: float = 1e-8, decay: float = 0.0) -> None:
        super().__init__(decay, lr=lr, eps=epsilon)


class Adadelta(Optimizer):
    """lr is 1, as its paper has it."""

    rule = "adadelta"

    def __init__(self, lr: float = 1.0, rho: float = 0.95, epsilon: float = 1e-8, decay: float = 0.0) -> None:
        super().__init__(decay, lr=lr, rho=rho, eps=epsilon)


class Adam(Optimizer):
    """Running means of the gradient and of its square."""

    rule = "adam"

    def __init__(self, lr: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8, decay: float = 0.0) -> None:
        super().__init__(decay, lr=lr, beta1=beta_1, beta2=beta_2, eps=epsilon)


class Nadam(Optimizer):
    """Adam with Nesterov's look ahead."""

    rule = "nadam"

    def __init__(
        self, lr: float = 0.002, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8, schedule_decay: float = 0.004
    ) -> None:
        super().__init__(lr=lr, beta1=beta_1, beta2=beta_2, eps=epsilon, schedule_decay=schedule_decay)


NAMES: dict[str, Any] = {
    "sgd": SGD,
    "rmsprop": RMSprop,
    "adagrad": Adagrad,
    "adadelta": Adadelta,
    "adam": Adam,
    "nadam": Nadam,
}


def get(identifier: Any) -> Optimizer:
    """An optimizer from its name, with its defaults, or as it is."""
    from layerwise.errors import look_up

    return look_up(NAMES, identifier.lower(), "optimizer")() if isinstance(identifier, str) else identifier
