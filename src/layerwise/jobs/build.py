"""From settings to data and model; what a setting leaves open is chosen here, and what would have no effect is refused."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from layerwise.conventions import keep_from_drop
from layerwise.data.augmentation import AUGMENTATIONS
from layerwise.data.dataset import Dataset
from layerwise.data.delimited import column_names
from layerwise.data.table import DATASETS, load, load_file
from layerwise.errors import DataError, did_you_mean, look_up
from layerwise.initializers import INITIALIZERS, Undrawn
from layerwise.jobs.setting import TrainSettings, flag
from layerwise.layers.layer import Shape
from layerwise.models.autoencoder import Autoencoder
from layerwise.models.convolution import ConvNet, ThreeLayerConvNet, layer_of
from layerwise.models.fully_connected import FullyConnectedNet, TwoLayerNet
from layerwise.models.linear import SoftmaxModel, SVMModel
from layerwise.models.network import Network
from layerwise.ops.table import LOSSES, OPS
from layerwise.optim.choice import choose_rule, choose_schedule
from layerwise.optim.option import options_of
from layerwise.optim.table import RULES, SCHEDULES
from layerwise.storage.run_folder import RunFolder, is_run

TABLES, ARRAYS = (".csv", ".tsv", ".txt"), (".npz",)
BATCH, EPOCHS, STEPS, MOST_EPOCHS = 100, 10, 1000, 100  # see settle()
MOST_NAMED = 20  # columns that an error lists
BLOCKS = ["conv 32 3x3", "max_pool 2", "batchnorm", "relu", "conv 64 3x3", "max_pool 2", "batchnorm", "relu"]
SMALL = 1 << 24  # multiply-adds in a step's largest product; below, more threads gain little, and cost much on a busy machine
COPIES = 4  # of each parameter while training: itself, its gradient, its best value, a buffer; and those of the rule


@dataclass(frozen=True)
class Recipe:
    """How a model is made of settings, the shape of an example, the number of outputs, and a generator.

    own: the settings that not every model has, and what they are by default; None leaves it to the data
    images: takes images as they are, not flattened; labels: learns from labels
    """

    build: Callable[[TrainSettings, Shape, int, Any], Network]
    own: Mapping[str, Any]
    images: bool = False
    labels: bool = True


# ---- data


def build_data(settings: TrainSettings, seed: Any) -> Dataset:
    """The data set or file that settings name, not preprocessed yet."""
    name = settings.data
    share = _held(settings, "val")
    path = Path(name).expanduser()
    held = {"validation": share, "test": _held(settings, "test")}
    parts: dict[str, Any] = {part: count for part, count in held.items() if count is not None}
    if name in DATASETS:
        _refuse(
            settings,
            ("label", "target", "ignore", "test", "image_size", "channels"),
            f"{name} is a data set with labels and a test part of its own",
        )
        if DATASETS[name].packaged is not None:
            _refuse(settings, ("data_folder",), f"{name} come with the package")
        return _with_hint(settings, lambda: load(name, settings.data_folder, validation=share, split=settings.split, seed=seed))
    if path.is_dir():
        _refuse(settings, ("label", "target", "ignore", "data_folder"), f"{name} is a folder, and its folders' names are the classes")
        if is_run(path):
            raise DataError(f"{name}: is the folder of a run, not of images. Go on with it by: {RunFolder.open(path).way_on()}")
        if not any(inner.is_dir() for inner in path.iterdir()):
            raise DataError(
                f"{name}: a folder without folders. To train on images, put those of each class into a folder named after it; "
                f"for a data set's own files, name the set: layerwise train mnist --data {name}"
            )
    else:
        _refuse(settings, ("image_size", "channels"), f"{name} is no folder of images")
    if not path.exists():
        if path.suffix or len(path.parts) > 1:
            raise DataError(f"{name}: there is no such file.{_near(path)}")
        raise ValueError(f'"{name}" is neither a data set known by name nor a file.{did_you_mean(name, DATASETS)}')
    if path.is_file() and path.suffix.lower() not in TABLES + ARRAYS:
        raise DataError(
            f"{name}: cannot be trained on. Give a table ({', '.join(TABLES)}), an .npz with X and y, or a folder with a folder of "
            "images for each class."
        )
    _refuse(settings, ("data_folder",), "it says where the files of a data set known by name are")
    if path.is_dir():
        parts |= {"image_size": _size(settings.image_size), "channels": settings.channels}
    elif path.suffix.lower() in ARRAYS:
        _refuse(settings, ("label", "target", "ignore"), f"{name} is no table: its arrays X and y say what is learned from what")
    elif settings.label is None:
        names = column_names(path)
        few = ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
        raise ValueError(f"{name}: which column is to be predicted? Name it with --label: {few}")
    ignored = tuple(settings.ignore or ())
    return _with_hint(
        settings,
        lambda: load_file(
            path, settings.label, target=settings.target or "class", ignore=ignored, split=settings.split, seed=seed, **parts
        ),
    )


def _held(settings: TrainSettings, part: str) -> int | float | None:
    """What is held out for a part: a share as a float, a count as an integer."""
    value: float | None = getattr(settings, part)
    if value is None or 0 < value < 1:
        return value
    if value != int(value):
        raise ValueError(f"{flag(part)} is {value:g}, but must be a share below 1, or a whole number of examples")
    return int(value)


def _size(sides: list[int] | None) -> int | tuple[int, int] | None:
    """A side, or height and width, out of a list of one or two numbers."""
    if sides is not None and len(sides) not in (1, 2):
        raise ValueError(f"--image-size has {len(sides)} numbers, but must be one side, or height and width: 32 or 24,32")
    return None if sides is None else sides[0] if len(sides) == 1 else (sides[0], sides[1])


def _with_hint(settings: TrainSettings, read: Callable[[], Dataset]) -> Dataset:
    """What read gives; where parts cannot be held out, the error names the flags that say how large they are."""
    try:
        return read()
    except ValueError as error:
        text = str(error) if settings.data in str(error) else f"{settings.data}: {error}"
        if "split" in text or "held out" in text or "hold out" in text:
            text = f"{text.rstrip('.')}. The flags --val and --test (of a file) say how many examples are held out; 0 is none."
            raise DataError(text) if settings.val is None and settings.test is None else ValueError(text) from None
        raise type(error)(text) from None


def _near(path: Path) -> str:
    """A hint at a file of nearly this name in the same folder."""
    try:
        names = [p.name for p in path.parent.iterdir() if p.suffix.lower() in TABLES + ARRAYS]
    except OSError:
        return f" Nor is there a folder {path.parent}."
    return did_you_mean(path.name, names).partition(" Known:")[0]


def prepared(settings: TrainSettings, data: Dataset) -> Dataset:
    """The data with its augmentation, and its preprocessing fitted: the steps of the settings, then what the model needs."""
    steps = [step for step in settings.preprocess or () if step != "none"]
    if RECIPES[settings.model].images and data.X_train.ndim != 4:
        raise ValueError(
            f'the model "{settings.model}" needs images, but examples have shape {data.X_train.shape[1:]}: use --model fully-connected'
        )
    if data.X_train.ndim > 2 and not RECIPES[settings.model].images:
        steps.append("flatten")
    if settings.bias == "ones":
        steps.append("bias_column")
    changes = [change for change in settings.augment or () if change != "none"]
    return data.with_augmentation(*changes).with_preprocessing(*steps)


# ---- settings


def check_names(settings: TrainSettings) -> None:
    """Refuse unknown names and senseless options before any data is read."""
    own = look_up(RECIPES, settings.model, "model").own
    for name in sorted({key for recipe in RECIPES.values() for key in recipe.own} - own.keys()):
        if getattr(settings, name) is not None:
            fitting = [model for model, recipe in RECIPES.items() if name in recipe.own]
            raise ValueError(
                f'{flag(name)} has no effect on the model "{settings.model}": leave it out, or use --model {" or ".join(fitting)}'
            )
    look_up(RULES, settings.rule, "update rule")
    try:
        choose_rule(settings.rule, settings.rule_options)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{error} Options of a rule are given as --set rule_options.NAME=VALUE") from None
    if "lr" in settings.rule_options:
        raise ValueError("the learning rate is a setting of its own: give --lr in place of --set rule_options.lr")
    if settings.schedule is None and settings.schedule_options:
        raise ValueError(f"--set schedule_options.{next(iter(settings.schedule_options))} has no effect without --schedule NAME")
    if settings.schedule is not None:
        look_up(SCHEDULES, settings.schedule, "schedule")
        try:
            choose_schedule(settings.schedule, settings.schedule_options, steps_per_epoch=1)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{error} Options of a schedule are given as --set schedule_options.NAME=VALUE") from None
    if settings.activation is not None:
        look_up(ACTIVATIONS, settings.activation, "activation")
    if settings.loss is not None:
        look_up(LOSSES, settings.loss, "loss")
    for block in settings.blocks or ():
        layer_of(block)
    if isinstance(settings.weight_scale, str):
        look_up(INITIALIZERS, settings.weight_scale, "initializer")
    for step in settings.preprocess or ():
        if step in ("flatten", "bias_column"):
            raise ValueError(f"--preprocess {step}: " + ("images are flattened by themselves" if step == "flatten" else "use --bias ones"))
    for name in ("preprocess", "augment"):
        chosen = getattr(settings, name) or []
        if "none" in chosen and chosen != ["none"]:
            raise ValueError(f"{flag(name)} {','.join(chosen)}: none stands alone")
    for change in settings.augment or ():
        if change != "none":
            look_up(AUGMENTATIONS, change, "augmentation")


def settle(settings: TrainSettings, data: Dataset) -> TrainSettings:
    """The settings with a value for all that was left open and has an effect.

    Small sets take smaller batches, a tenth of the training part if that is below 100, and more epochs: 10, or as
    many as make 1,000 steps, up to 100. The best epoch on the validation part is kept, so that more do no harm.
    Small products take one thread.
    """
    recipe = look_up(RECIPES, settings.model, "model")
    chosen: dict[str, Any] = dict(recipe.own)
    numbers = data.num_classes is None
    by_data = {"loss": "squared" if numbers else "softmax", "decoder": "sigmoid" if data.full_scale else "linear"}
    chosen |= {name: value for name, value in by_data.items() if name in chosen and chosen[name] is None}
    chosen["lr"] = options_of_rule(settings.rule)["lr"]
    chosen["preprocess"] = ["scale", "center"] if data.full_scale and recipe.labels else ["scale"] if data.full_scale else ["standardize"]
    count = len(data.X_train)
    chosen["batch"] = min(BATCH, max(1, count // 10))
    batch = chosen["batch"] if settings.batch is None else min(settings.batch or count, count)
    if settings.steps is None:
        chosen["epochs"] = min(max(EPOCHS, math.ceil(STEPS / (count // batch))), MOST_EPOCHS)
    widths = [math.prod(data.X_train.shape[1:]), *(settings.hidden or chosen.get("hidden") or ()), outputs_of(data)]
    chosen["threads"] = 1 if not recipe.images and batch * max(a * b for a, b in pairwise(widths)) < SMALL else None
    settled = replace(settings, **{key: value for key, value in chosen.items() if getattr(settings, key) is None})
    _check_targets(settled, numbers)
    return settled


def options_of_rule(rule: str) -> dict[str, Any]:
    """An update rule's options, and what they are by default."""
    parameters = inspect.signature(RULES[rule]).parameters
    return {name: parameters[name].default for name in options_of(RULES[rule])}


def _check_targets(settings: TrainSettings, numbers: bool) -> None:
    """Refuse a model or a loss that compares something else than the data has."""
    if not RECIPES[settings.model].labels:
        return
    if numbers and "loss" not in RECIPES[settings.model].own:
        raise ValueError(f'the model "{settings.model}" needs classes, but the targets are numbers: use --model fully-connected')
    if settings.loss is not None and (LOSSES[settings.loss].targets == "labels") == numbers:
        fitting = [name for name, loss in LOSSES.items() if (loss.targets == "labels") != numbers]
        has, needs = ("numbers", "classes") if numbers else ("classes", "numbers")
        raise ValueError(f'the loss "{settings.loss}" needs {needs}, but the targets are {has}: use --loss {" or ".join(fitting)}')


def _refuse(settings: TrainSettings, names: tuple[str, ...], why: str) -> None:
    for name in names:
        if getattr(settings, name) is not None:
            raise ValueError(f"{flag(name)} has no effect here: {why}")


# ---- models


def build_model(settings: TrainSettings, data: Dataset, rng: Any) -> Network:
    """The model that settled settings name, as wide as the data is."""
    recipe = RECIPES[settings.model]
    shape = data.preprocessing.output_shape(data.X_train.shape)[1:]
    outputs = outputs_of(data)
    if recipe.images:
        outline = recipe.build(settings, shape, outputs, Undrawn())
        _expect_memory(settings, f"a net {outline.input_shape} -> {outputs}", [w.size for w in outline.params.values()])
    else:
        check_memory(settings, math.prod(shape), outputs)
    return recipe.build(settings, shape, outputs, rng)


def outputs_of(data: Dataset) -> int:
    """How many scores an example gets: one per class, or one per value."""
    return data.num_classes or math.prod(data.y_train.shape[1:])


def check_memory(settings: TrainSettings, width: int, outputs: int, have: int | None = None) -> None:
    """A MemoryError in place of a machine that swaps or kills: what training needs is held against the memory there is."""
    widths = [width, *(settings.hidden or ()), outputs if RECIPES[settings.model].labels else width]
    sizes = [(before + 1) * after for before, after in pairwise(widths)]
    _expect_memory(settings, f"a net of widths {'-'.join(map(str, widths))}", sizes, have)


def _expect_memory(settings: TrainSettings, net: str, sizes: Sequence[int], have: int | None = None) -> None:
    have = have or _memory()
    itemsize = 8 if settings.dtype == "float64" else 4
    states = {"sgd": 0, "sgd_momentum": 1, "nesterov": 1, "rmsprop": 1, "adagrad": 1}.get(settings.rule, 2)
    need = sum(sizes) * itemsize * (COPIES + states) + 8 * max(sizes)  # initial weights are drawn in float64
    if have and need > have:
        raise MemoryError(
            f"{net} has {sum(sizes):,} parameters and needs some {need / 2**30:,.1f} GiB to be "
            f"trained, but this machine has {have / 2**30:,.1f} GiB"
        )


def _memory() -> int | None:
    """Bytes of this machine's memory, where the system says."""
    if not hasattr(os, "sysconf"):
        return None
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def _common(settings: TrainSettings, rng: Any) -> dict[str, Any]:
    return {"weight_scale": settings.weight_scale, "reg": settings.reg, "rng": rng, "dtype": settings.dtype}


def _linear(kind: type[SoftmaxModel] | type[SVMModel]) -> Callable[[TrainSettings, Shape, int, Any], Network]:
    def build(settings: TrainSettings, shape: Shape, outputs: int, rng: Any) -> Network:
        return kind(math.prod(shape), outputs, bias=settings.bias == "vector", reg_l1=settings.reg_l1, **_common(settings, rng))

    return build


def _two_layer(settings: TrainSettings, shape: Shape, outputs: int, rng: Any) -> Network:
    hidden = settings.hidden or []
    if len(hidden) != 1:
        raise ValueError(f"a two-layer net has one hidden width, but --hidden gives {hidden}: use --model fully-connected")
    return TwoLayerNet(math.prod(shape), hidden[0], outputs, **_common(settings, rng))


def _fully_connected(settings: TrainSettings, shape: Shape, outputs: int, rng: Any) -> Network:
    return FullyConnectedNet(
        settings.hidden or [],
        input_dim=math.prod(shape),
        num_classes=outputs,
        activation=str(settings.activation),
        normalization=None if settings.normalization == "none" else settings.normalization,
        keep_prob=keep_from_drop(settings.dropout or 0.0),
        loss=str(settings.loss),
        reg_l1=settings.reg_l1,
        **_common(settings, rng),
    )


def _three_layer_conv(settings: TrainSettings, shape: Shape, outputs: int, rng: Any) -> Network:
    hidden = settings.hidden or []
    if len(hidden) != 1:
        raise ValueError(f"a three-layer convolutional net has one hidden width, but --hidden gives {hidden}: use --model conv")
    return ThreeLayerConvNet(shape, settings.filters or 1, settings.filter_size or 1, hidden[0], outputs, **_common(settings, rng))


def _conv(settings: TrainSettings, shape: Shape, outputs: int, rng: Any) -> Network:
    return ConvNet(
        settings.blocks or [],
        input_dim=shape,
        num_classes=outputs,
        loss=str(settings.loss),
        reg_l1=settings.reg_l1,
        **_common(settings, rng),
    )


def _autoencoder(settings: TrainSettings, shape: Shape, outputs: int, rng: Any) -> Network:
    return Autoencoder(
        settings.hidden or [],
        input_dim=math.prod(shape),
        activation=str(settings.activation),
        output=str(settings.decoder),
        loss=str(settings.loss),
        noise=settings.noise,
        masking=settings.masking,
        reg_l1=settings.reg_l1,
        **_common(settings, rng),
    )


ACTIVATIONS = {name: OPS[name] for name in ("relu", "leaky_relu", "elu", "gelu", "sigmoid", "tanh", "softplus")}

RECIPES: dict[str, Recipe] = {
    "softmax": Recipe(_linear(SoftmaxModel), {"weight_scale": 1e-3, "bias": "vector", "reg_l1": 0.0}),
    "svm": Recipe(_linear(SVMModel), {"weight_scale": 1e-3, "bias": "vector", "reg_l1": 0.0}),
    "two-layer": Recipe(_two_layer, {"hidden": [100], "weight_scale": 1e-3}),
    "fully-connected": Recipe(
        _fully_connected,
        {
            "hidden": [100],
            "activation": "relu",
            "normalization": "none",
            "dropout": 0.0,
            "weight_scale": "he_normal",
            "loss": None,  # softmax for classes, squared for numbers
            "reg_l1": 0.0,
        },
    ),
    "three-layer-conv": Recipe(
        _three_layer_conv, {"filters": 32, "filter_size": 7, "hidden": [100], "weight_scale": "he_normal"}, images=True
    ),
    "conv": Recipe(_conv, {"blocks": BLOCKS, "weight_scale": "he_normal", "loss": None, "reg_l1": 0.0}, images=True),
    "autoencoder": Recipe(
        _autoencoder,
        {
            "hidden": [32],
            "activation": "relu",
            "decoder": None,  # a sigmoid for pixels, linear for a table
            "noise": 0.0,
            "masking": 0.0,
            "weight_scale": "glorot_uniform",
            "loss": "squared",
            "reg_l1": 0.0,
        },
        labels=False,
    ),
}
