"""From settings to data and model."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from layerwise.conventions import keep_from_drop
from layerwise.data.dataset import Dataset
from layerwise.data.table import DATASETS, load, load_file
from layerwise.errors import did_you_mean, look_up
from layerwise.jobs.setting import TrainSettings
from layerwise.models.fully_connected import FullyConnectedNet, TwoLayerNet
from layerwise.models.linear import SoftmaxModel, SVMModel
from layerwise.models.network import Network


def build_data(settings: TrainSettings, seed: Any) -> Dataset:
    """The data set that settings name, with the preprocessing they ask for: scaled and centred images, standardised columns."""
    name = settings.data
    share = settings.val if settings.val is None or settings.val < 1 else int(settings.val)
    if name in DATASETS:
        data = load(name, settings.data_folder, validation=share, seed=seed)
    elif Path(name).exists():
        held: dict[str, Any] = {} if share is None else {"validation": share}
        data = load_file(name, settings.label, target=settings.target, seed=seed, **held)
    else:
        raise ValueError(f'"{name}" is neither a data set known by name nor a file.{did_you_mean(name, DATASETS)}')
    steps = settings.preprocess
    if steps is None:
        steps = ["scale", "center"] if data.full_scale else ["standardize"]
    steps = [step for step in steps if step not in ("none", "flatten", "bias_column")]
    if data.X_train.ndim > 2:
        steps.append("flatten")
    if settings.bias == "ones":
        steps.append("bias_column")
    elif settings.bias != "vector":
        raise ValueError(f'bias is "{settings.bias}", but must be "vector" or "ones"')
    return data.with_preprocessing(*steps)


def build_model(settings: TrainSettings, data: Dataset, rng: Any) -> Network:
    """The model that settings name, as wide as the data is."""
    return look_up(BUILDERS, settings.model, "model")(settings, data, rng)


def _width(data: Dataset) -> int:
    return math.prod(data.preprocessing.output_shape(data.X_train.shape)[1:])


def _outputs(data: Dataset) -> int:
    return data.num_classes or math.prod(data.y_train.shape[1:])


def _common(settings: TrainSettings, rng: Any) -> dict[str, Any]:
    return {"reg": settings.reg, "rng": rng, "dtype": settings.dtype}


def _scale(settings: TrainSettings, default: float | str) -> Any:
    return default if settings.weight_scale is None else settings.weight_scale


def _needs_classes(settings: TrainSettings, data: Dataset) -> None:
    """Refuse what the smaller models do not have, rather than ignore it."""
    if data.num_classes is None:
        raise ValueError(f'the model "{settings.model}" needs classes, but the targets are numbers: use --model fully-connected.')
    for name, value, plain in (
        ("loss", settings.loss, None),
        ("dropout", settings.dropout, 0.0),
        ("activation", settings.activation, "relu"),
    ):
        if value != plain:
            raise ValueError(f'--{name} cannot be set for the model "{settings.model}": use --model fully-connected.')


def _softmax(settings: TrainSettings, data: Dataset, rng: Any) -> Network:
    return _linear(SoftmaxModel, settings, data, rng)


def _svm(settings: TrainSettings, data: Dataset, rng: Any) -> Network:
    return _linear(SVMModel, settings, data, rng)


def _linear(kind: type[SoftmaxModel] | type[SVMModel], settings: TrainSettings, data: Dataset, rng: Any) -> Network:
    _needs_classes(settings, data)
    scale = _scale(settings, 1e-3)
    bias = settings.bias == "vector"
    return kind(_width(data), _outputs(data), weight_scale=scale, bias=bias, reg_l1=settings.reg_l1, **_common(settings, rng))


def _two_layer(settings: TrainSettings, data: Dataset, rng: Any) -> Network:
    _needs_classes(settings, data)
    if len(settings.hidden) != 1:
        raise ValueError(f"a two-layer net has one hidden width, but --hidden gives {settings.hidden}: use --model fully-connected.")
    if settings.reg_l1:
        raise ValueError("--reg-l1 cannot be set for a two-layer net: use --model fully-connected.")
    return TwoLayerNet(_width(data), settings.hidden[0], _outputs(data), weight_scale=_scale(settings, 1e-3), **_common(settings, rng))


def _fully_connected(settings: TrainSettings, data: Dataset, rng: Any) -> Network:
    return FullyConnectedNet(
        settings.hidden,
        input_dim=_width(data),
        num_classes=_outputs(data),
        activation=settings.activation,
        keep_prob=keep_from_drop(settings.dropout),
        weight_scale=_scale(settings, "he_normal"),
        loss=settings.loss or ("softmax" if data.num_classes else "squared"),
        reg_l1=settings.reg_l1,
        **_common(settings, rng),
    )


BUILDERS: dict[str, Callable[[TrainSettings, Dataset, Any], Network]] = {
    "softmax": _softmax,
    "svm": _svm,
    "two-layer": _two_layer,
    "fully-connected": _fully_connected,
}
