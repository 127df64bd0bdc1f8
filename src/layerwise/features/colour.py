"""Colours as grey levels, and as hue, saturation and value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.features.choice import largest, pick
from layerwise.features.layout import check_layout, piecewise

BT601 = (0.299, 0.587, 0.114)  # how bright red, green and blue look: ITU-R BT.601, of television
COURSE = (0.299, 0.587, 0.144)  # CS231n's, which has two digits of the last exchanged and adds up to 1.03


def grey(images: Any, *, weights: Sequence[float] = BT601, layout: str = "NCHW") -> Array:
    """Images without their colours (N, H, W), or (H, W) of one image: red, green and blue, weighted and added; grey ones as they are.

    >>> grey(np.array([[[255, 0, 0], [0, 0, 100]]], np.uint8), layout="HWC")
    array([[76.245, 11.4  ]])
    """
    check_layout("grey", images, layout)
    if np.shape(weights) != (3,):
        raise ValueError(f"grey: weights are {weights!r}, but must be three numbers: of red, green and blue")
    return piecewise(lambda piece: grey_levels(piece, weights), images, layout)


def grey_levels(piece: Array, weights: Sequence[float]) -> Array:
    """(n, C, H, W) -> (n, H, W) in float64, added from red to blue."""
    if piece.shape[1] == 1:
        return piece[:, 0].astype(np.float64)
    level = np.multiply(piece[:, 0], weights[0], dtype=np.float64)
    level += np.multiply(piece[:, 1], weights[1], dtype=np.float64)
    level += np.multiply(piece[:, 2], weights[2], dtype=np.float64)
    return level


def hsv(images: Any, *, xmax: float = 255.0, layout: str = "NCHW") -> Array:
    """Hue, saturation and value, each from 0 to 1, where red, green and blue were: (N, 3, H, W), or (3, H, W) of one image.

    xmax is the value of white. The hue goes from red, 0, over green, 1/3, and blue, 2/3, to red again; grey has hue 0.

    >>> hsv(np.array([[[255, 0, 0], [0, 51, 0], [10, 10, 10]]], np.uint8), layout="HWC")[:, 0].round(3)
    array([[0.   , 0.333, 0.   ],
           [1.   , 1.   , 0.   ],
           [1.   , 0.2  , 0.039]])
    """
    check_colours("hsv", images, layout, xmax)

    def converted(piece: Array) -> Array:
        top, low = (np.divide(plane, xmax, dtype=np.float64) for plane in (piece.max(axis=1), piece.min(axis=1)))
        saturation = np.divide(top - low, top, out=np.zeros_like(top), where=top > 0)
        return np.stack([hues(piece, xmax), saturation, top], axis=1)

    return piecewise(converted, images, layout)


def hues(piece: Array, xmax: float) -> Array:
    """The hue, 0 to 1, of colours (n, 3, H, W) whose white is xmax: (n, H, W) in float64."""
    top, low, more, less, sixth = on_the_circle(piece)
    top, low, more, less = (np.divide(plane, xmax, dtype=np.float64) for plane in (top, low, more, less))
    spread = np.subtract(top, low, out=top)
    plain = spread == 0
    spread += plain
    angle = np.subtract(more, less, out=more)
    angle /= spread
    angle += sixth * ~plain
    angle /= 6
    angle += angle < 0  # from -1/6 to 0, on the red side of purple
    return angle


def on_the_circle(piece: Array) -> tuple[Array, ...]:
    """What the hue of colours (n, 3, H, W) is made of: the largest and the smallest of the three, the two that follow the
    largest on a circle of six parts, and the part where it stands. Of equal ones blue is the largest before green before red.
    """
    red, green, blue = piece[:, 0], piece[:, 1], piece[:, 2]
    top, masks = largest((blue, green, red))
    low = np.minimum(np.minimum(red, green), blue)
    sixth = masks[0] * np.uint8(4) + masks[1] * np.uint8(2)
    return top, low, pick((red, blue, green), masks), pick((green, red, blue), masks), sixth


def check_colours(name: str, images: Any, layout: str, xmax: float) -> None:
    """ValueError, in the name of the caller, unless these are coloured images with a value of white."""
    if check_layout(name, images, layout)[0] != 3:
        raise ValueError(f"{name}: the images have shape {tuple(images.shape)} and are grey, but only colours have a hue: give 3 channels")
    if not (np.isfinite(xmax) and xmax > 0):
        raise ValueError(f"{name}: xmax is {xmax}, but must be the value of white, a number above 0")
