"""What a setting may be. A kind takes a user's value, plain or as text, and gives it back as it is used; a ValueError
says what it must be: "a number above 0".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from layerwise.errors import did_you_mean

Kind = Callable[[Any], Any]


def text() -> Kind:
    """Some text; numbers become one, as a column may be called 3."""

    def read(value: Any) -> str:
        if isinstance(value, bool | Mapping | list | tuple) or not str(value).strip():
            raise ValueError("some text")
        return str(value).strip()

    return read


def choice(*names: str) -> Kind:
    """One of a few words."""

    def read(value: Any) -> str:
        if value not in names:
            known = did_you_mean(str(value), names).partition(" Known:")[0]
            raise ValueError(" or ".join(f'"{name}"' for name in names) + f".{known}")
        return str(value)

    return read


def number(
    *, least: float = -math.inf, above: float = -math.inf, below: float = math.inf, or_name: bool = False, whole: bool = False
) -> Kind:
    """A finite number within limits; with or_name, texts that are no numbers pass as they are."""
    limits = {(True, False): f" from {least:g} up", (True, True): f" from {least:g} to below {below:g}", (False, False): ""}.get(
        (least > -math.inf, below < math.inf), ""
    )
    needed = ("a whole number" if whole else "a number") + (f" above {above:g}" if above > -math.inf else limits)
    needed += ", or a name" if or_name else ""

    def read(value: Any) -> float | int | str:
        try:
            found = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            if or_name and isinstance(value, str) and value.strip():
                return value.strip()
            raise ValueError(needed) from None
        if not (math.isfinite(found) and least <= found and above < found < below) or (whole and not found.is_integer()):
            raise ValueError(needed)
        if not whole:
            return found
        return int(value) if isinstance(value, int) or str(value).strip().isdecimal() else int(found)  # large ones stay exact

    return read


def whole(*, least: int) -> Kind:
    """A whole number."""
    return number(least=least, whole=True)


def texts() -> Kind:
    """Texts, with commas between them or in a list."""

    def read(value: Any) -> list[str]:
        if isinstance(value, bool | Mapping):
            raise ValueError("texts with commas between them")
        parts = value if isinstance(value, list | tuple) else _split(str(value))
        if not all(str(part).strip() for part in parts):
            raise ValueError("texts with commas between them")
        return [str(part).strip() for part in parts]

    return read


def wholes(*, least: int) -> Kind:
    """Whole numbers, with commas between them or in a list; no text at all is none of them."""
    one = whole(least=least)

    def read(value: Any) -> list[int]:
        parts = value if isinstance(value, list | tuple) else [value] if isinstance(value, int | float) else _split(str(value))
        try:
            return [one(part) for part in parts]
        except ValueError:
            raise ValueError(f"whole numbers from {least} up, with commas between them: 100,50") from None

    return read


def options() -> Kind:
    """Options of a rule or a schedule by name."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError("options by name: --set rule_options.beta1=0.8")
        return dict(value)

    return read


def _split(text: str) -> list[str]:
    text = text.strip().removeprefix("[").removesuffix("]")
    return [part.strip() for part in text.split(",")] if text.strip() else []
