"""Which trials train together: groups of one shape, cut into chunks that fit the cache."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from layerwise.models.network import Network
from layerwise.optim.option import options_of
from layerwise.optim.table import RULES
from layerwise.sweep.trial import Trial

CACHE = 8 * 2**20  # bytes of parameters in a chunk
FEWEST, MOST = 2, 64  # members of a chunk that the cache would let be smaller or larger
MEMBER = {  # settings that may differ between the members of a population; all others make a group each
    *("lr", "lr_decay", "epochs", "patience", "reg", "reg_l1", "keep_prob", "dropout", "weight_scale", "seed"),
    *(option for rule in RULES.values() for option in options_of(rule)),
}
Build = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True)
class Chunk:
    """Trials that are trained as one population; or one that is trained alone, where the model cannot be stacked."""

    name: str
    trials: tuple[Trial, ...]
    stacked: bool
    size: int  # bytes of one member's parameters
    group: str  # what its trials have in common
    outputs: int = 0  # values that one member's layers put out for one example

    def __len__(self) -> int:
        return len(self.trials)


def cut(
    trials: Iterable[Trial], build: Build, base: Mapping[str, Any], *, epochs: Callable[[Trial], int], workers: int, name: str = ""
) -> list[Chunk]:
    """The trials in chunks, those that take longest first, so that the workers end together.

    The size of a chunk is worked out from the size of the model and the number of workers alone: no timing decides it.
    """
    groups: dict[str, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(group_of({**base, **trial.setting}, trial), []).append(trial)
    models: dict[str, tuple[int, int, bool]] = {}
    chunks: list[Chunk] = []
    for group, members in groups.items():
        shape = group.partition("\n")[2]
        if shape not in models:
            model = build({**base, **members[0].setting, "seed": members[0].seed(0)})
            outputs = sum(w.shape[-1] for w in model.params.values() if w.ndim > 1)
            models[shape] = sum(w.nbytes for w in model.params.values()), outputs, stacks(model)
        size, outputs, stacked = models[shape]
        for part in _parts(members, capacity(size) if stacked else 1, -(-workers // len(groups))):
            chunks.append(Chunk(f"{name}{len(chunks)}", tuple(part), stacked, size, group, outputs))
    return sorted(chunks, key=lambda chunk: -chunk.size * sum(epochs(trial) for trial in chunk.trials))


def capacity(size: int) -> int:
    """Members in a chunk whose parameters take so many bytes each.

    >>> capacity(123_000), capacity(1_200_000), capacity(100), capacity(50_000_000)
    (64, 6, 64, 2)
    """
    return min(max(CACHE // max(1, size), FEWEST), MOST)


def stacks(model: Any) -> bool:
    """Whether a population of such models trains as one: ours, on rows; not of images, and not a learner's own class."""
    return isinstance(model, Network) and all(len(shape) == 1 for shape in (model.input_shape, *model.shapes))


def group_of(config: Mapping[str, Any], trial: Trial) -> str:
    """What trials must share to train together: repeat and fold, and then all settings that no population varies."""
    varied = MEMBER - {"epochs"} if config.get("schedule") else MEMBER  # a schedule counts on one number of steps
    shape = sorted((name, repr(value)) for name, value in config.items() if name not in varied)
    return f"{trial.repeat} {trial.fold}\n{shape}"


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _parts(trials: Sequence[Trial], most: int, at_once: int) -> list[Sequence[Trial]]:
    """Parts of at most `most`, as equal as can be, their number a multiple of what can run at once."""
    count = math.ceil(math.ceil(len(trials) / most) / at_once) * at_once
    count = min(count, len(trials))
    bounds = [len(trials) * i // count for i in range(count + 1)]
    return [trials[a:b] for a, b in pairwise(bounds)]
