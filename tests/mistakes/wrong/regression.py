"""What goes wrong in the losses against values: squared, absolute, Huber, binary cross-entropy."""

import numpy as np
from tests.mistakes import arguments
from tests.mistakes.bank import Wrong
from tests.mistakes.plain import sigmoid

wrong = Wrong()
SIGN = {"sign", "minus", "-1", "negat", "y - x"}
TWO = {"factor 2", "2 times", "half", "1/2", "two"}
OUTPUTS = {"1/k", "outputs", "k times", "n * k"}
EXAMPLES = {"1/n", "examples", "n times", "n * k"}
CLIP = {"clip", "squared & everywhere|outside", "outer|outside & missing|linear"}


def squared(x, y):
    return np.mean((x - y) ** 2)


def absolute(x, y):
    return np.mean(np.abs(x - y))


def huber(x, y, delta):
    gap = np.abs(x - y)
    return np.where(gap < delta, gap**2 / 2, delta * (gap - delta / 2)).mean()


def cross_entropy(x, y):
    return np.mean(np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0) - x * y)


@wrong.function("squared_loss", "factor 2 forgotten", TWO)
def squared_loss_without_two(x, y):
    return squared(x, y), (x - y) / x.size


@wrong.function("squared_loss", "1/K missing in the gradient", OUTPUTS)
def squared_loss_divided_by_examples_alone(x, y):
    return squared(x, y), 2 * (x - y) / len(x)


@wrong.function("squared_loss", "1/N missing beside 1/K", EXAMPLES)
def squared_loss_divided_by_outputs_alone(x, y):
    return squared(x, y), 2 * (x - y) / x.shape[1]


@wrong.function("squared_loss", "target minus prediction", SIGN)
def squared_loss_target_minus_prediction(x, y):
    return squared(x, y), 2 * (y - x) / x.size


@wrong.function("squared_loss", "returns the forward's value", {"square", "value", "loss", "not differentiated"})
def squared_loss_squares_the_gradient(x, y):
    return squared(x, y), (x - y) ** 2 / x.size


@wrong.function("squared_loss", "two: factor 2 and sign", TWO, SIGN)
def squared_loss_minus_half(x, y):
    return squared(x, y), (y - x) / x.size


@wrong.function("squared_loss", "a wrong power")
def squared_loss_gradient_of_a_power(x, y):
    return squared(x, y), 2 * np.sign(x - y) * np.abs(x - y) ** 1.2 / x.size


@wrong.function("absolute_loss", "target minus prediction", SIGN)
def absolute_loss_sign_of_target_minus_prediction(x, y):
    return absolute(x, y), np.sign(y - x) / x.size


@wrong.function("absolute_loss", "another op's backward", {"sign", "squared", "difference"})
def absolute_loss_difference_for_its_sign(x, y):
    return absolute(x, y), (x - y) / x.size


@wrong.function("absolute_loss", "1/K missing in the gradient", OUTPUTS)
def absolute_loss_divided_by_examples_alone(x, y):
    return absolute(x, y), np.sign(x - y) / len(x)


@wrong.function("absolute_loss", "1/N missing beside 1/K", EXAMPLES)
def absolute_loss_divided_by_outputs_alone(x, y):
    return absolute(x, y), np.sign(x - y) / x.shape[1]


@wrong.function(
    "absolute_loss",
    "target forgotten",
    {"target", "difference", "y is not subtracted", "sign(x)", "sign of x", "y & missing|lacks|left out"},
)
def absolute_loss_sign_of_the_prediction(x, y):
    return absolute(x, y), np.sign(x) / x.size


@wrong.function("absolute_loss", "one branch forgotten", {"negative", "branch", "below", "-1", "sign"})
def absolute_loss_without_the_negative_branch(x, y):
    return absolute(x, y), (x > y) / x.size


@wrong.function("absolute_loss", "two: 1/N and 1/K missing", EXAMPLES, OUTPUTS)
def absolute_loss_sign_alone(x, y):
    return absolute(x, y), np.sign(x - y)


@wrong.function("huber_loss", "one branch forgotten", CLIP)
def huber_loss_squared_everywhere(x, y, delta):
    return huber(x, y, delta), (x - y) / x.size


@wrong.function("huber_loss", "constant factor forgotten", {"without delta", "delta & missing|lacks|left out|instead"})
def huber_loss_outer_slope_of_one(x, y, delta):
    d = x - y
    return huber(x, y, delta), np.where(np.abs(d) < delta, d, np.sign(d)) / x.size


@wrong.function("huber_loss", "gradient left at zero", {"zero", "0 outside|beyond|far"})
def huber_loss_outer_slope_of_zero(x, y, delta):
    d = x - y
    return huber(x, y, delta), np.where(np.abs(d) < delta, d, 0) / x.size


@wrong.function("huber_loss", "branches exchanged", {"side", "swap", "exchang", "branch", "revers", "invert"})
def huber_loss_branches_exchanged(x, y, delta):
    d = x - y
    return huber(x, y, delta), np.where(np.abs(d) > delta, d, delta * np.sign(d)) / x.size


@wrong.function("huber_loss", "1/K missing in the gradient", OUTPUTS)
def huber_loss_divided_by_examples_alone(x, y, delta):
    return huber(x, y, delta), np.clip(x - y, -delta, delta) / len(x)


@wrong.function("huber_loss", "constant term missing", {"delta", "constant", "1/2", "half"})
def huber_loss_value_without_its_half_delta(x, y, delta):
    gap = np.abs(x - y)
    return np.where(gap <= delta, gap**2 / 2, delta * gap).mean(), np.clip(x - y, -delta, delta) / x.size


@wrong.function("huber_loss", "sign forgotten", {"sign", "negative", "abs"})
def huber_loss_gradient_is_always_positive(x, y, delta):
    d = x - y
    return huber(x, y, delta), np.where(np.abs(d) < delta, d, delta) / x.size


@wrong.function("huber_loss", "a similar function in its place")
def huber_loss_smooth_clip(x, y, delta):
    return huber(x, y, delta), delta * np.arctan((x - y) / delta) / x.size


@wrong.function(
    "binary_cross_entropy_loss",
    "derivative of the sigmoid once too often",
    {"sigmoid", "p(1-p)", "p * (1 - p)", "1 - p", "twice"},
)
def binary_cross_entropy_through_the_sigmoid_again(x, y):
    p = sigmoid(x)
    return cross_entropy(x, y), (p - y) * p * (1 - p) / x.size


@wrong.function("binary_cross_entropy_loss", "target forgotten", {"y", "target", "label"})
def binary_cross_entropy_without_target(x, y):
    return cross_entropy(x, y), sigmoid(x) / x.size


@wrong.function("binary_cross_entropy_loss", "sigmoid forgotten", {"sigmoid", "probabilit", "logit"})
def binary_cross_entropy_of_raw_scores(x, y):
    return cross_entropy(x, y), (x - y) / x.size


@wrong.function(
    "binary_cross_entropy_loss", "stops at the probabilities", {"sigmoid", "p(1-p)", "p * (1 - p)", "chain rule", "probabilit", "1 - p"}
)
def binary_cross_entropy_slope_by_the_probability(x, y):
    p = sigmoid(x)
    return cross_entropy(x, y), (p - y) / (p * (1 - p)) / x.size


@wrong.function("binary_cross_entropy_loss", "one of two terms missing", {"1 - y", "(1-y)", "second term", "negative"})
def binary_cross_entropy_of_positives_alone(x, y):
    return cross_entropy(x, y), y * (sigmoid(x) - 1) / x.size


@wrong.function("binary_cross_entropy_loss", "1/K missing in the gradient", OUTPUTS)
def binary_cross_entropy_divided_by_examples_alone(x, y):
    return cross_entropy(x, y), (sigmoid(x) - y) / len(x)


@wrong.function("binary_cross_entropy_loss", "target minus prediction", SIGN | {"y - p"})
def binary_cross_entropy_target_minus_probability(x, y):
    return cross_entropy(x, y), (y - sigmoid(x)) / x.size


@wrong.function(
    "binary_cross_entropy_loss", "logarithm of an underflow", {"overflow", "log", "nan", "inf", "not finite"}, args=arguments.large_bits
)
def binary_cross_entropy_takes_the_logarithm_of_zero(x, y):
    p = sigmoid(x)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), (p - y) / x.size


@wrong.function("binary_cross_entropy_loss", "two: through the sigmoid again, sign", {"sigmoid", "p(1-p)", "1 - p", "twice"}, SIGN)
def binary_cross_entropy_through_the_sigmoid_and_negated(x, y):
    p = sigmoid(x)
    return cross_entropy(x, y), (y - p) * p * (1 - p) / x.size


@wrong.function("binary_cross_entropy_loss", "weights of one's own")
def binary_cross_entropy_focused(x, y):
    d = sigmoid(x) - y
    return cross_entropy(x, y), d * (0.6 + np.abs(d)) / x.size
