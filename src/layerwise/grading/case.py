"""The inputs that a learner's function is called with, drawn afresh: ordinary ones, and those that tell careless code apart."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from layerwise.arrays import Array

Draw = Callable[[Any], list["Case"]]
ORDINARY = "ordinary inputs"
LARGE = "large scores"


@dataclass(frozen=True)
class Case:
    """arrays by our names, in our order; rest is what a course's function takes after them; options the same in our words."""

    name: str
    arrays: Mapping[str, Array]
    rest: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    gradients: bool = True  # whether these inputs have just one right gradient

    def args(self, order: tuple[str, ...] = ()) -> list[Any]:
        """Fresh arguments for one call: copies, in the memory layout that the case has."""
        arrays = [laid_out(self.arrays[name]) for name in order or self.arrays]
        return [*arrays, *copy.deepcopy(self.rest)]

    def shapes(self) -> str:
        return ", ".join(f"{name} {np.shape(a)}" for name, a in self.arrays.items())


def laid_out(a: Array) -> Array:
    """A copy with the same strides, where they are not those of a contiguous array."""
    if not isinstance(a, np.ndarray) or a.flags.c_contiguous:
        return np.array(a)
    wide = np.zeros((*a.shape[:-1], a.shape[-1] * 2), a.dtype)
    wide[..., ::2] = a
    return wide[..., ::2]


def apart(a: Array) -> Array:
    """The same values, not contiguous in memory."""
    wide = np.zeros((*a.shape[:-1], a.shape[-1] * 2), a.dtype)
    wide[..., ::2] = a
    return wide[..., ::2]


def _shift(rng: Any, *shape: int) -> Array:
    """Values around 0.3, none near 0, so that no relu stands on its kink."""
    a = rng.normal(0.3, 1.2, size=shape)
    return np.where(np.abs(a) < 0.05, a + 0.2, a)


def labels(rng: Any, n: int, k: int) -> Array:
    y = rng.integers(k, size=n)
    y[0] = k - 1
    return y


def affine(rng: Any) -> list[Case]:
    def case(name: str, shape: tuple[int, ...], width: int) -> Case:
        rows = int(np.prod(shape[1:]))
        return Case(name, {"x": _shift(rng, *shape), "w": _shift(rng, rows, width), "b": _shift(rng, width)})

    strided = case("arrays that are not contiguous", (4, 6), 3)
    return [
        case(ORDINARY, (5, 6), 4),
        case("N = 1", (1, 6), 4),
        case("images (N, 2, 3, 4)", (3, 2, 3, 4), 5),
        case("as many examples as features", (4, 4), 4),
        Case(strided.name, {name: apart(a) for name, a in strided.arrays.items()}),
    ]


def elementwise(rng: Any) -> list[Case]:
    return [
        Case(ORDINARY, {"x": _shift(rng, 5, 4)}),
        Case("N = 1", {"x": _shift(rng, 1, 3)}),
        Case("images (N, C, H, W)", {"x": _shift(rng, 2, 3, 4, 5)}),
        Case("arrays that are not contiguous", {"x": apart(_shift(rng, 4, 5))}),
        Case("zeros", {"x": np.zeros((2, 3))}, gradients=False),
    ]


def scores(rng: Any) -> list[Case]:
    def case(name: str, n: int, k: int, scale: float = 1.0) -> Case:
        return Case(name, {"x": scale * _shift(rng, n, k), "y": labels(rng, n, k)})

    strided = case("arrays that are not contiguous", 4, 3)
    return [
        case(ORDINARY, 6, 4),
        case("N = 1", 1, 5),
        case("more classes than examples", 3, 11),
        Case(strided.name, {"x": apart(strided.arrays["x"]), "y": strided.arrays["y"]}),
        Case("ties between classes", {"x": np.zeros((3, 4)), "y": np.array([0, 3, 1])}),
        Case("scores that are integers", {"x": rng.integers(-3, 4, size=(4, 3)), "y": np.array([0, 1, 2, 1])}, gradients=False),
        Case(LARGE, {"x": np.array([[900.0, 1000.0, 500.0], [-1200.0, 0.0, 1200.0]]), "y": np.array([1, 2])}),
    ]


def linear(rng: Any) -> list[Case]:
    def case(name: str, n: int, d: int, k: int, scale: float = 0.5) -> Case:
        return Case(name, {"W": scale * _shift(rng, d, k), "X": _shift(rng, n, d), "y": labels(rng, n, k)})

    return [case(ORDINARY, 6, 5, 4), case("N = 1", 1, 4, 3), case("more classes than examples", 3, 4, 9), case(LARGE, 5, 6, 4, 400.0)]


def penalised(rng: Any) -> list[Case]:
    """Linear losses with a penalty."""
    return [Case(case.name, case.arrays, (reg,), {"reg": reg}) for case, reg in zip(linear(rng), (0.3, 0.1, 0.0, 0.0), strict=True)]


def weights(rng: Any) -> list[Case]:
    return [
        Case(ORDINARY, {"W": _shift(rng, 5, 4)}, (0.3,), {"reg": 0.3}),
        Case("reg = 0", {"W": _shift(rng, 3, 2)}, (0.0,), {"reg": 0.0}),
    ]


def rows(rng: Any, *, config: bool = True, mode: bool = True) -> list[Case]:
    """x (N, D), gamma and beta (D,), as batch norm in training and layer norm take them."""
    settings = ({"mode": "train"} if mode else {},) if config else ()

    def case(name: str, n: int, d: int, dtype: Any = float) -> Case:
        x = 3 * _shift(rng, n, d) + 2
        gamma = rng.integers(1, 5, size=d) if dtype is int else _shift(rng, d)
        beta = rng.integers(1, 5, size=d) if dtype is int else _shift(rng, d)
        return Case(name, {"x": x, "gamma": gamma, "beta": beta}, settings)

    strided = case("arrays that are not contiguous", 5, 3)
    return [
        case(ORDINARY, 7, 4),
        case("more features than examples", 3, 8),
        case("gamma and beta that are integers", 5, 3, int),
        Case(strided.name, {name: apart(a) for name, a in strided.arrays.items()}, settings),
    ]


def layers(rng: Any) -> list[Case]:
    first, *others = rows(rng, mode=False)
    alone = Case("N = 1", {"x": _shift(rng, 1, 5), "gamma": _shift(rng, 5), "beta": _shift(rng, 5)}, ({},))
    return [first, alone, *others]


def channels(rng: Any) -> list[Case]:
    def case(name: str, shape: tuple[int, ...], dtype: Any = float) -> Case:
        c = shape[1]
        gamma, beta = (np.array([3, 4, 5, 6][:c]), np.arange(1, c + 1)) if dtype is int else (_shift(rng, c), _shift(rng, c))
        return Case(name, {"x": 3 * _shift(rng, *shape) + 2, "gamma": gamma, "beta": beta}, ({"mode": "train"},))

    return [
        case(ORDINARY, (3, 2, 4, 5)),
        case("N = 1", (1, 3, 4, 2)),
        case("gamma and beta that are integers", (2, 3, 4, 5), int),
    ]


def groups(rng: Any) -> list[Case]:
    def case(name: str, shape: tuple[int, ...], count: int) -> Case:
        arrays = {"x": 3 * _shift(rng, *shape) + 2, "gamma": _shift(rng, 1, shape[1], 1, 1), "beta": _shift(rng, 1, shape[1], 1, 1)}
        return Case(name, arrays, (count, {}), {"groups": count})

    return [case(ORDINARY, (3, 4, 3, 2), 2), case("N = 1", (1, 6, 2, 4), 3), case("one group", (2, 4, 3, 3), 1)]


def images(rng: Any) -> list[Case]:
    def case(name: str, x: tuple[int, ...], w: tuple[int, ...], stride: int, pad: int) -> Case:
        arrays = {"x": _shift(rng, *x), "w": _shift(rng, *w), "b": _shift(rng, w[0])}
        return Case(name, arrays, ({"stride": stride, "pad": pad},), {"stride": stride, "pad": pad})

    return [
        case(ORDINARY, (2, 2, 5, 4), (3, 2, 3, 3), 1, 1),
        case("stride 2", (2, 3, 6, 6), (2, 3, 4, 4), 2, 1),
        case("no padding", (1, 2, 4, 5), (2, 2, 3, 2), 1, 0),
    ]


def pools(rng: Any) -> list[Case]:
    def case(name: str, shape: tuple[int, ...], height: int, width: int, stride: int, *, ties: bool = False) -> Case:
        options = {"pool_height": height, "pool_width": width, "stride": stride}
        size = int(np.prod(shape))
        x = np.full(shape, -2.0) if ties else (rng.permutation(size) - size / 2).reshape(shape) / 7
        return Case(name, {"x": x}, (dict(options),), options, gradients=not ties)

    return [
        case(ORDINARY, (2, 3, 4, 6), 2, 2, 2),
        case("windows that overlap", (2, 2, 5, 5), 3, 3, 1),
        case("windows of 2 x 3", (1, 2, 4, 6), 2, 3, 1),
        case("ties within a window", (1, 2, 4, 4), 2, 2, 2, ties=True),
    ]


def predictions(rng: Any) -> list[Case]:
    """Scores, of one example as a vector too, as dlcourse passes them."""
    return [
        Case(ORDINARY, {"x": _shift(rng, 4, 3)}),
        Case("one example, a vector (K,)", {"x": _shift(rng, 5)}),
        Case("N = 1", {"x": _shift(rng, 1, 4)}),
        Case("scores that are integers", {"x": np.array([[-5, 0, 10], [1, 2, 3]])}),
        Case(LARGE, {"x": np.array([[1000.0, 0.0, 0.0], [-1200.0, 500.0, 900.0]])}),
    ]


def probabilities(rng: Any) -> list[Case]:
    p = rng.uniform(0.1, 1, size=(4, 3))
    p /= p.sum(axis=1, keepdims=True)
    return [
        Case(ORDINARY, {"x": p, "y": np.array([0, 2, 1, 2])}),
        Case("one example, a vector (K,)", {"x": p[0], "y": np.array([2])}),
        Case("N = 1", {"x": p[:1], "y": np.array([1])}),
        Case("labels (N, 1)", {"x": p, "y": np.array([[0], [2], [1], [2]])}),
    ]


def targets(rng: Any) -> list[Case]:
    first, *others = scores(rng)
    vector = Case("one example, a vector (K,)", {"x": _shift(rng, 4), "y": np.array([2])})
    column = Case("labels (N, 1)", {"x": _shift(rng, 3, 4), "y": np.array([[0], [3], [1]])})
    return [first, vector, column, *others]
