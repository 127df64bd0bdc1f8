"""Many settings at once: spaces, strategies, and a study that trains them as populations."""

from layerwise.sweep.result import Landscape, Result
from layerwise.sweep.space import Range, Space, Values, choice, grid, integers, linear, log, parse_range
from layerwise.sweep.strategy import STRATEGIES, CoarseToFine, Grid, Halving, Optuna, Random, Strategy
from layerwise.sweep.study import Moment, Plan, Study
from layerwise.sweep.worker import Executor, Serial, Threads

__all__ = [
    "Study",
    "Plan",
    "Result",
    "Landscape",
    "Moment",
    "Space",
    "Range",
    "Values",
    "log",
    "linear",
    "integers",
    "choice",
    "grid",
    "parse_range",
    "STRATEGIES",
    "Strategy",
    "Grid",
    "Random",
    "CoarseToFine",
    "Halving",
    "Optuna",
    "Executor",
    "Threads",
    "Serial",
]
