"""Training: the Solver, its callbacks, and populations."""

from layerwise.train.callback import Callback, Checkpoint, EarlyStopping, RunState
from layerwise.train.history import History
from layerwise.train.population import member, stack
from layerwise.train.protocol import Model
from layerwise.train.solver import Solver

__all__ = ["Callback", "Checkpoint", "EarlyStopping", "History", "Model", "RunState", "Solver", "member", "stack"]
