"""Windows that slide over images: what convolution and pooling share."""

from collections.abc import Iterator

import numpy as np

from layerwise.arrays import Array

Size = tuple[int, int]  # height, width
LARGEST_STRIDE = 100  # below which a fitting one is looked for: a damaged file's may be beyond counting
PIECE = 512 * 1024  # bytes of the largest array that a few images need at a time; it shares a core's L2 cache with the others


def window_counts(op: str, shape: tuple[int, ...], window: Size, *, stride: int, pad: int = 0) -> Size:
    """How many windows fit below and beside each other on images (..., H, W); sizes that do not tile are refused.

    >>> window_counts("conv", (50, 3, 32, 32), (3, 3), stride=1, pad=1)
    (32, 32)
    """
    (height, width), sides = shape[-2:], f"{window[0]} × {window[1]}"
    if stride < 1 or pad < 0 or min(window) < 1:
        raise ValueError(f"{op}: windows of {sides}, stride {stride}, pad {pad}: sides and stride must be 1 or more, pad 0 or more.")
    spare = (height + 2 * pad - window[0], width + 2 * pad - window[1])
    if min(spare) < 0:
        raise ValueError(
            f"{op}: windows of {sides} are larger than images of {height} × {width} with pad {pad}. "
            "Take smaller windows or more padding, or shrink the images less in the steps before."
        )
    over = (spare[0] % stride, spare[1] % stride)
    if any(over):
        strides = [str(n) for n in range(1, min(stride, LARGEST_STRIDE)) if not (spare[0] % n or spare[1] % n)]
        larger = [size + (stride - extra) % stride for size, extra in zip((height, width), over, strict=True)]
        raise ValueError(
            f"{op}: windows of {sides} with stride {stride} and pad {pad} do not tile images of {height} × {width}. "
            f"They would tile {height - over[0]} × {width - over[1]} or {larger[0]} × {larger[1]}; these images want stride {' or '.join(strides)}."
        )
    return spare[0] // stride + 1, spare[1] // stride + 1


def meetings(size: int, window: int, count: int, *, stride: int, pad: int) -> Iterator[tuple[int, slice, slice]]:
    """Along one axis: for each place in the window, which windows have a pixel there, and which pixels those are.

    Windows whose place lies in the padding are left out.

    >>> list(meetings(5, 3, 5, stride=1, pad=1))
    [(0, slice(1, 5, None), slice(0, 4, 1)), (1, slice(0, 5, None), slice(0, 5, 1)), (2, slice(0, 4, None), slice(1, 5, 1))]
    """
    for place in range(window):
        first = max(0, -((place - pad) // stride))  # rounded up: the first window whose place is not before pixel 0
        stop = min(count, (size - 1 + pad - place) // stride + 1)
        if first < stop:
            pixel = first * stride + place - pad
            yield place, slice(first, stop), slice(pixel, pixel + (stop - first - 1) * stride + 1, stride)


def pieces(count: int, nbytes: int) -> list[slice]:
    """Cut a batch of so many images, whose largest array takes so many bytes an image, into pieces that stay in cache.

    >>> pieces(5, 200_000)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    step = max(1, PIECE // max(1, nbytes))
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]


def images_needed(x: Array, op: str) -> None:
    if x.ndim != 4:
        raise ValueError(
            f"{op}: x has shape {x.shape}, but images (N, C, H, W) are needed. Give rows of pixels their shape back by x.reshape(N, C, H, W), "
            "and put channels first by x.transpose(0, 3, 1, 2)."
        )


def laid_out_like(x: Array, a: Array) -> Array:
    """a, which is fresh and in C order, with its axes in the order in which x has them in memory."""
    if x.flags.c_contiguous:
        return a
    result = np.empty_like(x, shape=a.shape)
    result[...] = a
    return result
