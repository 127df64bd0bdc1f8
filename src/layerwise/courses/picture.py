"""scipy.misc as it was: images read, stretched and written. It needs Pillow, as Layerwise's own reading of images does."""

from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array


def imread(name: str, flatten: bool = False, mode: str | None = None) -> Array:
    """The pixels of an image file in uint8: (H, W, 3), or (H, W) if it is grey or is to be made so."""
    from layerwise.data.image import image_shape, read_image

    channels, height, width = image_shape(name)
    grey = channels == 1 if mode is None else mode in ("L", "F")
    pixels = read_image(name, (1 if grey or flatten else 3, height, width)).pixels
    pixels = pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0)  # (C, H, W) -> (H, W, C)
    return pixels.astype(np.float32) if flatten else np.ascontiguousarray(pixels)


def imresize(arr: Any, size: Any, interp: str = "bilinear", mode: str | None = None) -> Array:
    """The image (H, W) or (H, W, 3) stretched: size is (height, width), a percentage as an int, or a factor as a float."""
    from layerwise.data.image import stretched

    pixels = as_bytes(np.asarray(arr))
    if isinstance(size, int | np.integer):
        size = size / 100
    height, width = (round(side * size) for side in pixels.shape[:2]) if isinstance(size, float) else size[:2]
    return stretched(pixels, int(height), int(width), nearest=interp == "nearest")


def imsave(name: str, arr: Any, format: str | None = None) -> None:  # noqa: A002
    """Write an image (H, W) or (H, W, 3); the name's ending says in which format."""
    from layerwise.data.image import write_image

    write_image(Path(name), as_bytes(np.asarray(arr)))


def as_bytes(a: Array) -> Array:
    """The array in uint8, its values spread over 0 .. 255 where they were of another type, as scipy.misc did.

    >>> as_bytes(np.array([[0.0, 0.5, 1.0]]))
    array([[  0, 128, 255]], dtype=uint8)
    """
    if a.dtype == np.uint8:
        return a
    low, high = (float(a.min()), float(a.max())) if a.size else (0.0, 0.0)
    return np.floor((a - low) * (255 / ((high - low) or 1)) + 0.5).astype(np.uint8)


def draw_card(path: Path) -> None:
    """Write a picture of coloured stripes, 400 high and 600 wide."""
    from layerwise.data.image import write_image

    pixels = np.zeros((400, 600, 3), np.uint8)
    pixels[...] = (np.indices((400, 600)).sum(axis=0) % 256)[..., None]
    pixels[:, :, 1] = np.linspace(0, 255, 600)
    pixels[:, :, 2] = np.linspace(255, 0, 400)[:, None]
    write_image(path, pixels)
