"""Settings as TOML: the standard library reads it (tomllib) and has no writer."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np


def to_toml(table: Mapping[str, Any]) -> str:
    """Nested settings as TOML text: strings, numbers, booleans, lists, tables. A setting that is None is left out.

    >>> print(to_toml({"model": "two-layer", "hidden": [100, 50], "seed": None, "solver": {"lr": 1e-3}}), end="")
    model = "two-layer"
    hidden = [100, 50]
    <BLANKLINE>
    [solver]
    lr = 0.001
    """
    return "\n".join(_lines(table, ())).lstrip("\n") + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    values = {key: value for key, value in table.items() if value is not None}
    tables = {key: value for key, value in values.items() if isinstance(value, Mapping)}
    if path and (len(tables) < len(values) or not tables):
        yield f"\n[{'.'.join(map(_key, path))}]"
    for key, value in values.items():
        if key not in tables:
            yield f"{_key(key)} = {_value(value, (*path, key))}"
    for key, value in tables.items():  # after the plain values, which would otherwise belong to the last table
        yield from _lines(value, (*path, key))


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a setting's name must be a string, but {key!r} is a {type(key).__name__}")
    return key if re.fullmatch("[A-Za-z0-9_-]+", key) else _string(key)


def _value(value: Any, path: tuple[str, ...]) -> str:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value)  # also inf, -inf and nan, which TOML has
        case str() | PurePath():
            return _string(str(value))
        case list() | tuple():
            return f"[{', '.join(_value(item, path) for item in value)}]"
        case Mapping():
            return f"{{{', '.join(f'{_key(key)} = {_value(item, path)}' for key, item in value.items() if item is not None)}}}"
    raise TypeError(
        f"setting {'.'.join(path)}: a {type(value).__name__} cannot be written as TOML; give text, numbers, booleans, lists or tables"
    )


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON's escapes are TOML's, save that one
