"""Penalties as loops over the weights of one model: (penalty, what it adds to each weight's gradient)."""

from math import fsum


def l2(w, reg):
    return fsum(reg * weight * weight / 2 for weight in w.flat), [reg * weight for weight in w.flat]


def l1(w, reg):
    signs = [(weight > 0) - (weight < 0) for weight in w.flat]
    return fsum(reg * abs(weight) for weight in w.flat), [reg * int(sign) for sign in signs]
