"""What goes wrong in a linear classifier's loss as a first assignment has it, W (D, K), X, y and reg, and in penalties alone."""

import numpy as np
from tests.mistakes import arguments
from tests.mistakes.bank import Wrong
from tests.mistakes.plain import margins, probabilities, softmax_value, svm_value

wrong = Wrong()
MISSING_N = {"1/n", "divided by n", "mean", "average", "n times", "7 times"}
PENALTY = {"lacks|missing|left out|without & penalty|regularis|regulariz|reg"}
HALF = {"factor 2", "2 times", "half", "1/2", "twice", "2 reg", "doubl"}
SIGN = {"sign", "minus", "-1", "negat"}
WRITES = {"writes", "write", "overwr", "modif", "in place", "changes its input", "changes w"}


def errors(W, X, y):
    """Softmax's gradient by the scores, without 1/N."""
    dscores = probabilities(X @ W)
    dscores[np.arange(len(y)), y] -= 1
    return dscores


def violations(W, X, y):
    """The hinge's, without 1/N."""
    dscores = (margins(X @ W, y) > 0) * 1.0
    dscores[np.arange(len(y)), y] = -dscores.sum(axis=1)
    return dscores


def softmax_whole(W, X, y, reg):
    return softmax_value(X @ W, y) + reg * np.sum(W * W)


def svm_whole(W, X, y, reg):
    return svm_value(X @ W, y) + reg * np.sum(W * W)


@wrong.function("linear_softmax_loss", "penalty missing in the gradient", PENALTY)
def linear_softmax_gradient_without_penalty(W, X, y, reg):
    return softmax_whole(W, X, y, reg), X.T @ errors(W, X, y) / len(y)


@wrong.function("linear_softmax_loss", "λ where 2λ belongs", HALF)
def linear_softmax_penalty_gradient_too_small(W, X, y, reg):
    return softmax_whole(W, X, y, reg), X.T @ errors(W, X, y) / len(y) + reg * W


@wrong.function("linear_softmax_loss", "penalty divided by N", {"1/n", "divided by n", "1/7", "0.142", "penalty & after|before"})
def linear_softmax_penalty_averaged_too(W, X, y, reg):
    dW = X.T @ errors(W, X, y) + 2 * reg * W
    return softmax_whole(W, X, y, reg), dW / len(y)


@wrong.function("linear_softmax_loss", "1/N missing in the gradient", MISSING_N)
def linear_softmax_gradient_without_n(W, X, y, reg):
    return softmax_whole(W, X, y, reg), X.T @ errors(W, X, y) + 2 * reg * W


@wrong.function("linear_softmax_loss", "bias regularised", {"bias", "last row"})
def linear_softmax_penalises_the_bias_in_the_gradient(W, X, y, reg):
    loss = softmax_value(X @ W, y) + reg * np.sum(W[:-1] ** 2)
    return loss, X.T @ errors(W, X, y) / len(y) + 2 * reg * W


@wrong.function("linear_softmax_loss", "one-hot not subtracted", {"lacks|missing|left out & one-hot|one hot|correct class|label"})
def linear_softmax_without_one_hot(W, X, y, reg):
    return softmax_whole(W, X, y, reg), X.T @ probabilities(X @ W) / len(y) + 2 * reg * W


@wrong.function("linear_softmax_loss", "penalty added for each example", {"n times", "each example", "7 times", "loop"})
def linear_softmax_adds_the_penalty_in_the_loop(W, X, y, reg):
    dW, dscores = np.zeros_like(W), errors(W, X, y)
    for i in range(len(y)):
        dW += np.outer(X[i], dscores[i]) / len(y)
        dW += 2 * reg * W
    return softmax_whole(W, X, y, reg), dW


@wrong.function(
    "linear_softmax_loss", "assigned where it should add up", {"overwrit", "accumulat", "+=", "last example|last row", "added up"}
)
def linear_softmax_keeps_the_last_examples_share(W, X, y, reg):
    dscores = errors(W, X, y)
    for i in range(len(y)):
        dW = np.outer(X[i], dscores[i])
    return softmax_whole(W, X, y, reg), dW / len(y) + 2 * reg * W


@wrong.function("linear_softmax_loss", "writes its input", WRITES)
def linear_softmax_adds_to_w(W, X, y, reg):
    loss, dW = softmax_whole(W, X, y, reg), X.T @ errors(W, X, y) / len(y)
    W *= 2 * reg
    return loss, dW + W


@wrong.function("linear_softmax_loss", "two: no 1/N, λ for 2λ", MISSING_N, HALF)
def linear_softmax_without_n_and_half_the_penalty(W, X, y, reg):
    return softmax_whole(W, X, y, reg), X.T @ errors(W, X, y) + reg * W


@wrong.function(
    "linear_softmax_loss", "two: one-hot and penalty missing", {"lacks|missing|left out & one-hot|one hot|correct class|label"}, PENALTY
)
def linear_softmax_without_one_hot_and_penalty(W, X, y, reg):
    return softmax_whole(W, X, y, reg), X.T @ probabilities(X @ W) / len(y)


@wrong.function("linear_softmax_loss", "rescaled by a statistic")
def linear_softmax_rows_rescaled(W, X, y, reg):
    dW = X.T @ errors(W, X, y) / len(y) + 2 * reg * W
    return softmax_whole(W, X, y, reg), dW / (0.5 + X.var(axis=0)[:, None])


@wrong.function("linear_svm_loss", "count of indicators missing", {"lacks|missing|left out & count|correct class|indicator"})
def linear_svm_forgets_the_correct_class(W, X, y, reg):
    return svm_whole(W, X, y, reg), X.T @ (margins(X @ W, y) > 0) / len(y) + 2 * reg * W


@wrong.function("linear_svm_loss", "1/N missing in the gradient", MISSING_N)
def linear_svm_gradient_without_n(W, X, y, reg):
    return svm_whole(W, X, y, reg), X.T @ violations(W, X, y) + 2 * reg * W


@wrong.function("linear_svm_loss", "penalty missing in the gradient", PENALTY)
def linear_svm_gradient_without_penalty(W, X, y, reg):
    return svm_whole(W, X, y, reg), X.T @ violations(W, X, y) / len(y)


@wrong.function("linear_svm_loss", "2λ where λ belongs", HALF)
def linear_svm_penalty_gradient_too_large(W, X, y, reg):
    loss = svm_value(X @ W, y) + 0.5 * reg * np.sum(W * W)
    return loss, X.T @ violations(W, X, y) / len(y) + 2 * reg * W


@wrong.function("linear_svm_loss", "value where an indicator belongs", {"indicator", "value", "margin", "1 where"})
def linear_svm_margins_for_indicators(W, X, y, reg):
    dscores = margins(X @ W, y)
    dscores[np.arange(len(y)), y] = -dscores.sum(axis=1)
    return svm_whole(W, X, y, reg), X.T @ dscores / len(y) + 2 * reg * W


@wrong.function("linear_svm_loss", "transposed", {"transpos", ".t"}, args=arguments.square_linear)
def linear_svm_gradient_of_k_by_d(W, X, y, reg):
    return svm_whole(W, X, y, reg), violations(W, X, y).T @ X / len(y) + 2 * reg * W


@wrong.function("linear_svm_loss", "off by one in the last row", {"last"})
def linear_svm_leaves_the_last_example_out(W, X, y, reg):
    dW = X[:-1].T @ violations(W, X, y)[:-1]
    return svm_whole(W, X, y, reg), dW / len(y) + 2 * reg * W


@wrong.function("linear_svm_loss", "two: count and penalty missing", {"lacks|missing|left out & count|correct class|indicator"}, PENALTY)
def linear_svm_without_count_and_penalty(W, X, y, reg):
    return svm_whole(W, X, y, reg), X.T @ (margins(X @ W, y) > 0) / len(y)


@wrong.function("linear_svm_loss", "two: no 1/N, penalty missing", MISSING_N, PENALTY)
def linear_svm_without_n_and_penalty(W, X, y, reg):
    return svm_whole(W, X, y, reg), X.T @ violations(W, X, y)


@wrong.function("linear_svm_loss", "bias regularised", {"bias", "last row"})
def linear_svm_penalises_the_bias_in_the_gradient(W, X, y, reg):
    loss = svm_value(X @ W, y) + reg * np.sum(W[:-1] ** 2)
    return loss, X.T @ violations(W, X, y) / len(y) + 2 * reg * W


@wrong.function("l2_penalty", "λ where 2λ belongs", HALF)
def l2_penalty_gradient_too_small(W, reg):
    return reg * np.sum(W**2), reg * W


@wrong.function("l2_penalty", "2λ where λ belongs", HALF)
def l2_penalty_gradient_too_large(W, reg):
    return 0.5 * reg * np.sum(W**2), 2 * reg * W


@wrong.function("l2_penalty", "sums rows where it should not", {"sum", "row", "elementwise"})
def l2_penalty_gradient_of_row_sums(W, reg):
    return reg * np.sum(W**2), 2 * reg * W.sum(axis=1, keepdims=True) * np.ones_like(W)


@wrong.function("l2_penalty", "product of matrices for squares", {"w.t", "matrix", "off-diagonal", "elementwise", "out & sum|square|value"})
def l2_penalty_of_the_gram_matrix(W, reg):
    return reg * np.sum(W.T @ W), 2 * reg * W


@wrong.function("l2_penalty", "the penalty pushes outwards", SIGN)
def l2_penalty_pushes_outwards(W, reg):
    return reg * np.sum(W**2), -2 * reg * W


@wrong.function("l2_penalty", "factor λ forgotten", {"reg", "strength"})
def l2_penalty_gradient_without_reg(W, reg):
    return reg * np.sum(W**2), 2 * W


@wrong.function("l2_penalty", "a wrong power")
def l2_penalty_gradient_of_a_power(W, reg):
    return reg * np.sum(W**2), 2 * reg * W * np.abs(W) ** 0.3


@wrong.function("l1_penalty", "another op's backward", {"sign", "l2", "w itself", "weights instead"})
def l1_penalty_with_l2s_gradient(W, reg):
    return reg * np.abs(W).sum(), reg * W


@wrong.function("l1_penalty", "sign forgotten", {"sign", "constant", "negative"})
def l1_penalty_pushes_all_one_way(W, reg):
    return reg * np.abs(W).sum(), reg * np.ones_like(W)


@wrong.function("l1_penalty", "the penalty pushes outwards", SIGN)
def l1_penalty_pushes_outwards(W, reg):
    return reg * np.abs(W).sum(), -reg * np.sign(W)


@wrong.function("l1_penalty", "2λ where λ belongs", HALF)
def l1_penalty_gradient_too_large(W, reg):
    return reg * np.abs(W).sum(), 2 * reg * np.sign(W)


@wrong.function("l1_penalty", "returns the forward's value", {"abs", "absolute", "value", "sign"})
def l1_penalty_gradient_of_absolute_values(W, reg):
    return reg * np.abs(W).sum(), reg * np.abs(W)


@wrong.function("l1_penalty", "factor λ forgotten", {"reg", "strength"})
def l1_penalty_gradient_without_reg(W, reg):
    return reg * np.abs(W).sum(), np.sign(W)


@wrong.function("l1_penalty", "a similar function in its place")
def l1_penalty_smoothed_sign(W, reg):
    return reg * np.abs(W).sum(), reg * np.tanh(2 * W)
