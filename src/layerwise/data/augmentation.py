"""Random changes of training images that leave what they show: each batch sees others, and no image is changed for good.

They act on raw pixels, before any preprocessing, and on training batches alone. A batch of 200 images of 3 × 32 × 32 bytes,
which takes 0.35 ms to gather, scale and centre, takes 0.2 ms more with flips, 0.4 with shifts, and 0.9 with crops
(`python -m benchmarks.augmentation`, one core).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import look_up


@dataclass(frozen=True)
class Augmentation:
    """apply_in_place changes images (N, C, H, W), the caller's own, by draws of rng.random alone."""

    kind: ClassVar[str]

    def apply_in_place(self, images: Array, rng: Any) -> None:
        raise NotImplementedError

    def check(self, shape: tuple[int, ...]) -> None:
        """Refuse examples of a shape (C, H, W) that cannot be changed so."""
        if len(shape) != 3:
            raise ValueError(f"{self.kind}: needs images (N, C, H, W), but the examples have shape {shape}")

    def config(self) -> dict[str, Any]:
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class RandomFlip(Augmentation):
    """Left and right change places in this share of the images (not for digits or letters)."""

    probability: float = 0.5
    kind = "flip"

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ValueError(f"flip: probability is {self.probability}, but must lie between 0 and 1")

    def apply_in_place(self, images: Array, rng: Any) -> None:
        chosen = np.flatnonzero(rng.random(len(images)) < self.probability)
        images[chosen] = images[chosen][..., ::-1]


@dataclass(frozen=True)
class RandomShift(Augmentation):
    """Each image moves by up to so many pixels along either axis; `fill` comes in at the edges."""

    pixels: int = 2
    fill: float = 0
    kind = "shift"

    def __post_init__(self) -> None:
        if isinstance(self.pixels, bool) or not isinstance(self.pixels, int) or self.pixels < 1:
            raise ValueError(f"shift: pixels is {self.pixels!r}, but must be a whole number of at least 1")

    def check(self, shape: tuple[int, ...]) -> None:
        super().check(shape)
        if self.pixels >= min(shape[1:]):
            raise ValueError(f"shift: by {self.pixels} pixels, images of {shape[1]} × {shape[2]} would leave the frame")

    def apply_in_place(self, images: Array, rng: Any) -> None:
        n, c, h, w = images.shape
        p = self.pixels
        frame = np.full((n, c, h + 2 * p, w + 2 * p), self.fill, images.dtype)
        frame[:, :, p:-p, p:-p] = images
        windows = np.lib.stride_tricks.sliding_window_view(frame, (h, w), axis=(2, 3))  # (N, C, 2p + 1, 2p + 1, H, W), a view
        down, right = (rng.random((2, n)) * (2 * p + 1)).astype(np.intp)
        images[...] = windows[np.arange(n), :, down, right]


@dataclass(frozen=True)
class RandomCrop(Augmentation):
    """A random window, at least `smallest` of each side, is enlarged to the whole image by its nearest pixels."""

    smallest: float = 0.8
    kind = "crop"

    def __post_init__(self) -> None:
        if not 0 < self.smallest <= 1:
            raise ValueError(f"crop: smallest is {self.smallest}, but must be a share of the sides above 0, and at most 1")

    def apply_in_place(self, images: Array, rng: Any) -> None:
        n, c, h, w = images.shape
        side, top, left = rng.random((3, n, 1))
        side = self.smallest + (1 - self.smallest) * side  # of the window, as a share
        rows = (h * ((1 - side) * top + side * (np.arange(h) + 0.5) / h)).astype(np.intp)  # (N, H)
        columns = (w * ((1 - side) * left + side * (np.arange(w) + 0.5) / w)).astype(np.intp)  # (N, W)
        sources = (rows[:, :, None] * w + columns[:, None, :]).reshape(n, h * w)
        for image, source in zip(images.reshape(n, c, h * w), sources, strict=True):
            image[...] = image.take(source, axis=1, mode="clip")


AUGMENTATIONS: dict[str, type[Augmentation]] = {"flip": RandomFlip, "shift": RandomShift, "crop": RandomCrop}


def augmentations(chosen: Sequence[str | Augmentation], shape: tuple[int, ...]) -> tuple[Augmentation, ...]:
    """Those named or given, for examples of this shape (C, H, W)."""
    made = tuple(look_up(AUGMENTATIONS, one, "augmentation")() if isinstance(one, str) else one for one in chosen)
    for augmentation in made:
        augmentation.check(shape)
    return made
