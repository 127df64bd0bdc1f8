"""Convolution and pooling taken apart: every window's pixels in one array, and what goes back to each pixel."""

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.gradcheck.recipe_dense import DOUT
from layerwise.gradcheck.term import Recipe, Swap, Term


def padded(x: Array, pad: int) -> Array:
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))


def windows(xp: Array, height: int, width: int, stride: int) -> Array:
    """(N, C, H, W) -> (N, C, HH, WW, OH, OW): the pixels that meet each place of a window."""
    view = np.lib.stride_tricks.sliding_window_view(xp, (height, width), axis=(2, 3))[:, :, ::stride, ::stride]
    return view.transpose(0, 1, 4, 5, 2, 3)


def gather(parts: Array, shape: tuple[int, ...], pad: int, stride: int) -> Array:
    """(N, C, HH, WW, OH, OW) -> (N, C, H, W): what the windows say about each pixel, added up; the padding is cut off."""
    n, channels, height, width, down, across = parts.shape
    total = np.zeros((n, channels, shape[2] + 2 * pad, shape[3] + 2 * pad))
    for i in range(height):
        for j in range(width):
            total[:, :, i : i + stride * down : stride, j : j + stride * across : stride] += parts[:, :, i, j]
    return total[:, :, pad : pad + shape[2], pad : pad + shape[3]]


def overwrite(parts: Array, shape: tuple[int, ...], pad: int, stride: int) -> Array:
    """gather with = in the place of +=, window after window."""
    n, channels, height, width, down, across = parts.shape
    total = np.zeros((n, channels, shape[2] + 2 * pad, shape[3] + 2 * pad))
    for i in range(down):
        for j in range(across):
            total[:, :, i * stride : i * stride + height, j * stride : j * stride + width] = parts[..., i, j]
    return total[:, :, pad : pad + shape[2], pad : pad + shape[3]]


def _uncut(parts: Array, shape: tuple[int, ...], pad: int, stride: int, corner: tuple[int, int]) -> Array:
    """gather with the padding cut off at one corner only."""
    whole = gather(parts, (*shape[:2], shape[2] + 2 * pad, shape[3] + 2 * pad), 0, stride)
    return whole[:, :, corner[0] : corner[0] + shape[2], corner[1] : corner[1] + shape[3]]


def _flipped(w: Array) -> Array:
    return w[:, :, ::-1, ::-1]


def _only(a: Array, axis: int, place: int) -> Array:
    kept = np.zeros_like(a)
    index: tuple[Any, ...] = (slice(None),) * axis + (place,)
    kept[index] = a[index]
    return kept


IMAGE_DOUT = (
    *DOUT,
    Swap("dout", "the last example's dout only: = instead of +=", lambda dout: _only(dout, 0, -1)),
    Swap("dout", "dout at the last place only: = instead of += over places", lambda dout: _only(_only(dout, 2, -1), 3, -1)),
    Swap("dout", "dout without its last row of places", lambda dout: dout - _only(dout, 2, -1)),
    Swap("dout", "dout without its last column of places", lambda dout: dout - _only(dout, 3, -1)),
    Swap(
        "dout",
        "dout without its last row and last column of places",
        lambda dout: dout - _only(dout, 2, -1) - _only(dout - _only(dout, 2, -1), 3, -1),
    ),
    Swap("dout", "dout without its first row of places", lambda dout: dout - _only(dout, 2, 0)),
    Swap("dout", "dout without its first column of places", lambda dout: dout - _only(dout, 3, 0)),
    Swap("dout", "dout without its last channel", lambda dout: dout - _only(dout, 1, -1)),
    Swap("dout", "the first channel's dout only", lambda dout: _only(dout, 1, 0)),
    Swap("dout", "dout flipped", lambda dout: dout[:, :, ::-1, ::-1]),
    Swap("dout", "dout transposed (height and width swapped)", lambda dout: _square(dout).swapaxes(2, 3)),
)


def _square(images: Array) -> Array:
    if images.shape[2] != images.shape[3]:
        raise ValueError("only square images keep their shape when they are transposed")
    return images


CONV = Recipe(
    arrays={"x": "N C H W", "w": "F C HH WW", "b": "F"},
    options={"stride": 1, "pad": 0, "b": None},
    guesses=({"pad": 1}, {"stride": 2}, {"stride": 2, "pad": 1}, {"pad": 2}, {"stride": 3, "pad": 1}, {"stride": 3}, {"pad": 3}),
    ingredients={
        "N": lambda x: len(x),
        "F": lambda w: len(w),
        "C": lambda x: x.shape[1],
        "area": lambda w: w.shape[2] * w.shape[3],
        "weights": lambda w: w[0].size,
        "places": lambda dout: dout.shape[2] * dout.shape[3],
        "xp": lambda x, pad: padded(x, pad),
        "seen": lambda xp, w, stride: windows(xp, w.shape[2], w.shape[3], stride),
        "bias": lambda b: 0.0 if b is None else b[:, None, None],
        "parts": lambda dout, w: np.einsum("nfhw,fcij->ncijhw", dout, w),
        "product": lambda seen, w: np.einsum("fcij,ncijhw->nfhw", w, seen),
        "dx": lambda parts, x, pad, stride: gather(parts, x.shape, pad, stride),
        "dw": lambda dout, seen: np.einsum("nfhw,ncijhw->fcij", dout, seen),
    },
    results={
        "out": (
            Term("the windows' products with the filters", "(window * w[f]).sum()", lambda product: product),
            Term("the bias", "b[f]", lambda bias, product: bias + np.zeros_like(product)),
        ),
        "dx": (Term("the sum over windows", "dx_padded[n, :, i*s:i*s+HH, j*s:j*s+WW] += w[f] * dout[n, f, i, j]", lambda dx: dx),),
        "dw": (Term("the sum over windows", "dw[f] += window * dout[n, f, i, j]", lambda dw: dw),),
        "db": (Term("the sum over examples and places", "dout.sum(axis=(0, 2, 3))", lambda dout: dout.sum(axis=(0, 2, 3))),),
    },
    swaps=(
        Swap("w", "the kernel flipped", lambda w: _flipped(w), ("out", "dx")),
        Swap("w", "the kernel flipped upside down", lambda w: w[:, :, ::-1], ("out", "dx")),
        Swap("w", "the kernel flipped left to right", lambda w: w[..., ::-1], ("out", "dx")),
        Swap("w", "the kernel transposed (height and width swapped)", lambda w: w.transpose(0, 1, 3, 2), ("out", "dx")),
        Swap("w", "the last filter only: = instead of += over filters", lambda w: _only(w, 0, -1), ("dx",)),
        Swap("w", "the first filter only", lambda w: _only(w, 0, 0), ("dx",)),
        Swap("w", "the first channel of the filters only", lambda w: _only(w, 1, 0), ("out", "dx")),
        Swap("w", "the channels of the filters in reverse order", lambda w: w[:, ::-1], ("out", "dx")),
        Swap("w", "the absolute value of the filters", lambda w: np.abs(w)),
        Swap("w", "the first filter for all", lambda w: np.zeros_like(w) + w[:1], ("out", "dx")),
        Swap(
            "dx",
            "the last window's word on a pixel: = instead of += where windows overlap",
            lambda parts, x, pad, stride: overwrite(parts, x.shape, pad, stride),
        ),
        Swap(
            "dx",
            "the padding cut off below and right only: dx is shifted",
            lambda parts, x, pad, stride: _uncut(parts, x.shape, pad, stride, (0, 0)),
        ),
        Swap(
            "dx",
            "the padding cut off above and left only: dx is shifted",
            lambda parts, x, pad, stride: _uncut(parts, x.shape, pad, stride, (2 * pad, 2 * pad)),
        ),
        Swap(
            "dx",
            "the stride ignored: windows are put side by side one pixel apart",
            lambda parts, x, pad, stride: _ignoring_stride(parts, x.shape, pad),
        ),
        Swap("dx", "dx with its border set to 0", lambda dx: _inner(dx)),
        Swap("dx", "the image flipped", lambda dx: _flipped(dx)),
        Swap("dx", "the mean over filters instead of their sum", lambda dx, F: dx / F),
        Swap("dw", "the filters flipped", lambda dw: _flipped(dw)),
        Swap("dw", "the filters flipped upside down", lambda dw: dw[:, :, ::-1]),
        Swap("dw", "the filters flipped left to right", lambda dw: dw[..., ::-1]),
        Swap("dw", "the filters transposed (height and width swapped)", lambda dw: dw.transpose(0, 1, 3, 2)),
        Swap(
            "dw",
            "the last example only: = instead of += over examples",
            lambda dout, seen: np.einsum("fhw,cijhw->fcij", dout[-1], seen[-1]),
        ),
        Swap(
            "dw",
            "the last window only: = instead of += over places",
            lambda dout, seen: np.einsum("nf,ncij->fcij", dout[..., -1, -1], seen[..., -1, -1]),
        ),
        Swap(
            "dw",
            "the last window of the last example only: = instead of +=",
            lambda dout, seen: np.einsum("f,cij->fcij", dout[-1, :, -1, -1], seen[-1, ..., -1, -1]),
        ),
        Swap(
            "seen",
            "windows one pixel apart: the stride is ignored",
            lambda xp, w, dout: windows(xp, w.shape[2], w.shape[3], 1)[..., : dout.shape[2], : dout.shape[3]],
            ("dw",),
        ),
        Swap(
            "seen",
            "windows of x without its padding, which run over the edge",
            lambda x, w, stride, pad: windows(np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad))), w.shape[2], w.shape[3], stride),
        ),
        Swap("seen", "the first channel's windows for all", lambda seen: np.zeros_like(seen) + seen[:, :1]),
        Swap("xp", "an edge repeated in place of zeros", lambda x, pad: np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="edge")),
        Swap("xp", "a mirrored edge in place of zeros", lambda x, pad: np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="reflect")),
        Swap("xp", "ones in place of zeros", lambda x, pad: np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), constant_values=1.0)),
        *IMAGE_DOUT,
    ),
    numbers=("N", "F", "places", "stride", "C", "area", "weights"),
    symbols={
        "area": "(HH·WW)",
        "weights": "(C·HH·WW)",
        "places": "(OH·OW)",
        "seen": "the windows of the padded image",
        "xp": "zeros in the padding",
        "bias": "b",
        "dx": "the sum over windows",
        "dw": "the sum over windows",
    },
    fixed="H W HH WW",
)


def _inner(a: Array) -> Array:
    kept = np.zeros_like(a)
    kept[:, :, 1:-1, 1:-1] = a[:, :, 1:-1, 1:-1]
    return kept


def _ignoring_stride(parts: Array, shape: tuple[int, ...], pad: int) -> Array:
    return gather(parts, shape, pad, 1)


POOL_OPTIONS: dict[str, Any] = {"pool_height": 2, "pool_width": 2, "stride": 2}
POOL_GUESSES = (
    {"pool_height": 3, "pool_width": 3, "stride": 1},
    {"stride": 1},
    {"pool_height": 3, "pool_width": 3},
    {"pool_height": 4, "pool_width": 4, "stride": 4},
    {"pool_height": 3, "pool_width": 3, "stride": 3},
)


def _first_of(seen: Array, pick: str) -> Array:
    """1 at one place of each window, 0 elsewhere.  (N, C, HH, WW, OH, OW)"""
    n, channels, height, width, *places = seen.shape
    flat = seen.reshape(n, channels, height * width, *places)
    index = {
        "max": flat.argmax(axis=2),
        "min": flat.argmin(axis=2),
        "last": np.full(flat.argmax(axis=2).shape, height * width - 1),
        "first": np.zeros_like(flat.argmax(axis=2)),
    }[pick]
    hit = np.zeros_like(flat)
    np.put_along_axis(hit, index[:, :, None], 1, axis=2)
    return hit.reshape(seen.shape)


def _side_by_side(x: Array, height: int, width: int, stride: int, like: Array) -> Array:
    """Windows of this size and stride, as many as there should be."""
    return windows(x, height, width, stride)[..., : like.shape[4], : like.shape[5]]


WINDOWS = (  # what is taken for the windows of a pooling
    Swap(
        "seen",
        "windows as high and wide as the stride, whatever pool_height and pool_width are",
        lambda x, stride, seen: _side_by_side(x, stride, stride, stride, seen),
        ("out",),
    ),
    Swap(
        "seen",
        "windows with pool_height for both sides",
        lambda x, pool_height, stride, seen: _side_by_side(x, pool_height, pool_height, stride, seen),
        ("out",),
    ),
    Swap(
        "seen",
        "windows with pool_width for both sides",
        lambda x, pool_width, stride, seen: _side_by_side(x, pool_width, pool_width, stride, seen),
        ("out",),
    ),
    Swap(
        "seen",
        "windows with pool_height and pool_width swapped",
        lambda x, pool_height, pool_width, stride, seen: _side_by_side(x, pool_width, pool_height, stride, seen),
        ("out",),
    ),
    Swap(
        "seen",
        "windows one pixel apart: the stride is ignored",
        lambda x, pool_height, pool_width, seen: _side_by_side(x, pool_height, pool_width, 1, seen),
        ("out",),
    ),
    Swap("seen", "windows of the first channel for all", lambda seen: np.zeros_like(seen) + seen[:, :1], ("out",)),
)

MAX_POOL = Recipe(
    arrays={"x": "N C H W"},
    options=POOL_OPTIONS,
    guesses=POOL_GUESSES,
    ingredients={
        "N": lambda x: len(x),
        "C": lambda x: x.shape[1],
        "size": lambda pool_height, pool_width: pool_height * pool_width,
        "seen": lambda x, pool_height, pool_width, stride: windows(x, pool_height, pool_width, stride),
        "hit": lambda seen: _first_of(seen, "max"),
        "top": lambda seen: seen.max(axis=(2, 3)),
        "dx": lambda dout, hit, x, stride: gather(hit * dout[:, :, None, None], x.shape, 0, stride),
    },
    results={
        "out": (Term("the largest pixel of each window", "window.max()", lambda top: top),),
        "dx": (Term("dout at the largest pixel of each window", "dx_window += (window == window.max()) * dout", lambda dx: dx),),
    },
    swaps=(
        Swap("hit", "1 for every pixel: dout goes to the whole window", lambda hit: np.ones_like(hit), ("dx",)),
        Swap("hit", "the smallest pixel of each window", lambda seen: _first_of(seen, "min"), ("dx",)),
        Swap("hit", "the first pixel of each window", lambda seen: _first_of(seen, "first"), ("dx",)),
        Swap("hit", "the last pixel of each window", lambda seen: _first_of(seen, "last"), ("dx",)),
        Swap("hit", "the largest value instead of its indicator", lambda seen, hit: seen * hit, ("dx",)),
        Swap("hit", "an equal share for every pixel: average pooling's gradient", lambda hit, size: np.ones_like(hit) / size, ("dx",)),
        Swap(
            "hit",
            "the largest pixel in absolute value",
            lambda seen: _first_of(np.abs(seen), "max"),
            ("dx",),
        ),
        Swap(
            "hit",
            "the largest pixel of all channels together",
            lambda seen: (seen == seen.max(axis=(1, 2, 3), keepdims=True)) * 1.0,
            ("dx",),
        ),
        Swap("hit", "every pixel but the largest", lambda hit: 1 - hit, ("dx",)),
        Swap("hit", "the largest pixel's place transposed (row and column swapped)", lambda hit: hit.transpose(0, 1, 3, 2, 4, 5), ("dx",)),
        Swap(
            "dx",
            "the last window's word on a pixel: = instead of += where windows overlap",
            lambda dout, hit, x, stride: overwrite(hit * dout[:, :, None, None], x.shape, 0, stride),
        ),
        Swap(
            "dx",
            "the stride ignored: windows are put side by side one pixel apart",
            lambda dout, hit, x: gather(hit * dout[:, :, None, None], x.shape, 0, 1),
        ),
        Swap("dx", "1 at a pixel that is the largest of any window, not added up", lambda dx: (dx != 0) * 1.0),
        Swap("top", "the mean of each window", lambda seen: seen.mean(axis=(2, 3)), ("out",)),
        Swap("top", "the smallest pixel of each window", lambda seen: seen.min(axis=(2, 3)), ("out",)),
        Swap("top", "the sum of each window", lambda seen: seen.sum(axis=(2, 3)), ("out",)),
        Swap("top", "the largest absolute value", lambda seen: np.abs(seen).max(axis=(2, 3)), ("out",)),
        Swap("top", "0 where the largest is below it", lambda top: np.maximum(top, 0), ("out",)),
        *WINDOWS,
        *IMAGE_DOUT,
    ),
    numbers=("N", "size", "pool_height", "pool_width", "stride", "C"),
    symbols={
        "size": "(HH·WW)",
        "seen": "the windows",
        "hit": "the largest pixel",
        "top": "the largest pixel",
        "dx": "the sum over windows",
    },
    fixed="H W",
)
AVERAGE_POOL = Recipe(
    arrays={"x": "N C H W"},
    options=POOL_OPTIONS,
    guesses=POOL_GUESSES,
    ingredients={
        "N": lambda x: len(x),
        "C": lambda x: x.shape[1],
        "size": lambda pool_height, pool_width: pool_height * pool_width,
        "seen": lambda x, pool_height, pool_width, stride: windows(x, pool_height, pool_width, stride),
        "share": lambda seen, size: np.ones_like(seen) / size,
        "dx": lambda dout, share, x, stride: gather(share * dout[:, :, None, None], x.shape, 0, stride),
    },
    results={
        "out": (Term("the mean of each window", "window.mean()", lambda seen: seen.mean(axis=(2, 3))),),
        "dx": (Term("an equal share for every pixel", "dx_window += dout / (HH * WW)", lambda dx: dx),),
    },
    swaps=(
        Swap("share", "the first pixel of each window only", lambda seen: _first_of(seen, "first"), ("dx",)),
        Swap("share", "the largest pixel only: max pooling's gradient", lambda seen: _first_of(seen, "max"), ("dx",)),
        Swap("share", "the pixels' values", lambda seen, size: seen / size, ("dx",)),
        Swap(
            "dx",
            "the last window's word on a pixel: = instead of += where windows overlap",
            lambda dout, share, x, stride: overwrite(share * dout[:, :, None, None], x.shape, 0, stride),
        ),
        Swap(
            "seen",
            "the largest pixel instead of the mean",
            lambda seen: np.zeros_like(seen) + seen.max(axis=(2, 3), keepdims=True),
            ("out",),
        ),
        *WINDOWS,
        *IMAGE_DOUT,
    ),
    numbers=("N", "size", "pool_height", "pool_width", "stride", "C"),
    symbols={"size": "(HH·WW)", "seen": "the windows", "share": "1 / (HH·WW)", "dx": "the sum over windows"},
    fixed="H W",
)
GLOBAL_AVERAGE_POOL = Recipe(
    arrays={"x": "N C H W"},
    ingredients={
        "N": lambda x: len(x),
        "C": lambda x: x.shape[1],
        "H": lambda x: x.shape[2],
        "W": lambda x: x.shape[3],
        "size": lambda x: x.shape[2] * x.shape[3],
    },
    results={
        "out": (Term("the mean of each channel", "x.mean(axis=(2, 3))", lambda x: x.mean(axis=(2, 3))),),
        "dx": (
            Term(
                "an equal share for every pixel",
                "dout[:, :, None, None] / (H * W)",
                lambda dout, x, size: dout[:, :, None, None] / size + np.zeros_like(x),
            ),
        ),
    },
    swaps=(
        Swap("x", "the largest pixel instead of the mean", lambda x: np.zeros_like(x) + x.max(axis=(2, 3), keepdims=True), ("out",)),
        *DOUT,
    ),
    numbers=("size", "N", "H", "W", "C"),
    symbols={"size": "(H·W)"},
)
