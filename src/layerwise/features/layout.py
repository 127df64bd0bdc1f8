"""How images lie in an array, said in letters; and a walk over many of them that takes little memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.blocks import BLOCK
from layerwise.errors import look_up

LAYOUTS = {
    "NCHW": "many images, colours first: a Dataset's",
    "NHWC": "many images, colours last: the courses'",
    "NHW": "many grey images",
    "CHW": "one image, colours first",
    "HWC": "one image, colours last",
    "HW": "one grey image",
}


def check_layout(name: str, images: Any, layout: str) -> tuple[int, int, int]:
    """(C, H, W) of the images, whose axes bear the layout's letters; an error, in the name of the caller, if they cannot."""
    look_up(LAYOUTS, layout, "layout")
    if not isinstance(getattr(images, "dtype", None), np.dtype):
        raise TypeError(f"{name}: the images are a {type(images).__name__}, but must be an array: np.asarray(images) makes one.")
    shape = tuple(images.shape)
    if len(shape) != len(layout):
        raise ValueError(f'{name}: the images have shape {shape}, but layout "{layout}" has {len(layout)} axes.{_hint(shape)}')
    if images.dtype.kind not in "uif":
        raise TypeError(f"{name}: the images are {images.dtype}, but must be numbers")
    sizes = dict(zip(layout, shape, strict=True))
    channels = sizes.get("C", 1)
    if channels not in (1, 3):
        raise ValueError(
            f'{name}: the images have shape {shape}, so in layout "{layout}" {channels} channels, but there are 3 (red, green, blue) or 1 (grey).'
            + _hint(shape)
        )
    return channels, sizes["H"], sizes["W"]


def _hint(shape: tuple[int, ...]) -> str:
    """What the layout may be, where the shape tells."""
    if len(shape) == 4:
        meant = "NCHW" if shape[1] in (1, 3) else "NHWC" if shape[3] in (1, 3) else None
    elif len(shape) == 3:
        meant = "HWC" if shape[2] in (1, 3) else "CHW" if shape[0] in (1, 3) else "NHW"
    else:
        return " Reshape flat rows to (N, C, H, W), or give one grey image as HW." if len(shape) == 2 else ""
    return f' Did you mean layout="{meant}", {LAYOUTS[meant]}?' if meant else ""


def channels_first(images: Array, layout: str) -> Array:
    """The images as (N, C, H, W), a view: axes that the layout lacks have length 1.

    >>> channels_first(np.zeros((32, 48, 3)), "HWC").shape
    (1, 3, 32, 48)
    """
    moved = images.transpose([layout.index(axis) for axis in "NCHW" if axis in layout])
    return np.expand_dims(moved, [i for i, axis in enumerate("NCHW") if axis not in layout])


def piecewise(function: Callable[[Array], Array], images: Any, layout: str) -> Array:
    """function, which takes (n, C, H, W) and gives n results, over images in cache-sized pieces; one result for one image.

    images are an array, or rows of one that is mapped from a file: so much of it is read as is needed next.
    """
    if "N" not in layout:
        return function(channels_first(np.asarray(images), layout))[0]
    pixels = int(np.prod([length for length, axis in zip(images.shape, layout, strict=True) if axis in "HW"]))
    step = max(1, BLOCK // (8 * max(1, pixels)))  # a block for a plane of float64
    first = function(channels_first(np.asarray(images[:step]), layout))
    out = np.empty((len(images), *first.shape[1:]), first.dtype)
    out[:step] = first
    for start in range(step, len(images), step):
        out[start : start + step] = function(channels_first(np.asarray(images[start : start + step]), layout))
    return out
