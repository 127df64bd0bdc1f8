"""The dense ops taken apart: affine, activations, dropout, softmax and its logarithm."""

import math
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.gradcheck.term import Function, Recipe, Swap, Term
from layerwise.ops.activation import gelu_forward, sigmoid_forward, softplus_forward

DOUT = (  # what is written for dout in any op
    Swap("dout", "ones: dout is ignored", lambda dout: np.ones_like(dout)),
    Swap("dout", "dout with the last example left out", lambda dout: _without(dout, -1)),
    Swap("dout", "dout with the first example left out", lambda dout: _without(dout, 0)),
    Swap("dout", "only the last example's dout", lambda dout: dout - _without(dout, -1)),
    Swap("dout", "only the first example's dout", lambda dout: dout - _without(dout, 0)),
    Swap("dout", "the absolute value of dout", lambda dout: np.abs(dout)),
    Swap("dout", "the sign of dout", lambda dout: np.sign(dout)),
    Swap("dout", "the square of dout", lambda dout: dout**2),
    Swap("dout", "only the positive part of dout: the mask is on dout instead of x", lambda dout: np.maximum(dout, 0)),
    Swap("dout", "the output", lambda dout, out: out.reshape(dout.shape)),
    Swap("dout", "dout times the output", lambda dout, out: dout * out),
    Swap("dout", "the sum of dout in every place", lambda dout: np.full_like(dout, dout.sum())),
    Swap("dout", "the mean of dout in every place", lambda dout: np.full_like(dout, dout.mean())),
    Swap("dout", "each column's sum of dout in every row", lambda dout: dout.sum(axis=0) + np.zeros_like(dout)),
)


def _without(a: Array, row: int) -> Array:
    kept = np.array(a)
    kept[row] = 0
    return kept


def square_transposed(a: Array) -> Array:
    if a.ndim != 2 or a.shape[0] != a.shape[1]:
        raise ValueError("only a square matrix keeps its shape when it is transposed")
    return a.T


def reshaped(a: Array) -> Array:
    """What a product meets if a is reshaped where it should be transposed."""
    return a.reshape(a.shape[::-1]).T


AFFINE = Recipe(
    arrays={"x": "N D", "w": "D M", "b": "M"},
    options={"b": None},
    ingredients={
        "N": lambda x: len(x),
        "D": lambda w: w.shape[0],
        "M": lambda w: w.shape[1],
        "rows": lambda x: x.reshape(len(x), -1),
        "bias": lambda b: 0.0 if b is None else b,
    },
    results={
        "out": (
            Term("the product", "x @ w", lambda rows, w: rows @ w),
            Term("the bias", "b", lambda rows, w, bias: np.zeros((len(rows), w.shape[1])) + bias),
        ),
        "dx": (Term("the product with wᵀ", "dout @ w.T", lambda dout, w, x: (dout @ w.T).reshape(x.shape)),),
        "dw": (Term("the product with xᵀ", "x.T @ dout", lambda rows, dout: rows.T @ dout),),
        "db": (Term("the sum over examples", "dout.sum(axis=0)", lambda dout: dout.sum(axis=0)),),
    },
    swaps=(
        *DOUT,
        Swap("rows", "x transposed before it is flattened", lambda x: np.moveaxis(x, 0, -1).reshape(len(x), -1)),
        Swap("rows", "x flattened in column order", lambda x: x.reshape(len(x), -1, order="F")),
        Swap("w", "w transposed", lambda w: square_transposed(w), ("out",)),
        Swap("w", "w transposed: w itself where w.T belongs", lambda w: square_transposed(w), ("dx",)),
        Swap("rows", "x transposed", lambda rows: square_transposed(rows), ("out",)),
        Swap("rows", "x transposed: x itself where x.T belongs", lambda rows: square_transposed(rows), ("dw",)),
        Swap("rows", "x reshaped to (D, N) instead of transposed", lambda rows: reshaped(rows), ("dw",)),
        Swap("w", "w reshaped to (M, D) instead of transposed", lambda w: reshaped(w), ("dx",)),
        Swap("dout", "dout reshaped instead of transposed", lambda dout: reshaped(dout), ("dx", "dw")),
        Swap("dout", "only the largest dout of each example", lambda dout: dout * (dout == dout.max(axis=-1, keepdims=True))),
        Swap("rows", "the absolute value of x", lambda rows: np.abs(rows)),
        Swap("w", "the absolute value of w", lambda w: np.abs(w)),
        Swap("w", "the sign of w", lambda w: np.sign(w)),
        Swap("dout", "dout transposed: its rows and columns, so the wrong axis", lambda dout: square_transposed(dout)),
        Swap("dout", "dout times b", lambda dout, bias: dout * bias, ("dx", "dw", "db")),
        Swap("dout", "dout with the bias added", lambda dout, bias: dout + bias, ("dx", "dw", "db")),
        Swap("dout", "dout with the bias taken off", lambda dout, bias: dout - bias, ("dx", "dw", "db")),
        Swap("dout", "the largest dout of each column in its first row only", lambda dout: _top_only(dout), ("db",)),
    ),
    numbers=("N", "D", "M"),
    symbols={"rows": "x", "bias": "b"},
)


def _top_only(dout: Array) -> Array:
    top = np.zeros_like(dout)
    top[0] = dout.max(axis=0)
    return top


def elementwise(function: Function, slope: Function, formula: str, *swaps: Swap, at_dout: Function | None = None, **more: Any) -> Recipe:
    """out = function(x), dx = dout · slope."""
    return Recipe(
        arrays={"x": "..."},
        ingredients={**SIZES, "value": function, "slope": slope},
        results={
            "out": (Term("the value", more.pop("value_formula", "out"), lambda value: value),),
            "dx": (Term("the slope", f"dout * {formula}", lambda dout, slope: dout * slope),),
        },
        swaps=(
            *swaps,
            *SLOPES,
            Swap("slope", "the inverse of the slope", lambda slope: 1 / slope),
            *((Swap("slope", "the slope taken at dout instead of x", at_dout),) if at_dout else ()),
            *DOUT,
        ),
        symbols={"slope": formula, **LOGARITHMS},
        **more,
    )


def sided(above: tuple[Function, Function], below: tuple[Function, Function], formula: str, *swaps: Swap, **more: Any) -> Recipe:
    """The same of an activation with a value and a slope for x > 0, and others for the rest."""
    return Recipe(
        arrays={"x": "..."},
        ingredients={
            **SIZES,
            "positive": lambda x: (x > 0) * 1.0,
            "value_above": above[0],
            "value_below": below[0],
            "slope_above": above[1],
            "slope_below": below[1],
            "value": lambda positive, value_above, value_below: np.where(positive > 0, value_above, value_below),
            "slope": lambda positive, slope_above, slope_below: np.where(positive > 0, slope_above, slope_below),
        },
        results={
            "out": (
                Term("the value of the positive side", "x where x > 0", lambda value, positive: value * positive, branch=True),
                Term("the value of the negative side", "out where x <= 0", lambda value, positive: value * (1 - positive), branch=True),
            ),
            "dx": (
                Term(
                    "the slope of the positive side", "dout where x > 0", lambda dout, slope, positive: dout * slope * positive, branch=True
                ),
                Term(
                    "the slope of the negative side",
                    f"dout * {formula} where x <= 0",
                    lambda dout, slope, positive: dout * slope * (1 - positive),
                    branch=True,
                ),
            ),
        },
        swaps=(
            *swaps,
            Swap(
                "slope",
                "the two sides swapped",
                lambda positive, slope_above, slope_below: np.where(positive > 0, slope_below, slope_above),
            ),
            Swap("slope", "the positive side's slope on both sides", lambda slope_above: slope_above),
            Swap("slope", "the negative side's slope on both sides", lambda slope_below: slope_below),
            Swap(
                "slope",
                "the mask of dout instead of x",
                lambda dout, slope_above, slope_below: np.where(dout > 0, slope_above, slope_below),
            ),
            Swap(
                "value",
                "the two sides swapped",
                lambda positive, value_above, value_below: np.where(positive > 0, value_below, value_above),
                ("out",),
            ),
            *SLOPES,
            *DOUT,
        ),
        symbols={
            "slope": f"np.where(x > 0, 1, {formula})",
            "positive": "(x > 0)",
            **{f"{what}_{place}": f"the {side} side's {what}" for what in ("value", "slope") for place, side in SIDES},
        },
        **more,
    )


SIDES = (("above", "positive"), ("below", "negative"))
SIZES: dict[str, Function] = {
    "N": lambda x: len(x),
    "D": lambda x: x.shape[-1],
    "ln2": lambda: math.log(2),
    "ln10": lambda: math.log(10),
}
LOGARITHMS = {"ln2": "ln(2), as of a logarithm to base 2,", "ln10": "ln(10), as of a logarithm to base 10,"}
SLOPES = (  # what is written for an activation's slope
    Swap("slope", "1: dout passes unchanged", lambda x: np.ones_like(x)),
    Swap("slope", "the output", lambda out: out),
    Swap("slope", "the input x", lambda x: x),
    Swap("slope", "1 − the output", lambda out: 1 - out),
    Swap("slope", "the square of the slope", lambda slope: slope**2),
)


def sigmoid(x: Array) -> Array:
    return sigmoid_forward(x)[0]


def _erf(x: Array) -> Array:
    return 2 * gelu_forward(x * math.sqrt(2))[1][1] - 1


def _density(x: Array) -> Array:
    return np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


RELU = elementwise(
    lambda x: np.maximum(x, 0),
    lambda x: (x > 0) * 1.0,
    "(x > 0)",
    Swap("slope", "the mask x < 0, the wrong side", lambda x: (x < 0) * 1.0),
    Swap("slope", "the mask dout > 0 (taken of dout instead of x)", lambda dout: (dout > 0) * 1.0),
    Swap("slope", "the values max(x, 0) instead of the mask", lambda x: np.maximum(x, 0)),
    Swap("slope", "the mask x > 1", lambda x: (x > 1) * 1.0),
    Swap("slope", "the sign of x", lambda x: np.sign(x)),
    Swap("slope", "the values min(x, 0) of the wrong side instead of the mask", lambda x: np.minimum(x, 0)),
    Swap("slope", "the mask x < 1", lambda x: (x < 1) * 1.0),
    Swap("slope", "0.01 for 0 where x < 0: a leaky relu's slope", lambda x: np.where(x > 0, 1.0, 0.01)),
    Swap("slope", "−1 for 0 where x < 0", lambda x: np.where(x > 0, 1.0, -1.0)),
    Swap("slope", "a mask with 1 for the largest of each row", lambda x: (x == x.max(axis=-1, keepdims=True)) * 1.0),
    Swap("value", "0.01 · x for 0 where x < 0: a leaky relu", lambda x: np.where(x > 0, x, 0.01 * x), ("out",)),
    Swap("value", "max(x, 1), for max(x, 0)", lambda x: np.maximum(x, 1), ("out",)),
    Swap("value", "x clipped to 0 .. 1", lambda x: np.clip(x, 0, 1), ("out",)),
    Swap("value", "x clipped to 0 .. 6: relu6", lambda x: np.clip(x, 0, 6), ("out",)),
    Swap("value", "the absolute value of x", lambda x: np.abs(x), ("out",)),
    Swap("value", "the mask instead of the value", lambda x: (x > 0) * 1.0, ("out",)),
    Swap("value", "min(x, 0), the wrong side", lambda x: np.minimum(x, 0), ("out",)),
    value_formula="np.maximum(x, 0)",
)
LEAKY_RELU = sided(
    (lambda x: x, lambda x: np.ones_like(x)),
    (lambda x, negative_slope: negative_slope * x, lambda x, negative_slope: np.full_like(x, negative_slope)),
    "negative_slope",
    Swap("slope_below", "negative_slope · x instead of negative_slope, the value itself", lambda x, negative_slope: negative_slope * x),
    Swap("slope_below", "1 − negative_slope", lambda x, negative_slope: np.full_like(x, 1 - negative_slope)),
    Swap("slope_above", "the value x instead of 1", lambda x: x),
    Swap("value_below", "negative_slope itself, not times x", lambda x, negative_slope: np.full_like(x, negative_slope), ("out",)),
    options={"negative_slope": 0.01},
    guesses=({"negative_slope": 0.1}, {"negative_slope": 0.2}),
    aliases={"alpha": "negative_slope", "slope": "negative_slope"},
    numbers=("N", "negative_slope"),
)
ELU = sided(
    (lambda x: x, lambda x: np.ones_like(x)),
    (lambda x, alpha: alpha * np.expm1(np.minimum(x, 0)), lambda x, alpha: alpha * np.exp(np.minimum(x, 700))),
    "(out + alpha)",
    Swap("slope_below", "out without + alpha", lambda out: out),
    Swap("slope_below", "alpha instead of alpha · eˣ", lambda x, alpha: np.full_like(x, alpha)),
    Swap("slope_below", "eˣ without alpha", lambda x: np.exp(np.minimum(x, 0))),
    Swap("slope_below", "out + 1 instead of out + alpha", lambda out: out + 1),
    Swap("slope_below", "out − alpha instead of out + alpha", lambda out, alpha: out - alpha),
    Swap(
        "slope_below",
        "e to the output instead of e to x: the exponential taken twice",
        lambda out, alpha: alpha * np.exp(np.minimum(out, 0)),
    ),
    Swap("slope_below", "e^(−x), the sign of the exponent", lambda x, alpha: alpha * np.exp(-np.minimum(x, 0))),
    Swap("slope_below", "x · eˣ, its value times x", lambda x, alpha: alpha * x * np.exp(np.minimum(x, 0))),
    Swap("value_below", "alpha · eˣ without − 1", lambda x, alpha: alpha * np.exp(np.minimum(x, 0)), ("out",)),
    Swap("value_below", "eˣ − alpha instead of alpha · (eˣ − 1)", lambda x, alpha: np.exp(np.minimum(x, 0)) - alpha, ("out",)),
    Swap("value_below", "alpha · eˣ − 1 instead of alpha · (eˣ − 1)", lambda x, alpha: alpha * np.exp(np.minimum(x, 0)) - 1, ("out",)),
    options={"alpha": 1.0},
    guesses=({"alpha": 0.5}, {"alpha": 0.1}),
    numbers=("N", "alpha"),
)
SIGMOID = elementwise(
    lambda x: sigmoid(x),
    lambda out: out * (1 - out),
    "out * (1 - out)",
    Swap("slope", "x · (1 − x): the input is used for the output", lambda x: x * (1 - x)),
    Swap("slope", "the sigmoid taken twice: of the output instead of x", lambda out: sigmoid(out) * (1 - sigmoid(out))),
    Swap("slope", "out · (1 + out)", lambda out: out * (1 + out)),
    Swap("slope", "1 − out²: tanh's slope", lambda out: 1 - out**2),
    Swap("slope", "out²", lambda out: out**2),
    Swap("slope", "out² · (1 − out)", lambda out: out**2 * (1 - out)),
    Swap("slope", "out · (1 − out)²", lambda out: out * (1 - out) ** 2),
    Swap("slope", "out − 1 for 1 − out, the sign", lambda out: out * (out - 1)),
    Swap("slope", "e^(−x), without 1 / (1 + e^(−x))²", lambda x: np.exp(-x)),
    Swap("value", "tanh(x)", lambda x: np.tanh(x), ("out",)),
    Swap("value", "1 − the sigmoid", lambda x: 1 - sigmoid(x), ("out",)),
    Swap("value", "1 / (1 + eˣ), the sign of the exponent", lambda x: sigmoid(-x), ("out",)),
    value_formula="1 / (1 + np.exp(-x))",
    at_dout=lambda dout: sigmoid(dout) * (1 - sigmoid(dout)),
    factors=("x", "out"),
    numbers=("N", "D", "ln2", "ln10"),
)
TANH = elementwise(
    lambda x: np.tanh(x),
    lambda out: 1 - out * out,
    "(1 - out ** 2)",
    Swap("slope", "1 − x²: the input is used for the output", lambda x: 1 - x * x),
    Swap("slope", "1 + out²", lambda out: 1 + out * out),
    Swap("slope", "the tanh taken twice", lambda out: 1 - np.tanh(out) ** 2),
    Swap("slope", "1 − out: the square is missing", lambda out: 1 - out),
    Swap("slope", "out²: 1 − is missing", lambda out: out**2),
    Swap("slope", "out · (1 − out): the sigmoid's slope", lambda out: out * (1 - out)),
    Swap("slope", "(1 − out)²", lambda out: (1 - out) ** 2),
    Swap("slope", "out² − 1 for 1 − out², the sign", lambda out: out**2 - 1),
    Swap("slope", "1 / cosh(x), without the square", lambda x: 1 / np.cosh(x)),
    Swap("slope", "tanh² of x instead of 1 − tanh²", lambda x: np.tanh(x) ** 2),
    Swap("value", "the sigmoid", lambda x: sigmoid(x), ("out",)),
    Swap("value", "the sigmoid of 2x, without 2 · … − 1", lambda x: sigmoid(2 * x), ("out",)),
    value_formula="np.tanh(x)",
    at_dout=lambda dout: 1 - np.tanh(dout) ** 2,
    factors=("x", "out"),
    numbers=("N", "D", "ln2", "ln10"),
)
SOFTPLUS = elementwise(
    lambda x: softplus_forward(x)[0],
    lambda x: sigmoid(x),
    "sigmoid(x)",
    Swap("slope", "sigmoid(−x)", lambda x: sigmoid(-x)),
    Swap("slope", "the sigmoid of the output instead of x", lambda out: sigmoid(out)),
    Swap("slope", "σ · (1 − σ): the sigmoid's own slope", lambda x: sigmoid(x) * (1 - sigmoid(x))),
    Swap("slope", "the mask x > 0", lambda x: (x > 0) * 1.0),
    Swap("slope", "eˣ: the quotient is missing", lambda x: np.exp(x)),
    Swap("slope", "tanh(x)", lambda x: np.tanh(x)),
    Swap("value", "the maximum of 0 and x: relu", lambda x: np.maximum(x, 0), ("out",)),
    Swap("value", "log(1 + e^(−x)), the sign of the exponent", lambda x: np.log1p(np.exp(-x)), ("out",)),
    Swap("value", "1 + eˣ without its logarithm", lambda x: 1 + np.exp(x), ("out",)),
    value_formula="np.log1p(np.exp(x))",
    factors=("x", "out"),
    numbers=("N", "D", "ln2", "ln10"),
)
GELU = Recipe(
    arrays={"x": "..."},
    ingredients={
        "N": lambda x: len(x),
        "below": lambda x: gelu_forward(x)[1][1],
        "density": lambda x: _density(x),
    },
    results={
        "out": (Term("the value", "x * Φ(x)", lambda x, below: x * below),),
        "dx": (
            Term("the slope of x", "dout * Φ(x)", lambda dout, below: dout * below),
            Term("the slope of Φ", "dout * x * φ(x)", lambda dout, x, density: dout * x * density),
        ),
    },
    swaps=(
        *DOUT,
        Swap("density", "e^(−x²/2) without 1/√(2π)", lambda density: density * math.sqrt(2 * math.pi)),
        Swap("density", "e^(−x²) without the half", lambda x: np.exp(-x * x) / math.sqrt(2 * math.pi)),
        Swap("density", "Φ(x) instead of its slope φ(x)", lambda below: below),
        Swap("density", "φ with 1/(2π) instead of 1/√(2π)", lambda density: density / math.sqrt(2 * math.pi)),
        Swap("below", "the logistic sigmoid(1.702·x), its approximation", lambda x: sigmoid(1.702 * x), convention=True),
        Swap(
            "",
            "the slope of x · sigmoid(1.702·x), its approximation",
            lambda dout, x: dout * sigmoid(1.702 * x) * (1 + 1.702 * x * (1 - sigmoid(1.702 * x))),
            ("dx",),
        ),
        Swap("below", "the mask x > 0, relu's slope", lambda x: (x > 0) * 1.0),
        Swap(
            "below",
            "½ (1 + tanh(√(2/π) · (x + 0.044715 x³))), its approximation",
            lambda x: 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
            ("out",),
            convention=True,
        ),
        Swap("below", "φ(x), the density, instead of Φ(x)", lambda density: density),
        Swap("below", "1 − Φ(x), the other tail", lambda below: 1 - below),
        Swap("below", "1 + erf(x/√2) without the half", lambda below: 2 * below),
        Swap("below", "½ (1 + erf(x)), without √2", lambda x: 0.5 * (1 + _erf(x))),
        Swap("below", "½ erf(x/√2), without the 1", lambda below: below - 0.5),
        Swap("density", "e^(x²/2), the sign of the exponent", lambda x: np.exp(0.5 * x * x) / math.sqrt(2 * math.pi)),
        Swap("density", "φ of the output instead of x", lambda out: _density(out)),
    ),
    numbers=("N",),
    factors=("x",),
    symbols={"below": "Φ(x)", "density": "φ(x)"},
)
PASSING = Recipe(  # dropout while predicting
    arrays={"x": "..."},
    options={"keep_prob": 1.0},
    scalars=("keep_prob",),
    aliases={"p": "keep_prob", "keep": "keep_prob", "dropout_keep_ratio": "keep_prob"},
    ingredients={"N": lambda x: len(x), "one_minus_keep": lambda keep_prob: 1 - keep_prob},
    results={"out": (Term("x itself", "x", lambda x: x),), "dx": (Term("dout itself", "dout", lambda dout: dout),)},
    swaps=(*DOUT, Swap("dout", "only the dout of x > 0", lambda dout, x: dout * (x > 0))),
    numbers=("keep_prob", "one_minus_keep", "N"),
    symbols={"one_minus_keep": "(1 − keep_prob)"},
)
DROPOUT = Recipe(
    arrays={"x": "..."},
    options={"keep_prob": None},
    scalars=("keep_prob",),
    aliases=PASSING.aliases,
    ingredients={
        "N": lambda x: len(x),
        "one_minus_keep": lambda keep_prob: 1 - keep_prob,
        "scale": lambda keep_prob: 1 / keep_prob,
    },
    results={
        "out": (Term("the kept values", "x * mask / keep_prob", lambda x, mask, scale: x * mask * scale),),
        "dx": (Term("the kept values", "dout * mask / keep_prob", lambda dout, mask, scale: dout * mask * scale),),
    },
    swaps=(
        Swap("mask", "no mask at all", lambda mask: np.ones_like(mask)),
        Swap("mask", "1 − mask: the dropped values instead of the kept", lambda mask: 1 - mask),
        Swap("mask", "the mask dout > 0", lambda dout: (dout > 0) * 1.0, ("dx",)),
        Swap("mask", "the mask x > 0", lambda x: (x > 0) * 1.0, ("dx",)),
        Swap("mask", "the output instead of the mask", lambda out: out, ("dx",)),
        Swap("mask", "x times the mask", lambda x, mask: x * mask, ("dx",)),
        Swap("mask", "the mask transposed", lambda mask: square_transposed(mask), ("dx",)),
        Swap("mask", "the mask shifted by one example", lambda mask: np.roll(mask, 1, axis=0), ("dx",)),
        Swap("mask", "the first example's mask for all", lambda mask: np.zeros_like(mask) + mask[:1], ("dx",)),
        *DOUT,
    ),
    numbers=("keep_prob", "one_minus_keep", "N"),
    symbols={"scale": "1 / keep_prob", "one_minus_keep": "(1 − keep_prob)"},
    conventions={"keep_prob/one_minus_keep": "the setting is the share dropped, not kept"},
    infer=lambda x, out, keep_prob: _mask(x, out, keep_prob),
    predicting=PASSING,
)


def _mask(x: Array, out: Array, keep_prob: Any) -> dict[str, Any] | None:
    """The mask that out was made with, if it was made by dropping and scaling, and keep_prob if it is not told."""
    applied = dropped(x, out)
    if applied is None:
        return None
    mask, scale = applied
    return {"mask": mask, "keep_prob": 1 / scale if keep_prob is None else keep_prob}


def dropped(x: Array, out: Array) -> tuple[Array, float] | None:
    """What out was made with, if it was made by dropping and scaling: the mask, and one factor for all that is kept."""
    kept = (out != 0) | (x == 0)
    ratios = out[kept & (x != 0)] / x[kept & (x != 0)]
    scale = float(np.median(ratios)) if ratios.size else 0.0
    if scale <= 0 or np.abs(ratios - scale).max() > 1e-6 * scale:
        return None
    return kept * 1.0, scale


def _rows(x: Array) -> Array:
    shifted = np.exp(x - x.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


PROBABILITIES = (  # what is written for the softmax of scores
    Swap("p", "the exponentials, not divided by their sum", lambda scores: np.exp(scores)),
    Swap("p", "exponentials divided by their sum over the batch (the wrong axis)", lambda scores: _rows(scores.T).T),
    Swap("p", "exponentials divided by the sum of all of them", lambda scores: np.exp(scores) / np.exp(scores).sum()),
    Swap("p", "the scores instead of probabilities", lambda scores: scores),
    Swap("p", "the logarithms of the probabilities", lambda p: np.log(p)),
    Swap("p", "1 − the probabilities", lambda p: 1 - p),
    Swap("p", "p · (1 − p), the diagonal of the Jacobian only", lambda p: p * (1 - p)),
    Swap("p", "the softmax taken twice", lambda p: _rows(p)),
    Swap("p", "the softmax of −scores", lambda scores: _rows(-scores)),
    Swap("p", "the sigmoid of each score", lambda scores: sigmoid(scores)),
    Swap(
        "p",
        "exponentials shifted by the maximum, not divided by their sum",
        lambda scores: np.exp(scores - scores.max(axis=-1, keepdims=True)),
    ),
    Swap("p", "exponentials shifted by the largest score of all, not divided", lambda scores: np.exp(scores - scores.max())),
)
SOFTMAX = Recipe(
    arrays={"x": "N K"},
    ingredients={
        "N": lambda x: len(x),
        "K": lambda x: x.shape[-1],
        "scores": lambda x: x,
        "p": lambda scores: _rows(scores),
        "along": lambda dout, p: (dout * p).sum(axis=-1, keepdims=True),
    },
    results={
        "out": (Term("the probabilities", "np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)", lambda p: p),),
        "dx": (
            Term("the diagonal of the Jacobian", "out * dout", lambda p, dout: p * dout),
            Term("the rest of the Jacobian", "- out * (dout * out).sum(axis=-1, keepdims=True)", lambda p, along: -p * along),
        ),
    },
    swaps=(
        Swap("along", "the diagonal of the Jacobian only: dout · out without the sum over classes", lambda dout, p: dout * p),
        Swap("along", "Σ dout, without the probabilities", lambda dout: dout.sum(axis=-1, keepdims=True)),
        Swap("along", "the sum over the batch (the wrong axis)", lambda dout, p: (dout * p).sum(axis=0, keepdims=True)),
        Swap("along", "the sum over everything", lambda dout, p: (dout * p).sum()),
        Swap("along", "the mean instead of the sum over classes", lambda along, K: along / K),
        Swap("along", "dout, not summed", lambda dout: dout),
        Swap("", "out − dout, as if it were the softmax loss's gradient", lambda p, dout: p - dout, ("dx",)),
        *PROBABILITIES,
        *DOUT,
    ),
    factors=("p",),
    numbers=("N", "K"),
    overflows=True,
    symbols={"p": "out", "along": "(dout * out).sum(axis=-1, keepdims=True)"},
)
LOG_SOFTMAX = Recipe(
    arrays={"x": "N K"},
    ingredients={
        "N": lambda x: len(x),
        "K": lambda x: x.shape[-1],
        "scores": lambda x: x,
        "p": lambda scores: _rows(scores),
        "ln2": lambda: math.log(2),
        "ln10": lambda: math.log(10),
        "whole": lambda dout: dout.sum(axis=-1, keepdims=True),
        "log_sum": lambda scores: np.log(np.exp(scores - scores.max()).sum(axis=-1, keepdims=True)) + scores.max(),
    },
    results={
        "out": (
            Term("the scores", "x", lambda scores: scores),
            Term("the logarithm of the sum", "- log Σ eˣ", lambda scores, log_sum: -log_sum + np.zeros_like(scores)),
        ),
        "dx": (
            Term("dout itself", "dout", lambda dout: dout),
            Term("the probabilities", "- np.exp(out) * dout.sum(axis=-1, keepdims=True)", lambda p, whole: -p * whole),
        ),
    },
    swaps=(
        Swap("whole", "dout, without its sum over classes", lambda dout: dout),
        Swap("whole", "1: the sum of dout is left out", lambda dout: np.ones_like(dout[..., :1])),
        Swap("whole", "the sum over the batch (the wrong axis)", lambda dout: dout.sum(axis=0, keepdims=True)),
        Swap("whole", "the sum over everything", lambda dout: dout.sum()),
        Swap("whole", "the mean instead of the sum over classes", lambda dout: dout.mean(axis=-1, keepdims=True)),
        Swap("whole", "Σ dout · p, the softmax's own sum", lambda dout, p: (dout * p).sum(axis=-1, keepdims=True)),
        Swap("log_sum", "the sum over everything", lambda scores: np.log(np.exp(scores).sum()), ("out",)),
        Swap(
            "log_sum", "the sum over the batch (the wrong axis)", lambda scores: np.log(np.exp(scores).sum(axis=0, keepdims=True)), ("out",)
        ),
        Swap("", "the probabilities, without their logarithm", lambda p: p, ("out",)),
        *PROBABILITIES,
        *DOUT,
    ),
    factors=("p",),
    numbers=("N", "K", "ln2", "ln10"),
    overflows=True,
    symbols={**LOGARITHMS, "p": "np.exp(out)", "whole": "dout.sum(axis=-1, keepdims=True)"},
)
