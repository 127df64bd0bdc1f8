"""The course's Solver: its arguments, attributes and printed lines."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from layerwise.courses.generator import Legacy
from layerwise.storage.array_file import save_arrays
from layerwise.train.classic import ClassicSolver

from . import optim

__all__ = ["Solver", "np", "optim"]

DEFAULTS: dict[str, Any] = {"update_rule": "sgd", "checkpoint_name": None, "verbose": True}  # the others are ClassicSolver's
PASSED_ON = ("optim_config", "lr_decay", "batch_size", "num_epochs", "num_train_samples", "num_val_samples", "print_every")

HISTORIES = ("loss_history", "train_acc_history", "val_acc_history")


class Solver(ClassicSolver):
    """Trains a model with params and loss(X, y) on a dict with X_train, y_train, X_val, y_val."""

    def __init__(self, model: Any, data: Any, **kwargs: Any) -> None:
        if unknown := [name for name in kwargs if name not in (*DEFAULTS, *PASSED_ON)]:
            raise ValueError(f"Unrecognized arguments {', '.join(map(quoted, unknown))}")
        options = {**DEFAULTS, **kwargs}
        self.update_rule = rule_of(options["update_rule"])
        self.checkpoint_name, self.verbose = options["checkpoint_name"], options["verbose"]
        passed = {name: options[name] for name in PASSED_ON if name in options}
        super().__init__(model, data, rule=in_place(self.update_rule), rng=Legacy(), **passed)

    def stepped(self, step: int, num_steps: int) -> None:
        """Print the loss of the step."""
        if self.verbose:
            print(f"(Iteration {step} / {num_steps}) loss: {self.loss_history[-1]:f}")

    def measured(self) -> None:
        """Save and print."""
        self._save_checkpoint()
        if self.verbose:
            train_acc, val_acc = self.train_acc_history[-1], self.val_acc_history[-1]
            print(f"(Epoch {self.epoch} / {self.num_epochs}) train acc: {train_acc:f}; val_acc: {val_acc:f}")

    def _save_checkpoint(self) -> None:
        """Write parameters and histories to files named after checkpoint_name, where there is one."""
        if self.checkpoint_name is None:
            return
        filename = f"{self.checkpoint_name}_epoch_{self.epoch}.safetensors"
        if self.verbose:
            print(f'Saving checkpoint to "{filename}"')
        histories = {name: np.asarray(getattr(self, name)) for name in HISTORIES}
        save_arrays(filename, {**self.model.params, **histories}, {"epoch": self.epoch})


def rule_of(name: str) -> Callable[..., Any]:
    """The rule of that name in optim, whoever wrote it."""
    if not hasattr(optim, name):
        raise ValueError(f'Invalid update_rule "{name}"')
    rule: Callable[..., Any] = getattr(optim, name)
    return rule


def in_place(rule: Callable[..., Any]) -> Callable[..., Any]:
    """The rule as it is, or its twin that changes w itself where the rule is ours."""
    name = getattr(optim, "IN_PLACE", {}).get(rule)
    return rule if name is None else partial(optim.step_in_place, name)


def quoted(name: str) -> str:
    """The name between double quotes."""
    return f'"{name}"'
