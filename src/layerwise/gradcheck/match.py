"""Which recipe a learner's function follows, and which of its arguments is which."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.gradcheck.subject import Args, fresh
from layerwise.gradcheck.term import Kitchen, Recipe, attempt

AGREES = 1e-7
AGREES_COARSELY = 1e-4
SIZES = (
    {"N": 7, "D": 5, "M": 3, "K": 4, "C": 2, "F": 3},
    {"N": 5, "D": 4, "M": 6, "K": 3, "C": 3, "F": 2},
    {"N": 6, "D": 3, "M": 4, "K": 5, "C": 2, "F": 5},
)
OTHER_SETTINGS = {
    "reg": 0.37,
    "keep_prob": 0.63,
    "delta": 0.8,
    "negative_slope": 0.03,
    "margin": 0.7,
    "alpha": 0.6,
}  # to try too, where it is given them

PREDICTING = ("test", "eval", "evaluate", "predict", "inference", "val")
TRAINING = ("train", "training", "is_training", "is_train")


@dataclass(frozen=True)
class Match:
    """A recipe, bound to the places of a function's arguments."""

    name: str
    recipe: Recipe
    slots: Mapping[str, int]  # array name -> place among the arguments
    options: Mapping[str, Any]
    told: Mapping[str, Any]  # values that are not among the arguments, such as a y that the function closes over
    settings: Mapping[str, tuple[int, str | None]]  # option -> its place among the arguments, and its key if that is a mapping

    def given(self, args: Sequence[Any]) -> dict[str, Any]:
        arrays = {name: _in_float64(args[place]) for name, place in self.slots.items()}
        settings = {name: args[place] if key is None else args[place][key] for name, (place, key) in self.settings.items()}
        return {**self.options, **self.told, **settings, **arrays}

    def kitchen(self, args: Sequence[Any], out: Array | None, dout: Array | None) -> tuple[Kitchen, dict[str, Any]] | None:
        """The ingredients of one call, and what they are made from; None where the recipe does not fit."""
        given = self.given(args)
        if dout is not None and not self.recipe.loss:
            given["dout"] = np.asarray(dout, np.float64)
        if self.recipe.infer is not None:
            inferred = attempt(Kitchen(self.recipe, {**given, "out": out}), self.recipe.infer)
            if inferred is None:
                return None
            given |= inferred
        return Kitchen(self.recipe, given), given

    def value(self, args: Sequence[Any], out: Array | None = None) -> Array | None:
        made = self.kitchen(args, out, None)
        if made is None:
            return None
        with np.errstate(all="ignore"):
            try:
                return made[0].total("out")
            except (ValueError, IndexError, TypeError, KeyError, ZeroDivisionError, AttributeError):
                return None

    def agrees(self, args: Sequence[Any], out: Array) -> bool:
        """Whether the recipe gives out too."""
        mine = self.value(args, out)
        if mine is None or mine.shape != out.shape or not np.isfinite(mine).all():
            return False
        limit = AGREES_COARSELY if out.dtype.kind == "f" and out.dtype.itemsize < 8 else AGREES
        size = max(float(np.linalg.norm(mine)), 1e-300)
        return float(np.linalg.norm(np.asarray(out, np.float64) - mine)) <= limit * size


def predicts(args: Sequence[Any], options: Mapping[str, Any]) -> bool:
    """Whether a mapping among the arguments, or the options, ask for predict mode."""
    told = [options, *(arg for arg in args if isinstance(arg, Mapping))]
    return any(str(m.get("mode", "")).lower() in PREDICTING or any(m.get(key) is False for key in TRAINING) for m in told)


def _in_float64(value: Any) -> Any:
    return value.astype(np.float64) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


def matches(name: str, recipe: Recipe, args: Sequence[Any], options: Mapping[str, Any]) -> Iterator[Match]:
    """The recipe bound to these arguments, with its usual options and then with others that people use."""
    if recipe.predicting and predicts(args, options):
        recipe = recipe.predicting
    bound = _bound(recipe, args, options)
    if bound is None:
        return
    slots, told, settings = bound
    sure = {key: value for key, value in told.items() if key in recipe.options}
    rest = {key: value for key, value in told.items() if key not in recipe.options}
    for guess in ({}, *recipe.guesses):
        if not guess or not sure.keys() & guess.keys():
            yield Match(name, recipe, slots, {**recipe.options, **guess, **sure}, rest, settings)


def _bound(
    recipe: Recipe, args: Sequence[Any], options: Mapping[str, Any]
) -> tuple[dict[str, int], dict[str, Any], dict[str, tuple[int, str | None]]] | None:
    told = {recipe.aliases.get(key, key): value for key, value in options.items()}
    wanted = [name for name in recipe.arrays if name not in told]
    if (recipe.labels or recipe.targets or recipe.shares) and "y" not in told:
        wanted.append("y")
    slots: dict[str, int] = {}
    settings: dict[str, tuple[int, str | None]] = {}
    scalars = [name for name in recipe.scalars if name not in told]
    for place, arg in enumerate(args):
        if isinstance(arg, np.ndarray) and arg.ndim:
            if not wanted:
                return None
            slots[wanted.pop(0)] = place
        elif isinstance(arg, list) and wanted and wanted[0] == "y":
            slots[wanted.pop(0)] = place
        elif isinstance(arg, Mapping):
            known = {recipe.aliases.get(key, key): value for key, value in arg.items() if isinstance(key, str)}
            told |= {key: value for key, value in known.items() if key in recipe.options or key in recipe.arrays}
            settings |= {recipe.aliases.get(key, key): (place, key) for key in arg if recipe.aliases.get(key, key) in OTHER_SETTINGS}
            wanted = [name for name in wanted if name not in told]
        elif isinstance(arg, int | float | np.integer | np.floating) and not isinstance(arg, bool) and scalars:
            settings |= {scalars[0]: (place, None)} if scalars[0] in OTHER_SETTINGS else {}
            told[scalars.pop(0)] = arg
        elif arg is None and wanted == ["b"]:
            wanted = []
    if [name for name in wanted if name not in recipe.options]:
        return None
    if any(value is None and key not in told and key != "b" and recipe.infer is None for key, value in recipe.options.items()):
        return None
    return (slots, told, settings) if _fits(recipe, args, slots) else None


def _fits(recipe: Recipe, args: Sequence[Any], slots: Mapping[str, int]) -> bool:
    """Whether each array has as many axes as its letters, of the same lengths where the letters are the same."""
    lengths: dict[str, int] = {}
    for name, letters in recipe.arrays.items():
        if name not in slots or letters == "...":
            continue
        shape, axes = args[slots[name]].shape, letters.split()
        if name == "x" and recipe.arrays.get("w") == "D M" and len(shape) > 2:
            shape = (shape[0], int(np.prod(shape[1:])))  # affine flattens
        if name == "W" and "X" not in recipe.arrays:
            continue  # a penalty takes any shape
        if name in ("gamma", "beta") and len(shape) == 4:
            shape = (shape[1],)
        if len(shape) != len(axes) or any(lengths.setdefault(axis, n) != n for axis, n in zip(axes, shape, strict=True)):
            return False
    if recipe.labels:
        y = np.asarray(args[slots["y"]]) if "y" in slots else None
        if y is not None and (y.dtype.kind not in "iu" and y.ndim != 2):
            return False
    return True


# Fresh inputs


def drawn(
    match: Match, args: Sequence[Any], rng: np.random.Generator, sizes: Mapping[str, int] | None, *, varied: bool = False
) -> Args | None:
    """The arguments with fresh values, other sizes where they are given, and other settings if varied. None where that cannot be done."""
    recipe, new = match.recipe, fresh(args)
    resizable = not match.told.keys() & {"y", *recipe.arrays} and sizes is not None
    lengths: dict[str, int] = {}
    for name, letters in recipe.arrays.items():
        if name in match.slots and letters != "...":
            shape = args[match.slots[name]].shape
            if len(shape) == len(letters.split()):
                lengths |= dict(zip(letters.split(), shape, strict=True))
    if resizable and sizes is not None:
        lengths |= {axis: n for axis, n in sizes.items() if axis not in recipe.fixed.split()}
        lengths |= {axis: _smaller(lengths[axis], lengths.get(2 * axis, 1), match.options) for axis in "HW" if axis in lengths}
    for name, letters in recipe.arrays.items():
        if name not in match.slots:
            continue
        old = args[match.slots[name]]
        shape = old.shape
        if resizable and sizes is not None:
            if letters == "...":
                shape = (
                    sizes["N"] * (2 if old.ndim == 1 else 1),
                    *(
                        sizes.get("D" if old.ndim == 2 and i == 0 else "C" if old.ndim == 4 and i == 0 else "", n)
                        for i, n in enumerate(shape[1:])
                    ),
                )
            elif len(letters.split()) == len(shape):
                shape = tuple(lengths[axis] for axis in letters.split())
            elif name in ("gamma", "beta"):
                shape = (1, lengths["C"], 1, 1)
            elif letters == "N D":
                shape = (lengths["N"], lengths["D"], *(1,) * (len(shape) - 2))
        new[match.slots[name]] = _values(rng, shape, recipe.scale if name == "x" else 1.0, np.float64)
    if varied:
        for name, (place, key) in match.settings.items():
            value = OTHER_SETTINGS[name]
            new[place] = value if key is None else {**new[place], key: value}
    if "y" in match.slots:
        scores = match.recipe.arrays
        n = lengths.get("N", len(args[match.slots["y"]]))
        k = lengths.get("K", 2)
        old = np.asarray(args[match.slots["y"]])
        if recipe.labels and old.dtype.kind in "iu":
            y = np.concatenate([rng.permutation(k), rng.integers(k, size=max(n, k))])[:n]
            y[-1] = k - 1
            new[match.slots["y"]] = y.astype(old.dtype).reshape((n, *(1,) * (old.ndim - 1)))
        elif recipe.labels:
            p = rng.uniform(0.1, 1, size=(n, k))
            new[match.slots["y"]] = p / p.sum(axis=1, keepdims=True)
        else:
            shape = (n, k) if old.ndim == 2 else (n,) * (old.ndim == 1)
            if old.ndim == 1 and "K" in " ".join(scores.values()) and k != 1:
                return None
            new[match.slots["y"]] = rng.uniform(0.1, 0.9, size=shape) if recipe.shares else _values(rng, shape, 1.0, np.float64)
    return new


def _smaller(side: int, window: int, options: Mapping[str, Any]) -> int:
    """A side of small images that windows tile as they tile the given one's."""
    stride = int(options.get("stride", 1))
    least = max(window, int(options.get("pool_height", 1)), int(options.get("pool_width", 1)), 5)
    return side if side <= least + stride else least + (side - least) % stride


def _values(rng: np.random.Generator, shape: tuple[int, ...], scale: float, dtype: Any) -> Array:
    """Distinct magnitudes from 0.1 to 1.9 times scale, either sign: no zeros, no ties."""
    size = int(np.prod(shape))
    magnitude = 0.1 + 1.8 * (rng.permutation(size) + rng.uniform(0.2, 0.8, size)) / max(1, size)
    return (scale * magnitude * rng.choice([-1.0, 1.0], size)).reshape(shape).astype(dtype)
