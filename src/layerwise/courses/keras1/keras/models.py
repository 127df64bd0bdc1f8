"""Models as Keras 1 builds, trains and asks them."""

from typing import Any

import numpy as np

from layerwise.data.batch import InOrder
from layerwise.data.split import split_last
from layerwise.errors import look_up
from layerwise.metrics import accuracy, class_of, target_accuracy
from layerwise.models.output import OutputNet
from layerwise.train import Solver
from layerwise.train.bar import EpochBar
from layerwise.train.running import RunningFigures

from . import optimizers
from .callbacks import History
from .layers.core import InputLayer, Layer, Tensor

LOSSES = {
    "categorical_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
    "binary_crossentropy": "binary_cross_entropy",
    "mean_squared_error": "squared",
    "mse": "squared",
    "mean_absolute_error": "absolute",
    "mae": "absolute",
}
ACCURACIES = {"acc", "accuracy"}
SEEDS = 10_000_000  # of dropout's noise, one of which is drawn when a model is compiled


class Model:
    """The layers between an input tensor and an output tensor."""

    def __init__(self, input: Tensor, output: Tensor, name: str | None = None) -> None:  # noqa: A002
        self.layers, self.name = list(path_between(input, output)), name
        self._shape, self._net = input.shape, None
        self._state: dict[str, Any] = {}
        self.metrics_names = ["loss"]

    @property
    def trainable(self) -> bool:
        """Whether any of its layers is; setting it sets all of theirs, which counts from the next compile on."""
        return any(layer.trainable for layer in self.layers)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self.layers:
            layer.trainable = value

    def __call__(self, tensor: Tensor) -> Tensor:
        """The model's layers on top of a tensor, with one set of weights."""
        for layer in self.layers:
            tensor = tensor if isinstance(layer, InputLayer) else layer(tensor)
        return tensor

    def compile(self, optimizer: Any, loss: str, metrics: Any = None) -> None:
        """Choose how the model is trained; which layers are frozen is looked up now."""
        self.optimizer, self.loss, self._state = optimizers.get(optimizer), loss, {}
        self._metric = None if ACCURACIES.isdisjoint(metrics or ()) else _metric(loss)
        self.metrics_names = ["loss", *(["acc"] if self._metric else [])]
        self._net = self._built(look_up(LOSSES, loss, "loss"))

    def _built(self, loss: str) -> Any:
        copies: dict[Any, Any] = {}
        parts: list[Any] = []
        for layer in self.layers:
            parts.extend(layer.frozen_copies(copies))
        return OutputNet(parts, input_shape=self._shape, loss=loss, rng=np.random.choice(SEEDS))

    def fit(
        self,
        x: Any,
        y: Any,
        batch_size: int = 32,
        nb_epoch: int = 10,
        verbose: int = 1,
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
    ) -> History:
        """Train, and print as it goes; gives the History."""
        x, y, validation_data = _held_out(np.asarray(x), np.asarray(y), validation_split, validation_data)
        run = _Run(self, len(x), nb_epoch, verbose, validated=validation_data is not None)
        run.announce(validation_data)
        solver = self._solver(x, y, validation_data, batch_size, nb_epoch, np.random if shuffle else InOrder(), run)
        solver.train()
        return run.history

    def _solver(self, x: Any, y: Any, val: Any, batch_size: int, nb_epoch: int, rng: Any, run: Any) -> Solver:
        X_val, y_val = val or (None, None)
        data = {"X_train": x, "y_train": y, "X_val": X_val, "y_val": y_val}
        chosen = {"update_rule": self.optimizer.rule, "optim_config": self.optimizer.options, "metric": self._metric}
        course = {"sampling": "every", "restore_best": False, "guard": False, "num_train_samples": 1, "verbose": False}
        solver = Solver(
            self._net, data, **chosen, **course, num_epochs=nb_epoch, batch_size=batch_size, rng=rng, callbacks=[run.figures, run]
        )
        solver.sample_rng, solver.rule_state = InOrder(), self._state or solver.rule_state
        self._state = solver.rule_state
        return solver

    def evaluate(self, x: Any, y: Any, batch_size: int = 32, verbose: int = 1) -> Any:
        """[loss, acc] over all examples in predict mode, or the loss alone without metrics."""
        loss, outputs = self._net.evaluate(np.asarray(x), np.asarray(y))
        return [float(loss), float(self._metric(outputs, np.asarray(y)))] if self._metric else float(loss)

    def predict(self, x: Any, batch_size: int = 32, verbose: int = 0) -> Any:
        """What the last layer puts out."""
        return (self._net or self._built("squared")).forward(np.asarray(x))

    def get_weights(self) -> list[Any]:
        """Copies of all layers' weights, first to last."""
        weights: list[Any] = []
        for layer in self.layers:
            weights.extend(layer.get_weights())
        return weights

    def summary(self) -> None:
        """Print a table of the layers."""
        print((self._net or self._built("squared")).summary())


class Sequential(Model):
    """Layers in a row, given at once or added one by one. The first says its input_shape, unless it stands in another model already."""

    def __init__(self, layers: Any = None, name: str | None = None) -> None:
        self.layers, self.name, self._net, self.metrics_names = [], name, None, ["loss"]
        self._shape, self._out, self._state = (), None, dict[str, Any]()
        for layer in layers or ():
            self.add(layer)

    def add(self, layer: Any) -> None:
        """Put a layer on top, or all of a model's; its weights are drawn now."""
        for one in layer.layers if isinstance(layer, Model) else [layer]:
            self._put(one)
        self._net = None

    def _put(self, layer: Layer) -> None:
        if self._out is None:
            self._out = self._shape = _input_shape(layer)
        if not isinstance(layer, InputLayer):
            self._out = layer.build(self._out)
            self.layers.append(layer)

    def predict_classes(self, x: Any, batch_size: int = 32, verbose: int = 1) -> Any:
        """The class with the largest output, of each example."""
        return class_of(self.predict(x))

    def predict_proba(self, x: Any, batch_size: int = 32, verbose: int = 1) -> Any:
        """The same as predict."""
        return self.predict(x)


class _Run:
    """Prints and keeps the figures of a run, epoch by epoch."""

    def __init__(self, model: Model, total: int, num_epochs: int, verbose: int, *, validated: bool) -> None:
        self.names, self.total, self.num_epochs, self.verbose = model.metrics_names, total, num_epochs, verbose
        self.validated, self.history = validated, History()
        self.figures = RunningFigures(model._metric, batch_end=self.batch_end)

    def announce(self, validation_data: Any) -> None:
        """Say how many examples there are, as Keras does where some are for validation."""
        if self.verbose and self.validated:
            print(f"Train on {self.total} samples, validate on {len(validation_data[0])} samples")

    def epoch_start(self, state: Any) -> None:
        """A heading, and a fresh line."""
        self.bar = EpochBar(self.total, len(self.history.epoch), self.num_epochs, verbose=self.verbose)

    def batch_end(self, figures: RunningFigures) -> None:
        """The line grows."""
        self.bar.update(figures.seen, self._means())

    def epoch_end(self, state: Any) -> None:
        """The line is ended, with the figures of the validation part."""
        solver = state.solver
        last = {"val_loss": solver.val_loss_history[-1], "val_acc": solver.val_acc_history[-1]}
        own = {name: float(value) for name, value in last.items() if self.validated and name[4:] in self.names}
        figures = {**self._means(), **own}
        self.bar.finish(figures)
        self.history.add(len(self.history.epoch), figures)

    def _means(self) -> dict[str, float]:
        return {name: value for name, value in (("loss", self.figures.loss), ("acc", self.figures.metric)) if name in self.names}


def path_between(start: Tensor, end: Tensor) -> tuple[Layer, ...]:
    """The layers that lead from one tensor to another, with the input layer first."""
    if start.path[-1] not in end.path:
        raise ValueError("Model: the output does not come from that input; follow the layers from one to the other")
    first = InputLayer(input_shape=start.shape)
    return first, *end.path[len(start.path) :]


def _input_shape(layer: Layer) -> tuple[int, ...]:
    built = next((part.input_shape for part in layer.parts), None)
    shape = layer.input_shape or built
    if shape is None:
        raise ValueError("Sequential: the first layer must say the shape of an example: input_shape=(784,)")
    return shape


def _metric(loss: str) -> Any:
    return accuracy if loss.startswith("sparse") else target_accuracy


def _held_out(x: Any, y: Any, share: float, given: Any) -> Any:
    if given is not None or not share:
        return x, y, None if given is None else (np.asarray(given[0]), np.asarray(given[1]))
    kept, held = split_last(len(x), float(share))
    return x[kept], y[kept], (x[held], y[held])
