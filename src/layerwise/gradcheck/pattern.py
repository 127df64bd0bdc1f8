"""Which elements of a gradient are wrong: a row, a column, the border, one factor everywhere, another shape."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Array


@dataclass(frozen=True)
class Pattern:
    kind: str
    sentence: str


def patterns(gradient: Array, right: Array, wrong: Array, labels: Array | None = None, mask: Array | None = None) -> Iterator[Pattern]:
    """Patterns of the wrong elements of a gradient (a mask), the most telling first. labels: one per row."""
    if not wrong.any():
        return
    if not gradient.any():
        yield Pattern("zero", "it is 0 everywhere")
        return
    ratios = gradient[right != 0] / right[right != 0]
    if ratios.size > 1 and _constant(ratios):
        factor = float(np.median(ratios))
        yield (
            Pattern("sign", "every element has the wrong sign")
            if abs(factor + 1) < 1e-6
            else Pattern("factor", f"every element is {factor:.6g} times the slope")
        )
        return
    if (
        gradient.ndim == 2
        and gradient.shape[0] == gradient.shape[1]
        and np.allclose(gradient, right.T, rtol=1e-6, atol=1e-9 * np.abs(right).max())
    ):
        yield Pattern("transposed", "it is the transpose of the slope")
        return
    if np.allclose(np.abs(gradient), np.abs(right), rtol=1e-6, atol=1e-9 * np.abs(right).max()):
        yield Pattern("sign", "the sizes are right, but some signs are wrong")
    if wrong.all():
        yield Pattern("all", "every element is wrong")
        return
    yield from _places(wrong, labels, mask)


def _places(wrong: NDArray[np.bool_], labels: Array | None, mask: Array | None) -> Iterator[Pattern]:
    """Patterns of places, for a mask with both right and wrong elements."""
    if labels is not None and wrong.ndim == 2 and labels.shape == wrong.shape[:1]:
        correct = np.zeros(wrong.shape, bool)
        correct[np.arange(len(labels)), labels] = True
        if np.array_equal(wrong, correct):
            yield Pattern("correct class", "just the entries of the correct classes are wrong")
            return
        rows: Array = np.atleast_1d(wrong.any(axis=1))
        for label, name in ((wrong.shape[1] - 1, "the last class"), (0, "class 0")):
            if np.array_equal(rows, labels == label):
                yield Pattern("label", f"just the examples with the label of {name} are wrong")
                return
    if mask is not None and mask.shape == wrong.shape and mask.any() and not mask.all():
        if np.array_equal(wrong, mask):
            yield Pattern("kept", "just the kept entries are wrong")
            return
        if np.array_equal(wrong, ~mask):
            yield Pattern("masked", "just the masked entries are wrong")
            return
    if wrong.ndim == 4:
        border = np.ones(wrong.shape, bool)
        border[:, :, 1:-1, 1:-1] = False
        if not (wrong & ~border).any():
            yield Pattern("border", "the wrong elements all lie on the border of the image")
            return
        if np.array_equal(wrong, ~border):
            yield Pattern("interior", "just the border of the image is right")
            return
    for axis, (one, many) in enumerate(_names(wrong.ndim)):
        others = tuple(i for i in range(wrong.ndim) if i != axis)
        hit: Array = np.atleast_1d(wrong.any(axis=others))
        if np.atleast_1d(wrong.all(axis=others))[hit].all() and not hit.all():
            places = np.flatnonzero(hit)
            yield Pattern(one, f"just {one} {places[0]} is wrong" if len(places) == 1 else f"just the {many} {_listed(places)} are wrong")
            return
        if hit.sum() == 1:
            yield Pattern(one, f"the wrong elements all lie in {one} {np.flatnonzero(hit)[0]}")
            return


def _names(ndim: int) -> list[tuple[str, str]]:
    if ndim == 2:
        return [("row", "rows"), ("column", "columns")]
    if ndim == 4:
        return [("example", "examples"), ("channel", "channels"), ("row", "rows"), ("column", "columns")]
    return [("element", "elements") if ndim == 1 else (f"slice of axis {axis}", f"slices of axis {axis}") for axis in range(ndim)]


def _listed(places: Array) -> str:
    shown = ", ".join(str(int(place)) for place in places[:5])
    return shown if len(places) <= 5 else f"{shown}, …"


def _constant(ratios: Array) -> bool:
    middle = float(np.median(ratios))
    return middle != 0 and abs(middle - 1) > 1e-6 and bool((np.abs(ratios - middle) <= 1e-5 * abs(middle)).all())


def shape_pattern(gradient: Any, right: Array | None, shape: tuple[int, ...], name: str, array: str) -> Pattern:
    """What a gradient of another shape than its array's is; right, where it is known, tells more."""
    gradient = np.asarray(gradient)
    came = f"{name} has shape {gradient.shape}, but {array} has {shape}"
    values = right if right is not None and right.shape == shape else None

    def agrees(candidate: Array) -> bool:
        return candidate.shape == shape and (
            values is None or np.allclose(candidate, values, rtol=1e-6, atol=1e-9 * max(np.abs(values).max(initial=0), 1e-300))
        )

    if gradient.dtype.kind not in "fiub":
        return Pattern("kind", f"{name} is no array of numbers")
    if gradient.size == int(np.prod(shape)):
        if gradient.ndim == 2 and agrees(gradient.T) and (values is not None or gradient.shape[::-1] == shape):
            return Pattern("transposed", f"{came}: it is transposed")
        if agrees(gradient.reshape(shape)):
            return Pattern(
                "reshape",
                f"{came}: the values are right; return {name}.reshape({array}.shape)" if values is not None else f"{came}: reshape it",
            )
        return Pattern("shape", came)
    for axes in _axis_sets(gradient.ndim):
        for reduce, kind, told in ((np.sum, "not summed", "sum it"), (np.mean, "not summed", "average it")):
            reduced = reduce(gradient, axis=axes)
            if reduced.shape == shape and (values is None or agrees(reduced)):
                axis = axes[0] if len(axes) == 1 else axes
                return Pattern(kind, f"{came}: the sum over the broadcast axis is missing; {told} over axis {axis}")
    if values is not None and gradient.ndim < len(shape):
        for axes in _axis_sets(len(shape)):
            if gradient.shape == values.sum(axis=axes).shape and np.allclose(gradient, values.sum(axis=axes), rtol=1e-6):
                return Pattern("summed", f"{came}: it is summed over axis {axes[0] if len(axes) == 1 else axes} of {array} too")
    if gradient.ndim == len(shape) == 4 and values is not None:
        down, across = gradient.shape[2] - shape[2], gradient.shape[3] - shape[3]
        if down > 0 and across > 0:
            cut = gradient[:, :, down // 2 : down // 2 + shape[2], across // 2 : across // 2 + shape[3]]
            if agrees(cut):
                return Pattern("padding", f"{came}: the padding is not cut off; take [:, :, pad:-pad, pad:-pad]")
    return Pattern("shape", came)


def _axis_sets(ndim: int) -> list[tuple[int, ...]]:
    singles: list[tuple[int, ...]] = [(axis,) for axis in range(ndim)]
    return singles + [(0, 2, 3)] * (ndim == 4) + [(0, 1)] * (ndim == 3) + [tuple(range(ndim))] * (ndim > 1)
