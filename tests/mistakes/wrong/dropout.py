"""What goes wrong in inverted dropout: keep for drop, the scale, and noise that nobody can repeat."""

import numpy as np
from tests.mistakes import plain
from tests.mistakes.bank import Wrong

wrong = Wrong()
SCALE = {"scale", "1/keep_prob", "1/p", "inverted dropout"}
CALLS = {"call to call", "not a function", "noise", "seed", "random", "differ"}


@wrong.backward("dropout", "scale forgotten in the backward", SCALE)
def dropout_backward_without_scale(dout, cache):
    _, mask = cache
    return dout * (mask > 0)


@wrong.backward("dropout", "mask not applied", {"mask"})
def dropout_backward_without_mask(dout, cache):
    dropout_param, _ = cache
    return dout / dropout_param["p"]


@wrong.backward("dropout", "mask and scale not applied", {"mask"})
def dropout_hands_dout_through(dout, cache):
    return dout


@wrong.backward("dropout", "mask applied twice", {"twice", "squared", "again", "keep_prob once too often"})
def dropout_masks_twice(dout, cache):
    _, mask = cache
    return dout * mask * mask


@wrong.backward("dropout", "multiplied where it should divide", {"multipl", "keep_prob**2"})
def dropout_multiplies_by_p(dout, cache):
    dropout_param, mask = cache
    return dout * (mask > 0) * dropout_param["p"]


@wrong.backward("dropout", "mask on the wrong side", {"side", "revers", "dropped", "opposite", "complement", "1 - mask"})
def dropout_passes_what_was_dropped(dout, cache):
    dropout_param, mask = cache
    return dout * (mask == 0) / dropout_param["p"]


@wrong.backward("dropout", "keep taken for drop", {"1 - p", "1 - keep_prob", "share dropped", "keep for drop", "drop for keep"})
def dropout_divides_by_one_minus_p(dout, cache):
    dropout_param, mask = cache
    return dout * (mask > 0) / (1 - dropout_param["p"])


@wrong.backward("dropout", "new noise in the backward", CALLS | {"mask"})
def dropout_draws_a_new_mask(dout, cache):
    dropout_param, _ = cache
    return dout * (np.random.rand(*dout.shape) < dropout_param["p"]) / dropout_param["p"]


@wrong.forward("dropout", "scale forgotten in the forward", SCALE | {"invert", "expected value"}, backward=plain.dropout_backward)
def dropout_not_inverted(x, dropout_param):
    np.random.seed(dropout_param["seed"])
    mask = (np.random.rand(*x.shape) < dropout_param["p"]) * 1.0
    return x * mask, (dropout_param, mask)


@wrong.forward(
    "dropout",
    "keep taken for drop",
    {"1 - p", "1 - keep_prob", "share dropped", "keep for drop", "drop for keep"},
    backward=plain.dropout_backward,
)
def dropout_scales_by_the_dropped_share(x, dropout_param):
    np.random.seed(dropout_param["seed"])
    mask = (np.random.rand(*x.shape) < dropout_param["p"]) / (1 - dropout_param["p"])
    return x * mask, (dropout_param, mask)


@wrong.forward("dropout", "noise without a seed", CALLS, backward=plain.dropout_backward)
def dropout_without_a_seed(x, dropout_param):
    mask = (np.random.rand(*x.shape) < dropout_param["p"]) / dropout_param["p"]
    return x * mask, (dropout_param, mask)


@wrong.forward(
    "dropout", "writes its input", {"writes", "write", "overwr", "modif", "in place", "changes its input"}, backward=plain.dropout_backward
)
def dropout_multiplies_in_place(x, dropout_param):
    np.random.seed(dropout_param["seed"])
    mask = (np.random.rand(*x.shape) < dropout_param["p"]) / dropout_param["p"]
    x *= mask
    return x, (dropout_param, mask)


@wrong.backward("dropout", "two: wrong side, no scale", {"side", "revers", "dropped", "opposite", "complement"}, SCALE)
def dropout_passes_what_was_dropped_unscaled(dout, cache):
    _, mask = cache
    return dout * (mask == 0)
