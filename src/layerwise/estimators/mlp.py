"""Fully connected networks as scikit-learn's MLPClassifier and MLPRegressor, with what those do not take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from layerwise.arrays import Array
from layerwise.conventions import keep_from_drop
from layerwise.errors import look_up
from layerwise.estimators.base import ClassNamePrefixFeaturesOutMixin, RegressorMixin, TransformerMixin, check_is_fitted, r2_score
from layerwise.estimators.classifier import NetworkClassifier
from layerwise.estimators.loss import VALUE_LOSSES, Choice, choose_loss
from layerwise.estimators.network import NetworkEstimator
from layerwise.layers.activation import Activation
from layerwise.layers.dense import Dense
from layerwise.layers.dropout import Dropout
from layerwise.layers.layer import Layer
from layerwise.layers.norm import BatchNorm, LayerNorm
from layerwise.models.network import Network
from layerwise.models.sequential import Sequential

ACTIVATION_NAMES = {"logistic": "sigmoid", "identity": None}  # scikit-learn's name -> ours
NORMALIZATIONS: dict[str, type[Layer]] = {"batchnorm": BatchNorm, "layernorm": LayerNorm}


class MLPEstimator(ClassNamePrefixFeaturesOutMixin, TransformerMixin, NetworkEstimator):
    """A network of fully connected layers, and what its hidden layers put out."""

    hidden_layer_sizes: Any
    activation: Any
    normalization: Any
    dropout: Any
    varies: ClassVar[tuple[str, ...]] = (*NetworkEstimator.varies, "dropout")

    def _build(self, input_shape: tuple[int, ...], options: dict[str, Any]) -> Network:
        widths = np.atleast_1d(np.asarray(self.hidden_layer_sizes, dtype=object)).tolist()
        kinds = [
            ACTIVATION_NAMES.get(name, name) if isinstance(name, str) else name
            for name in _per_layer("activation", self.activation, len(widths))
        ]
        norms, drops = _per_layer("normalization", self.normalization, len(widths)), _per_layer("dropout", self.dropout, len(widths))
        layers: list[Layer] = []
        for width, kind, norm, drop in zip(widths, kinds, norms, drops, strict=True):
            layers.append(Dense(width, weights="glorot_uniform"))
            layers += [] if norm is None else [look_up(NORMALIZATIONS, norm, "normalization")()]
            layers += [] if kind is None else [Activation(kind)]
            layers.append(Dropout(keep_from_drop(drop)))
        layers.append(Dense(self.n_outputs_, weights="glorot_uniform"))
        return Sequential(layers, input_shape=input_shape, **options)

    def transform(self, X: Any, layer: int = -1) -> Array:
        """What a hidden layer puts out for X: the last one, or another by number from 0.  X (N, D)  ->  (N, M)"""
        check_is_fitted(self)
        ends = [at for at, one in enumerate(self.model_.layers) if isinstance(one, Dense)][1:]  # a hidden layer goes up to the next
        if not -len(ends) <= layer < len(ends):
            raise ValueError(
                f"transform: layer is {layer}, but the network has {len(ends)} hidden layers: give 0 to {len(ends) - 1}, or -1 for the last."
            )
        model = self.model_
        part = Sequential(model.layers[: ends[layer]], input_shape=model.input_shape, dtype=model.dtype)
        return self._through(X, "forward", part)

    @property
    def _n_features_out(self) -> int:
        """How many features transform gives."""
        return int(self.coefs_[-1].shape[0])

    @property
    def n_layers_(self) -> int:
        """Layers of units, the input and the output counted."""
        return len(self.coefs_) + 1

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class MLPClassifier(NetworkClassifier, MLPEstimator):
    """A classifier of fully connected layers: scikit-learn's MLPClassifier, and what that one does not take.

    hidden_layer_sizes   widths of the hidden layers; () for none
    activation           of all hidden layers, or a list with one for each: any of layerwise's, "logistic" or "identity"
    normalization        "batchnorm" or "layernorm" of the hidden layers, None, or a list
    dropout              share of each hidden layer's outputs that a step drops (0: none), or a list
    loss                 "softmax", "hinge", or a pair (forward, backward) of your own; see `layerwise.ops.own_loss.OwnLoss`
    alpha                alpha / (2N) · Σw² is added to the loss, N the examples of a batch, as in scikit-learn
    solver               an update rule ("adam", "nesterov", "adamw", ...); solver_options holds its options ({"momentum": 0.9})
    learning_rate_init   its learning rate
    schedule             a schedule of the rate ("cosine", "step", "warmup", ...), with schedule_options
    batch_size           examples of a step; "auto" is min(200, N)
    max_iter             epochs at most; training ends before where the loss does not improve by tol for n_iter_no_change epochs
    shuffle              draw a new order of the examples for each epoch
    early_stopping       go by the score of validation examples instead (X_val, y_val, or a validation_fraction that is held
                         out), and keep the network of the best epoch
    class_weight         a dict of weights by class, or "balanced"
    clip_norm            the gradients' joint norm is scaled down to this where it is larger
    callbacks            objects with any of the methods run_start, epoch_start, step_end, epoch_end, run_end
    random_state         a seed for initial weights, order, dropout and what is held out
    warm_start           fit goes on from the network as it is
    dtype                "float32" or "float64" to compute in; None keeps X's own, as scikit-learn does. "float32" takes about half the time
    verbose              show progress

    After fit: classes_, n_iter_, coefs_, intercepts_, model_ (the layerwise network), stopped_, and history_, with a list for each
    curve: "loss", "learning_rate" and, where there are validation examples, "val_loss" and "val_score".

    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier(hidden_layer_sizes=(20, 20), dropout=0.1, learning_rate_init=0.01, random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.95), model.transform(X).shape
    (True, (150, 20))
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        normalization: Any = None,
        dropout: Any = 0.0,
        loss: Any = "softmax",
        alpha: float = 1e-4,
        solver: str = "adam",
        solver_options: dict[str, Any] | None = None,
        learning_rate_init: float = 1e-3,
        schedule: Any = None,
        schedule_options: dict[str, Any] | None = None,
        batch_size: int | str = "auto",
        max_iter: int = 200,
        shuffle: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        tol: float = 1e-4,
        class_weight: Any = None,
        clip_norm: float | None = None,
        callbacks: Any = None,
        random_state: Any = None,
        warm_start: bool = False,
        dtype: Any = None,
        verbose: bool = False,
    ) -> None:
        self._store(locals())


class MLPRegressor(RegressorMixin, MLPEstimator):
    """A network of fully connected layers that predicts numbers: scikit-learn's MLPRegressor, and what that one does not take.

    loss is "squared", "absolute", "huber", or a pair (forward, backward) of your own; y may have several columns. All other
    parameters and what is learned are as in `MLPClassifier`.

    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = MLPRegressor((50,), loss="huber", learning_rate_init=0.01, random_state=0, max_iter=1000).fit(X, y)
    >>> bool(model.score(X, y) > 0.4)
    True
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        normalization: Any = None,
        dropout: Any = 0.0,
        loss: Any = "squared",
        alpha: float = 1e-4,
        solver: str = "adam",
        solver_options: dict[str, Any] | None = None,
        learning_rate_init: float = 1e-3,
        schedule: Any = None,
        schedule_options: dict[str, Any] | None = None,
        batch_size: int | str = "auto",
        max_iter: int = 200,
        shuffle: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        tol: float = 1e-4,
        clip_norm: float | None = None,
        callbacks: Any = None,
        random_state: Any = None,
        warm_start: bool = False,
        dtype: Any = None,
        verbose: bool = False,
    ) -> None:
        self._store(locals())

    def _validated(self, X: Any, *targets: Any, reset: bool) -> Any:
        checked = super()._validated(X, *targets, reset=reset)
        if not targets:
            return checked
        X, y = checked
        return X, np.asarray(y, np.float64)

    def _take_targets(self, y: Any, dtype: Any, *, reset: bool, classes: Any = None) -> Array:
        if reset:
            self._flat = y.ndim == 1
            self.n_outputs_ = 1 if y.ndim == 1 else y.shape[1]
        columns = y.reshape(len(y), -1).astype(dtype)  # (N,) -> (N, 1)
        if columns.shape[1] != self.n_outputs_:
            raise ValueError(f"y has {columns.shape[1]} columns, but this regressor was first trained on {self.n_outputs_}.")
        return columns

    def _choose_loss(self) -> Choice:
        return choose_loss(self.loss, VALUE_LOSSES, "values", self.n_outputs_)

    def _judge(self, scores: Array, y: Array, weights: Array | None) -> float:
        return r2_score(y, scores, sample_weight=weights)

    def predict(self, X: Any) -> Array:
        """The predicted numbers (N,), or (N, K) where y had columns."""
        scores = self._scores(X)
        return scores[:, 0] if self._flat else scores

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, X_val: Any = None, y_val: Any = None) -> MLPRegressor:
        """One epoch on these examples; early stopping is as in `MLPClassifier.partial_fit`."""
        return self._partial_fit(X, y, None, sample_weight, X_val, y_val)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _per_layer(name: str, value: Any, count: int) -> Sequence[Any]:
    """One value for each hidden layer: the same for all, or as a list gives them."""
    if not isinstance(value, list | tuple | np.ndarray):
        return [value] * count
    if len(value) != count:
        raise ValueError(f"{name} is a list of {len(value)}, but there are {count} hidden layers: give one for each, or one for all.")
    return list(value)
