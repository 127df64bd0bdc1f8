"""Autoencoders: nets that learn to give back what they are given, through a narrow middle."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from layerwise.arrays import Array
from layerwise.layers.activation import Activation
from layerwise.layers.dense import Dense
from layerwise.layers.layer import Layer
from layerwise.models.course import CourseNet
from layerwise.models.sequential import Sequential

OUTPUTS = ("sigmoid", "linear")
OBJECTIVES = ("squared", "binary_cross_entropy")


class Autoencoder(CourseNet):
    """Encoder and decoder, trained to give X back. Labels are not looked at, and need not be there.

    hidden_dims   widths of the encoder, the code last; the decoder has them in reverse, then input_dim
    output        "sigmoid" for values in 0 .. 1, or "linear"
    loss          "squared", or "binary_cross_entropy" of the sigmoid's probabilities; a mean over values and examples
    noise         standard deviation of noise that is added to X in training, while the clean X is asked back (a denoising
                  autoencoder, Vincent et al. 2008); a number, or (P,)
    masking       share of the values of X that are set to 0 in training, likewise
    weight_scale  standard deviation of the initial weights, or an initializer's name (Glorot's by default)

    encoder and decoder are models on the layers of the whole: as it is trained, they are. Predictions are reconstructions
    (N, input_dim), and a Solver's metric is minus the loss.

    >>> model = Autoencoder([32], input_dim=784)
    >>> X = np.random.default_rng(0).random((5, 784))
    >>> model.encode(X).shape, model.decode(model.encode(X)).shape
    ((5, 32), (5, 784))
    >>> list(model.params), list(model.encoder.params)
    (['W1', 'b1', 'W2', 'b2'], ['dense1.w', 'dense1.b'])
    """

    own_settings: ClassVar[tuple[str, ...]] = (*CourseNet.own_settings, "noise", "masking")
    ignores_labels: ClassVar[bool] = True

    def __init__(
        self,
        hidden_dims: Sequence[int] = (32,),
        *,
        input_dim: int = 784,
        activation: str = "relu",
        output: str = "sigmoid",
        loss: str = "squared",
        noise: Any = 0.0,
        masking: Any = 0.0,
        weight_scale: float | str = "glorot_uniform",
        reg: Any = 0.0,
        reg_l1: Any = 0.0,
        rng: Any = 0,
        dtype: Any = np.float32,
    ) -> None:
        for name, value, known in (("output", output, OUTPUTS), ("loss", loss, OBJECTIVES)):
            if value not in known:
                raise ValueError(f'Autoencoder: {name} is "{value}", but must be "{known[0]}" or "{known[1]}".')
        if loss == "binary_cross_entropy" and output == "linear":
            raise ValueError('Autoencoder: binary cross-entropy compares probabilities: give output="sigmoid", or loss="squared".')
        if not len(hidden_dims):
            raise ValueError("Autoencoder: hidden_dims is empty, but needs at least the width of the code: [32].")
        if not np.all(np.asarray(noise) >= 0):
            raise ValueError(f"Autoencoder: noise is {noise}, but a standard deviation is 0 or more (0 adds none).")
        if not np.all((np.asarray(masking) >= 0) & (np.asarray(masking) < 1)):
            raise ValueError(f"Autoencoder: masking is {masking}, but must be in [0, 1): it is the share of values that is lost.")
        self._config: dict[str, Any] = {
            "hidden_dims": [int(n) for n in hidden_dims],
            "input_dim": input_dim,
            "activation": activation,
            "output": output,
            "weight_scale": weight_scale,
        }
        self.noise, self.masking = noise, masking
        encoder: list[Layer] = []
        for width in hidden_dims:
            encoder += [Dense(width, weights=weight_scale), Activation(activation)]
        decoder: list[Layer] = []
        for width in reversed(hidden_dims[:-1]):
            decoder += [Dense(width, weights=weight_scale), Activation(activation)]
        decoder.append(Dense(input_dim, weights=weight_scale))
        if output == "sigmoid":
            decoder.append(Activation("sigmoid"))
        super().__init__([*encoder, *decoder], input_shape=(input_dim,), loss=loss, reg=reg, reg_l1=reg_l1, rng=rng, dtype=dtype)
        self._scored = len(self.layers) - (loss == "binary_cross_entropy")  # that loss takes what comes before the sigmoid
        self.encoder = Sequential(encoder, input_shape=(input_dim,), loss=loss, dtype=dtype)
        self.decoder = Sequential(decoder, input_shape=(hidden_dims[-1],), loss=loss, dtype=dtype)

    # ---- the three uses

    def encode(self, X: Any) -> Array:
        """X (N, D)  ->  codes (N, hidden_dims[-1])"""
        return self.encoder.forward(X)

    def decode(self, codes: Any) -> Array:
        """codes (N, hidden_dims[-1])  ->  what they stand for (N, D)"""
        return self.decoder.forward(codes)

    def reconstruct(self, X: Any) -> Array:
        """X (N, D)  ->  X as it comes back (N, D), without noise"""
        return self.forward(X)

    def classifier(
        self,
        num_classes: int,
        hidden_dims: Sequence[int] = (),
        *,
        frozen: bool = True,
        activation: str = "relu",
        reg: Any = 0.0,
        rng: Any = 0,
    ) -> Sequential:
        """A classifier on the encoder's own weights, with hidden layers between the code and the scores.

        frozen=True leaves the encoder as it is; frozen=False trains it along (fine-tuning), and the autoencoder's with it.
        """
        layers = [copy.copy(layer) for layer in self.encoder.layers]  # the same arrays, with a switch of their own
        for layer in layers:
            layer.trainable = not frozen
        for width in hidden_dims:
            layers += [Dense(width), Activation(activation)]
        return Sequential([*layers, Dense(num_classes)], input_shape=self.input_shape, reg=reg, rng=rng, dtype=self.dtype)

    # ---- the contract with a solver

    def loss(self, X: Any, y: Any = None, *, weights: Array | None = None) -> Any:
        """Reconstructions in predict mode when y is None; else (loss, grads) in training mode, whatever y is.

        X (N, D), weights (N,)  ->  (N, D), or loss and grads
        """
        if y is None:
            return self.forward(X)
        target = self._target(X)
        return self._learn(self._corrupted(target), target, weights)

    def evaluate(self, X: Any, y: Any = None, *, weights: Array | None = None) -> tuple[Any, Array]:
        """(loss with penalties, reconstructions) in predict mode, whatever y is; touches nothing."""
        target = self._target(X)
        scores = self._through(target, self.layers[: self._scored])
        loss, _ = self.loss_function(scores, target, weights=weights)
        return loss + self.penalty(), self._through(scores, self.layers[self._scored :])

    def predict(self, X: Any) -> Array:
        """Reconstructions (N, D)."""
        return self.forward(X)

    def predict_proba(self, X: Any) -> Array:
        """The probability that each value is 1, (N, D), under binary cross-entropy: the reconstructions."""
        return self.forward(X) if self.loss_name == "binary_cross_entropy" else super().predict_proba(X)

    def _target(self, X: Any) -> Array:
        """X in floats, images as rows; refused where a sigmoid could not give it back."""
        x = self._input(X)
        if x.ndim > 2 and self.layers[0].params["w"].ndim == 2:
            x = x.reshape(len(x), -1)  # (N, C, H, W) -> (N, D)
        if self._config["output"] == "sigmoid" and x.size and (x.min() < 0 or x.max() > 1):
            raise ValueError(
                f"Autoencoder: a sigmoid gives values in 0 .. 1, but X has some from {x.min():.3g} to {x.max():.3g}: "
                'preprocess it with "scale" alone, or build the net with output="linear".'
            )
        return x

    def _corrupted(self, x: Array) -> Array:
        """x with the noise of training.  x (N, D) or (P, N, D)  ->  the same, or (P, N, D) where a setting is (P,)

        One draw serves all members, and both are drawn if there is any: each member sees what it would see alone.
        """
        if not np.any(self.noise) and not np.any(self.masking):
            return x
        shape = x.shape[-2:]
        noise, kept = self.rng.normal(size=shape), self.rng.random(shape) >= _column(self.masking)
        return (x + _column(self.noise) * noise).astype(x.dtype) * kept

    def config(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("noise", "masking", "reg", "reg_l1")}
        return {**self._config, **own, "loss": self.loss_name, "dtype": self.dtype.name}


def _column(value: Any) -> Array:
    """A number as it is, (P,) as (P, 1, 1)."""
    value = np.asarray(value, np.float64)
    return value.reshape(-1, 1, 1) if value.ndim else value
