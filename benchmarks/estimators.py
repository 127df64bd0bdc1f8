"""Our MLPClassifier and MLPRegressor against scikit-learn's at equal settings: seconds per epoch, and held-out scores.

    python -m benchmarks.estimators [--data FOLDER] [--rounds 5] [--only digits,mnist]

FOLDER holds mnist/, which is left out, and named, without it. One thread. Both take the same float64 rows in batches of min(200, N)
and one hidden layer of 100 under Adam; a last column has ours with dtype="float32". Fits of so many epochs are timed in turn; scores are of a quarter of the rows (MNIST: of its test
images), the median over three seeds, after fits of at most 200 epochs (MNIST: 5) that stop as scikit-learn stops.
"""

from __future__ import annotations

import argparse
import os
import statistics
import warnings
from functools import partial
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402
from sklearn import datasets, neural_network  # noqa: E402
from sklearn.model_selection import train_test_split  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

import layerwise as lw  # noqa: E402
from benchmarks.side_by_side import in_turn, ratio  # noqa: E402

EPOCHS = {"iris": 100, "wine": 100, "breast_cancer": 50, "diabetes": 50, "digits": 20, "mnist": 3}
SEEDS = range(5)


def parts(name: str, folder: str | None) -> tuple[Any, ...]:
    """X, X_test, y, y_test: standardised columns, or MNIST's pixels from 0 to 1."""
    if name == "mnist":
        data = lw.load_mnist(folder)
        X, X_test = (np.asarray(X).reshape(len(X), -1) / 255 for X in (data.X_train, data.X_test))
        return X, X_test, data.y_train, data.y_test
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y if name != "diabetes" else None)
    scaler = StandardScaler().fit(X)
    if name == "diabetes":
        y_test, y = (y_test - y.mean()) / y.std(), (y - y.mean()) / y.std()
    return scaler.transform(X), scaler.transform(X_test), y, y_test


def pair(name: str, **options: Any) -> dict[str, Any]:
    """Scikit-learn's estimator and ours, of one kind and with the same settings."""
    kind = "MLPRegressor" if name == "diabetes" else "MLPClassifier"
    own = getattr(lw.estimators, kind)
    return {"scikit-learn": getattr(neural_network, kind)(**options), "ours": own(**options), "float32": own(dtype="float32", **options)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join(EPOCHS))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    print(
        f"{'data':14}{'scikit-learn':>16}{'ours':>12}   times as fast (range)   in float32              score: scikit-learn, ours, in float32"
    )
    for name in arguments.only.split(","):
        if name == "mnist" and arguments.data is None:
            print("mnist is left out: --data names no folder that holds it")
            continue
        X, X_test, y, y_test = parts(name, arguments.data)
        timed = pair(name, max_iter=EPOCHS[name], n_iter_no_change=10**6, random_state=0)
        times = in_turn({who: partial(model.fit, X, y) for who, model in timed.items()}, arguments.rounds)
        scores: dict[str, list[float]] = {who: [] for who in timed}
        for seed in SEEDS:
            for who, model in pair(name, max_iter=5 if name == "mnist" else 200, random_state=seed).items():
                scores[who].append(model.fit(X, y).score(X_test, y_test))
        theirs, ours = (1000 * statistics.median(times[who]) / EPOCHS[name] for who in ("scikit-learn", "ours"))
        ratios = [ratio(times["scikit-learn"], times[who]) for who in ("ours", "float32")]
        held = ", ".join(f"{statistics.median(values):.4f}" for values in scores.values())
        print(f"{name:14}{theirs:>13.3f} ms{ours:>9.3f} ms   {ratios[0]:22}  {ratios[1]:22}  {held}", flush=True)


if __name__ == "__main__":
    main()
