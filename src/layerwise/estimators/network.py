"""What all estimators share: parameters, fitting one or many at once, going on with a fit, and what was learned."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from layerwise.arrays import Array
from layerwise.conventions import reg_from_alpha, strength
from layerwise.data.batch import in_order
from layerwise.estimators.base import (
    BaseEstimator,
    ConvergenceWarning,
    check_is_fitted,
    check_random_state,
    check_sample_weight,
    validate_data,
)
from layerwise.estimators.example import Examples
from layerwise.estimators.loss import Choice
from layerwise.layers.dense import Dense
from layerwise.models.network import Network
from layerwise.train.evaluation import BATCH
from layerwise.train.plateau import Plateau, Streak, outlook
from layerwise.train.population import member, stack, together
from layerwise.train.protocol import ignores_labels, trees_of
from layerwise.train.solver import Solver

FLOATS = (np.float64, np.float32)  # kept as they come in; all else becomes the first
LARGEST_BATCH = 200  # of batch_size="auto", as in scikit-learn


class NetworkEstimator(BaseEstimator):
    """Parameters that all estimators of a network have. See `MLPClassifier` for what they mean."""

    varies: ClassVar[tuple[str, ...]] = ("alpha", "learning_rate_init", "solver_options")  # parameters in which a population may differ

    loss: Any
    alpha: float
    solver: str
    solver_options: dict[str, Any] | None
    learning_rate_init: float
    schedule: Any
    schedule_options: dict[str, Any] | None
    batch_size: int | str
    max_iter: int
    shuffle: bool
    early_stopping: bool
    validation_fraction: float
    n_iter_no_change: float
    tol: float
    clip_norm: float | None
    callbacks: Any
    random_state: Any
    warm_start: bool
    dtype: Any
    verbose: bool

    def _store(self, arguments: dict[str, Any]) -> None:
        """All that a constructor does: keep its arguments (its locals()) as they came."""
        self.__dict__.update({name: arguments[name] for name in self._get_param_names()})

    # ---- what each kind of estimator says of itself

    @property
    def _floats(self) -> Any:
        """The floats that X is turned into; of several, those that it has already."""
        if self.dtype is None:
            return FLOATS
        chosen = [kind for kind in FLOATS if self.dtype in (kind, np.dtype(kind).name)]
        if not chosen:
            raise ValueError(f'dtype is {self.dtype!r}, but must be "float32", "float64", or None for that of X.')
        return chosen[0]

    def _validated(self, X: Any, *targets: Any, reset: bool) -> Any:
        """X, or X and y, as floats in C order; scikit-learn's words where they cannot be used."""
        return validate_data(self, X, *targets, dtype=self._floats, order="C", reset=reset, **({"multi_output": True} if targets else {}))

    def _take_targets(self, y: Any, dtype: Any, *, reset: bool, classes: Any = None) -> Array:
        """y as the loss takes it; with reset, what it tells of classes and outputs is learned."""
        raise NotImplementedError(f"{type(self).__name__} takes no targets")

    def _choose_loss(self) -> Choice:
        raise NotImplementedError(f"{type(self).__name__} has no loss")

    def _build(self, input_shape: tuple[int, ...], options: dict[str, Any]) -> Network:
        """A new network for examples of this shape; options are loss, reg, rng and dtype."""
        raise NotImplementedError(f"{type(self).__name__} builds no network")

    def _judge(self, scores: Array, y: Array, weights: Array | None) -> float:
        """What `score` gives, from a network's scores and the targets as its loss takes them."""
        raise NotImplementedError(f"{type(self).__name__} has no score")

    def _class_weights(self, y: Any) -> Array | None:
        """Weights of the examples by their class; None for all alike."""
        return None

    # ---- fitting

    def fit(self, X: Any, y: Any, sample_weight: Any = None, X_val: Any = None, y_val: Any = None) -> Any:
        """Train on X and y. Validation examples, where given, have curves in history_; early stopping goes by them.

        X (N, D), y (N,) or (N, K), sample_weight (N,): a row of weight 2 counts as two rows in the loss of its batch
        """
        fit_together([self], X, y, sample_weight, X_val, y_val)
        return self

    def _examples(
        self, X: Any, y: Any, sample_weight: Any, X_val: Any, y_val: Any, *, reset: bool, random: Any, classes: Any = None
    ) -> Examples:
        """What was handed in, checked and turned into what a network takes, with a part held out for early stopping."""
        X, y = self._validated(X, y, reset=reset)
        weights = None if sample_weight is None else check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        if weights is not None and not weights.any():
            raise ValueError("sample_weight is 0 for every example: at least one needs a weight above zero.")
        by_class = self._class_weights(y)
        if by_class is not None:
            weights = by_class if weights is None else weights * by_class
        examples = Examples(X, self._take_targets(y, X.dtype, reset=reset, classes=classes), weights)
        if (X_val is None) != (y_val is None):
            raise ValueError(f"{'y_val' if y_val is None else 'X_val'} is missing: validation needs both X_val and y_val.")
        if X_val is not None:
            X_val, y_val = self._validated(X_val, y_val, reset=False)
            y_val = self._take_targets(y_val, X.dtype, reset=False)
            examples = replace(examples, X_val=X_val.astype(X.dtype, copy=False), y_val=y_val)
        elif self.early_stopping:
            examples = examples.held_out(self.validation_fraction, random)
        return examples.weighing_something()

    def _begin(self, examples: Examples, seed: int) -> None:
        """A new network, and nothing learned."""
        weights, order = np.random.SeedSequence(seed).spawn(2)
        choice = self._choose_loss()
        alpha = choice.scale(self.n_outputs_) * self.alpha / examples.mean_weight
        options = {
            "loss": choice.loss,
            "reg": reg_from_alpha(alpha, self._batch(len(examples.X))),
            "rng": weights,
            "dtype": examples.X.dtype,
        }
        self.model_ = self._build(examples.X.shape[1:], options)
        self.history_: dict[str, list[float]] = {}
        self.n_iter_ = self.t_ = 0
        self.stopped_ = False
        self._order = np.random.default_rng(order)
        self._memory: dict[str, dict[str, Any]] = {}  # what the update rule remembers, for partial_fit
        self._streak = Streak()
        self._best: dict[str, dict[str, Array]] = {}  # the arrays of the best call of partial_fit, where it stops early

    def _partial_fit(self, X: Any, y: Any, classes: Any, sample_weight: Any, X_val: Any, y_val: Any) -> Any:
        """One epoch more on these examples, with what the update rule remembers; nothing once early stopping has stopped."""
        self._check_parameters()
        if self.schedule is not None:
            raise ValueError(
                f"partial_fit cannot follow the schedule {self.schedule!r}, which counts on max_iter epochs: use fit, or schedule=None."
            )
        fresh, random = not hasattr(self, "model_"), check_random_state(self.random_state)
        examples = self._examples(X, y, sample_weight, X_val, y_val, reset=fresh, random=random, classes=classes)
        if fresh:
            self._begin(examples, random.randint(2**31 - 1))
        elif self.stopped_:
            return self
        plateau = Plateau(np.inf)
        solver = _solver(self.model_, [self], examples, plateau, num_epochs=1)
        if self._memory:
            solver.rule_state = self._memory
        interrupted = _trained(solver)
        self._memory = solver.rule_state
        self._note(solver, plateau, 0)
        if self.early_stopping:
            self._stop_early(self.history_["val_score"][-1])
        if interrupted:
            raise KeyboardInterrupt
        return self

    def _stop_early(self, score: float) -> None:
        """Keep the network of the best call, and go back to it when the score has not improved for too many calls."""
        if score > self._streak.best:
            self._best = {what: {name: np.copy(w) for name, w in tree.items()} for what, tree in trees_of(self.model_)}
        if self._streak.add(score, self.tol) > self.n_iter_no_change:
            self.stopped_ = True
            _set_arrays(self.model_, self._best)

    def _note(self, solver: Solver, plateau: Plateau, which: int) -> None:
        """Take down what a solver measured of one member (or of the one model)."""
        history, epochs = solver.history, int(_column(plateau.epochs, which))
        curves: dict[str, Any] = {"loss": plateau.losses, "learning_rate": history.lr_history[1:]}
        if solver.X_val is not None:
            curves |= {"val_loss": history.val_loss_history[1:], "val_score": history.val_acc_history[1:]}
        for name, values in curves.items():
            self.history_.setdefault(name, []).extend(float(_column(value, which)) for value in values[:epochs])
        self.n_iter_ += epochs
        self.t_ += epochs * len(solver.X_train)

    def _conclude(self, solver: Solver, plateau: Plateau, which: int) -> None:
        """How training ended: on a plateau, or (in words) otherwise."""
        self.stopped_ = bool(_column(plateau.reached, which))
        self._unsettled = solver.frozen.get(which) if solver.roster.is_population else solver.stop_reason if solver.diverged else None
        if self._unsettled is None and not self.stopped_ and int(_column(plateau.epochs, which)) == self.max_iter:
            advice = outlook(self.loss_curve_, self.tol, self.learning_rate_init)
            self._unsettled = f"{type(self).__name__} took all of max_iter={self.max_iter} epochs: {advice}."

    def _check_parameters(self) -> None:
        """What no other part of the package would refuse with the parameter's own name."""
        strength("alpha", self.alpha)
        for name in ("max_iter", "n_iter_no_change"):
            value = getattr(self, name)
            whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
            if not (whole or (name == "n_iter_no_change" and value == np.inf)) or value < 1:
                raise ValueError(f"{name} is {value!r}, but must be a whole number from 1 up.")
        if self.batch_size != "auto" and (not isinstance(self.batch_size, int | np.integer) or self.batch_size < 1):
            raise ValueError(
                f'batch_size is {self.batch_size!r}, but must be a whole number from 1 up, or "auto" (at most {LARGEST_BATCH}).'
            )
        if not 0 < self.validation_fraction < 1:
            raise ValueError(f"validation_fraction is {self.validation_fraction!r}, but must be a share between 0 and 1.")
        if self.solver == "lbfgs":
            raise ValueError('solver="lbfgs" is not an update rule of layerwise: use "adam", or scikit-learn\'s own estimator.')

    def _batch(self, num_examples: int) -> int:
        return min(LARGEST_BATCH if self.batch_size == "auto" else int(self.batch_size), num_examples)

    # ---- what was learned

    def _scores(self, X: Any) -> Array:
        """What the network puts out for X (N, ...)  ->  (N, K), batch by batch"""
        return self._through(X, "forward")

    def _through(self, X: Any, method: str, model: Network | None = None) -> Array:
        """What a method of the network, or of a part of it, gives for X, batch by batch."""
        check_is_fitted(self)
        X, function = self._validated(X, reset=False), getattr(model or self.model_, method)
        return np.concatenate([function(batch) for batch in in_order(X, BATCH, self.model_.dtype)])

    @property
    def loss_curve_(self) -> list[float]:
        """The loss of each epoch, the mean of its steps, penalties included."""
        return self.history_["loss"]

    @property
    def loss_(self) -> float:
        """The loss of the last epoch."""
        return self.loss_curve_[-1]

    @property
    def best_loss_(self) -> float | None:
        """The lowest loss of an epoch; None with early stopping, as in scikit-learn."""
        return None if self.early_stopping else min(self.loss_curve_)

    @property
    def validation_scores_(self) -> list[float] | None:
        """The score of the validation examples after each epoch; None where there are none."""
        return self.history_.get("val_score")

    @property
    def best_validation_score_(self) -> float | None:
        """The highest of validation_scores_."""
        return max(self.validation_scores_) if self.validation_scores_ else None

    @property
    def coefs_(self) -> list[Array]:
        """The weight matrices of the dense layers, from the input up."""
        return [layer.params["w"] for layer in self.model_.layers if isinstance(layer, Dense)]

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of the dense layers, from the input up."""
        return [layer.params["b"] for layer in self.model_.layers if isinstance(layer, Dense)]


# ---- fitting several at once


def fit_together(
    estimators: Sequence[Any], X: Any, y: Any, sample_weight: Any = None, X_val: Any = None, y_val: Any = None, *, warns: bool = True
) -> None:
    """Fit estimators that differ only in what their class says may vary: as one population, each as it would be alone."""
    first = estimators[0]
    for estimator in estimators:
        estimator._check_parameters()
    goes_on = first.warm_start and hasattr(first, "model_")
    random = check_random_state(first.random_state)
    examples = first._examples(X, y, sample_weight, X_val, y_val, reset=not goes_on, random=random)
    learned = {name: value for name, value in vars(first).items() if name not in first.get_params(deep=False)}
    seed = random.randint(2**31 - 1)
    if goes_on:
        first._order, first.stopped_ = np.random.default_rng(seed), False
    else:
        for estimator in estimators:
            estimator.__dict__.update(learned)
            estimator._begin(examples, seed)
    models = [estimator.model_ for estimator in estimators]
    plateau = Plateau(first.n_iter_no_change, first.tol, "validation" if first.early_stopping else "loss")
    solver = _solver(stack(models) if len(models) > 1 else models[0], estimators, examples, plateau, num_epochs=first.max_iter)
    interrupted = _trained(solver)
    for which, estimator in enumerate(estimators):
        if solver.roster.is_population:
            _set_arrays(estimator.model_, _arrays_of(solver, plateau, which))
        estimator._note(solver, plateau, which)
        estimator._conclude(solver, plateau, which)
        if warns and estimator._unsettled is not None:
            warnings.warn(estimator._unsettled, ConvergenceWarning, stacklevel=3)
    if interrupted:
        raise KeyboardInterrupt


def _solver(model: Any, estimators: Sequence[Any], examples: Examples, plateau: Plateau, *, num_epochs: int) -> Solver:
    first = estimators[0]
    rules = [{"lr": estimator.learning_rate_init, **(estimator.solver_options or {})} for estimator in estimators]

    def judged(scores: Array, y: Array) -> Any:
        if scores.ndim > 2:
            return np.array([first._judge(one, y, examples.weights_val) for one in scores])
        return first._judge(scores, y, examples.weights_val)

    as_usual = ignores_labels(model) or (examples.y.dtype.kind == "i" and examples.weights_val is None)
    return Solver(
        model,
        examples.for_solver(),
        update_rule=first.solver,
        optim_config={name: together([options[name] for options in rules]) for name in rules[0]},
        schedule=first.schedule,
        schedule_options=first.schedule_options,
        num_epochs=num_epochs,
        batch_size=first._batch(len(examples.X)),
        sampling="every" if first.shuffle else "ordered",
        weights=examples.weights,
        num_train_samples=0,
        metric=None if as_usual else judged,
        clip_norm=first.clip_norm,
        restore_best=first.early_stopping and num_epochs > 1,
        callbacks=[plateau, *(first.callbacks or ())],
        rng=first._order,
        warns=False,
        verbose=bool(first.verbose),
    )


def _trained(solver: Solver) -> bool:
    """Train, and say whether Ctrl-C ended it: what was trained is kept first."""
    try:
        solver.train()
    except KeyboardInterrupt:
        return True
    return False


def _arrays_of(solver: Solver, plateau: Plateau, which: int) -> dict[str, dict[str, Array]]:
    """The arrays of one member of a population: of its best epoch with early stopping, else as they were when it ended."""
    if solver.restore_best:
        return {"params": member(solver.best.params, which), "buffers": member(solver.best.buffers, which)}
    if which in plateau.left:
        return plateau.left[which]
    at = solver.roster.members.tolist().index(which)
    return {what: member(tree, at) for what, tree in trees_of(solver.model)}


def _set_arrays(model: Network, arrays: dict[str, dict[str, Array]]) -> None:
    for what, tree in trees_of(model):
        for name in list(tree):
            tree[name] = arrays[what][name]


def _column(value: Any, which: int) -> Any:
    """One member's figure out of (P,); a number as it is."""
    return value[which] if np.ndim(value) else value
