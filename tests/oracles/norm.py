"""Normalisation one group of numbers at a time, in plain Python."""

from math import sqrt


def standardised(values, eps=1e-5):
    """(values - mean) / sqrt(var + eps), with the mean and the biased variance of the values."""
    mean = sum(values) / len(values)
    var = sum((value - mean) ** 2 for value in values) / len(values)
    return [(value - mean) / sqrt(var + eps) for value in values]
