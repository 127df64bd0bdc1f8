"""Penalties as loops over the weights of one model: (penalty, what it adds to each weight's gradient)."""

from math import fsum


def l2(w, reg):
    weights = w.ravel().tolist()
    return fsum(reg * weight * weight / 2 for weight in weights), [reg * weight for weight in weights]


def l1(w, reg):
    weights = w.ravel().tolist()
    return fsum(reg * abs(weight) for weight in weights), [reg * ((weight > 0) - (weight < 0)) for weight in weights]
