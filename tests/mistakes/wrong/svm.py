"""What goes wrong in the multiclass hinge loss."""

import numpy as np
from tests.mistakes.bank import Wrong
from tests.mistakes.plain import margins, svm_value

wrong = Wrong()
COUNT = {"lacks|missing|left out|instead of & count|number of violat|correct class"}
MISSING_N = {"1/n", "divided by n", "mean", "average", "n times"}


def gradient(x, y):
    dx = (margins(x, y) > 0) * 1.0
    dx[np.arange(len(y)), y] = -dx.sum(axis=1)
    return dx / len(y)


@wrong.function("svm_loss", "count of indicators missing", COUNT)
def svm_loss_forgets_the_correct_class(x, y):
    return svm_value(x, y), (margins(x, y) > 0) / len(y)


@wrong.function("svm_loss", "count taken as one", {"1 instead of|for the count", "once & instead"})
def svm_loss_subtracts_one_for_the_correct_class(x, y):
    dx = (margins(x, y) > 0) * 1.0
    dx[np.arange(len(y)), y] = -1
    return svm_value(x, y), dx / len(y)


@wrong.function("svm_loss", "value where an indicator belongs", {"value", "indicator & instead|not"})
def svm_loss_margins_for_indicators(x, y):
    dx = margins(x, y)
    dx[np.arange(len(y)), y] = -dx.sum(axis=1)
    return svm_value(x, y), dx / len(y)


@wrong.function("svm_loss", "correct class counted", {"correct class", "j = y", "1 too", "too large by"})
def svm_loss_counts_the_correct_class(x, y):
    every = np.maximum(0, x - x[np.arange(len(y)), y][:, None] + 1)
    return every.sum() / len(y), gradient(x, y)


@wrong.function("svm_loss", "correct class counted", {"correct class", "count"})
def svm_loss_counts_the_correct_class_in_the_gradient(x, y):
    dx = (x - x[np.arange(len(y)), y][:, None] + 1 > 0) * 1.0
    dx[np.arange(len(y)), y] = -dx.sum(axis=1)
    return svm_value(x, y), dx / len(y)


@wrong.function("svm_loss", "1/N missing in the gradient", MISSING_N)
def svm_loss_gradient_without_n(x, y):
    return svm_value(x, y), gradient(x, y) * len(y)


@wrong.function("svm_loss", "1/N missing in the loss", MISSING_N)
def svm_loss_sums_the_losses(x, y):
    return margins(x, y).sum(), gradient(x, y)


@wrong.function("svm_loss", "margin left out", {"without|lacks|missing|left out & margin"})
def svm_loss_gradient_without_the_margin(x, y):
    dx = (x > x[np.arange(len(y)), y][:, None]) * 1.0
    dx[np.arange(len(y)), y] = -dx.sum(axis=1)
    return svm_value(x, y), dx / len(y)


@wrong.function("svm_loss", "integers where fractions belong", {"unsigned", "uint8", "integer", "dtype", "wrap", "256"})
def svm_loss_unsigned_indicators(x, y):
    dx = (margins(x, y) > 0).astype(np.uint8)
    dx[np.arange(len(y)), y] = -dx.sum(axis=1, dtype=np.uint8)
    return svm_value(x, y), dx / len(y)


@wrong.function(
    "svm_loss", "mask on the wrong side", {"side", "revers", "invert", "opposite", "not violated", "satisfied", "margin<", "margins<"}
)
def svm_loss_of_satisfied_margins(x, y):
    dx = (margins(x, y) == 0) * 1.0
    dx[np.arange(len(y)), y] = 0
    dx[np.arange(len(y)), y] = -dx.sum(axis=1)
    return svm_value(x, y), dx / len(y)


@wrong.function("svm_loss", "the loss climbs", {"sign", "minus", "-1", "negat"})
def svm_loss_climbs(x, y):
    return svm_value(x, y), -gradient(x, y)


@wrong.function("svm_loss", "right only for N = 1", {"n = 1", "n > 1", "first example|first label|first row", "y[0]", "single"})
def svm_loss_correct_score_of_the_first_example(x, y):
    dx = (x - x[0, y[0]] + 1 > 0) * 1.0
    dx[np.arange(len(y)), y] = 0
    dx[np.arange(len(y)), y] = -dx.sum(axis=1)
    return svm_value(x, y), dx / len(y)


@wrong.function("svm_loss", "off by one in the last class", {"last"})
def svm_loss_skips_the_last_class(x, y):
    dx = np.zeros_like(x)
    for i, label in enumerate(y):
        for j in range(x.shape[1] - 1):
            if j != label and x[i, j] - x[i, label] + 1 > 0:
                dx[i, j] += 1
                dx[i, label] -= 1
    return svm_value(x, y), dx / len(y)


@wrong.function("svm_loss", "loop ends early", {"loop", "break", "continue", "classes after|classes above|classes behind|classes beyond"})
def svm_loss_breaks_at_the_correct_class(x, y):
    dx = np.zeros_like(x)
    for i, label in enumerate(y):
        for j in range(x.shape[1]):
            if j == label:
                break
            if x[i, j] - x[i, label] + 1 > 0:
                dx[i, j] += 1
                dx[i, label] -= 1
    return svm_value(x, y), dx / len(y)


@wrong.function("svm_loss", "two: count and 1/N missing", COUNT, MISSING_N)
def svm_loss_indicators_alone(x, y):
    return svm_value(x, y), (margins(x, y) > 0) * 1.0


@wrong.function("svm_loss", "two: values for indicators, 1/N missing", {"indicator", "value", "margin"}, MISSING_N)
def svm_loss_margins_without_n(x, y):
    dx = margins(x, y)
    dx[np.arange(len(y)), y] = -dx.sum(axis=1)
    return svm_value(x, y), dx


@wrong.function("svm_loss", "smooth where a step belongs")
def svm_loss_soft_indicators(x, y):
    dx = np.tanh(margins(x, y))
    dx[np.arange(len(y)), y] = -(dx**2).sum(axis=1)
    return svm_value(x, y), dx / len(y)
