"""What goes wrong in the fully connected layer."""

import numpy as np
from tests.mistakes import arguments, plain
from tests.mistakes.bank import Wrong

wrong = Wrong()
DB_AXIS = {"db & axis", "db & dout transposed", "db & rows|columns|examples|features"}
TRANSPOSED = {"transpos", ".t", "w.t"}


@wrong.backward("affine", "sum over the wrong axis", DB_AXIS, args=arguments.square_affine)
def affine_db_sums_each_example(dout, cache):
    x, w, _ = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=1)


@wrong.backward("affine", "mean where a sum belongs", {"mean", "average", "1/n", "divided by n"})
def affine_db_is_a_mean(dout, cache):
    x, w, _ = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.mean(axis=0)


@wrong.backward("affine", "not summed over the broadcast axis", {"sum", "broadcast", "db & shape"})
def affine_db_is_not_summed(dout, cache):
    x, w, _ = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout


@wrong.backward("affine", "transposed", TRANSPOSED, args=arguments.square_affine)
def affine_dw_is_transposed(dout, cache):
    x, w, _ = cache
    return dout @ w.T, dout.T @ x, dout.sum(axis=0)


@wrong.backward("affine", "weights not transposed", TRANSPOSED, args=arguments.square_affine)
def affine_dx_through_w_itself(dout, cache):
    x, w, _ = cache
    return dout @ w, x.T @ dout, dout.sum(axis=0)


@wrong.backward("affine", "1/N where none belongs", {"1/n", "divided by n", "average|mean"})
def affine_dw_is_averaged(dout, cache):
    x, w, _ = cache
    n = x.shape[0]
    return dout.dot(w.T).reshape(x.shape), x.reshape(n, -1).T.dot(dout) / n, np.sum(dout, axis=0)


@wrong.backward("affine", "gradient left at zero", {"zero", "db & missing|lacks|never|left out", "not connected"})
def affine_db_is_left_at_zero(dout, cache):
    x, w, b = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, np.zeros_like(b)


@wrong.backward(
    "affine", "returned in the wrong order", {"swap", "order", "exchang", "interchang", "value of dw"}, args=arguments.square_affine
)
def affine_returns_dw_first(dout, cache):
    x, w, _ = cache
    dx, dw, db = dout @ w.T, x.T @ dout, dout.sum(axis=0)
    return dw, dx, db


@wrong.backward("affine", "reshape instead of transpose", {"reshape", "transpos", ".t"})
def affine_reshapes_where_it_should_transpose(dout, cache):
    x, w, _ = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(-1, len(x)) @ dout, dout.sum(axis=0)


@wrong.backward(
    "affine", "assigned where it should add up", {"accumulat", "added up", "last example|row", "overwrit", "+=", "only one|the last"}
)
def affine_loop_overwrites_dw(dout, cache):
    x, w, b = cache
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros_like(b)
    for i in range(len(x)):
        dx[i] = w.dot(dout[i]).reshape(x[i].shape)
        dw = np.outer(x[i].ravel(), dout[i])
        db += dout[i]
    return dx, dw, db


@wrong.forward("affine", "bias left out", {"bias", "b & missing|lacks|added|left out"}, backward=plain.affine_backward)
def affine_forward_without_b(x, w, b):
    return x.reshape(len(x), -1) @ w, (x, w, b)


@wrong.backward("affine", "dx negated", {"sign", "minus", "-1", "negat"})
def affine_dx_has_the_wrong_sign(dout, cache):
    x, w, _ = cache
    return (-dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


@wrong.backward("affine", "two: transposed, wrong axis", TRANSPOSED, DB_AXIS, args=arguments.square_affine)
def affine_dw_transposed_and_db_along_the_wrong_axis(dout, cache):
    x, w, _ = cache
    return dout @ w.T, dout.T @ x, dout.sum(axis=1)


@wrong.backward("affine", "two: sign and 1/N", {"dx & sign|minus|-1|negat"}, {"dw & 1/n|mean|average|divided by n"})
def affine_dx_negative_and_dw_averaged(dout, cache):
    x, w, _ = cache
    return (-dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout / len(x), dout.sum(axis=0)


@wrong.backward("affine", "a similar function in its place")
def affine_dw_from_squashed_x(dout, cache):
    x, w, _ = cache
    return (dout @ w.T).reshape(x.shape), np.tanh(x.reshape(len(x), -1)).T @ dout, dout.sum(axis=0)


_cached = {}


def forward_into_a_module_variable(x, w, b):
    _cached["x"] = x.copy()
    return x.reshape(len(x), -1) @ w + b, (x, w, b)


@wrong.backward(
    "affine",
    "stale cache",
    {"state", "stale", "earlier|later|previous & call", "call to call", "another forward"},
    forward=forward_into_a_module_variable,
)
def affine_reads_the_last_forwards_x(dout, cache):
    x, w, _ = cache
    return (dout @ w.T).reshape(x.shape), _cached["x"].reshape(len(x), -1).T @ dout, dout.sum(axis=0)
