"""Seconds per epoch of three fits, on the path of `layerwise train`, against peers that train the same net on the same data.

    python -m benchmarks.fit --data FOLDER [--rounds 7] [--threads 1] [--only mnist,linear,deep]

FOLDER holds mnist/ and cifar-10-batches-bin/. One thread unless told. Every contender runs one epoch in turn; the table
gives medians, and the ratio of each peer's time to ours round by round with its range. PyTorch's rows are left out, and
named, where it is not installed. All contenders score 1,000 training examples and the validation part after each epoch,
but for scikit-learn's, which do not.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

SETTINGS: dict[str, dict[str, Any]] = {
    "mnist": {"data": "mnist", "hidden": [512], "rule": "sgd", "lr": 0.1, "batch": 128, "preprocess": ["scale"]},
    "linear": {"data": "cifar10", "model": "softmax", "rule": "sgd", "lr": 1e-3, "batch": 200},
    "deep": {"data": "cifar10", "hidden": [100] * 5, "rule": "adam", "lr": 1e-3, "batch": 100},
    "deep, penalty": {"data": "cifar10", "hidden": [100] * 5, "rule": "adam", "lr": 1e-3, "batch": 100, "reg": 1e-4},
}
TITLES = {
    "mnist": "784-512-10, batch 128, SGD",
    "linear": "softmax 3072-10, batch 200, SGD",
    "deep": "3072-100x5-10, batch 100, Adam",
    "deep, penalty": "3072-100x5-10, batch 100, Adam, L2 penalty",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default=",".join(SETTINGS).replace("deep, penalty", "penalty"))
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(options.threads)  # before any library is imported
    for name, settings in SETTINGS.items():
        if name.replace("deep, penalty", "penalty") in options.only.split(","):
            measure(name, {**settings, "data_folder": options.data}, options)


def measure(name: str, settings: dict[str, Any], options: argparse.Namespace) -> None:
    from benchmarks.side_by_side import ratio, seconds_of
    from layerwise.jobs.setting import checked
    from layerwise.jobs.train import prepare
    from layerwise.train import Callback

    class InTurn(Callback):
        """Times our epochs as the Solver runs them, and lets the peers run one each in between."""

        def __init__(self) -> None:
            self.peers: dict[str, Callable[[], object]] = {}
            self.times: dict[str, list[float]] = {}

        def epoch_start(self, state: Any) -> None:
            self.start = time.perf_counter()

        def epoch_end(self, state: Any) -> None:
            self.times.setdefault("layerwise", []).append(time.perf_counter() - self.start)
            for peer, run in self.peers.items():
                self.times.setdefault(peer, []).append(seconds_of(run))

    data, model, solver = prepare(checked({**settings, "epochs": options.rounds + 1}))
    clock = InTurn()
    clock.peers, missing = peers_of(settings, data, model, options.threads)
    solver.callbacks.append(clock)
    solver.train()
    times = {peer: seconds[1:] for peer, seconds in clock.times.items()}  # the first round warms up
    bound = times.pop("matrix products alone")
    ours = times.pop("layerwise")
    print(f"\n{TITLES[name]} ({options.threads} thread{'s' if options.threads > 1 else ''}, {options.rounds} rounds)")
    print(f"  {'layerwise':34} {statistics.median(ours):7.3f} s an epoch ({min(ours):.3f}-{max(ours):.3f})")
    print(
        f"  {'matrix products alone':34} {statistics.median(bound):7.3f} s: {100 * statistics.median(bound) / statistics.median(ours):.0f} % of ours"
    )
    for peer, seconds in times.items():
        print(f"  {peer:34} {statistics.median(seconds):7.3f} s   times ours: {ratio(seconds, ours)}")
    for peer in missing:
        print(f"  {peer:34} not installed: row left out")


def peers_of(settings: dict[str, Any], data: Any, model: Any, threads: int) -> tuple[dict[str, Callable[[], object]], list[str]]:
    import numpy as np

    X = data.preprocessing.apply(np.asarray(data.X_train), np.float32)
    X_val = data.preprocessing.apply(np.asarray(data.X_val), np.float32)
    widths = [model.input_shape[0], *(shape[0] for layer, shape in zip(model.layers, model.shapes, strict=True) if layer.kind == "dense")]
    peers: dict[str, Callable[[], object]] = {
        "matrix products alone": matrix_products(widths, settings["batch"], len(X) // settings["batch"])
    }
    missing: list[str] = []
    try:
        import torch
    except ImportError:
        missing.append("PyTorch")
    else:
        torch.set_num_threads(threads)
        from benchmarks.torch_fit import TorchFit

        parts = (X, data.y_train, X_val, data.y_val)
        peers["PyTorch, indexed by hand, fused"] = TorchFit(widths, settings, parts).epoch
        peers["PyTorch, uint8, by hand, fused"] = TorchFit(widths, settings, parts, raw=(data.X_train, data.preprocessing)).epoch
        peers["PyTorch, DataLoader"] = TorchFit(widths, settings, parts, loader=True).epoch
    try:
        import sklearn  # noqa: F401
    except ImportError:
        missing.append("scikit-learn")
    else:
        peers |= sklearn_peers(settings, X, data.y_train)
    return peers, missing


def matrix_products(widths: list[int], batch: int, steps: int) -> Callable[[], object]:
    """The bound: forward, dw and dx products of each layer (no dx for the first), nothing else."""
    import numpy as np

    rng = np.random.default_rng(0)
    layers = [
        (rng.standard_normal((batch, d), np.float32), rng.standard_normal((d, m), np.float32), rng.standard_normal((batch, m), np.float32))
        for d, m in pairwise(widths)
    ]

    def epoch() -> None:
        for _ in range(steps):
            for i, (x, w, dout) in enumerate(layers):
                x @ w
                x.T @ dout
                if i:
                    dout @ w.T

    return epoch


def sklearn_peers(settings: dict[str, Any], X: Any, y: Any) -> dict[str, Callable[[], object]]:
    import warnings

    import numpy as np
    from sklearn.linear_model import SGDClassifier
    from sklearn.neural_network import MLPClassifier

    classes = np.unique(y)
    if settings.get("model") == "softmax":
        linear = SGDClassifier(loss="log_loss", alpha=1e-4)
        return {"scikit-learn SGDClassifier": lambda: linear.partial_fit(X, y, classes=classes)}
    mlp = MLPClassifier(
        tuple(settings["hidden"]),
        solver=settings["rule"],
        batch_size=settings["batch"],
        learning_rate_init=settings["lr"],
        momentum=0.0,
        alpha=settings.get("reg", 0.0),
        max_iter=1,
        warm_start=True,
    )

    def epoch() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one epoch does not converge
            mlp.fit(X, y)

    return {"scikit-learn MLPClassifier": epoch}


if __name__ == "__main__":
    main()
