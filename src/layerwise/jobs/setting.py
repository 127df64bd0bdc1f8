"""The settings of a run: where each comes from, and which word wins."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from layerwise.errors import did_you_mean

PREFIX = "LAYERWISE_"


@dataclass(frozen=True)
class TrainSettings:
    """Everything that decides what `layerwise train` computes. None means: chosen by the data, the model or the rule."""

    data: str = "digits"
    data_folder: str | None = None
    label: str | None = None  # of a table: the column to predict
    target: str = "class"  # of a table: "class" or "number"
    val: float | None = None  # a share below 1, or a count
    preprocess: list[str] | None = None

    model: str = "fully-connected"
    hidden: list[int] = field(default_factory=lambda: [100])
    activation: str = "relu"
    dropout: float = 0.0  # the share that is dropped
    weight_scale: float | str | None = None
    bias: str = "vector"  # or "ones": a column of ones in the data, penalised like any weight
    loss: str | None = None

    rule: str = "adam"
    lr: float | None = None
    rule_options: dict[str, Any] = field(default_factory=dict)
    lr_decay: float = 1.0
    schedule: str | None = None
    schedule_options: dict[str, Any] = field(default_factory=dict)
    reg: float = 0.0
    reg_l1: float = 0.0
    clip_norm: float | None = None

    epochs: int = 10
    steps: int | None = None
    batch: int = 100  # 0 takes all examples
    sampling: str = "shuffle"
    patience: int | None = None
    seed: int = 0
    dtype: str = "float32"
    print_every: int = 10
    threads: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for config.toml."""
        return asdict(self)


def resolve(
    flags: Mapping[str, Any],
    *,
    config: str | Path | None = None,
    assignments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> TrainSettings:
    """Settings by precedence: flag (or --set), environment (LAYERWISE_LR=...), file, default.

    >>> resolve({"lr": 0.1}, assignments=["rule_options.beta1=0.8"], environment={"LAYERWISE_EPOCHS": "3"}).epochs
    3
    """
    merged: dict[str, Any] = {}
    if config is not None:
        merged = _from_file(Path(config))
    for name, text in (os.environ if environment is None else environment).items():
        key = name.removeprefix(PREFIX).lower()
        if name.startswith(PREFIX) and key in NAMES and key != "data":  # LAYERWISE_DATA is the folder of data sets
            merged[key] = _value(text)
    merged |= {key: value for key, value in flags.items() if value is not None}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise ValueError(f"--set {assignment}: write it as key=value")
        _assign(merged, key.strip(), _value(text.strip()))
    return checked(merged)


def checked(values: Mapping[str, Any]) -> TrainSettings:
    """Settings whose names and kinds are right; numbers may stand for floats, and one value for a list of one."""
    hints = get_type_hints(TrainSettings)
    result = {}
    for key, value in values.items():
        if key not in NAMES:
            raise ValueError(f'unknown setting "{key}".{did_you_mean(key, NAMES)}')
        result[key] = _as_kind(key, value, str(hints[key]))
    return TrainSettings(**result)


NAMES = tuple(f.name for f in fields(TrainSettings))


def _as_kind(key: str, value: Any, hint: str) -> Any:
    if "list" in hint and value is not None:
        values = value if isinstance(value, list | tuple) else [part for part in str(value).split(",") if part.strip()]
        if "int" in hint:
            return [_integer(key, v) for v in values]
        return [str(v).strip() for v in values]
    if "dict" in hint:
        if not isinstance(value, Mapping):
            raise ValueError(f"{key} is {value!r}, but must be a table of options: {key}.name=value")
        return dict(value)
    if value is None or isinstance(value, bool):
        if value is None and "None" in hint:
            return None
        raise ValueError(f"{key} is {value!r}, which it cannot be")
    if "float" in hint:
        if isinstance(value, str) and "str" in hint:
            try:
                return float(value)
            except ValueError:
                return value
        return _float(key, value)
    if "int" in hint:
        return _integer(key, value)
    return str(value)


def _float(key: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{key} is {value!r}, but must be a number") from None


def _integer(key: str, value: Any) -> int:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{key} is {value!r}, but must be a whole number") from None
    if number != int(number):
        raise ValueError(f"{key} is {value!r}, but must be a whole number")
    return int(number)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"--config {path}: there is no such file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"--config {path}: {error}") from None


def _value(text: str) -> Any:
    """A TOML value where it is one, else the text itself: 0.1, true, [100, 50], "a b", relu"""
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text


def _assign(tree: dict[str, Any], key: str, value: Any) -> None:
    first, dot, rest = key.partition(".")
    if dot:
        _assign(tree.setdefault(first, {}), rest, value)
    else:
        tree[first] = value
