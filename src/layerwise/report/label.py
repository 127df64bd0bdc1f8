"""Names and numbers as a reader can take them in."""

import math
from collections.abc import Sequence
from typing import Any

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def printable(text: object) -> str:
    """The text in one line: runs of white space become a space, and what a terminal or a picture would obey a "�".

    >>> printable("tabby\\n cat \\x1b[31m")
    'tabby cat �[31m'
    """
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(str(text).split()))


def class_name(class_names: Sequence[str] | None, k: int) -> str:
    """The name of class k, or its number where it has none.

    >>> class_name(["cat", "dog"], 1), class_name(None, 1)
    ('dog', '1')
    """
    return printable(class_names[k]) if class_names is not None and 0 <= k < len(class_names) else str(k)


def number(value: Any) -> str:
    """A number in few characters, its power of ten raised where it is far from 1.

    >>> number(0.001), number(2500), number(1e-4), number(1.45e-7), number(float("nan"))
    ('0.001', '2500', '10⁻⁴', '1.45×10⁻⁷', 'nan')
    """
    value = float(value)
    if not math.isfinite(value) or value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.4g}".replace("-", "−")
    mantissa, exponent = f"{value:.2e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".").replace("-", "−")
    power = f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return {"1": power, "−1": f"−{power}"}.get(mantissa, f"{mantissa}×{power}")
