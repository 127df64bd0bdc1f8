"""JSON as its standard has it, in and out: no NaN, no key twice, nothing that overflows.

Python's own reader and writer let all of these through, and other languages then refuse the file.
"""

import json
import math
from pathlib import PurePath
from typing import Any

import numpy as np

_LONGEST_INTEGER = 100  # digits: a generator's state has 39, and more than some thousands take long to read


def to_json(value: Any, *, indent: int | None = None, not_finite_as_null: bool = False) -> str:
    """One JSON text. NumPy's numbers and arrays become plain ones; NaN and infinity become null where asked, and are refused otherwise.

    >>> to_json({"loss": np.float32(0.5), "members": np.array([1.0, np.nan])}, not_finite_as_null=True)
    '{"loss": 0.5, "members": [1.0, null]}'
    """
    text = json.dumps(_plain(value, not_finite_as_null), indent=indent, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode()  # half of a surrogate pair, from an odd file name, becomes its escape


def from_json(text: str | bytes) -> Any:
    """What a JSON text says; a ValueError that tells what is wrong with it otherwise.

    >>> from_json('{"epochs": NaN}')
    Traceback (most recent call last):
    ValueError: it holds NaN, which is not JSON
    """
    try:
        return json.loads(
            text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_integer, object_pairs_hook=_without_repeats
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not text in UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None


def _plain(value: Any, null: bool) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, dict):
        if wrong := [key for key in value if not isinstance(key, str)]:
            raise TypeError(f"a key of a JSON object must be a string, but {wrong[0]!r} is a {type(wrong[0]).__name__}")
        return {key: _plain(item, null) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, null) for item in value]
    if isinstance(value, PurePath):
        return str(value)
    if null and isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"it holds {name}, which is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"it holds the number {text[:30]}, too large for a float")
    return number


def _integer(text: str) -> int:
    if len(text) > _LONGEST_INTEGER:
        raise ValueError(f"it holds an integer of {len(text)} digits")
    return int(text)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f'it holds the key "{max(names, key=names.count)}" twice')
    return result
