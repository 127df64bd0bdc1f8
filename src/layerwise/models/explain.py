"""Where one number of a gradient comes from: the examples that it adds up, and for each the paths from the loss down to it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import look_up
from layerwise.layers.dense import Dense

if TYPE_CHECKING:
    from layerwise.models.network import Network

Index = tuple[int, ...]
MOST_EXAMPLES, MOST_PATHS = 5, 3  # in the text


@dataclass(frozen=True)
class Path:
    """A share of a layer's gradient that comes down through one unit of the next layer with weights: weight times slope."""

    unit: int
    weight: float
    slope: float  # of the loss by that unit's output, for this example
    share: float


@dataclass(frozen=True)
class Share:
    """What one example adds. For a dense layer's weight it is the input times the slope of the loss by the unit's output."""

    example: int
    share: float
    input: float | None = None
    slope: float | None = None
    paths: tuple[Path, ...] = ()

    def lines(self, gradient: str, above: str) -> Iterator[str]:
        made = f" = {self.input:+.6g} (input) × {self.slope:+.6g} (slope)" if self.input is not None else ""
        if self.input is None and self.slope is not None:
            made = " (slope)"
        yield f"example {self.example}: {self.share:+.6g}{made}"
        shown = sorted(self.paths, key=lambda path: -abs(path.share))[:MOST_PATHS]
        for path in shown:
            yield f"    through unit {path.unit} of {above}: {path.share:+.6g} of the slope (weight {path.weight:+.4g}, its slope {path.slope:+.4g})"
        rest = len(self.paths) - len(shown)
        if rest:
            others = sum(path.share for path in self.paths) - sum(path.share for path in shown)
            yield f"    through {rest} other{'s' if rest > 1 else ''}: {others:+.6g}"


@dataclass(frozen=True)
class Explanation:
    """One entry of a gradient as a sum. Printed, it is its text."""

    name: str
    index: Index
    gradient: float  # as loss(X, y) gives it
    shares: tuple[Share, ...]  # one per example
    penalty: float
    above: str  # the next layer with weights, which the paths go through; "" if there is none

    @property
    def total(self) -> float:
        return sum(share.share for share in self.shares) + self.penalty

    @property
    def agrees(self) -> bool:
        """Whether the sum is the entry, but for rounding."""
        size = sum(abs(share.share) for share in self.shares) + abs(self.penalty)
        return abs(self.total - self.gradient) <= 1e-5 * max(size, 1e-12)

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "index": list(self.index),
            "gradient": self.gradient,
            "total": self.total,
            "penalty": self.penalty,
            "above": self.above,
            "shares": [
                {
                    "example": share.example,
                    "share": share.share,
                    "input": share.input,
                    "slope": share.slope,
                    "paths": [vars(path) for path in share.paths],
                }
                for share in self.shares
            ],
        }

    def lines(self) -> Iterator[str]:
        place = f"{self.name}{list(self.index)}"
        yield f"The gradient of the loss by {place} is {self.gradient:.6g}. It adds up over {len(self.shares)} examples:"
        order = sorted(self.shares, key=lambda share: -abs(share.share))
        shown = [share for share in order[:MOST_EXAMPLES] if share.share]
        for share in shown:
            yield from (f"  {line}" for line in share.lines(self.name, self.above))
        rest = order[len(shown) :]
        zeros = sum(not share.share for share in rest)
        if rest:
            told = f" ({zeros} of them 0)" if zeros else ""
            yield f"  {len(rest)} other example{'s' if len(rest) > 1 else ''}{told}: {sum(share.share for share in rest):+.6g}"
        if self.penalty:
            yield f"  the penalty: {self.penalty:+.6g}"
        yield f"The sum is {self.total:.6g}, {'the gradient' if self.agrees else 'which is not the gradient'}."

    def __str__(self) -> str:
        return "\n".join(self.lines())


def explain_grad(model: Network, name: str, index: Any, X: Any, y: Any) -> Explanation:
    """The entry `index` of the gradient by params[name], for the loss(X, y) that would come now, taken apart.

    The model is left as it is, its noise and running statistics too. In dense layers each example's share is shown as input times
    slope, and the slope as a sum over the units above; in other layers each example's share is told.

    >>> from layerwise.models import TwoLayerNet
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(3, 4)), np.array([0, 1, 1])
    >>> found = explain_grad(TwoLayerNet(4, 5, 2, dtype=np.float64), "W2", (0, 1), X, y)
    >>> found.agrees, len(found.shares)
    (True, 3)
    """
    loss, grads = copy.deepcopy(model).loss(X, y)
    if np.ndim(loss):
        raise ValueError("explain_grad: this is a population of models; explain one of its members.")
    gradient = np.asarray(look_up(grads, name, "parameter"))
    index = tuple(int(i) for i in np.atleast_1d(np.asarray(index)))
    if gradient.ndim != len(index) or any(not -n <= i < n for i, n in zip(index, gradient.shape, strict=True)):
        raise ValueError(f"explain_grad: {name} has shape {gradient.shape}, and no entry {index}.")
    index = tuple(i % n for i, n in zip(index, gradient.shape, strict=True))
    pass_ = _Pass(copy.deepcopy(model), X, y)
    shares, above = pass_.shares(name, index)
    penalty = pass_.penalty(name, index)
    return Explanation(name, index, float(gradient[index]), tuple(shares), penalty, above)


class _Pass:
    """One forward and backward of a copy of the model, with what each layer took and gave."""

    def __init__(self, model: Network, X: Any, y: Any) -> None:
        self.model = model
        x = model._input(X)
        self.inputs: list[Array] = []
        self.caches: list[Any] = []
        layers = model.layers[: model._scored]
        for layer in layers:
            self.inputs.append(x)
            x, cache = layer.forward(x, train=True, rng=model.rng)
            self.caches.append(cache)
        dx: Any = model.loss_function(x, y)[1]
        self.slopes: list[Array] = [dx] * len(layers)  # of the loss by each layer's output
        for i in range(len(layers) - 1, 0, -1):
            dx, _ = layers[i].backward(dx, self.caches[i])
            self.slopes[i - 1] = dx
        self.layers = layers

    def places(self, name: str) -> list[tuple[int, str]]:
        """Where in the chain this parameter stands, and its name in its layer; a layer may stand twice."""
        return [(i, own) for i, layer in enumerate(self.layers) for own in layer.params if self.model.key(layer, own) == name]

    def shares(self, name: str, index: Index) -> tuple[list[Share], str]:
        count = len(self.slopes[-1])
        places = self.places(name)
        found = [0.0] * count
        for i, own in places:
            for n, share in enumerate(self._examples(i, own, index)):
                found[n] += share
        if len(places) != 1 or not isinstance(self.layers[places[0][0]], Dense):
            return [Share(n, share) for n, share in enumerate(found)], ""
        i, own = places[0]
        unit = index[-1]
        above = next((j for j in range(i + 1, len(self.layers)) if self.layers[j].params and isinstance(self.layers[j], Dense)), None)
        paths = self._paths(i, above, unit) if above is not None else [()] * count
        rows = self.inputs[i].reshape(count, -1)
        shares = []
        for n in range(count):
            slope = float(self.slopes[i][n, unit])
            shares.append(Share(n, found[n], float(rows[n, index[0]]) if own == "w" else None, slope, paths[n]))
        return shares, "" if above is None else self.model.key(self.layers[above], "w")

    def _examples(self, i: int, own: str, index: Index) -> list[float]:
        """What each row of the layer's output adds to its gradient; the gradient is linear in the rows."""
        layer, dout = self.layers[i], self.slopes[i]
        if isinstance(layer, Dense):
            column = np.asarray(dout[:, index[-1]], np.float64)
            rows = self.inputs[i].reshape(len(dout), -1)
            return [float(v) for v in (column * rows[:, index[0]] if own == "w" else column)]
        found = []
        for n in range(len(dout)):
            only = np.zeros_like(dout)
            only[n] = dout[n]
            found.append(float(layer.backward(only, self.caches[i], need_dx=False)[1][own][index]))
        return found

    def _paths(self, i: int, above: int, unit: int) -> list[tuple[Path, ...]]:
        """For each example, the slope by this unit as a sum over the units of the dense layer above: backward is linear in them."""
        weights, slopes = self.layers[above].params["w"], self.slopes[above]
        shares = np.zeros(slopes.shape)
        for k in range(slopes.shape[1]):
            only = np.zeros_like(slopes)
            only[:, k] = slopes[:, k]
            dx: Any = only
            for j in range(above, i, -1):
                dx, _ = self.layers[j].backward(dx, self.caches[j])
            shares[:, k] = dx[:, unit]
        wide = weights.shape[0] == self.slopes[i].shape[1]  # the units in between keep their order: activations, norms, dropout
        return [
            tuple(
                Path(k, float(weights[unit, k]) if wide else float("nan"), float(slopes[n, k]), float(shares[n, k]))
                for k in range(slopes.shape[1])
            )
            for n in range(len(slopes))
        ]

    def penalty(self, name: str, index: Index) -> float:
        """What the penalties add to the entry."""
        grads = {key: np.zeros_like(w) for key, w in self.model.params.items()}
        self.model._add_penalties(grads)
        return float(grads[name][index])
