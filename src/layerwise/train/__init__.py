"""Training: the Solver, its callbacks, and populations."""

from layerwise.train.callback import Callback, Checkpoint, EarlyStopping, RunState
from layerwise.train.classic import ClassicSolver
from layerwise.train.descent import descend
from layerwise.train.history import History
from layerwise.train.plateau import Plateau
from layerwise.train.population import member, stack
from layerwise.train.preflight import Finding, Overfit, expected_initial_loss, overfit, preflight
from layerwise.train.progress import Bar, Lines
from layerwise.train.protocol import Model
from layerwise.train.solver import Solver
from layerwise.train.statistic import Statistics
from layerwise.train.table import CALLBACKS

__all__ = [
    "Bar",
    "CALLBACKS",
    "Callback",
    "Checkpoint",
    "ClassicSolver",
    "EarlyStopping",
    "Finding",
    "History",
    "Lines",
    "Model",
    "Overfit",
    "Plateau",
    "RunState",
    "Solver",
    "descend",
    "Statistics",
    "expected_initial_loss",
    "member",
    "overfit",
    "preflight",
    "stack",
]
