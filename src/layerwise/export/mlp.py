"""A net of dense layers as scikit-learn's MLP has it, and back. scikit-learn itself is handed in: its class, or a fitted object."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from layerwise.arrays import Array
from layerwise.export.plan import Plan, Step, plan
from layerwise.layers.activation import Activation
from layerwise.layers.dense import Dense
from layerwise.layers.layer import Layer
from layerwise.models.inputs import Inputs
from layerwise.models.network import Network
from layerwise.models.sequential import Sequential

ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}  # ours -> theirs
ELSEWHERE = "Export to ONNX or NumPy, which have all layers."


@dataclass(frozen=True, eq=False)
class Coefficients:
    """What scikit-learn's class `kind` computes with, in float64: raw examples go in as rows (N, D).

    outputs is "classes", "labels" (each of K may be true) or "values"; last is the activation of values, where they have one.
    """

    kind: str
    activation: str
    coefs: list[Array]
    intercepts: list[Array]
    outputs: str
    last: str | None
    plan: Plan


class _Linear:
    """What linear steps in a row come to, x * factor + shift or x @ matrix + shift, worked out in float64."""

    def __init__(self, size: int) -> None:
        self.factor: Array = np.ones(size)  # until there is a matrix
        self.matrix: Array | None = None
        self.shift: Array = np.zeros(size)
        self.column: int | None = None  # of ones, which raw examples do not have

    def scale(self, factor: Array, shift: Array) -> None:
        """Then x * factor + shift, each a number or (D,)."""
        if self.matrix is None:
            self.factor = self.factor * factor
        else:
            self.matrix = self.matrix * factor
        self.shift = self.shift * factor + shift

    def multiply(self, matrix: Array, shift: Array | float) -> None:
        """Then x @ matrix + shift."""
        self.shift = self.shift @ matrix + shift
        if self.matrix is not None:
            self.matrix = self.matrix @ matrix
            return
        self.matrix = self.factor[:, None] * matrix
        if self.column is not None:
            self.matrix = np.delete(self.matrix, self.column, axis=0)

    def append(self, position: str) -> None:
        """Then a column of ones before or after the others."""
        self.column = 0 if position == "first" else len(self.shift)
        self.shift = np.insert(self.shift, self.column, 1.0)
        if self.matrix is None:
            self.factor = np.insert(self.factor, self.column, 0.0)
        else:
            self.matrix = np.insert(self.matrix, self.column, 0.0, axis=1)

    def take(self, step: Step) -> bool:
        """The step, if it is linear; False otherwise."""
        arrays = {name: np.asarray(a, np.float64) for name, a in step.arrays.items()}
        match step.operation:
            case "flatten":
                pass
            case "center_and_scale":
                center, factor = arrays["center"].ravel(), arrays["factor"].ravel()
                self.scale(factor, -center * factor)
            case "batchnorm":
                factor = arrays["gamma"] / np.sqrt(arrays["var"] + step.options["eps"])
                each = math.prod(step.shape[1:])  # places of a channel
                self.scale(np.repeat(factor, each), np.repeat(arrays["beta"] - arrays["mean"] * factor, each))
            case "project":
                self.multiply(arrays["matrix"], -arrays["mean"] @ arrays["matrix"])
            case "bias_column":
                self.append(step.options["position"])
            case "dense":
                self.multiply(arrays["w"], arrays.get("b", 0.0))
            case _:
                return False
        return True


def coefficients(model: Network) -> Coefficients:
    """The model as scikit-learn's MLP has it; a layer that it cannot express is refused by name.

    Dropout is idle in prediction and left out. All that is linear between two activations is multiplied into one matrix:
    preprocessing, batch norm beside a dense layer, dense layers in a row.
    """
    made = plan(model)
    matrices: list[tuple[Array, Array]] = []
    activations: list[Step] = []
    linear = _Linear(math.prod(made.example_shape))
    for step in (*made.prepare, *made.net):
        if linear.take(step):
            continue
        if step.operation not in ACTIVATIONS:
            _refuse(step, f"it has dense layers, and {', '.join(ACTIVATIONS)} or nothing between them")
        if linear.matrix is None:
            _refuse(step, "it has no activation before its first matrix, nor two in a row")
        matrices.append((linear.matrix, linear.shift))
        activations.append(step)
        linear = _Linear(step.shape[0])
    last = None
    if linear.matrix is not None:
        matrices.append((linear.matrix, linear.shift))
    elif activations and made.said == "values" and activations[-1] is made.net[-1]:
        last = ACTIVATIONS[activations.pop().operation]
    else:
        raise ValueError(f"scikit-learn's MLP ends in a dense layer, but this net does not. {ELSEWHERE}")
    for step in activations[1:]:
        if step.operation != activations[0].operation:
            _refuse(step, f"it has one activation for all hidden layers, and {_called(activations[0])} came before")
    return _closed(made, matrices, ACTIVATIONS[activations[0].operation] if activations else "identity", last)


def _closed(made: Plan, matrices: list[tuple[Array, Array]], activation: str, last: str | None) -> Coefficients:
    """The matrices with the outputs that scikit-learn gives two classes: one, the second's score above the first's."""
    if made.said == "labels" and made.to_probability is None:
        raise ValueError(
            'scikit-learn\'s MLPClassifier gives probabilities, but the loss "svm" makes none of its scores. Train with loss="softmax", '
            "or export to ONNX or NumPy."
        )
    w, b = matrices[-1]
    if made.said == "labels" and len(b) == 1:
        raise ValueError("scikit-learn's MLPClassifier tells classes apart, but this net has one only. Export to ONNX or NumPy.")
    if made.said == "labels" and len(b) == 2:
        matrices[-1] = w[:, 1:] - w[:, :1], b[1:] - b[:1]
    outputs = "values" if made.said == "values" else "labels" if made.said == "shares" and len(b) > 1 else "classes"
    kind = "MLPRegressor" if made.said == "values" else "MLPClassifier"
    return Coefficients(kind, activation, [w for w, _ in matrices], [b for _, b in matrices], outputs, last, made)


def _called(step: Step) -> str:
    return step.name if step.operation in step.name else f"{step.name} ({step.operation})"


def _refuse(step: Step, why: str) -> NoReturn:
    raise ValueError(f"scikit-learn's MLP cannot express {_called(step)}: {why}. {ELSEWHERE}")


def fill(
    mlp: Any, coefs: list[Array], intercepts: list[Array], outputs: str, classes: Sequence[Any] | None = None, last: str | None = None
) -> Any:
    """The MLP as if it had been fitted to these: a step on zeros makes the rest of what a fitted one has."""
    count = intercepts[-1].size
    X = np.zeros((2, coefs[0].shape[0]))
    if outputs == "classes":
        labels = np.arange(max(count, 2)) if classes is None else np.asarray(classes)
        mlp.partial_fit(X, labels[:2], classes=labels)
    elif outputs == "labels":
        mlp.partial_fit(X, np.eye(2, count, dtype=int), classes=np.arange(count))
    else:
        mlp.partial_fit(X, np.zeros((2, count) if count > 1 else 2))
    mlp.coefs_, mlp.intercepts_ = list(coefs), list(intercepts)
    if last is not None:
        mlp.out_activation_ = last
    return mlp


def to_sklearn(model: Network, mlp: Any, *, classes: Sequence[Any] | None = None) -> Any:
    """A fitted MLPClassifier or MLPRegressor of scikit-learn's that predicts as the model does, from raw examples as rows (N, D).

    mlp is the class, from sklearn.neural_network: MLPClassifier for classes, MLPRegressor for values. `classes` are the
    labels that it is to give, class numbers by default. Preprocessing is multiplied into its first matrix; a layer that
    it cannot express is refused by name.
    """
    found = coefficients(model)
    name = getattr(mlp, "__name__", type(mlp).__name__)
    if not isinstance(mlp, type) or name != found.kind:
        raise TypeError(
            f"to_sklearn: got {name!r}, but this model becomes an {found.kind}: hand in that class, from sklearn.neural_network."
        )
    if classes is not None and (found.outputs != "classes" or len(set(classes)) != max(2, found.intercepts[-1].size)):
        raise ValueError(f"to_sklearn: {len(set(classes))} classes are given, but the model has {model.shapes[-1][0]} {found.outputs}.")
    sizes = tuple(b.size for b in found.intercepts[:-1])
    return fill(
        mlp(hidden_layer_sizes=sizes, activation=found.activation), found.coefs, found.intercepts, found.outputs, classes, found.last
    )


def from_sklearn(mlp: Any, *, dtype: Any = np.float64) -> Sequential:
    """A Sequential that predicts as a fitted MLPClassifier or MLPRegressor of scikit-learn does, and can be trained on.

    Labels become class numbers, in the order of mlp.classes_, whose names the model keeps. The penalty alpha is left out:
    conventions.reg_from_alpha(alpha, batch size) is the reg that equals it.
    """
    kinds = [base.__name__ for base in type(mlp).__mro__]
    kind = next((kind for kind in ("MLPClassifier", "MLPRegressor") if kind in kinds), None)
    if kind is None:
        raise TypeError(f"from_sklearn: got a {type(mlp).__name__}, but an MLPClassifier or MLPRegressor of scikit-learn is needed.")
    if not hasattr(mlp, "coefs_"):
        raise ValueError(f"from_sklearn: this {kind} is not fitted yet. Call its fit(X, y) first.")
    coefs, intercepts = [np.asarray(w) for w in mlp.coefs_], [np.asarray(b) for b in mlp.intercepts_]
    loss, names = "squared", None
    if kind == "MLPClassifier":
        loss, names = "softmax", tuple(map(str, mlp.classes_))
        if (
            mlp.out_activation_ == "logistic" and len(names) == 2 and coefs[-1].shape[1] == 1
        ):  # one score: the second class's above the first's
            coefs[-1] = np.concatenate([np.zeros_like(coefs[-1]), coefs[-1]], axis=1)
            intercepts[-1] = np.concatenate([np.zeros_like(intercepts[-1]), intercepts[-1]])
        elif mlp.out_activation_ == "logistic":
            loss, names = "binary_cross_entropy", None
    ours = {theirs: name for name, theirs in ACTIVATIONS.items()}
    layers: list[Layer] = []
    for w in coefs[:-1]:
        layers += [Dense(w.shape[1]), *([] if mlp.activation == "identity" else [Activation(ours[mlp.activation])])]
    layers.append(Dense(coefs[-1].shape[1]))
    if kind == "MLPRegressor" and mlp.out_activation_ != "identity":
        layers.append(Activation(ours[mlp.out_activation_]))
    model = Sequential(layers, input_shape=coefs[0].shape[0], loss=loss, dtype=dtype)
    for i, (w, b) in enumerate(zip(coefs, intercepts, strict=True), 1):
        model.params[f"dense{i}.w"], model.params[f"dense{i}.b"] = w.astype(model.dtype), b.astype(model.dtype)
    model.inputs = Inputs(class_names=names, example_shape=model.input_shape)
    return model
