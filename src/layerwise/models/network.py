"""A chain of layers and a loss: what all trainable models of the package are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from layerwise.arrays import Array
from layerwise.conventions import strength
from layerwise.errors import look_up
from layerwise.initializers import Undrawn
from layerwise.layers.layer import Layer, Shape
from layerwise.models.inputs import Inputs
from layerwise.models.provenance import Provenance
from layerwise.models.slots import Slots
from layerwise.ops.activation import sigmoid_forward
from layerwise.ops.penalty import add_l1_penalty, add_l2_penalty
from layerwise.ops.softmax import softmax_forward
from layerwise.ops.table import LOSSES, Loss

if TYPE_CHECKING:
    from layerwise.models.explain import Explanation


class Network:
    """Layers in a row, a loss at the end, penalties on the weights.

    params       name -> array, of the layers that train; an assignment replaces the layer's own array
    buffers      running statistics, and the parameters of frozen layers
    settings     name -> number or (P,): reg, reg_l1, and those of the layers (keep_prob)
    loss         a name in LOSSES, or a Loss of your own (which no file can describe)
    rng          draws the noise of dropout
    reg, reg_l1  penalties ½ · reg · Σw² and reg_l1 · Σ|w| over weight matrices; may be set at any time
    inputs       what the model was trained on (preprocessing, class names); it is saved with the model
    provenance   where the model comes from (version, data, settings, time); likewise
    """

    own_settings: ClassVar[tuple[str, ...]] = ("reg", "reg_l1")

    def __init__(
        self,
        layers: Sequence[Layer],
        *,
        input_shape: Shape,
        loss: str | Loss = "softmax",
        reg: Any = 0.0,
        reg_l1: Any = 0.0,
        rng: Any = 0,
        dtype: Any = np.float32,
    ) -> None:
        self.dtype = np.dtype(dtype)
        if self.dtype.kind != "f":
            raise TypeError(f"dtype is {self.dtype}, but a network computes in floats: np.float32 or np.float64.")
        self.loss_name = "your own" if isinstance(loss, Loss) else loss
        self._loss = loss if isinstance(loss, Loss) else look_up(LOSSES, loss, "loss")
        self.loss_function = self._loss.function  # (scores, y) -> loss, dscores; without penalties
        self.reg, self.reg_l1 = strength("reg", reg), strength("reg_l1", reg_l1)
        self.input_shape = tuple(int(n) for n in input_shape)
        self.layers = list(layers)
        if not self.layers:
            raise ValueError("a network needs at least one layer")
        if wrong := [layer for layer in self.layers if not isinstance(layer, Layer)]:
            what = f"the class {wrong[0].__name__}: make an object of it" if isinstance(wrong[0], type) else repr(wrong[0])
            raise TypeError(f"a network is made of layers, but one of them is {what}.")
        self._scored = len(self.layers)  # so many layers make what the loss takes
        weights_rng, self.rng = generators(rng)
        self.shapes: list[Shape] = []  # of one example, after each layer
        shape = self.input_shape
        for layer in self.layers:
            shape = layer.build(shape, rng=weights_rng, dtype=self.dtype)
            self.shapes.append(shape)
        self.prefixes = self._prefixes()
        self.inputs: Inputs | None = None
        self.provenance: Provenance | None = None

    # ---- names

    def _prefixes(self) -> dict[Layer, str]:
        """A prefix per distinct layer, counted per kind: dense1, dense2, dropout1."""
        counts: Counter[str] = Counter()
        prefixes: dict[Layer, str] = {}
        for layer in self.layers:
            if layer not in prefixes:
                counts[layer.kind] += 1
                prefixes[layer] = f"{layer.kind}{counts[layer.kind]}"
        return prefixes

    def key(self, layer: Layer, name: str) -> str:
        """The name in params of a layer's parameter."""
        return f"{self.prefixes[layer]}.{name}"

    @property
    def params(self) -> MutableMapping[str, Any]:
        return Slots({self.key(a, name): (a.params, name) for a in self.prefixes if a.trainable for name in a.params}, "parameter")

    @params.setter
    def params(self, given: MutableMapping[str, Any]) -> None:
        """Each array given takes the place of the layer's own; what is not named stays."""
        slots = self.params
        for name, value in given.items():
            slots[name] = value

    @property
    def buffers(self) -> MutableMapping[str, Any]:
        entries = {self.key(a, name): (a.buffers, name) for a in self.prefixes for name in a.buffers}
        entries |= {self.key(a, name): (a.params, name) for a in self.prefixes if not a.trainable for name in a.params}
        return Slots(entries, "buffer")

    @property
    def settings(self) -> MutableMapping[str, Any]:
        entries = {name: (vars(self), name) for name in self.own_settings}
        for layer, prefix in self.prefixes.items():
            entries |= {f"{prefix}.{name}": (vars(layer), name) for name in layer.settings if getattr(layer, name) is not None}
        return Slots(entries, "setting")

    # ---- the contract with a solver

    def loss(self, X: Any, y: Any = None, *, weights: Array | None = None) -> Any:
        """Scores in predict mode when y is None; else (loss, grads) in training mode, grads with the keys of params.

        X (N, ...), y (N,) labels or what the loss takes, weights (N,)  ->  scores (N, K), or loss and grads
        """
        if y is None:
            return self.forward(X)
        return self._learn(self._input(X), y, weights)

    def forward(self, X: Any) -> Array:
        """Scores of X in predict mode: no noise, nothing moves.  X (N, ...)  ->  (N, K)"""
        return self._through(self._input(X), self.layers)

    def evaluate(self, X: Any, y: Any, *, weights: Array | None = None) -> tuple[Any, Array]:
        """(loss with penalties, scores) in predict mode; touches nothing."""
        scores = self._through(self._input(X), self.layers[: self._scored])
        loss, _ = self.loss_function(scores, y, weights=weights)
        return loss + self.penalty(), self._through(scores, self.layers[self._scored :])

    def penalty(self) -> Any:
        """What the penalties add to the loss: a number, or (P,)."""
        return self._add_penalties({key: np.zeros_like(w) for key, w in self._penalised()})

    def predict(self, X: Any) -> Array:
        """The class of each example (N,), or the values (N, K) where the loss compares values."""
        scores = self.forward(X)
        if self._loss.targets == "labels":
            return scores.argmax(axis=-1)
        return (scores > 0).astype(int) if self._loss.targets == "shares" else scores

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class (N, K), by the softmax of the scores; by their sigmoid under binary cross-entropy."""
        if self.loss_name == "softmax":
            return softmax_forward(self.forward(X))[0]
        if self._loss.targets == "shares":
            return sigmoid_forward(self.forward(X))[0]
        raise ValueError(f'the loss "{self.loss_name}" gives scores, not probabilities: train with loss="softmax", or use predict.')

    def activations(self, X: Any) -> dict[str, Array]:
        """What each layer puts out for X in predict mode, by position and kind: "1 dense", "2 activation", ..."""
        x, outputs = self._input(X), {}
        for i, layer in enumerate((layer for layer in self.layers if not layer.idle), 1):
            x, _ = layer.forward(x, train=False, rng=None)
            outputs[f"{i} {layer.kind}"] = x
        return outputs

    # ---- how it is done

    def _learn(self, x: Array, y: Any, weights: Array | None) -> tuple[Any, dict[str, Array]]:
        caches = []
        for layer in self.layers[: self._scored]:
            x, cache = layer.forward(x, train=True, rng=self.rng)
            caches.append(cache)
        loss, dx = self.loss_function(x, y, weights=weights)
        grads = self._backward(dx, caches)
        return loss + self._add_penalties(grads), grads

    @staticmethod
    def _through(x: Array, layers: Iterable[Layer]) -> Array:
        for layer in layers:
            x, _ = layer.forward(x, train=False, rng=None)
        return x

    def _input(self, X: Any) -> Array:
        x = np.asarray(X)
        if x.dtype.kind not in "fiub":
            raise TypeError(f"X has dtype {x.dtype}, but a network needs numbers.")
        return x.astype(self.dtype, copy=False)

    def _backward(self, dx: Any, caches: list[Any]) -> dict[str, Array]:
        grads: dict[str, Array] = {}
        first = next((i for i, layer in enumerate(self.layers) if layer.trainable and layer.params), len(self.layers))
        for i in range(len(caches) - 1, first - 1, -1):  # below the first layer that learns, nobody asks for a gradient
            layer = self.layers[i]
            dx, own = layer.backward(dx, caches.pop(), need_dx=i > first)
            if layer.trainable:
                for name, grad in own.items():
                    key = self.key(layer, name)
                    grads[key] = grads[key] + grad if key in grads else grad  # a layer that stands twice adds up
        return {key: grads[key] for key in self.params}

    def _penalised(self) -> list[tuple[str, Array]]:
        return [(self.key(a, name), a.params[name]) for a in self.prefixes if a.trainable for name in a.penalised if name in a.params]

    def _add_penalties(self, grads: Mapping[str, Array]) -> Any:
        total: Any = 0.0
        for layer in self.prefixes:
            if not layer.trainable:
                continue
            for add, reg in ((add_l2_penalty, _first(layer.reg, self.reg)), (add_l1_penalty, _first(layer.reg_l1, self.reg_l1))):
                if np.any(reg) if np.ndim(reg) else reg:  # np.any of a number costs more than a small layer
                    for name in layer.penalised:
                        if name in layer.params:
                            w = layer.params[name]
                            total = total + add(grads[self.key(layer, name)], w, reg)
        return total

    # ---- for people

    def config(self) -> dict[str, Any]:
        """The constructor's arguments, as JSON can hold them."""
        raise NotImplementedError(f"{type(self).__name__} cannot be saved")

    @classmethod
    def from_config(cls, config: dict[str, Any], *, rng: Any = 0) -> Any:
        """The model that config() describes, with weights drawn by rng."""
        return cls(**config, rng=rng)

    def save(self, path: str | Path) -> None:
        """Write path.safetensors and path.json, from which layerwise.load makes the model again."""
        from layerwise.models.file import save

        save(self, path)

    def explain_grad(self, name: str, index: Any, X: Any, y: Any) -> Explanation:
        """One entry of the gradient by params[name] as a sum over examples and paths, with its numbers; printed, it is its text."""
        from layerwise.models.explain import explain_grad

        if type(self).loss is not Network.loss:
            raise TypeError(f"explain_grad: {type(self).__name__} makes its loss in a way of its own, which cannot be taken apart.")
        return explain_grad(self, name, index, X, y)

    def summary(self) -> str:
        """A table of layers with output shapes, parameters and memory (of parameters, and of one example's outputs).

        >>> from layerwise.models import FullyConnectedNet
        >>> print(FullyConnectedNet([100], input_dim=784).summary())
        layer        output  parameters  trains
        dense1       (100,)      78,500     yes
        activation1  (100,)           0       -
        dense2        (10,)       1,010     yes
        total: 79,510 parameters (79,510 train), 0.30 MiB as float32; outputs: 0.8 KiB per example
        """
        rows, seen, total, trained = [("layer", "output", "parameters", "trains")], set[int](), 0, 0
        for layer, shape in zip(self.layers, self.shapes, strict=True):
            if layer.idle:
                continue
            count = 0 if id(layer) in seen else sum(a.size for a in layer.params.values())
            seen.add(id(layer))
            total += count
            trained += count if layer.trainable else 0
            rows.append(
                (self.prefixes[layer], str(shape), f"{count:,}", "-" if not layer.params else "yes" if layer.trainable else "frozen")
            )
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        lines = [f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}" for a, b, c, d in rows]
        size = self.dtype.itemsize
        outputs = sum(int(np.prod(shape)) for layer, shape in zip(self.layers, self.shapes, strict=True) if not layer.idle)
        memory = f"{total * size / 2**20:.2f} MiB as {self.dtype}; outputs: {outputs * size / 2**10:.1f} KiB per example"
        return "\n".join([*lines, f"total: {total:,} parameters ({trained:,} train), {memory}"])

    def __repr__(self) -> str:
        total = sum(a.size for layer in self.prefixes for a in layer.params.values())
        return f"<{type(self).__name__} {self.input_shape} -> {self.shapes[-1]}, {total:,} parameters, {self.dtype}>"


def generators(rng: Any) -> tuple[Any, Any]:
    """Two generators, for the initial weights and for noise: separate streams of a seed, or the one that was handed in twice."""
    if isinstance(rng, Undrawn):
        return rng, np.random.default_rng(0)
    if rng is None or isinstance(rng, int | np.integer | np.random.SeedSequence):
        sequence = rng if isinstance(rng, np.random.SeedSequence) else np.random.SeedSequence(rng)
        weights, noise = (np.random.default_rng(s) for s in sequence.spawn(2))
        return weights, noise
    return rng, rng


def _first(own: Any, shared: Any) -> Any:
    return shared if own is None else own
