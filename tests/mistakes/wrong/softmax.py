"""What goes wrong in softmax, its logarithm, and the cross-entropy of scores."""

import numpy as np
from tests.mistakes import arguments, plain
from tests.mistakes.bank import Wrong
from tests.mistakes.plain import probabilities, softmax_value

wrong = Wrong()
DIAGONAL = {"diagonal", "off-diagonal", "other classes", "jacobian"}
OVERFLOW = {"overflow", "large", "max", "shift", "nan", "inf", "not finite"}
AXIS = {"axis", "over the batch|over examples|over the examples"}
SIGN = {"sign", "-1", "plus", "negat", "-n times"}
MISSING_N = {"1/n", "divided by n", "mean", "average", "n times"}
TWICE_N = {"1/n", "twice", "doubled", "n once too often"}
ONE_HOT = {"lacks|missing|left out|not subtracted & one-hot|one hot|correct class|label"}
LAST = {"last"}


@wrong.backward("softmax", "only the diagonal of the Jacobian", DIAGONAL)
def softmax_like_a_sigmoid(dout, cache):
    _, out = cache
    return dout * out * (1 - out)


@wrong.backward("softmax", "factor out forgotten", {"factor|missing|lacks & out|probabilit"})
def softmax_without_the_outer_product(dout, cache):
    _, out = cache
    return dout - (dout * out).sum(axis=1, keepdims=True)


@wrong.backward("softmax", "sum over examples instead of classes", AXIS)
def softmax_sums_over_examples(dout, cache):
    _, out = cache
    return out * (dout - (dout * out).sum(axis=0, keepdims=True))


@wrong.backward("softmax", "wrong sign of one term", SIGN)
def softmax_adds_the_sum(dout, cache):
    _, out = cache
    return out * (dout + (dout * out).sum(axis=1, keepdims=True))


@wrong.backward("softmax", "mean where a sum belongs", {"mean", "average", "1/k"})
def softmax_subtracts_a_mean(dout, cache):
    _, out = cache
    return out * (dout - (dout * out).mean(axis=1, keepdims=True))


@wrong.forward("softmax", "normalised over the wrong axis", AXIS, backward=plain.softmax_backward)
def softmax_over_examples(x):
    e = np.exp(x - x.max(axis=0))
    out = e / e.sum(axis=0)
    return out, (x, out)


@wrong.forward("softmax", "not shifted by the maximum", OVERFLOW, backward=plain.softmax_backward, args=arguments.large_rows)
def softmax_without_shift(x):
    e = np.exp(x)
    out = e / e.sum(axis=1, keepdims=True)
    return out, (x, out)


@wrong.forward(
    "softmax",
    "shifted by the maximum of all rows",
    OVERFLOW | {"underflow", "row", "0/0"},
    backward=plain.softmax_backward,
    args=arguments.large_rows,
)
def softmax_shifted_by_the_largest_of_all(x):
    e = np.exp(x - x.max())
    out = e / e.sum(axis=1, keepdims=True)
    return out, (x, out)


@wrong.backward("softmax", "two: wrong axis, factor forgotten", AXIS, {"factor|missing|lacks & out|probabilit"})
def softmax_sums_over_examples_without_the_factor(dout, cache):
    _, out = cache
    return dout - (dout * out).sum(axis=0, keepdims=True)


@wrong.backward("log_softmax", "logarithm used for its argument", {"logarithm", "np.exp & missing|forgot"})
def log_softmax_times_its_own_value(dout, cache):
    _, out = cache
    return dout - out * dout.sum(axis=1, keepdims=True)


@wrong.backward("log_softmax", "only the diagonal of the Jacobian", DIAGONAL | {"sum"})
def log_softmax_diagonal(dout, cache):
    _, out = cache
    return dout - np.exp(out) * dout


@wrong.backward("log_softmax", "another op's backward", {"softmax's", "of softmax", "another", "factor"})
def log_softmax_with_softmaxs_backward(dout, cache):
    p = np.exp(cache[1])
    return p * (dout - (dout * p).sum(axis=1, keepdims=True))


@wrong.backward("log_softmax", "mean where a sum belongs", {"mean", "average", "1/k"})
def log_softmax_takes_a_mean(dout, cache):
    return dout - np.exp(cache[1]) * dout.mean(axis=1, keepdims=True)


@wrong.backward("log_softmax", "sum over examples instead of classes", AXIS)
def log_softmax_sums_over_examples(dout, cache):
    return dout - np.exp(cache[1]) * dout.sum(axis=0, keepdims=True)


@wrong.backward("log_softmax", "one of two terms missing", {"dout", "direct", "first term"})
def log_softmax_without_the_direct_term(dout, cache):
    return -np.exp(cache[1]) * dout.sum(axis=1, keepdims=True)


@wrong.forward(
    "log_softmax",
    "logarithm of an underflow",
    OVERFLOW | {"underflow", "log of 0", "log 0"},
    backward=plain.log_softmax_backward,
    args=arguments.large_rows,
)
def log_softmax_as_the_logarithm_of_softmax(x):
    out = np.log(probabilities(x))
    return out, (x, out)


@wrong.backward("log_softmax", "another power of a statistic")
def log_softmax_with_squared_probabilities(dout, cache):
    p = np.exp(cache[1])
    return dout - p**1.3 * dout.sum(axis=1, keepdims=True) * (1.1 - 0.2 * p)


@wrong.function("softmax_loss", "1/N missing in the gradient", MISSING_N)
def softmax_loss_gradient_without_n(x, y):
    dx = probabilities(x)
    dx[np.arange(len(y)), y] -= 1
    return softmax_value(x, y), dx


@wrong.function("softmax_loss", "1/N missing in the loss", MISSING_N)
def softmax_loss_sums_the_losses(x, y):
    dx = probabilities(x)
    dx[np.arange(len(y)), y] -= 1
    return softmax_value(x, y) * len(y), dx / len(y)


@wrong.function("softmax_loss", "1/N twice", TWICE_N)
def softmax_loss_divides_twice(x, y):
    n = x.shape[0]
    dx = probabilities(x) / n
    dx[range(n), y] -= 1 / n
    dx /= n
    return softmax_value(x, y), dx


@wrong.function(
    "softmax_loss",
    "one-hot subtracted after the division",
    {"1/n & one-hot|one hot|correct", "before|after & divi", "one-hot & scale|divided|divide|n times"},
)
def softmax_loss_subtracts_one_after_dividing(x, y):
    dx = probabilities(x) / len(y)
    dx[np.arange(len(y)), y] -= 1
    return softmax_value(x, y), dx


@wrong.function("softmax_loss", "one-hot not subtracted", ONE_HOT)
def softmax_loss_without_the_one_hot(x, y):
    return softmax_value(x, y), probabilities(x) / len(y)


@wrong.function("softmax_loss", "wrong sign of one term", SIGN)
def softmax_loss_adds_the_one_hot(x, y):
    dx = probabilities(x)
    dx[np.arange(len(y)), y] += 1
    return softmax_value(x, y), dx / len(y)


@wrong.function("softmax_loss", "the loss climbs", SIGN)
def softmax_loss_climbs(x, y):
    dx = probabilities(x)
    dx[np.arange(len(y)), y] -= 1
    return softmax_value(x, y), -dx / len(y)


@wrong.function("softmax_loss", "divided by the wrong count", {"1/k", "classes", "n/k", "by k", "count"})
def softmax_loss_divides_by_the_classes(x, y):
    dx = probabilities(x)
    dx[np.arange(len(y)), y] -= 1
    return softmax_value(x, y), dx / x.shape[1]


@wrong.function("softmax_loss", "off by one in the last class", LAST)
def softmax_loss_last_class_without_one_hot(x, y):
    one_hot = np.zeros_like(x)
    for k in range(x.shape[1] - 1):
        one_hot[y == k, k] = 1
    return softmax_value(x, y), (probabilities(x) - one_hot) / len(y)


@wrong.function("softmax_loss", "off by one in the last row", LAST)
def softmax_loss_leaves_the_last_example_out(x, y):
    p, dx = probabilities(x), np.zeros_like(x)
    for i in range(len(y) - 1):
        dx[i] = p[i]
        dx[i, y[i]] -= 1
    return softmax_value(x, y), dx / len(y)


@wrong.function("softmax_loss", "index hits every row", {"every row", "all rows", "each row", "index", "arange", "every class"})
def softmax_loss_indexes_columns_only(x, y):
    dx = probabilities(x)
    dx[:, y] -= 1
    return softmax_value(x, y), dx / len(y)


@wrong.function(
    "softmax_loss", "denominator missing", {"normalis", "normaliz", "denominator", "divided by the sum|divided by their sum", "exp"}
)
def softmax_loss_exponentials_for_probabilities(x, y):
    dx = np.exp(x - x.max(axis=1, keepdims=True))
    dx[np.arange(len(y)), y] -= 1
    return softmax_value(x, y), dx / len(y)


@wrong.function("softmax_loss", "writes its input", {"writes", "write", "overwr", "modif", "in place", "changes its input"})
def softmax_loss_shifts_in_place(x, y):
    x -= np.max(x, axis=1, keepdims=True)
    dx = np.exp(x)
    dx /= dx.sum(axis=1, keepdims=True)
    loss = -np.log(dx[np.arange(len(y)), y]).mean()
    dx[np.arange(len(y)), y] -= 1
    return loss, dx / len(y)


@wrong.function("softmax_loss", "not shifted by the maximum", OVERFLOW, args=arguments.large_scores)
def softmax_loss_without_shift(x, y):
    e = np.exp(x)
    p = e / e.sum(axis=1, keepdims=True)
    dx = p.copy()
    dx[np.arange(len(y)), y] -= 1
    return -np.log(p[np.arange(len(y)), y]).mean(), dx / len(y)


@wrong.function("softmax_loss", "wrong logarithm", {"log", "base", "ln", "1.44"})
def softmax_loss_in_bits(x, y):
    p = probabilities(x)
    dx = p.copy()
    dx[np.arange(len(y)), y] -= 1
    return -np.mean(np.log2(p[np.arange(len(y)), y])), dx / len(y)


@wrong.function("softmax_loss", "integers where fractions belong", {"integer", "truncat", "dtype", "round", "probabilit"})
def softmax_loss_gradient_in_an_array_of_the_labels_type(x, y):
    dx = np.zeros(x.shape, dtype=y.dtype)
    dx[...] = probabilities(x)
    dx[np.arange(len(y)), y] -= 1
    return softmax_value(x, y), dx / len(y)


@wrong.function("softmax_loss", "right only for N = 1", {"n = 1", "n > 1", "first example|first label|first row", "y[0]", "single"})
def softmax_loss_label_of_the_first_example(x, y):
    dx = probabilities(x)
    dx[:, y[0]] -= 1
    return softmax_value(x, y), dx / len(y)


@wrong.function("softmax_loss", "two: no 1/N, sign of the one-hot", MISSING_N, SIGN)
def softmax_loss_adds_the_one_hot_without_n(x, y):
    dx = probabilities(x)
    dx[np.arange(len(y)), y] += 1
    return softmax_value(x, y), dx


@wrong.function("softmax_loss", "two: wrong count, last class", {"1/k", "classes", "n/k", "by k", "count"}, LAST)
def softmax_loss_by_classes_and_without_the_last(x, y):
    one_hot = np.eye(x.shape[1])[y]
    one_hot[:, -1] = 0
    return softmax_value(x, y), (probabilities(x) - one_hot) / x.shape[1]


@wrong.function("softmax_loss", "an exponential of something else")
def softmax_loss_gradient_of_cooler_scores(x, y):
    dx = probabilities(0.8 * x)
    dx[np.arange(len(y)), y] -= 1
    return softmax_value(x, y), dx / len(y)
