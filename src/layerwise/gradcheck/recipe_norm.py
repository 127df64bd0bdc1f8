"""Batch, layer and group norm taken apart: one recipe, with its own mean for each."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from layerwise.arrays import Array
from layerwise.gradcheck.recipe_dense import DOUT
from layerwise.gradcheck.term import Function, Recipe, Swap, Term

Reduce = Callable[[Array], Array]


def over(*axes: int) -> Reduce:
    """The mean over these axes, which keep length 1."""
    return lambda a: a.mean(axis=axes, keepdims=True)


def normalisation(
    arrays: dict[str, str], *, average: Function, others: tuple[tuple[str, Function], ...], collect: tuple[int, ...], n: str
) -> Recipe:
    """average: x -> the function that means are taken with; others: wrong ones; collect: the axes that gamma's gradient sums over."""
    per_channel = len(collect) == 3

    def along_channels(parameter: Array) -> Array:
        return parameter.reshape(1, -1, 1, 1) if per_channel else parameter

    def collected(a: Array, gamma: Array, axes: tuple[int, ...]) -> Array:
        return a.sum(axis=axes).reshape(gamma.shape)

    wrong_means = tuple(Swap("average", text, function) for text, function in others) + tuple(
        Swap("average_back", f"{text}, in the backward alone", function, ("dx",)) for text, function in others
    )
    axes = ((1,),) if not per_channel else ((1, 2, 3), (0, 1, 2), (0, 1, 3))
    wrong_sums = tuple(Swap("collect", f"axis {_written(other)} (the wrong axis)", _constant(other), ("dgamma", "dbeta")) for other in axes)
    return Recipe(
        arrays=arrays,
        options={"eps": 1e-5},
        guesses=({"eps": 1e-8}, {"eps": 1e-3}, {"eps": 1e-6}, {"eps": 0.0}, {"eps": 1e-7}, {"eps": 1e-12}, {"eps": 1e-4}),
        ingredients={
            "average": average,
            "count": lambda x, average: round(1 / float(np.ravel(average(_one_hot(x)))[0])),
            "N": lambda x: len(x),
            "D": lambda x: x.shape[1],
            "mean": lambda average, x: average(x),
            "centred": lambda x, mean: x - mean,
            "var": lambda average, x: average((x - average(x)) ** 2),
            "inv_std": lambda var, eps: 1 / np.sqrt(var + eps),
            "x_hat": lambda centred, inv_std: centred * inv_std,
            "along_channels": lambda: along_channels,
            "scale": lambda gamma, along_channels: along_channels(gamma),
            "shift": lambda beta, along_channels: along_channels(beta),
            "dx_hat": lambda dout, scale: dout * scale,
            "average_back": lambda average: average,
            "along": lambda average_back, dx_hat, x_hat: average_back(dx_hat * x_hat),
            "level": lambda average_back, dx_hat: average_back(dx_hat),
            "collect": _constant(collect),
        },
        results={
            "out": (
                Term("gamma · x̂", "gamma * x_hat", lambda scale, x_hat: scale * x_hat),
                Term("the shift beta", "beta", lambda shift, x: shift + np.zeros_like(x)),
            ),
            "dx": (
                Term("the direct term", "dx_hat * inv_std", lambda dx_hat, inv_std: dx_hat * inv_std),
                Term(
                    "the term through the variance",
                    f"−(1/{n})·x̂·Σ(dx̂·x̂)·inv_std",
                    lambda x_hat, along, inv_std: -x_hat * along * inv_std,
                ),
                Term("the term through the mean", f"−(1/{n})·Σ dx̂·inv_std", lambda level, inv_std, x: -level * inv_std + np.zeros_like(x)),
            ),
            "dgamma": (
                Term(
                    "the sum of dout · x̂",
                    f"(dout * x_hat).sum(axis={_written(collect)})",
                    lambda dout, x_hat, gamma, collect: collected(dout * x_hat, gamma, collect),
                ),
            ),
            "dbeta": (
                Term(
                    "the sum of dout", f"dout.sum(axis={_written(collect)})", lambda dout, gamma, collect: collected(dout, gamma, collect)
                ),
            ),
        },
        swaps=(
            Swap("var", "the unbiased variance (ddof = 1)", lambda var, count: var * count / (count - 1)),
            Swap("var", "E[x²]", lambda average, x: average(x * x)),
            Swap("inv_std", "the root left out: 1 / (var + eps)", lambda inv_std: inv_std**2),
            Swap("inv_std", "√(var + eps), not its inverse", lambda inv_std: 1 / inv_std),
            Swap("inv_std", "eps outside the root: 1 / (√var + eps)", lambda var, eps: 1 / (np.sqrt(var) + eps)),
            Swap("inv_std", "no eps: 1 / √var", lambda var: 1 / np.sqrt(var)),
            Swap("inv_std", "the deviation instead of its inverse, without eps", lambda var: np.sqrt(var)),
            Swap("inv_std", "the deviation's inverse cubed", lambda inv_std: inv_std**3),
            Swap("inv_std", "eps taken off: 1 / √(var − eps)", lambda var, eps: 1 / np.sqrt(var - eps)),
            Swap("inv_std", "the variance instead of the deviation's inverse", lambda var: var),
            Swap("x_hat", "x itself, neither centred nor scaled", lambda x: x),
            Swap("x_hat", "x − mean, not divided by the deviation", lambda centred: centred),
            Swap("x_hat", "the output instead of x̂", lambda out: out),
            Swap("x_hat", "x / deviation, not centred", lambda x, inv_std: x * inv_std),
            Swap("x_hat", "1: x̂ is forgotten", lambda x: np.ones_like(x), ("dgamma",)),
            Swap("x_hat", "its absolute value", lambda x_hat: np.abs(x_hat)),
            Swap("x_hat", "its square", lambda x_hat: x_hat**2),
            Swap("x_hat", "gamma · x̂, the output without beta", lambda scale, x_hat: scale * x_hat),
            Swap("centred", "x, from which the mean is not subtracted", lambda x: x),
            Swap("mean", "the mean of everything", lambda x: x.mean()),
            Swap("dx_hat", "dout: gamma is forgotten", lambda dout: dout),
            Swap("dx_hat", "dout · gamma²", lambda dout, scale: dout * scale**2),
            Swap("dx_hat", "dout / gamma", lambda dout, scale: dout / scale),
            Swap("level", "Σ dout: gamma is forgotten", lambda average, dout: average(dout)),
            Swap("level", "dx̂ of each element alone, not its mean", lambda dx_hat, count: dx_hat / count),
            Swap("level", "dx̂ itself, not its mean", lambda dx_hat: dx_hat),
            Swap(
                "along",
                "dx̂·x̂ of each element alone, not its mean (the diagonal of the Jacobian only)",
                lambda dx_hat, x_hat, count: dx_hat * x_hat / count,
            ),
            Swap("along", "dx̂·x̂ itself, not its mean", lambda dx_hat, x_hat: dx_hat * x_hat),
            Swap("along", "Σ dout·x̂: gamma is forgotten", lambda average, dout, x_hat: average(dout * x_hat)),
            Swap("along", "Σ dx̂·x: x is used for x̂", lambda average, dx_hat, x: average(dx_hat * x)),
            Swap("along", "Σ dx̂: x̂ is forgotten", lambda average, dx_hat: average(dx_hat)),
            Swap("along", "the mean of everything", lambda dx_hat, x_hat: (dx_hat * x_hat).mean()),
            *wrong_means,
            *wrong_sums,
            *DOUT,
        ),
        factors=("inv_std", "scale", "x_hat"),
        numbers=("count", "N", "D"),
        symbols={
            "count": n,
            "scale": "gamma",
            "shift": "beta",
            "x_hat": "x̂",
            "collect": f"axis {_written(collect)}",
            "average_back": "the mean",
            "dx_hat": "dx̂ = dout · gamma",
            "inv_std": "inv_std = 1/√(var + eps)",
            "level": "the mean of dx̂",
            "along": "the mean of dx̂·x̂",
            "average": "the mean",
            "centred": "x − mean",
            "var": "the variance",
        },
        fixed="H W" if per_channel else "",
        scale=0.15,
    )


def _written(axes: tuple[int, ...]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(axes)


def _constant(axes: tuple[int, ...]) -> Function:
    return lambda: axes


def _one_hot(x: Array) -> Array:
    """Zeros but for a 1 at the first element, whose mean is one over the count."""
    spot = np.zeros_like(x)
    spot[(0,) * x.ndim] = 1
    return spot


def by_group(groups: int) -> Reduce:
    """The mean over each example's channels in a group and all places, as long as C along the channels."""

    def average(a: Array) -> Array:
        n, channels = a.shape[:2]
        means = a.reshape(n, groups, -1).mean(axis=2)  # (N, C, H, W) -> (N, G)
        return np.repeat(means, channels // groups, axis=1)[:, :, None, None]

    return average


def interleaved(groups: int) -> Reduce:
    """The same with every G-th channel in a group: the reshape has its axes in the wrong order."""

    def average(a: Array) -> Array:
        n, channels, height, width = a.shape
        means = a.reshape(n, channels // groups, groups, height, width).mean(axis=(1, 3, 4))  # (N, G)
        return np.tile(means, (1, channels // groups))[:, :, None, None]

    return average


def predicting(training: Recipe) -> Recipe:
    """The same with the running averages, which are constants, in the place of the batch's statistics."""
    scaled = Term("gamma · x̂", "gamma * (x - running_mean) / np.sqrt(running_var + eps)", lambda scale, x_hat: scale * x_hat)
    return replace(
        training,
        options={**training.options, "running_mean": 0.0, "running_var": 0.0},
        ingredients={
            **training.ingredients,
            "mean": lambda running_mean, along_channels: along_channels(np.asarray(running_mean)),
            "var": lambda running_var, along_channels: along_channels(np.asarray(running_var)),
        },
        results={
            **training.results,
            "out": (scaled, *training.results["out"][1:]),
            "dx": (Term("the scaled dout", "dout * gamma / np.sqrt(running_var + eps)", lambda dx_hat, inv_std: dx_hat * inv_std),),
        },
        swaps=(
            Swap("mean", "the batch's own mean", lambda average, x: average(x)),
            Swap("var", "the batch's own variance", lambda average, x: average((x - average(x)) ** 2)),
            *(swap for swap in training.swaps if swap.place in ("inv_std", "x_hat", "centred", "dx_hat", "dout", "collect")),
        ),
        symbols={**training.symbols, "mean": "the running mean", "var": "the running variance"},
        fixed="D C H W",
    )


ROWS = {"x": "N D", "gamma": "D", "beta": "D"}
IMAGES = {"x": "N C H W", "gamma": "C", "beta": "C"}

BATCHNORM = normalisation(
    ROWS,
    average=lambda: over(0),
    others=(("the mean over features (the wrong axis)", lambda: over(1)), ("the mean of everything", lambda: over(0, 1))),
    collect=(0,),
    n="N",
)
BATCHNORM = replace(BATCHNORM, predicting=predicting(BATCHNORM))
LAYERNORM = normalisation(
    ROWS,
    average=lambda: over(1),
    others=(("the mean over the batch (the wrong axis)", lambda: over(0)), ("the mean of everything", lambda: over(0, 1))),
    collect=(0,),
    n="D",
)
SPATIAL_BATCHNORM = normalisation(
    IMAGES,
    average=lambda: over(0, 2, 3),
    others=(
        ("the mean over the batch only, not over places", lambda: over(0)),
        ("the mean over places only, not over the batch", lambda: over(2, 3)),
        ("the mean of everything", lambda: over(0, 1, 2, 3)),
        ("the mean over channels (the wrong axis)", lambda: over(1)),
        ("the mean over each image", lambda: over(1, 2, 3)),
    ),
    collect=(0, 2, 3),
    n="(N·H·W)",
)
SPATIAL_BATCHNORM = replace(
    SPATIAL_BATCHNORM,
    predicting=predicting(SPATIAL_BATCHNORM),
    swaps=(
        *SPATIAL_BATCHNORM.swaps,
        Swap("layout", "reshaped to (-1, C), without the transpose that brings channels last", lambda: True),
    ),
    ingredients={
        **SPATIAL_BATCHNORM.ingredients,
        "layout": lambda: False,
        "average": lambda layout: _mixed_mean if layout else over(0, 2, 3),
        "along_channels": lambda layout, x: (lambda a: np.resize(a, x.shape)) if layout else (lambda a: a.reshape(1, -1, 1, 1)),
    },
    symbols={**SPATIAL_BATCHNORM.symbols, "layout": "the transpose to (N, H, W, C)"},
)


def _mixed_mean(a: Array) -> Array:
    """The mean of every C-th value in memory, in a's shape."""
    return np.resize(a.reshape(-1, a.shape[1]).mean(axis=0), a.shape)


def _grouped() -> Recipe:
    plain = normalisation(
        IMAGES,
        average=lambda groups: by_group(groups),
        others=(
            ("the mean over the whole image: the groups are ignored", lambda: over(1, 2, 3)),
            ("the mean over each channel alone: the groups are ignored", lambda: over(2, 3)),
            ("every G-th channel grouped together (the reshape's axes in the wrong order)", lambda groups: interleaved(groups)),
            ("the mean over the batch and places, each channel alone: batch norm's", lambda: over(0, 2, 3)),
            ("the mean over the batch too", lambda groups: lambda a: by_group(groups)(a).mean(axis=0, keepdims=True)),
        ),
        collect=(0, 2, 3),
        n="(C/G·H·W)",
    )
    return replace(
        plain,
        options={"eps": 1e-5, "groups": None},
        scalars=("groups",),
        aliases={"G": "groups"},
        fixed="C H W",
        numbers=("count", "N", "D", "groups"),
    )


SPATIAL_GROUPNORM = _grouped()


def _axes(x: Array) -> tuple[int, ...]:
    return (0,) if x.ndim == 2 else (0, 2, 3)


RUNNING = Recipe(  # the averages that batch norm's forward keeps for prediction
    arrays={"x": "N D"},
    ingredients={
        "n": lambda x: x.size // x.shape[1],
        "old": lambda momentum: momentum,
        "new": lambda momentum: 1 - momentum,
        "mean": lambda x: x.mean(axis=_axes(x)),
        "var": lambda x: x.var(axis=_axes(x)),
    },
    results={
        "running_mean": (
            Term("the old average", "momentum * running_mean", lambda old, old_mean: old * old_mean),
            Term("the batch's mean", "(1 - momentum) * mean", lambda new, mean: new * mean),
        ),
        "running_var": (
            Term("the old average", "momentum * running_var", lambda old, old_var: old * old_var),
            Term("the batch's variance", "(1 - momentum) * var", lambda new, var: new * var),
        ),
    },
    swaps=(
        Swap("momentum", "the weights swapped: 1 − momentum for the old average", lambda momentum: 1 - momentum),
        Swap("var", "the unbiased variance (ddof = 1)", lambda var, n: var * n / (n - 1)),
        Swap("var", "the deviation √var", lambda var: np.sqrt(var)),
        Swap("var", "the mean", lambda mean: mean),
        Swap("mean", "the variance", lambda var: var),
        Swap("new", "1: the batch's share is not weighted", lambda new: 1.0),
        Swap("old", "1: the old average is not weighted", lambda old: 1.0),
        Swap("new", "momentum, for 1 − momentum", lambda momentum: momentum),
        Swap("old", "1 − momentum, for momentum", lambda momentum: 1 - momentum),
    ),
    numbers=("n", "momentum"),
    symbols={"var": "the biased variance", "mean": "the batch's mean", "new": "1 − momentum", "old": "momentum"},
    guessable=False,
)
