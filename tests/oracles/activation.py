"""The activations on one Python number, from their definitions: name -> (value, slope)."""

from math import erf, exp, log, pi, sqrt, tanh


def sigmoid(x):
    return 1 / (1 + exp(-x))


def normal_distribution(x):
    return (1 + erf(x / sqrt(2))) / 2


ORACLES = {
    "relu": (lambda x: x if x > 0 else 0.0, lambda x: 1.0 if x > 0 else 0.0),
    "leaky_relu": (lambda x: x if x > 0 else 0.01 * x, lambda x: 1.0 if x > 0 else 0.01),
    "elu": (lambda x: x if x > 0 else exp(x) - 1, lambda x: 1.0 if x > 0 else exp(x)),
    "gelu": (lambda x: x * normal_distribution(x), lambda x: normal_distribution(x) + x * exp(-x * x / 2) / sqrt(2 * pi)),
    "sigmoid": (sigmoid, lambda x: exp(x) / (1 + exp(x)) ** 2),
    "tanh": (tanh, lambda x: 4 / (exp(x) + exp(-x)) ** 2),
    "softplus": (lambda x: log(1 + exp(x)), sigmoid),
}
