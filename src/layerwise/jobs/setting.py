"""The settings of a run: what each may be, where it comes from, and which word wins."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from layerwise.errors import did_you_mean
from layerwise.jobs.kind import Kind, choice, number, options, text, texts, whole, wholes

PREFIX = "LAYERWISE_"
ELSEWHERE = ("LAYERWISE_DATA", "LAYERWISE_CACHE", "LAYERWISE_HINT_LEVEL")  # read by other rooms, and no settings of a run
INSTEAD = (("epochs", "steps"),)  # of two ways to say the same, a later source drops what an earlier one said


@dataclass(frozen=True)
class TrainSettings:
    """Everything that decides what `layerwise train` computes. None means: chosen by the data, the model or the rule."""

    data: Annotated[str, text()] = "digits"
    data_folder: Annotated[str | None, text()] = None
    label: Annotated[str | None, text()] = None  # of a table: the column to predict
    target: Annotated[str | None, choice("class", "number")] = None  # of a table: what that column holds
    ignore: Annotated[list[str] | None, texts()] = None  # of a table: columns to leave out
    image_size: Annotated[list[int] | None, wholes(least=1)] = None  # of a folder of images: a side, or height and width
    channels: Annotated[int | None, whole(least=1)] = None  # of a folder of images: 1 or 3
    val: Annotated[float | None, number(least=0)] = None  # a share below 1, or a count
    test: Annotated[float | None, number(least=0)] = None  # of a file: likewise
    split: Annotated[str | None, choice("stratified", "random", "last")] = None  # how these are held out
    preprocess: Annotated[list[str] | None, texts()] = None
    augment: Annotated[list[str] | None, texts()] = None  # random changes of training images

    model: Annotated[str, text()] = "fully-connected"
    hidden: Annotated[list[int] | None, wholes(least=1)] = None
    normalization: Annotated[str | None, choice("none", "batchnorm", "layernorm")] = None
    blocks: Annotated[list[str] | None, texts()] = None  # of a convolutional net, as in layerwise.models.ConvNet
    filters: Annotated[int | None, whole(least=1)] = None
    filter_size: Annotated[int | None, whole(least=1)] = None
    noise: Annotated[float | None, number(least=0)] = None  # of an autoencoder: added in training
    masking: Annotated[float | None, number(least=0, below=1)] = None  # of an autoencoder: the share that is set to 0 in training
    decoder: Annotated[str | None, choice("sigmoid", "linear")] = None  # what an autoencoder ends in
    activation: Annotated[str | None, text()] = None
    dropout: Annotated[float | None, number(least=0, below=1)] = None  # the share that is dropped
    weight_scale: Annotated[float | str | None, number(least=0, or_name=True)] = None
    bias: Annotated[str | None, choice("vector", "ones")] = None  # ones: a column of ones in the data, penalised like any weight
    loss: Annotated[str | None, text()] = None

    rule: Annotated[str, text()] = "adam"
    lr: Annotated[float | None, number(above=0)] = None
    rule_options: Annotated[dict[str, Any], options()] = field(default_factory=dict)
    lr_decay: Annotated[float, number(above=0)] = 1.0
    schedule: Annotated[str | None, text()] = None
    schedule_options: Annotated[dict[str, Any], options()] = field(default_factory=dict)
    reg: Annotated[float, number(least=0)] = 0.0
    reg_l1: Annotated[float | None, number(least=0)] = None
    clip_norm: Annotated[float | None, number(above=0)] = None

    epochs: Annotated[int | None, whole(least=0)] = None
    steps: Annotated[int | None, whole(least=0)] = None
    batch: Annotated[int | None, whole(least=0)] = None  # 0 takes all examples
    sampling: Annotated[str, choice("shuffle", "replacement")] = "shuffle"
    patience: Annotated[int | None, whole(least=1)] = None
    seed: Annotated[int, whole(least=0)] = 0
    dtype: Annotated[str, choice("float32", "float64")] = "float32"
    print_every: Annotated[int, whole(least=1)] = 10
    threads: Annotated[int | None, whole(least=1)] = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for config.toml."""
        return asdict(self)


KINDS: dict[str, Kind] = {key: hint.__metadata__[0] for key, hint in get_type_hints(TrainSettings, include_extras=True).items()}


def resolve(
    flags: Mapping[str, Any],
    *,
    config: str | Path | None = None,
    assignments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> TrainSettings:
    """Settings by precedence: flag (or --set), environment (LAYERWISE_LR=...), file, default.

    >>> resolve({"data": "digits", "lr": 0.1}, assignments=["rule_options.beta1=0.8"], environment={"LAYERWISE_EPOCHS": "3"}).epochs
    3
    """
    settings: dict[str, Any] = {}
    for source in (_from_file(config), _from_environment(os.environ if environment is None else environment), _given(flags, assignments)):
        own = dict(source)
        for pair in INSTEAD:
            if len(own.keys() & set(pair)) == 1:
                settings = {key: value for key, value in settings.items() if key not in pair}
        for key, value in own.items():
            settings[key] = {**settings.get(key, {}), **value} if isinstance(value, dict) else value
    if "data" not in settings:
        raise ValueError('which data? Name a data set or a file: "layerwise train digits" needs no download.')
    return TrainSettings(**settings)


def checked(values: Mapping[str, Any], where: str = "") -> TrainSettings:
    """Settings from plain values, such as those of a run's config.toml; `where` says where they stand, for an error."""
    return TrainSettings(**{key: read(key, value, f"{where}{key}") for key, value in values.items()})


def flag(key: str) -> str:
    """How the command line spells a setting.

    >>> flag("reg_l1"), flag("data_folder"), flag("print_every")
    ('--reg-l1', '--data', '--set print_every')
    """
    spelling = {"data_folder": "--data", "data": "DATASET"}
    unflagged = ("rule_options", "schedule_options", "sampling", "dtype", "print_every", "filters", "filter_size", "masking", "decoder")
    return spelling.get(key) or (f"--set {key}" if key in unflagged else f"--{key.replace('_', '-')}")


def read(key: str, value: Any, where: str) -> Any:
    """A setting's value out of what a user gave; `where` says where it was given, for an error."""
    if key not in KINDS:
        raise ValueError(f'{where}: there is no setting "{key}".{did_you_mean(key, KINDS)}')
    try:
        return KINDS[key](value)
    except ValueError as error:
        raise ValueError(f"{where} is {value!r}, but must be {error}") from None


def _from_file(config: str | Path | None) -> Iterator[tuple[str, Any]]:
    if config is None:
        return
    try:
        table = tomllib.loads(Path(config).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"--config {config}: there is no such file") from None
    except IsADirectoryError:
        raise ValueError(f"--config {config}: is a folder. Give a file, such as the config.toml of a run.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"--config {config}: is not TOML: {error}") from None
    for key, value in table.items():
        yield key, read(key, value, f"{config}, {key}")


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    names = {f"{PREFIX}{key.upper()}": key for key in KINDS if key != "data"}
    for name, value in environment.items():
        if not name.startswith(PREFIX) or name in ELSEWHERE:
            continue
        if name not in names:
            raise ValueError(f"{name}: there is no such setting.{did_you_mean(name, [*names, *ELSEWHERE])} Unset the variable.")
        yield names[name], read(names[name], value, name)


def _given(flags: Mapping[str, Any], assignments: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """What the command line gives, by flags and by --set; the same setting twice is refused."""
    given = {key: value for key, value in flags.items() if value is not None}
    tables: dict[str, dict[str, Any]] = {}
    for assignment in assignments:
        key, equals, value = (part.strip() for part in assignment.partition("="))
        key, dot, option = key.partition(".")
        if not equals or not key or bool(dot) != bool(option):
            raise ValueError(f'--set {assignment}: write it as KEY=VALUE, such as "lr=0.1" or "rule_options.beta1=0.8"')
        if key in given:
            raise ValueError(f"{flag(key)} and --set {assignment} both give {key}: keep one")
        if dot:
            tables.setdefault(key, {})[option] = _plain(value)
        else:
            yield key, read(key, value, f"--set {key}")
    for key, table in tables.items():
        yield key, read(key, table, f"--set {key}.{next(iter(table))}")
    for key, value in given.items():
        yield key, read(key, value, flag(key))


def _plain(value: str) -> Any:
    """A TOML value where it is one, else the text itself: 0.1, true, [1, 2], relu"""
    try:
        return tomllib.loads(f"x = {value}")["x"]
    except tomllib.TOMLDecodeError:
        return value
