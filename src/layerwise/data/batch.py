"""Batches of a set that stays where it is: gathered, turned into floats, in one buffer that the next batch overwrites."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.augmentation import Augmentation
from layerwise.data.preprocessing import Preprocessing
from layerwise.data.rows import Examples, gather

SAMPLINGS = ("shuffle", "every", "ordered", "replacement")


class Batches:
    """Endless batches (X, y) of a training part; each is valid until the next is taken.

    sampling "shuffle" draws a permutation at the start of each epoch and drops the rows that do not fill a batch, as
    CS231n does; "every" keeps them, as a last, shorter batch; "ordered" too, in the set's own order instead of a drawn one;
    "replacement" draws every batch afresh, and may be larger than the set. A batch as large as the set is the set in its own order, built once. `batch_weights` holds the
    example weights of the batch taken last. Augmentations change each batch's own
    copy of the images before it is preprocessed. rng is a numpy Generator, or anything with its permutation, choice and
    random.

    >>> batches = Batches(np.eye(4), np.arange(4), batch_size=3, rng=np.random.default_rng(0))
    >>> X, y = batches.next()
    >>> X.dtype, y, batches.steps_per_epoch
    (dtype('float32'), array([2, 0, 1]), 1)
    """

    def __init__(
        self,
        X: Examples,
        y: Examples,
        *,
        batch_size: int,
        rng: Any,
        dtype: Any = np.float32,
        preprocessing: Preprocessing | None = None,
        sampling: str = "shuffle",
        weights: Array | None = None,
        augmentation: Sequence[Augmentation] = (),
    ) -> None:
        if sampling not in SAMPLINGS:
            raise ValueError(f'sampling is "{sampling}", but must be "shuffle", "every", "ordered" or "replacement"')
        if batch_size < 1 or not len(X):
            raise ValueError(f"batches of {batch_size} out of {len(X)} examples: both must be at least 1")
        for name, other in (("y", y), ("weights", weights)):
            if other is not None and len(other) != len(X):
                raise ValueError(f"X has {len(X)} examples, but {name} has {len(other)}")
        self.X, self.y, self.weights, self.rng, self.sampling = X, y, weights, rng, sampling
        for one in augmentation:
            one.check(X.shape[1:])
        self.augmentation = tuple(augmentation)
        self.batch_size = batch_size if sampling == "replacement" else min(batch_size, len(X))
        whole, left = divmod(len(X), self.batch_size)
        self.sizes = [self.batch_size] * max(1, whole)  # of an epoch's batches
        if left and sampling in ("every", "ordered"):
            self.sizes.append(left)
        self.steps_per_epoch = len(self.sizes)
        self.position = 0  # batches of this epoch that were taken
        self.order: Array | None = None
        self.batch_weights: Array | None = None
        self.preprocessing = preprocessing or Preprocessing()
        shape = (self.batch_size, *X.shape[1:])
        self._batch = np.empty(self.preprocessing.output_shape(shape), dtype)
        as_it_is = not self.preprocessing.transforms and X.dtype == self._batch.dtype
        self._raw = self._batch if as_it_is else np.empty(shape, X.dtype)
        self._whole: tuple[Array, Array] | None = None

    def next(self) -> tuple[Array, Array]:
        """The next batch: X in the chosen dtype, preprocessed, and its rows of y."""
        if self.sampling == "replacement":
            return self._take(self.rng.choice(len(self.X), self.batch_size))
        if self.batch_size == len(self.X) and not self.augmentation:
            if self._whole is None:
                self._whole = self._take(np.arange(len(self.X)))
                self._batch.flags.writeable = False  # it serves every step
            return self._whole
        if self.position == 0 or self.order is None:
            self.order = np.arange(len(self.X)) if self.sampling == "ordered" else self.rng.permutation(len(self.X))
        start = self.position * self.batch_size
        self.position = (self.position + 1) % self.steps_per_epoch
        return self._take(self.order[start : start + self.batch_size])

    def _take(self, index: Array) -> tuple[Array, Array]:
        raw, batch = self._raw, self._batch
        if len(index) < self.batch_size:
            raw, batch = raw[: len(index)], batch[: len(index)]
        gather(self.X, index, raw)
        for one in self.augmentation:
            one.apply_in_place(raw, self.rng)
        if self._raw is not self._batch:
            self.preprocessing.apply(raw, out=batch)
        self.batch_weights = None if self.weights is None else self.weights[index]
        return batch, gather(self.y, index)

    def state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """All that restore needs to go on with the same batches: a dict for JSON, and arrays."""
        state = {
            "num_examples": len(self.X),
            "batch_size": self.batch_size,
            "sampling": self.sampling,
            "augmentation": [one.config() for one in self.augmentation],
            "position": self.position,
            "rng": _plain(self.rng.bit_generator.state) if isinstance(self.rng, np.random.Generator) else None,
        }
        return state, {"order": self.order.copy()} if self.order is not None and self.position else {}

    def restore(self, state: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Go on where `state` was taken; the set, batch size, sampling and augmentation must be the same."""
        for name, now in self.state()[0].items():
            if name not in ("position", "rng") and state[name] != now:
                raise ValueError(
                    f"these batches were saved with {name} {state[name]}, but now it is {now}: resume with the same data and settings"
                )
        if state["position"]:
            order = np.asarray(arrays["order"])
            if not 0 < state["position"] < self.steps_per_epoch or not np.array_equal(np.sort(order), np.arange(len(self.X))):
                raise ValueError(
                    f"the saved order of examples is damaged: position {state['position']}, {len(order)} of {len(self.X)} examples"
                )
            self.order = order.astype(np.intp)
        self.position = state["position"]
        if state["rng"] is not None and isinstance(self.rng, np.random.Generator):
            self.rng.bit_generator.state = state["rng"]


class InOrder:
    """Stands in for a generator where nothing is to be shuffled: its permutation is the order that is there.

    >>> InOrder().permutation(3)
    array([0, 1, 2])
    """

    def permutation(self, count: int) -> Array:
        """0, 1, 2, ..."""
        return np.arange(count)

    def choice(self, count: int, size: int, replace: bool = True) -> Array:
        """The first ones."""
        return np.arange(size) % count


def index_batches(num_examples: int, batch_size: int, rng: Any) -> list[Array]:
    """The rows of one epoch's batches: all of them in a fresh order, the last batch shorter.

    >>> [len(rows) for rows in index_batches(5, 2, np.random.default_rng(0))]
    [2, 2, 1]
    """
    if batch_size < 1 or num_examples < 1:
        raise ValueError(f"batches of {batch_size} out of {num_examples} examples: both must be at least 1")
    return np.array_split(rng.permutation(num_examples), range(batch_size, num_examples, batch_size))


def in_order(X: Examples, batch_size: int, dtype: Any = np.float32, preprocessing: Preprocessing | None = None) -> Iterator[Array]:
    """All of X in order, batch by batch, as a model takes it; each batch is valid until the next is taken."""
    preprocessing = preprocessing or Preprocessing()
    as_it_is = not preprocessing.transforms and X.dtype == dtype
    out: Array | None = None
    for start in range(0, len(X), batch_size):
        raw = np.asarray(X[start : start + batch_size])
        if as_it_is:
            yield raw
        else:
            out = preprocessing.apply(raw, dtype, None if out is None else out[: len(raw)])
            yield out


def _plain(value: Any) -> Any:
    """The state of a bit generator without arrays, for JSON; its setter takes lists again."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.tolist() if isinstance(value, np.ndarray) else value
