"""Single image files, as a model takes them: so many channels, so many pixels, white = 255."""

import io
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import DataError, missing_extra

try:
    from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
except ImportError as error:
    raise missing_extra("Reading images needs Pillow", "plot") from error

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm", ".ico")
LARGEST = 100_000_000  # pixels: no photo has more, and a small file can claim any number
DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")  # Pillow's modes with more than 8 bits, which it would clip to 255


class ReadImage(NamedTuple):
    """pixels (C, H, W) in uint8, and the height and width that the file has."""

    pixels: Array
    height: int
    width: int


def read_image(path: str | Path, shape: tuple[int, int, int], *, invert: bool = False) -> ReadImage:
    """The image in a file, of shape (C, H, W) with C = 1 (grey) or 3 (red, green, blue); stretched to it where it is larger or smaller.

    Turned upright as the camera noted, the first frame of several, transparency laid over white. invert makes black white.
    """
    path, (channels, height, width) = Path(path), shape
    if channels not in (1, 3):
        raise ValueError(f"read_image: an image has 1 or 3 channels, but the examples have shape {shape}")
    try:
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning), Image.open(path) as file:
            if file.width * file.height > LARGEST:
                raise DataError(f"{path}: has {file.width} × {file.height} pixels, more than {LARGEST:,}. Make it smaller first.")
            upright = ImageOps.exif_transpose(file)
            image = _eight_bits(upright).convert("L" if channels == 1 else "RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, SyntaxError) as error:
        raise DataError(f"{path}: is not an image, or of a kind that is not read") from error
    except (OSError, ValueError, EOFError, IndexError, TypeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path}: cannot be read ({error}). Is it complete?") from error
    found = image.size
    if found != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)  # averages where it shrinks
    pixels = np.asarray(image, np.uint8).reshape(height, width, channels).transpose(2, 0, 1)  # (H, W, C) -> (C, H, W)
    return ReadImage(255 - pixels if invert else pixels.copy(), found[1], found[0])


def to_png(pixels: Array) -> bytes:
    """Red, green and blue bytes (H, W, 3) as the content of a PNG file; the same bytes for the same pixels."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG", optimize=True)
    return file.getvalue()


def _eight_bits(image: Image.Image) -> Image.Image:
    """The same image with 8 bits a channel and nothing transparent."""
    if image.mode in DEEP:
        deep = np.asarray(image, np.float64)
        white = 1.0 if image.mode == "F" and deep.max(initial=0) <= 1 else 65535.0 if deep.max(initial=0) > 255 else 255.0
        return Image.fromarray(np.nan_to_num(deep / white * 255).clip(0, 255).round().astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        over = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over)
    return image


def image_shape(path: str | Path) -> tuple[int, int, int]:
    """(C, H, W) of an image as its header tells, upright: C = 1 if it is grey, else 3. No pixel is read."""
    try:
        with Image.open(path) as file:
            channels = 1 if file.mode in (*DEEP, "1", "L", "LA", "La") else 3
            width, height = file.size
            turned = file.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
    except (UnidentifiedImageError, Image.DecompressionBombError, SyntaxError) as error:
        raise DataError(f"{path}: is not an image, or of a kind that is not read") from error
    except (OSError, ValueError, EOFError, IndexError, TypeError) as error:
        raise DataError(f"{path}: cannot be read ({error}). Is it complete?") from None
    return (channels, width, height) if turned else (channels, height, width)


def stretched(pixels: Array, height: int, width: int, *, nearest: bool = False) -> Array:
    """An image in uint8, (H, W) or (H, W, 3), in another size: between its pixels, or the nearest of them."""
    how = Image.Resampling.NEAREST if nearest else Image.Resampling.BILINEAR
    return np.array(Image.fromarray(pixels).resize((width, height), how))


def write_image(path: Path, pixels: Array) -> None:
    """Write an image in uint8, (H, W) or (H, W, 3); the name's ending says in which format."""
    Image.fromarray(pixels).save(path)
