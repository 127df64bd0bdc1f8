"""The losses and penalties taken apart, by scores x or by the weights of a linear classifier."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.gradcheck.recipe_dense import LOGARITHMS, PROBABILITIES, reshaped, sigmoid, square_transposed
from layerwise.gradcheck.term import Function, Recipe, Swap, Term, needs


def _one_hot(y: Any, scores: Array) -> Array:
    y = np.asarray(y)
    if y.dtype.kind == "f":
        return y.astype(np.float64)
    hot = np.zeros(scores.shape)
    hot[np.arange(len(scores)), y.ravel()] = 1
    return hot


def _without_row(a: Array, row: int) -> Array:
    kept = np.array(a)
    kept[row] = 0
    return kept


def _only_column(a: Array, column: int, keep: bool) -> Array:
    kept = np.zeros_like(a) if keep else np.array(a)
    kept[:, column] = a[:, column] if keep else 0
    return kept


def before_correct(hot: Array) -> Array:
    """1 for the classes before the correct one."""
    return 1 - np.cumsum(hot, axis=1)


CORRECT = (  # what is written for the one-hot of the labels
    Swap("hot", "nothing for the last label: the one-hot without the last class", lambda hot: _only_column(hot, -1, False)),
    Swap("hot", "nothing for label 0: the one-hot without the first class", lambda hot: _only_column(hot, 0, False)),
    Swap("hot", "the one-hot without the last example", lambda hot: _without_row(hot, -1)),
    Swap("hot", "the one-hot without the first example", lambda hot: _without_row(hot, 0)),
    Swap("hot", "1 for every class instead of the correct one", lambda hot: np.ones_like(hot)),
    Swap("hot", "labels one too high", lambda hot: np.roll(hot, 1, axis=1)),
    Swap("hot", "labels one too low", lambda hot: np.roll(hot, -1, axis=1)),
    Swap("hot", "the first label for every example", lambda hot: np.zeros_like(hot) + hot[:1]),
    Swap(
        "hot",
        "a column for each label, in all rows: dx[:, y] instead of dx[np.arange(N), y]",
        lambda hot: np.zeros_like(hot) + (hot.sum(axis=0) > 0),
    ),
    Swap("hot", "1 − the one-hot: the wrong classes instead of the correct one", lambda hot: 1 - hot),
)
CORRECT_P = (
    Swap("hot", "the correct probability instead of 1", lambda hot, p: hot * p),
    Swap(
        "hot",
        "the correct probability instead of 1, in the whole row",
        lambda hot, p: (hot * p).sum(axis=1, keepdims=True) + np.zeros_like(hot),
    ),
)
LOOPS = (  # what a loop over classes leaves out
    ("without the last class: the loop ends one class early", lambda a, hot: _only_column(a, -1, False)),
    ("without class 0: the loop starts one class late", lambda a, hot: _only_column(a, 0, False)),
    ("of the classes before the correct one alone: break ends the loop there", lambda a, hot: a * before_correct(hot)),
    ("of the classes up to the correct one: break ends the loop after it", lambda a, hot: a * (before_correct(hot) + hot)),
    ("of the correct class alone", lambda a, hot: a * hot),
    ("of the classes after the correct one alone", lambda a, hot: a * (1 - before_correct(hot) - hot)),
)
SHARES = (  # which examples count
    Swap("each", "every example but the last", lambda each: _without_row(each, -1)),
    Swap("each", "every example but the first", lambda each: _without_row(each, 0)),
    Swap("each", "every example but those of the last class", lambda each, hot: each * (1 - hot[:, -1:])),
    Swap("each", "every example but those of class 0", lambda each, hot: each * (1 - hot[:, :1])),
    Swap("each", "the last example only", lambda each: each - _without_row(each, -1)),
)


class _Partly:
    """An ingredient after a change that looks at the labels."""

    def __init__(self, change: Callable[[Array, Array], Array], name: str) -> None:
        self.change, self.needs = change, (name, "hot")

    def __call__(self, a: Array, hot: Array) -> Array:
        return self.change(a, hot)


LOGARITHM_BASES: dict[str, Function] = {"ln2": lambda: np.log(2), "ln10": lambda: np.log(10)}


def _log_sum(scores: Array) -> Array:
    top = scores.max(axis=1, keepdims=True)
    return top[:, 0] + np.log(np.exp(scores - top).sum(axis=1))


SOFTMAX_LOSS = Recipe(
    arrays={"x": "N K"},
    labels=True,
    loss=True,
    ingredients={
        "scores": lambda x: x,
        "each": lambda x: np.ones((len(x), 1)),
        "N": lambda scores: len(scores),
        "K": lambda scores: scores.shape[1],
        "hot": lambda y, scores: _one_hot(y, scores),
        "p": lambda scores: np.exp(scores - _log_sum(scores)[:, None]),
        "log_sum": lambda scores: _log_sum(scores),
        **LOGARITHM_BASES,
        "correct": lambda hot, scores: (hot * scores).sum(axis=1),
    },
    results={
        "out": (
            Term("the logarithm of the sum", "np.log(np.exp(x).sum(axis=1)).mean()", lambda log_sum, N: log_sum.sum() / N),
            Term("the correct score", "- x[np.arange(N), y].mean()", lambda correct, N: -correct.sum() / N),
        ),
        "dx": (
            Term("the probabilities", "p / N", lambda p, each, N: p * each / N),
            Term("minus the one-hot", "dx[np.arange(N), y] -= 1 / N", lambda hot, each, N: -hot * each / N),
        ),
    },
    swaps=(
        *PROBABILITIES,
        *CORRECT,
        *CORRECT_P,
        *SHARES,
        Swap(
            "log_sum",
            "the logarithm of one sum over everything",
            lambda scores: np.log(np.exp(scores).sum()) + np.zeros(len(scores)),
            ("out",),
        ),
        Swap(
            "log_sum",
            "the logarithm of the sum of shifted scores (the maximum is subtracted here only)",
            lambda scores, log_sum: log_sum - scores.max(axis=1),
            ("out",),
        ),
        Swap("log_sum", "the sum without its logarithm", lambda log_sum: np.exp(log_sum), ("out",)),
        *(Swap("p", f"the probabilities {text}", _Partly(change, "p"), ("dx", "dW")) for text, change in LOOPS),
        Swap("p", "the probabilities rounded to whole numbers: 1 for the largest", lambda p: np.round(p), ("dx", "dW")),
        Swap(
            "p", "1 for the class with the largest score", lambda scores: (scores == scores.max(axis=1, keepdims=True)) * 1.0, ("dx", "dW")
        ),
        Swap("p", "1 for every class", lambda p: np.ones_like(p), ("dx", "dW")),
        Swap("p", "1/K for every class", lambda p, K: np.full_like(p, 1 / K), ("dx", "dW")),
        Swap("p", "the square of the probabilities", lambda p: p**2, ("dx", "dW")),
        Swap("log_sum", "the logarithm of the mean of the exponentials", lambda log_sum, K: log_sum - np.log(K), ("out",)),
        Swap("log_sum", "the largest score", lambda scores: scores.max(axis=1), ("out",)),
        Swap(
            "correct",
            "the correct score minus the row's maximum (subtracted here only)",
            lambda correct, scores: correct - scores.max(axis=1),
            ("out",),
        ),
        Swap("", "minus the mean of the correct probability, without its logarithm", lambda hot, p, N: -(hot * p).sum() / N, ("out",)),
        Swap("correct", "the correct score's exponential", lambda correct: np.exp(correct), ("out",)),
        Swap("correct", "the largest score", lambda scores: scores.max(axis=1), ("out",)),
    ),
    factors=("p",),
    numbers=("N", "K", "ln2", "ln10"),
    symbols={"hot": "the one-hot of y", "p": "the probabilities", "each": "all examples", "scores": "the scores", **LOGARITHMS},
    conventions={"N": "a sum over examples instead of their mean"},
    overflows=True,
)


def _margins(scores: Array, hot: Array, margin: float) -> Array:
    """The margins of all classes, 0 for the correct one."""
    return np.maximum(scores - (scores * hot).sum(axis=1, keepdims=True) + margin, 0) * (1 - hot)


SVM_LOSS = Recipe(
    arrays={"x": "N K"},
    labels=True,
    loss=True,
    options={"margin": 1.0},
    aliases={"delta": "margin"},
    ingredients={
        "scores": lambda x: x,
        "each": lambda x: np.ones((len(x), 1)),
        "N": lambda scores: len(scores),
        "K": lambda scores: scores.shape[1],
        "hot": lambda y, scores: _one_hot(y, scores),
        "correct": lambda scores, hot: (scores * hot).sum(axis=1, keepdims=True),
        "raw": lambda scores, correct, margin: scores - correct + margin,
        "margins": lambda raw, hot: np.maximum(raw, 0) * (1 - hot),
        "indicators": lambda margins: (margins > 0) * 1.0,
        "count": lambda indicators: indicators.sum(axis=1, keepdims=True),
    },
    results={
        "out": (Term("the margins", "margins.sum() / N", lambda margins, N: margins.sum() / N),),
        "dx": (
            Term("the indicators", "(margins > 0) / N", lambda indicators, each, N: indicators * each / N),
            Term(
                "minus their count at the correct class",
                "dx[np.arange(N), y] -= (margins > 0).sum(axis=1) / N",
                lambda count, hot, each, N: -count * hot * each / N,
            ),
        ),
    },
    swaps=(
        Swap("indicators", "the margins' values instead of their indicators", lambda margins: margins, ("dx", "dW")),
        Swap("indicators", "indicators that hold 1 at the correct class too", lambda raw: (raw > 0) * 1.0, ("dx", "dW")),
        Swap("indicators", "1 for every wrong class, whatever its margin", lambda hot: 1 - hot, ("dx", "dW")),
        Swap("indicators", "1 for every class, whatever its margin", lambda hot: np.ones_like(hot), ("dx", "dW")),
        Swap(
            "indicators", "indicators without the margin: score > correct score", lambda raw, margin: (raw - margin > 0) * 1.0, ("dx", "dW")
        ),
        Swap("indicators", "indicators of the positive scores", lambda scores: (scores > 0) * 1.0, ("dx", "dW")),
        Swap(
            "indicators",
            "an indicator of the largest margin only",
            lambda margins: (margins == margins.max(axis=1, keepdims=True)) * (margins > 0) * 1.0,
            ("dx", "dW"),
        ),
        Swap("indicators", "indicators of margin < 0, the wrong side", lambda raw, hot: (raw < 0) * (1 - hot), ("dx", "dW")),
        Swap("indicators", "2 · margin: the slope of the squared hinge", lambda margins: 2 * margins, ("dx", "dW")),
        Swap("indicators", "unclipped margins", lambda raw, hot: raw * (1 - hot), ("dx", "dW")),
        *(Swap("indicators", f"indicators {text}", _Partly(change, "indicators"), ("dx", "dW")) for text, change in LOOPS),
        *(Swap("margins", f"margins {text}", _Partly(change, "margins"), ("out",)) for text, change in LOOPS),
        Swap("correct", "the correct score of the first example for all", lambda correct: np.zeros_like(correct) + correct[:1]),
        Swap("correct", "the correct score of the last example for all", lambda correct: np.zeros_like(correct) + correct[-1:]),
        Swap("correct", "0: the correct score is not subtracted", lambda correct: np.zeros_like(correct)),
        Swap("correct", "the largest score", lambda scores: scores.max(axis=1, keepdims=True)),
        Swap(
            "count", "the count less 256: it wraps around in unsigned integers (uint8)", lambda count: np.where(count > 0, count - 256, 0)
        ),
        Swap("count", "1 instead of the count of violated margins", lambda count: np.ones_like(count), ("dx", "dW")),
        Swap("count", "K − 1 instead of the count of violated margins", lambda count, K: np.full_like(count, K - 1), ("dx", "dW")),
        Swap("count", "K instead of the count of violated margins", lambda count, K: np.full_like(count, K), ("dx", "dW")),
        Swap("count", "the count plus 1: the correct class is counted too", lambda count: count + 1, ("dx", "dW")),
        Swap(
            "count",
            "the count over examples, the wrong axis,",
            lambda indicators, hot: (hot * indicators.sum(axis=0)).sum(axis=1, keepdims=True),
            ("dx", "dW"),
        ),
        Swap("count", "1 where any margin is violated, instead of their count", lambda count: (count > 0) * 1.0, ("dx", "dW")),
        Swap("count", "the sum of the margins instead of their count", lambda margins: margins.sum(axis=1, keepdims=True), ("dx", "dW")),
        Swap("count", "the count of all examples together", lambda count: np.full_like(count, count.sum()), ("dx", "dW")),
        Swap("count", "the mean of the indicators instead of their count", lambda count, K: count / K, ("dx", "dW")),
        *CORRECT,
        *SHARES,
        Swap("margins", "margins with the correct class left in (+ margin for each example)", lambda raw: np.maximum(raw, 0), ("out",)),
        Swap("margins", "margins without max(0, ·)", lambda raw, hot: raw * (1 - hot), ("out",)),
        Swap("margins", "margins without max(0, ·), the correct class left in", lambda raw: raw, ("out",)),
        Swap("margins", "margins without the + margin", lambda raw, hot, margin: np.maximum(raw - margin, 0) * (1 - hot), ("out",)),
        Swap("margins", "the squared margins", lambda margins: margins**2, ("out",)),
        Swap("margins", "the largest margin of each example only", lambda margins: margins.max(axis=1), ("out",)),
        Swap("margins", "the indicators instead of the margins", lambda indicators: indicators, ("out",)),
        Swap("margins", "margins with the sign of the margin turned", lambda scores, hot, margin: _margins(scores, hot, -margin), ("out",)),
    ),
    numbers=("N", "K"),
    symbols={
        "hot": "the one-hot of y",
        "indicators": "the indicators (margins > 0)",
        "count": "the count of violated margins",
        "each": "all examples",
        "scores": "the scores",
        "correct": "the correct score",
    },
    conventions={"N": "a sum over examples instead of their mean"},
)

PENALTY_SWAPS = (
    Swap("penalised", "the sign of W: the slope of an L1 penalty", lambda W: np.sign(W)),
    Swap("penalised", "the absolute value of W", lambda W: np.abs(W)),
    Swap("penalised", "W²: the penalty itself instead of its slope", lambda W: W**2, ("dW",)),
    Swap("penalised", "Σ W² instead of W", lambda W: np.full_like(W, (W**2).sum()), ("dW",)),
    Swap("penalised", "Σ W instead of W", lambda W: np.full_like(W, W.sum()), ("dW",)),
    Swap("penalised", "1: W is forgotten", lambda W: np.ones_like(W), ("dW",)),
    Swap("penalised", "W without its last row (the bias)", lambda W: _without_row(W, -1)),
    Swap("penalised", "W without its first row", lambda W: _without_row(W, 0)),
    Swap("penalised", "W without its last column", lambda W: _only_column(W, -1, False)),
    Swap("penalised", "W without its first column", lambda W: _only_column(W, 0, False)),
    Swap("penalised", "each row's sum in the place of its elements", lambda W: W.sum(axis=1, keepdims=True) + np.zeros_like(W), ("dW",)),
    Swap("penalised", "each column's sum in the place of its elements", lambda W: W.sum(axis=0) + np.zeros_like(W), ("dW",)),
    Swap("penalised", "the transpose of W", lambda W: square_transposed(W), ("dW",)),
    Swap("penalised", "W³", lambda W: W**3, ("dW",)),
    Swap("penalised", "W divided by its norm", lambda W: W / np.linalg.norm(W), ("dW",)),
    Swap("penalty", "the sum of the matrix W.T @ W, for that of the squares", lambda W: (W.sum(axis=1) ** 2).sum(), ("out",)),
    Swap("penalty", "the sum of the matrix W @ W.T, for that of the squares", lambda W: (W.sum(axis=0) ** 2).sum(), ("out",)),
    Swap("penalty", "the mean of the squares, not their sum", lambda W: (W**2).mean(), ("out",)),
    Swap("penalty", "the square of the sum, for the sum of the squares", lambda W: W.sum() ** 2, ("out",)),
    Swap("penalty", "|W| summed, not squared", lambda W: np.abs(W).sum(), ("out",)),
    Swap("penalty", "W summed, not squared", lambda W: W.sum(), ("out",)),
    Swap("penalty", "the norm √ΣW²: a root too many", lambda W: np.sqrt((W**2).sum()), ("out",)),
)
PENALTY_INGREDIENTS: dict[str, Function] = {
    "penalised": lambda W: W,
    "penalty": lambda penalised: (penalised**2).sum(),
}
PENALTY_OUT = Term("the penalty", "0.5 * reg * (W ** 2).sum()", lambda penalty, reg: 0.5 * reg * penalty)
PENALTY_SLOPE = Term("the penalty", "reg * W", lambda penalised, reg: reg * penalised)


BACK = (  # what is written for the X whose transpose the gradient meets
    Swap("back", "X reshaped instead of transposed", lambda rows: reshaped(rows), ("dW",)),
    Swap("back", "X transposed: X itself where X.T belongs", lambda rows: square_transposed(rows), ("dW",)),
    Swap("back", "the absolute value of X", lambda rows: np.abs(rows), ("dW",)),
    Swap("back", "only the last example of X: = instead of +=", lambda rows: rows - _without_row(rows, -1), ("dW",)),
)


def linear(loss: Recipe) -> Recipe:
    """The loss of X @ W with a penalty on W: each term of dx becomes Xᵀ times it."""

    def through_x(term: Term) -> Term:
        return Term(term.name, f"X.T @ ({term.formula})", _Through(term.value, needs(term.value)))

    return replace(
        loss,
        arrays={"W": "D K", "X": "N D"},
        options={**loss.options, "reg": 0.0},
        scalars=("reg",),
        aliases={**loss.aliases, "reg_strength": "reg"},
        ingredients={
            **loss.ingredients,
            "scores": lambda rows, W: rows @ W,
            "rows": lambda X: X,
            "back": lambda rows: rows,
            "each": lambda X: np.ones((len(X), 1)),
            **PENALTY_INGREDIENTS,
            "D": lambda W: W.shape[0],
        },
        results={
            "out": (*loss.results["out"], PENALTY_OUT),
            "dW": (*map(through_x, loss.results["dx"]), PENALTY_SLOPE),
        },
        swaps=(*(swap for swap in loss.swaps if swap.place), *PENALTY_SWAPS, *BACK),
        numbers=(*loss.numbers, "reg", "D"),
        symbols={**loss.symbols, "rows": "X", "back": "X", "penalised": "W", "penalty": "ΣW²"},
        conventions={**loss.conventions, "the penalty·2": "λ·ΣW² instead of ½·λ·ΣW²", "the penalty·1/2": "¼·λ·ΣW²"},
    )


class _Through:
    """X.T @ a term, which asks for X and for what the term takes."""

    def __init__(self, value: Function, names: tuple[str, ...]) -> None:
        self.value, self.needs = value, ("back", *names)

    def __call__(self, back: Array, *ingredients: Any) -> Array:
        return back.T @ self.value(*ingredients)


LINEAR_SOFTMAX_LOSS = linear(SOFTMAX_LOSS)
LINEAR_SVM_LOSS = linear(SVM_LOSS)

L2_PENALTY = Recipe(
    arrays={"W": "D K"},
    loss=True,
    options={"reg": None},
    scalars=("reg",),
    aliases={"reg_strength": "reg"},
    ingredients={"N": lambda W: len(W), "K": lambda W: W.shape[-1], **PENALTY_INGREDIENTS},
    results={"out": (PENALTY_OUT,), "dW": (PENALTY_SLOPE,)},
    swaps=PENALTY_SWAPS,
    numbers=("reg", "N", "K"),
    symbols={"penalised": "W", "penalty": "ΣW²"},
    conventions={"the penalty·2": "λ·ΣW² instead of ½·λ·ΣW²"},
)


L1_PENALTY = Recipe(
    arrays={"W": "D K"},
    loss=True,
    options={"reg": None},
    scalars=("reg",),
    aliases={"reg_strength": "reg"},
    ingredients={
        "N": lambda W: len(W),
        "K": lambda W: W.shape[-1],
        "penalty": lambda W: np.abs(W).sum(),
        "penalised": lambda W: np.sign(W),
    },
    results={
        "out": (Term("the penalty", "reg * np.abs(W).sum()", lambda penalty, reg: reg * penalty),),
        "dW": (Term("the penalty", "reg * np.sign(W)", lambda penalised, reg: reg * penalised),),
    },
    swaps=(
        Swap("penalised", "W itself, an L2 penalty's slope, not its sign", lambda W: W),
        Swap("penalised", "1 everywhere: the sign of W is forgotten, so that negative weights are pushed down", lambda W: np.ones_like(W)),
        Swap("penalised", "the absolute value of W, not its sign", lambda W: np.abs(W)),
        Swap("penalised", "the mask W > 0: −1 is missing where W is negative", lambda W: (W > 0) * 1.0),
        Swap("penalised", "W²", lambda W: W**2),
        Swap("penalised", "1 / W", lambda W: 1 / W),
        Swap("penalised", "Σ|W| in every place: the value itself", lambda W: np.full_like(W, np.abs(W).sum())),
        Swap("penalised", "the sign of each row's sum", lambda W: np.sign(W.sum(axis=1, keepdims=True)) + np.zeros_like(W)),
        Swap("penalised", "the sign without the last row (the bias)", lambda W: _without_row(np.sign(W), -1)),
        Swap("penalised", "the sign without the first row", lambda W: _without_row(np.sign(W), 0)),
        Swap("penalty", "ΣW²: an L2 penalty", lambda W: (W**2).sum(), ("out",)),
        Swap("penalty", "ΣW without the absolute value", lambda W: W.sum(), ("out",)),
        Swap("penalty", "|ΣW|: the absolute value of the sum", lambda W: np.abs(W.sum()), ("out",)),
        Swap("penalty", "the mean of |W|, not the sum", lambda W: np.abs(W).mean(), ("out",)),
        Swap("penalty", "the largest |W|", lambda W: np.abs(W).max(), ("out",)),
        Swap("penalty", "the largest sum of a column, np.linalg.norm(W, 1)", lambda W: np.abs(W).sum(axis=0).max(), ("out",)),
        Swap("penalty", "the root √ΣW²", lambda W: np.sqrt((W**2).sum()), ("out",)),
    ),
    numbers=("reg", "N", "K"),
    symbols={"penalised": "the sign of W", "penalty": "Σ|W|"},
)


def against_values(value: Function, slope: Function, formula: str, *swaps: Swap, **more: Any) -> Recipe:
    """A loss that is the mean over all entries of a function of d = x − y."""
    return Recipe(
        arrays={"x": "N K"},
        loss=True,
        targets=True,
        ingredients={
            "N": lambda x: len(x),
            "K": lambda x: x.shape[1],
            "d": lambda x, y: x - np.asarray(y).reshape(x.shape),
            "value": value,
            "slope": slope,
            **more.pop("ingredients", {}),
        },
        results={
            "out": (Term("the mean", more.pop("value_formula"), lambda value, N, K: value.sum() / (N * K)),),
            "dx": (Term("the slope", f"{formula} / (N * K)", lambda slope, N, K: slope / (N * K)),),
            **more.pop("results", {}),
        },
        swaps=(
            *swaps,
            Swap("slope", "the loss's value instead of its slope", lambda value: value, ("dx",)),
            Swap("slope", "the difference y − x, its sign turned, clipped at 0", lambda d: np.maximum(-d, 0), ("dx",)),
            Swap("d", "x: y, the target, is not subtracted", lambda x: x),
            Swap("d", "the difference of each row's means", lambda d: d.mean(axis=1, keepdims=True) + np.zeros_like(d)),
            Swap("d", "x + y", lambda x, y: x + np.asarray(y).reshape(x.shape)),
            Swap("d", "the absolute difference", lambda d: np.abs(d)),
            Swap("slope", "the slope without the last example", lambda slope: _without_row(slope, -1), ("dx",)),
            Swap("slope", "the slope without the first example", lambda slope: _without_row(slope, 0), ("dx",)),
            Swap("slope", "1", lambda slope: np.ones_like(slope), ("dx",)),
        ),
        numbers=("N", "K"),
        symbols={"d": "x − y", "slope": formula},
        conventions={
            "K": "a sum over outputs instead of their mean",
            "N*K": "a sum instead of a mean",
            "N": "a sum over examples instead of their mean",
            "1/2": "half the squared loss",
            "K/2": "half the sum over outputs",
            "N*K/2": "half a sum instead of a mean",
        },
        **more,
    )


SQUARED_LOSS = against_values(
    lambda d: d**2,
    lambda d: 2 * d,
    "2 * (x - y)",
    Swap("slope", "the sign of x − y: the absolute loss's slope", lambda d: np.sign(d), ("dx",)),
    Swap("slope", "(x − y)²: the square, not its slope", lambda d: d**2, ("dx",)),
    Swap("value", "the root of the sum: the norm", lambda d, N, K: np.sqrt((d**2).sum()) * np.ones(()), ("out",)),
    Swap("value", "|x − y|, not squared", lambda d: np.abs(d), ("out",)),
    value_formula="np.mean((x - y) ** 2)",
)
ABSOLUTE_LOSS = against_values(
    lambda d: np.abs(d),
    lambda d: np.sign(d),
    "np.sign(x - y)",
    Swap("slope", "x − y instead of its sign", lambda d: d, ("dx",)),
    Swap("slope", "the mask x > y: −1 is missing where x < y", lambda d: (d > 0) * 1.0, ("dx",)),
    Swap("slope", "|x − y|", lambda d: np.abs(d), ("dx",)),
    Swap("value", "x − y without its absolute value", lambda d: d, ("out",)),
    value_formula="np.mean(np.abs(x - y))",
)
HUBER_LOSS = against_values(
    lambda d, delta: np.where(np.abs(d) <= delta, 0.5 * d**2, delta * (np.abs(d) - 0.5 * delta)),
    lambda d, delta: np.clip(d, -delta, delta),
    "np.clip(x - y, -delta, delta)",
    Swap("slope", "x − y, not clipped at delta", lambda d: d, ("dx",)),
    Swap("slope", "delta · sign(x − y) everywhere", lambda d, delta: delta * np.sign(d), ("dx",)),
    Swap("slope", "sign without delta outside", lambda d, delta: np.where(np.abs(d) <= delta, d, np.sign(d)), ("dx",)),
    Swap("slope", "d · |d| outside", lambda d, delta: np.where(np.abs(d) <= delta, d, d * np.abs(d)), ("dx",)),
    Swap("slope", "delta · |d| outside, the value", lambda d, delta: np.where(np.abs(d) <= delta, d, delta * np.abs(d)), ("dx",)),
    Swap("slope", "½ (x − y)² inside, the value", lambda d, delta: np.where(np.abs(d) <= delta, 0.5 * d**2, delta * np.sign(d)), ("dx",)),
    Swap("slope", "x − y clipped at 1 instead of delta", lambda d: np.clip(d, -1, 1), ("dx",)),
    Swap("slope", "the sides told by d, not |d|", lambda d, delta: np.where(d <= delta, d, delta), ("dx",)),
    Swap("slope", "+delta outside, its sign lost", lambda d, delta: np.where(np.abs(d) <= delta, d, delta), ("dx",)),
    Swap("slope", "inside and outside swapped", lambda d, delta: np.where(np.abs(d) > delta, d, delta * np.sign(d)), ("dx",)),
    Swap(
        "value",
        "delta · |x − y| outside, without − ½ delta²",
        lambda d, delta: np.where(np.abs(d) <= delta, 0.5 * d**2, delta * np.abs(d)),
        ("out",),
    ),
    Swap(
        "value",
        "(x − y)² inside, without the half",
        lambda d, delta: np.where(np.abs(d) <= delta, d**2, delta * (np.abs(d) - 0.5 * delta)),
        ("out",),
    ),
    Swap(
        "value",
        "delta · (|x − y| − delta) outside, the half of delta forgotten",
        lambda d, delta: np.where(np.abs(d) <= delta, 0.5 * d**2, delta * (np.abs(d) - delta)),
        ("out",),
    ),
    Swap(
        "value",
        "|x − y| − ½ delta outside, without delta",
        lambda d, delta: np.where(np.abs(d) <= delta, 0.5 * d**2, np.abs(d) - 0.5 * delta),
        ("out",),
    ),
    Swap("value", "½ (x − y)² everywhere", lambda d: 0.5 * d**2, ("out",)),
    Swap(
        "value",
        "inside and outside swapped",
        lambda d, delta: np.where(np.abs(d) > delta, 0.5 * d**2, delta * (np.abs(d) - 0.5 * delta)),
        ("out",),
    ),
    ingredients={"inside": lambda d, delta: (np.abs(d) <= delta) * 1.0},
    results={
        "out": (
            Term(
                "the value inside delta",
                "0.5 * (x - y) ** 2 / (N * K)",
                lambda value, inside, N, K: (value * inside).sum() / (N * K),
                branch=True,
            ),
            Term(
                "the value outside delta",
                "delta * (abs(x - y) - 0.5 * delta) / (N * K)",
                lambda value, inside, N, K: (value * (1 - inside)).sum() / (N * K),
                branch=True,
            ),
        ),
        "dx": (
            Term("the slope inside delta", "(x - y) / (N * K)", lambda slope, inside, N, K: slope * inside / (N * K), branch=True),
            Term(
                "the slope outside delta",
                "delta * np.sign(x - y) / (N * K)",
                lambda slope, inside, N, K: slope * (1 - inside) / (N * K),
                branch=True,
            ),
        ),
    },
    options={"delta": 1.0},
    scalars=("delta",),
    guesses=({"delta": 0.5}, {"delta": 2.0}),
    value_formula="np.mean(np.where(abs(x - y) <= delta, 0.5 * (x - y) ** 2, delta * (abs(x - y) - 0.5 * delta)))",
)
BINARY_CROSS_ENTROPY_LOSS = Recipe(
    arrays={"x": "N K"},
    shares=True,
    loss=True,
    ingredients={
        "N": lambda x: len(x),
        "K": lambda x: x.shape[1],
        "target": lambda x, y: np.asarray(y, np.float64).reshape(x.shape),
        "p": lambda x: sigmoid(x),
        "bend": lambda p: p * (1 - p),
        **LOGARITHM_BASES,
        "softplus": lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
    },
    results={
        "out": (
            Term("the softplus of x", "np.log1p(np.exp(x)).mean()", lambda softplus: softplus.mean()),
            Term("minus x · y", "- (x * y).mean()", lambda x, target: -(x * target).mean()),
        ),
        "dx": (
            Term("the sigmoid", "sigmoid(x) / (N * K)", lambda p, N, K: p / (N * K)),
            Term("minus the target", "- y / (N * K)", lambda target, N, K: -target / (N * K)),
        ),
    },
    swaps=(
        Swap("p", "the scores: the sigmoid is missing", lambda x: x, ("dx",)),
        Swap("p", "the sigmoid's slope σ · (1 − σ)", lambda p: p * (1 - p), ("dx",)),
        Swap("p", "the rounded prediction x > 0", lambda x: (x > 0) * 1.0, ("dx",)),
        Swap("p", "sigmoid(−x)", lambda p: 1 - p, ("dx",)),
        Swap("p", "the sigmoid taken twice", lambda p: sigmoid(p), ("dx",)),
        Swap("p", "p · y: the second term, of 1 − y (the negative examples), is missing", lambda p, target: p * target, ("dx",)),
        Swap("target", "p · y: the first term, of y (the positive examples), is missing", lambda p, target: p * target, ("dx",)),
        Swap("p", "the softmax of each row", lambda x: np.exp(x - _log_sum(x)[:, None]), ("dx",)),
        Swap("p", "tanh(x)", lambda x: np.tanh(x), ("dx",)),
        Swap("target", "1 where y > 0", lambda target: (target > 0) * 1.0),
        Swap("target", "±1 instead of 0 and 1: 2y − 1", lambda target: 2 * target - 1),
        Swap("softplus", "y · log(1 + eˣ): the second term, of 1 − y, is missing", lambda softplus, target: softplus * target, ("out",)),
        Swap(
            "target", "y · log(1 + eˣ) / x: the first term, of y, is missing", lambda softplus, target, x: softplus * target / x, ("out",)
        ),
        Swap("softplus", "log(1 + e^p): the sigmoid once too often", lambda p: np.log1p(np.exp(p)), ("out",)),
        Swap("target", "1 − y", lambda target: 1 - target),
        Swap("target", "the sign of the target", lambda target: np.sign(target)),
        Swap("target", "targets without the last example", lambda target: _without_row(target, -1)),
        Swap("softplus", "log(1 + e^(−x))", lambda softplus, x: softplus - x, ("out",)),
    ),
    factors=("p", "bend"),
    numbers=("N", "K", "ln2", "ln10"),
    symbols={"p": "sigmoid(x)", "target": "y", "bend": "p · (1 − p), the slope of the sigmoid,", **LOGARITHMS},
    conventions={
        "K": "a sum over outputs instead of their mean",
        "N*K": "a sum instead of a mean",
        "N": "a sum over examples instead of their mean",
    },
)
