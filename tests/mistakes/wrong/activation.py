"""What goes wrong in the slopes of activations: the wrong side, the wrong array, a factor or a term forgotten."""

import numpy as np
from tests.mistakes import arguments
from tests.mistakes.bank import Wrong
from tests.mistakes.plain import normal_density, normal_share, sigmoid

wrong = Wrong()
SIDE = {"side", "revers", "invert", "opposite", "wrong way", "swap", "exchang", "x<0", "x<=0", "where x is negative"}
DOUT = {"dout", "upstream", "chain rule"}
SIGN = {"sign", "minus", "-1", "negat", "plus"}
WRITES = {"writes", "write", "overwr", "modif", "in place", "changes its input", "changes dout"}
UNMASKED = {"mask", "indicator", "unchanged"}
OUTPUT = {"input", "x instead of out", "forward's input"}
INPUT = {"output", "out instead of x"}


@wrong.backward("relu", "mask on the wrong side", SIDE)
def relu_keeps_the_negative_side(dout, cache):
    x = cache
    return dout * (x < 0)


@wrong.backward("relu", "value where an indicator belongs", {"indicator", "value", "x itself", "times x", "1 where", "output"})
def relu_multiplies_by_the_output(dout, cache):
    x = cache
    return dout * np.maximum(0, x)


@wrong.backward("relu", "masked by the wrong array", {"mask & dout|upstream", "wrong array"})
def relu_masks_by_the_sign_of_dout(dout, cache):
    return dout * (dout > 0)


@wrong.backward("relu", "writes dout", WRITES)
def relu_writes_into_dout(dout, cache):
    x = cache
    dx = dout
    dx[x < 0] = 0
    return dx


@wrong.backward("relu", "mask not applied", UNMASKED)
def relu_hands_dout_through(dout, cache):
    return dout


@wrong.backward("relu", "upstream gradient forgotten", DOUT)
def relu_returns_the_indicator(dout, cache):
    x = cache
    return (x > 0).astype(float)


@wrong.backward("relu", "integers where fractions belong", {"integer", "truncat", "dtype", "round", "between 0 and 1", "x > 1", "x >= 1"})
def relu_truncates_before_comparing(dout, cache):
    x = cache
    return dout * (x.astype(int) > 0)


@wrong.forward("relu", "writes its input", WRITES, backward=lambda dout, x: dout * (x > 0))
def relu_forward_clips_in_place(x):
    x[x < 0] = 0
    return x, x


@wrong.backward("relu", "two: wrong side, value for indicator", SIDE, {"indicator", "value", "x itself", "times x"})
def relu_multiplies_by_the_negative_part(dout, cache):
    x = cache
    return dout * x * (x < 0)


@wrong.backward("leaky_relu", "branches exchanged", SIDE)
def leaky_relu_slopes_exchanged(dout, cache):
    return np.where(cache > 0, 0.01 * dout, dout)


@wrong.backward("leaky_relu", "one branch forgotten", {"negative", "leak", "0.01", "relu", "zero"})
def leaky_relu_with_relus_backward(dout, cache):
    return dout * (cache > 0)


@wrong.backward("leaky_relu", "another constant than in the forward", {"0.1", "0.01", "negative", "constant", "10 times"})
def leaky_relu_slope_of_a_tenth(dout, cache):
    return np.where(cache > 0, dout, 0.1 * dout)


@wrong.backward("leaky_relu", "one branch negated", SIGN)
def leaky_relu_negative_slope_negated(dout, cache):
    return np.where(cache > 0, dout, -0.01 * dout)


@wrong.backward(
    "leaky_relu",
    "value where an indicator belongs",
    {"value", "x itself", "times x", "indicator", "output", "negative_slope * x instead of"},
)
def leaky_relu_returns_value_below_zero(dout, cache):
    x = cache
    return dout * np.where(x > 0, 1, 0.01 * x)


@wrong.backward("leaky_relu", "upstream gradient forgotten", DOUT)
def leaky_relu_returns_the_slope(dout, cache):
    return np.where(cache > 0, 1.0, 0.01)


@wrong.backward(
    "leaky_relu",
    "two: masked by dout, one branch forgotten",
    {"mask & dout", "wrong array"},
    {"negative", "only the positive part", "leak", "slope", "0.01"},
)
def leaky_relu_masks_by_dout_without_leak(dout, cache):
    return np.maximum(dout, 0)


@wrong.backward("elu", "constant term missing", {"alpha", "out + 1", "out & output", "out instead"})
def elu_forgets_to_add_alpha(dout, cache):
    x, out = cache
    return dout * np.where(x > 0, 1, out)


@wrong.backward("elu", "function applied twice", {"twice", "exp(out)", "output"})
def elu_exponential_of_the_output(dout, cache):
    x, out = cache
    return dout * np.where(x > 0, 1, np.exp(out))


@wrong.backward("elu", "one branch forgotten", {"negative", "branch", "alpha", "exp", "relu"})
def elu_with_relus_backward(dout, cache):
    x, _ = cache
    return dout * (x > 0)


@wrong.backward("elu", "branches exchanged", SIDE)
def elu_branches_exchanged(dout, cache):
    x, _ = cache
    return dout * np.where(x < 0, 1, np.exp(x))


@wrong.backward("elu", "one branch negated", SIGN)
def elu_negative_branch_negated(dout, cache):
    x, out = cache
    return dout * np.where(x > 0, 1, -(out + 1))


@wrong.backward("elu", "an exponential of something else")
def elu_exponential_of_half_x(dout, cache):
    x, _ = cache
    return dout * np.where(x > 0, 1, np.exp(0.5 * x) - 0.1)


@wrong.backward("gelu", "one of two terms missing", {"density", "φ", "second term", "product rule", "slope of φ"})
def gelu_only_the_share(dout, cache):
    return dout * normal_share(cache)


@wrong.backward("gelu", "one of two terms missing", {"share", "Φ", "distribution", "first term", "product rule", "slope of x"})
def gelu_only_the_density(dout, cache):
    return dout * cache * normal_density(cache)


@wrong.backward("gelu", "factor x forgotten", {"x & missing|factor|times|left out", "x * φ", "density", "φ"})
def gelu_density_without_x(dout, cache):
    return dout * (normal_share(cache) + normal_density(cache))


@wrong.backward("gelu", "normalising constant forgotten", {"sqrt", "2 pi", "2π", "density", "normalis", "2.5066"})
def gelu_density_without_its_root(dout, cache):
    x = cache
    return dout * (normal_share(x) + x * np.exp(-0.5 * x**2))


@wrong.backward("gelu", "wrong sign of one term", SIGN)
def gelu_minus_the_density(dout, cache):
    x = cache
    return dout * (normal_share(x) - x * normal_density(x))


@wrong.backward("gelu", "an exponential of something else")
def gelu_wide_density(dout, cache):
    x = cache
    return dout * (normal_share(x) + x * np.exp(-np.abs(x)) / 3)


@wrong.backward("sigmoid", "forward's input used for its output", OUTPUT)
def sigmoid_slope_at_x(dout, cache):
    x, _ = cache
    return dout * x * (1 - x)


@wrong.backward("sigmoid", "upstream gradient forgotten", DOUT)
def sigmoid_returns_the_slope(dout, cache):
    _, out = cache
    return out * (1 - out)


@wrong.backward("sigmoid", "plus for minus in a slope", SIGN | {"1 + out", "1 + out**2"})
def sigmoid_one_plus_out(dout, cache):
    _, out = cache
    return dout * out * (1 + out)


@wrong.backward("sigmoid", "one of two factors missing", {"out & missing|lacks|left out|forgot", "1 - the output"})
def sigmoid_one_minus_out_alone(dout, cache):
    _, out = cache
    return dout * (1 - out)


@wrong.backward("sigmoid", "one of two factors missing", {"1 - out", "returns out", "output"})
def sigmoid_out_alone(dout, cache):
    _, out = cache
    return dout * out


@wrong.backward("sigmoid", "function applied twice", {"twice", "sigmoid(out)", "output", "of out", "again"})
def sigmoid_of_the_sigmoid(dout, cache):
    _, out = cache
    return dout * sigmoid(out) * (1 - sigmoid(out))


@wrong.backward("sigmoid", "a wrong power")
def sigmoid_square_of_one_factor(dout, cache):
    _, out = cache
    return dout * out**1.5 * (1 - out)


@wrong.forward(
    "sigmoid",
    "overflow of an exponential",
    {"overflow", "nan", "inf", "not finite"},
    backward=lambda dout, out: dout * out * (1 - out),
    args=arguments.large_rows,
)
def sigmoid_exponential_over_exponential(x):
    e = np.exp(x)
    out = e / (1 + e)
    return out, out


@wrong.backward("tanh", "forward's input used for its output", OUTPUT)
def tanh_slope_at_x(dout, cache):
    x, _ = cache
    return dout * (1 - x**2)


@wrong.backward("tanh", "square forgotten", {"square", "1 - out"})
def tanh_one_minus_out(dout, cache):
    _, out = cache
    return dout * (1 - out)


@wrong.backward("tanh", "plus for minus in a slope", SIGN | {"1 + out", "1 + out**2"})
def tanh_one_plus_square(dout, cache):
    _, out = cache
    return dout * (1 + out**2)


@wrong.backward("tanh", "upstream gradient forgotten", DOUT)
def tanh_returns_the_slope(dout, cache):
    _, out = cache
    return 1 - out**2


@wrong.backward("tanh", "function applied twice", {"twice", "tanh(out)", "output", "of out", "again"})
def tanh_of_the_tanh(dout, cache):
    _, out = cache
    return dout * (1 - np.tanh(out) ** 2)


@wrong.backward("tanh", "another activation's slope", {"sigmoid", "out * (1 - out)", "out(1 - out)"})
def tanh_with_sigmoids_slope(dout, cache):
    _, out = cache
    return dout * out * (1 - out)


@wrong.backward("tanh", "a wrong power")
def tanh_cubed(dout, cache):
    _, out = cache
    return dout * (1 - np.abs(out) ** 3)


@wrong.backward("softplus", "wrong sign inside", {"sigmoid(-x)", "sign", "minus", "1 - sigmoid"})
def softplus_sigmoid_of_minus_x(dout, cache):
    x, _ = cache
    return dout * sigmoid(-x)


@wrong.backward("softplus", "forward's output used for its input", INPUT)
def softplus_sigmoid_of_the_output(dout, cache):
    _, out = cache
    return dout * sigmoid(out)


@wrong.backward("softplus", "derivative taken twice", {"twice", "1 - sigmoid", "second", "sigmoid & slope|derivative"})
def softplus_second_derivative(dout, cache):
    x, _ = cache
    return dout * sigmoid(x) * (1 - sigmoid(x))


@wrong.backward("softplus", "denominator missing", {"denominator", "divid", "quotient", "1/(1 + exp"})
def softplus_exponential_alone(dout, cache):
    x, _ = cache
    return dout * np.exp(x)


@wrong.backward("softplus", "returns the forward's value", {"forward", "value", "output"})
def softplus_multiplies_by_its_value(dout, cache):
    _, out = cache
    return dout * out


@wrong.backward("softplus", "another activation's slope", {"relu", "step", "indicator", "x > 0", "sigmoid"})
def softplus_with_relus_slope(dout, cache):
    x, _ = cache
    return dout * (x > 0)


@wrong.backward("softplus", "a similar function in its place")
def softplus_softsign_slope(dout, cache):
    x, _ = cache
    return dout * (0.5 + 0.5 * x / (1 + np.abs(x)))


@wrong.forward("softplus", "wrong logarithm", {"log", "base", "ln", "1.44", "1/ln"}, backward=lambda dout, x: dout * sigmoid(x))
def softplus_in_bits(x):
    return np.log2(1 + np.exp(x)), x
