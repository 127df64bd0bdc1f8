"""How the contract tests call a row of OPS: one model, a population, a population that reads one x; in both dtypes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from tests.drawing import POPULATION, TOLERANCE, away_from_kinks

SIZES = {"N": 5, "D": 4, "M": 3, "K": 6, "C": 2, "F": 3, "H": 8, "W": 6}


@dataclass(frozen=True)
class Case:
    row: Any
    rng: np.random.Generator
    dtype: type
    population: str = ""  # or "members", where x has their axis, or "shared x"

    def __str__(self):
        return f"{self.name}, {self.dtype.__name__}{self.population and ', '}{self.population}"

    @property
    def name(self):
        return self.row.forward.__name__.removesuffix("_forward")

    @property
    def tolerance(self):
        return TOLERANCE[self.dtype]

    @property
    def leads(self):
        """How many axes each array has before those that its row names: 1 where it carries a population's members."""
        own = [int(self.population == "members")]
        return own + [int(bool(self.population))] * (len(self.row.arrays) - 1)

    def args(self, **lengths):
        """An array for each that the row names; lengths replace those of letters, as N=1."""
        sizes = SIZES | lengths
        shapes = [tuple(int(axis) if axis.isdigit() else sizes[axis] for axis in axes.split()) for axes in self.row.arrays.values()]
        return [
            away_from_kinks(self.rng, (POPULATION,) * lead + shape).astype(self.dtype)
            for lead, shape in zip(self.leads, shapes, strict=True)
        ]

    def forward(self, *args):
        noise = {"rng": np.random.default_rng(7)} if self.row.random else {}
        return self.row.forward(*args, **self.row.options, **noise)

    def backward(self, dout, cache, **options):
        """The gradients as a tuple, () from a row that has none."""
        grads = self.row.backward(dout, cache, **options) if self.row.has_gradient else ()
        return grads if isinstance(grads, tuple) else (grads,)

    def both(self, args, dout=None):
        """Copies of out and of the gradients."""
        out, cache = self.forward(*args)
        kept = np.copy(out)
        return kept, [np.copy(grad) for grad in self.backward(np.ones_like(out) if dout is None else dout, cache)]

    def dout(self, *args):
        """A random gradient for out, stored as out is."""
        out, _ = self.forward(*args)
        dout = np.zeros_like(out)
        dout[...] = away_from_kinks(self.rng, out.shape)
        return dout


def cases(row, rng):
    for dtype in (np.float64, np.float32):
        yield Case(row, rng, dtype)
        if row.stacks:
            yield Case(row, rng, dtype, "members")
        if row.stacks and len(row.arrays) > 1:
            yield Case(row, rng, dtype, "shared x")
