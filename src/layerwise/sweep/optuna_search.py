"""Optuna by its ask-and-tell interface: the only file that imports it."""

from __future__ import annotations

from typing import Any

from layerwise.errors import missing_extra
from layerwise.sweep.space import Axis, Range, Setting, Space

try:
    import optuna
except ImportError as error:
    raise missing_extra('The strategy "optuna" needs Optuna', "sweep") from error


class Search:
    """A study that is asked for several settings at once; those still open count as poor ones, so that they spread."""

    def __init__(self, space: Space, sampler: Any = None, *, seed: int = 0) -> None:
        if space.constraints:
            raise ValueError('the strategy "optuna" takes no constraints: use grid or random')
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.space = space
        self.study = optuna.create_study(direction="maximize", sampler=sampler or _sampler(seed))
        self.axes = {name: _distribution(axis) for name, axis in space.axes.items()}
        self.open: list[tuple[Any, Setting]] = []

    def ask(self, count: int) -> list[Setting]:
        """So many settings."""
        trials = [self.study.ask(self.axes) for _ in range(count)]
        self.open = [(trial, {name: self._value(name, value) for name, value in trial.params.items()}) for trial in trials]
        return [setting for _, setting in self.open]

    def tell(self, lines: list[dict[str, Any]]) -> None:
        """What came of the settings that were asked for last; one that diverged has failed."""
        for trial, setting in self.open:
            value = next((line["val_acc"] for line in lines if line["setting"] == setting), None)
            if value is None:
                self.study.tell(trial, state=optuna.trial.TrialState.FAIL)
            else:
                self.study.tell(trial, value)

    def _value(self, name: str, value: Any) -> Any:
        axis = self.space.axes[name]
        return value if isinstance(axis, Range) else axis.values[value]


def _sampler(seed: int) -> Any:
    return optuna.samplers.TPESampler(seed=seed, constant_liar=True, n_startup_trials=10)


def _distribution(axis: Axis) -> Any:
    if not isinstance(axis, Range):
        return optuna.distributions.CategoricalDistribution(list(range(len(axis.values))))  # by place, for values of any kind
    if axis.whole:
        return optuna.distributions.IntDistribution(int(axis.low), int(axis.high), log=axis.log)
    return optuna.distributions.FloatDistribution(axis.low, axis.high, log=axis.log)
