"""A grid search whose candidates train together: the settings of a fold as one population, the folds side by side."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from layerwise.estimators.base import (
    ConvergenceWarning,
    FitFailedWarning,
    GridSearchCV,
    ParameterGrid,
    Pipeline,
    check_cv,
    check_fit_parameters,
    clone,
    indexable,
    is_classifier,
    rows_of,
)
from layerwise.estimators.network import NetworkEstimator, fit_together
from layerwise.sweep.chunk import cores
from layerwise.sweep.worker import one_thread_each

Candidate = Mapping[str, Any]


@dataclass
class Fit:
    """One candidate on one fold: its estimator, how long it took, and why it failed, where it did."""

    estimator: Any
    seconds: float
    error: str | None = None


class SweepSearchCV(GridSearchCV):
    """GridSearchCV, with its parameters and all that it learns, for layerwise's estimators.

    Candidates that differ only in numbers of training (alpha, learning_rate_init, dropout, options of the update rule) train as one
    population, each as it would alone; those that differ in shape form groups. Folds and groups train side by side in n_jobs
    threads (None: one for each core). An estimator may be the last step of a Pipeline: where the grid leaves the steps before
    alone, these are fitted once a fold. Any other estimator is fitted candidate by candidate.

    >>> from sklearn.datasets import load_iris
    >>> from layerwise.estimators import SoftmaxClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = SoftmaxClassifier(max_iter=1000, random_state=0)
    >>> search = SweepSearchCV(model, {"alpha": [1e-4, 1e4], "learning_rate_init": [0.01, 0.1]}, cv=3).fit(X, y)
    >>> search.best_params_["alpha"], search.cv_results_["mean_test_score"].shape
    (0.0001, (4,))
    """

    def fit(self, X: Any, y: Any = None, **params: Any) -> SweepSearchCV:
        """Fit every candidate on every fold, then (with refit) the best one on all of X and y. params go to the estimator's fit."""
        self._validate_params()
        scorers, refit_metric = self._get_scorers()
        X, y = indexable(X, y)
        routed = self._get_routed_params_for_fit(check_fit_parameters(X, params=params))
        splitter = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        folds = list(splitter.split(X, y, **routed.splitter.split))
        candidates = list(ParameterGrid(self.param_grid))
        if self.verbose:
            print(f"Fitting {len(folds)} folds for each of {len(candidates)} candidates, totalling {len(folds) * len(candidates)} fits")

        workers = cores() if self.n_jobs is None or self.n_jobs < 1 else self.n_jobs
        parts = [(fold, part) for fold in range(len(folds)) for part in together_in(self.estimator, candidates)]
        with one_thread_each(), ThreadPoolExecutor(workers, "search") as pool:
            jobs = [
                pool.submit(self._fit_part, [candidates[at] for at in part], X, y, folds[fold][0], routed.estimator.fit)
                for fold, part in parts
            ]
            fits = {
                (at, fold): fit for (fold, part), job in zip(parts, jobs, strict=True) for at, fit in zip(part, job.result(), strict=True)
            }
        _tell(list(fits.values()), self.error_score)

        outcomes = [
            self._outcome(fits[at, fold], scorers, X, y, folds[fold], routed.scorer.score)
            for at in range(len(candidates))
            for fold in range(len(folds))
        ]
        results = self._format_results(candidates, len(folds), outcomes)
        self.multimetric_ = isinstance(outcomes[0]["test_scores"], dict)
        if callable(self.scoring) and self.multimetric_:
            self._check_refit_for_multimetric(outcomes[0]["test_scores"])
            refit_metric = self.refit
        if self.refit or not self.multimetric_:
            self.best_index_ = self._select_best_index(self.refit, refit_metric, results)
            if not callable(self.refit):
                self.best_score_ = results[f"mean_test_{refit_metric}"][self.best_index_]
            self.best_params_ = results["params"][self.best_index_]
        if self.refit:
            started = time.perf_counter()
            self.best_estimator_ = clone(self.estimator).set_params(**clone(self.best_params_, safe=False))
            self.best_estimator_.fit(X, *(() if y is None else (y,)), **routed.estimator.fit)
            self.refit_time_ = time.perf_counter() - started
            if hasattr(self.best_estimator_, "feature_names_in_"):
                self.feature_names_in_ = self.best_estimator_.feature_names_in_
        self.scorer_ = getattr(scorers, "_scorers", scorers)
        self.cv_results_, self.n_splits_ = results, len(folds)
        return self

    def _fit_part(self, candidates: Sequence[Candidate], X: Any, y: Any, train: Any, params: Mapping[str, Any]) -> list[Fit]:
        """Candidates that may train together, fitted on a fold: together, or one by one where that cannot be."""
        data = [rows_of(X, train), *([] if y is None else [rows_of(y, train)])]
        given = check_fit_parameters(X, params=params, indices=train)

        def fresh() -> list[Any]:
            return [clone(self.estimator).set_params(**clone(candidate, safe=False)) for candidate in candidates]

        started = time.perf_counter()
        if len(candidates) > 1 and not (given and isinstance(self.estimator, Pipeline)):
            try:
                estimators = fresh()
                _fit_as_one(estimators, data, given)
            except (ValueError, TypeError):  # of one of them: which one, and why, is told below
                pass
            else:
                return [Fit(estimator, (time.perf_counter() - started) / len(candidates)) for estimator in estimators]
        return [self._fit_alone(estimator, data, given) for estimator in fresh()]

    def _fit_alone(self, estimator: Any, data: Sequence[Any], given: Mapping[str, Any]) -> Fit:
        started = time.perf_counter()
        try:
            if isinstance(estimator, NetworkEstimator):
                fit_together([estimator], *data, **given, warns=False)
            else:
                estimator.fit(*data, **given)
        except Exception as error:
            if self.error_score == "raise":
                raise
            return Fit(estimator, time.perf_counter() - started, f"{type(error).__name__}: {error}")
        return Fit(estimator, time.perf_counter() - started)

    def _outcome(self, fit: Fit, scorers: Any, X: Any, y: Any, fold: Any, params: Mapping[str, Any]) -> dict[str, Any]:
        """What the table of results is made of, for one candidate on one fold."""
        train, test = fold
        outcome: dict[str, Any] = {"n_test_samples": len(test), "fit_time": fit.seconds, "fit_error": fit.error}
        started = time.perf_counter()
        for name, rows in (("test", test), ("train", train))[: 1 + bool(self.return_train_score)]:
            data = [rows_of(X, rows), *([] if y is None else [rows_of(y, rows)])]
            given = check_fit_parameters(X, params=params, indices=rows)
            if fit.error is None:
                scores = scorers(fit.estimator, *data, **given)
            else:
                names = getattr(scorers, "_scorers", None)
                scores = self.error_score if names is None else dict.fromkeys(names, self.error_score)
            outcome[f"{name}_scores"] = scores
            outcome.setdefault("score_time", time.perf_counter() - started)
        return outcome


def together_in(estimator: Any, candidates: Sequence[Candidate]) -> list[list[int]]:
    """The candidates' numbers in parts that train together: those that differ only in what the network's class says may vary.

    >>> from layerwise.estimators import MLPClassifier
    >>> together_in(MLPClassifier(), [{"alpha": 0, "hidden_layer_sizes": 9}, {"alpha": 1, "hidden_layer_sizes": 9}, {"hidden_layer_sizes": 3}])
    [[0, 1], [2]]
    """
    prefix, network = "", estimator
    if isinstance(estimator, Pipeline):
        name, network = estimator.steps[-1]
        prefix = f"{name}__"
    parts: dict[str, list[int]] = {}
    for at, candidate in enumerate(candidates):
        own = {name.removeprefix(prefix): value for name, value in candidate.items() if name.startswith(prefix)}
        if not isinstance(network, NetworkEstimator) or len(own) < len(candidate):
            parts[f"alone {at}"] = [at]
            continue
        options = sorted(own.get("solver_options") or network.solver_options or {})
        shared = sorted((name, repr(value)) for name, value in own.items() if name not in network.varies)
        parts.setdefault(f"{options} {shared}", []).append(at)
    return list(parts.values())


def _fit_as_one(estimators: Sequence[Any], data: Sequence[Any], given: Mapping[str, Any]) -> None:
    """Fit estimators as one population, after the steps before them, where there are any, were fitted once for all."""
    X, *y = data
    networks = estimators
    if isinstance(estimators[0], Pipeline):
        before = estimators[0][:-1]
        X = before.fit_transform(X, *y)
        for estimator in estimators:
            estimator.steps[:-1] = before.steps
        networks = [estimator.steps[-1][1] for estimator in estimators]
    fit_together(networks, X, *y, **given, warns=False)


def _tell(fits: Sequence[Fit], error_score: Any) -> None:
    """One warning of the fits that failed, and one of those that did not settle."""
    if failed := [fit.error for fit in fits if fit.error is not None]:
        text = f"{len(failed)} fits failed out of a total of {len(fits)}. The first one: {failed[0]}"
        if len(failed) == len(fits):
            raise ValueError(f"All the {len(fits)} fits failed. The first one: {failed[0]}")
        warnings.warn(f"{text}. Their score is set to {error_score}.", FitFailedWarning, stacklevel=3)
    networks = [fit.estimator.steps[-1][1] if isinstance(fit.estimator, Pipeline) else fit.estimator for fit in fits]
    endings = [getattr(network, "_unsettled", None) for network in networks]
    if unsettled := [ending for ending in endings if ending is not None]:
        warnings.warn(
            f"{len(unsettled)} fits of {len(fits)} did not settle. The first one: {unsettled[0]}", ConvergenceWarning, stacklevel=3
        )
