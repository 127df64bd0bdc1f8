"""Pictures as data URIs, so that a page needs no other file. As `<img>` sources they can't run a script, wherever they come from."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from layerwise.arrays import Array

KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
MOST_BYTES = 2_000_000  # of all pictures of a page, as they are written into it


class Picture(NamedTuple):
    """A picture with its name; source is empty where there was no room for it."""

    name: str
    source: str


def pictures(stems: Iterable[Path], room: int = MOST_BYTES) -> list[Picture]:
    """Each picture as SVG or PNG, whichever is smaller, until the page is full; those that are in neither form are left out."""
    found = []
    for stem in stems:
        files = [path for ending in KINDS if (path := stem.with_name(f"{stem.name}{ending}")).is_file()]
        if not files:
            continue
        source = data_uri(min(files, key=lambda path: path.stat().st_size))
        room -= len(source)
        found.append(Picture(stem.name.replace("_", " "), source if room >= 0 else ""))
        if room < 0:
            room += len(source)
    return found


def data_uri(path: Path) -> str:
    """A file's bytes as the address of an image."""
    return f"data:{KINDS[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"


def image_uris(images: Array) -> list[str]:
    """Images (n, h, w, 3) of red, green and blue bytes as addresses of PNG images."""
    from layerwise.data.image import to_png

    return [f"data:image/png;base64,{base64.b64encode(to_png(image)).decode()}" for image in images]
