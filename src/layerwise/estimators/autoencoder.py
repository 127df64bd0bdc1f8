"""An autoencoder as a transformer: rows become codes, and codes become rows again."""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from layerwise.arrays import Array
from layerwise.estimators.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin, check_array, check_is_fitted, check_sample_weight
from layerwise.estimators.example import Examples
from layerwise.estimators.loss import SHARES, SQUARED, Choice
from layerwise.estimators.network import FLOATS, NetworkEstimator
from layerwise.models.autoencoder import Autoencoder
from layerwise.models.network import Network

OBJECTIVES = {"squared": SQUARED, "binary_cross_entropy": SHARES}


class AutoencoderTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, NetworkEstimator):
    """Learns to give X back through a narrow middle: transform gives the middle's values, inverse_transform what they stand for.

    hidden_layer_sizes  widths of the encoder, the code last; the decoder has them in reverse
    activation          of the hidden layers: any of layerwise's
    output              "linear", or "sigmoid" for values in 0 .. 1
    loss                "squared", or "binary_cross_entropy" with output="sigmoid"
    noise, masking      standard deviation of noise added to X in training, and the share of its values set to 0
    The other parameters, and what is learned, are those of `MLPClassifier`. Early stopping goes by minus the loss.

    >>> from sklearn.datasets import load_iris
    >>> X, _ = load_iris(return_X_y=True)
    >>> model = AutoencoderTransformer((2,), activation="tanh", learning_rate_init=0.01, max_iter=2000, random_state=0).fit(X)
    >>> codes = model.transform(X)
    >>> codes.shape, bool(abs(model.inverse_transform(codes) - X).mean() < 0.3)
    ((150, 2), True)
    """

    varies: ClassVar[tuple[str, ...]] = (*NetworkEstimator.varies, "noise", "masking")

    def __init__(
        self,
        hidden_layer_sizes: Any = (32,),
        activation: str = "relu",
        *,
        output: str = "linear",
        loss: str = "squared",
        noise: float = 0.0,
        masking: float = 0.0,
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

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None, X_val: Any = None, y_val: Any = None) -> Any:
        """Train on X; y and y_val are not looked at."""
        return super().fit(X, y, sample_weight, X_val)

    def _examples(
        self, X: Any, y: Any, sample_weight: Any, X_val: Any, y_val: Any, *, reset: bool, random: Any, classes: Any = None
    ) -> Examples:
        X = self._validated(X, reset=reset)
        weights = None if sample_weight is None else check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        self.n_outputs_ = X.shape[1]
        X_val = None if X_val is None else self._validated(X_val, reset=False)
        examples = Examples(X, np.zeros(len(X)), weights, X_val, None if X_val is None else np.zeros(len(X_val)))
        if X_val is None and self.early_stopping:
            examples = examples.held_out(self.validation_fraction, random)
        return examples.weighing_something()

    def _choose_loss(self) -> Choice:
        if self.loss not in OBJECTIVES:
            raise ValueError(f"loss is {self.loss!r}, but must be {' or '.join(map(repr, OBJECTIVES))}.")
        return OBJECTIVES[self.loss]

    def _build(self, input_shape: tuple[int, ...], options: dict[str, Any]) -> Network:
        widths = np.atleast_1d(self.hidden_layer_sizes).tolist()
        own = {name: getattr(self, name) for name in ("activation", "output", "noise", "masking")}
        return Autoencoder(widths, input_dim=input_shape[0], **own, **options)

    def transform(self, X: Any) -> Array:
        """X (N, D)  ->  codes (N, M)"""
        return self._through(X, "encode")

    def inverse_transform(self, X: Any) -> Array:
        """Codes (N, M)  ->  what they stand for (N, D)"""
        check_is_fitted(self)
        return cast(Autoencoder, self.model_).decode(check_array(X, dtype=FLOATS))

    @property
    def _n_features_out(self) -> int:
        return int(np.atleast_1d(self.hidden_layer_sizes)[-1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
