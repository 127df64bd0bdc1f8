"""The worksheets' training cells on the course packages, against the same cells in the courses' own float64 style.

python -m benchmarks.courses --data FOLDER [--rounds N] [--threads N] [--only CELL,...]

Both sides draw the same seeded numbers, so each round first agrees in its losses, then counts.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import statistics
from collections.abc import Callable
from typing import Any

RELATIVE = 1e-6  # how far losses may be apart after the rounding of so many steps

# cell: (net's arguments, Solver's arguments, examples); an epoch of each round
NETS: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "two-layer 50, batch 200, sgd": (
        {"hidden_dims": [50], "weight_scale": 1e-3, "reg": 0.48},
        {"update_rule": "sgd", "optim_config": {"learning_rate": 1e-3}, "batch_size": 200, "lr_decay": 0.95},
        24500,
    ),
    "two-layer 50, batch 100, sgd": (
        {"hidden_dims": [50], "weight_scale": 1e-3, "reg": 0.0},
        {"update_rule": "sgd", "optim_config": {"learning_rate": 1e-3}, "batch_size": 100},
        24500,
    ),
    "six-layer, 4000 images, adam": (
        {"hidden_dims": [100] * 5, "weight_scale": 5e-2},
        {"update_rule": "adam", "optim_config": {"learning_rate": 1e-3}, "batch_size": 100, "num_epochs": 2},
        4000,
    ),
    "100-100, batch 200, adam": (
        {"hidden_dims": [100, 100], "weight_scale": 3e-2, "reg": 1e-2},
        {"update_rule": "adam", "optim_config": {"learning_rate": 1e-3}, "batch_size": 200},
        24500,
    ),
}
LINEAR = {
    "LinearSVM.train, batch 200": ("svm", {"learning_rate": 1e-7, "reg": 2.5e4, "num_iters": 200, "batch_size": 200}),
    "book Softmax.train, batch 200": ("softmax", {"learning_rate": 1e-7, "reg": 5e4, "num_iters": 200, "batch_size": 200}),
    "book Softmax.train, 250 images, batch 50": ("softmax", {"learning_rate": 1e-7, "reg": 5e4, "num_iters": 1000, "batch_size": 50}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="a folder with cifar-10-batches-bin/ or cifar-10-batches-py/")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="", help="parts of cells' names, with commas between")
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(options.threads)  # before any library is imported
    chosen = [name for name in (*NETS, *LINEAR) if not options.only or any(part in name for part in options.only.split(","))]
    print(f"one thread, {options.rounds} rounds" if options.threads == 1 else f"{options.threads} threads, {options.rounds} rounds")
    data = load(options.data)
    for name in chosen:
        contenders = net_cell(name, data) if name in NETS else linear_cell(name, data)
        report(name, contenders, options.rounds)


def load(folder: str) -> dict[str, Any]:
    from layerwise.data.course import course_parts

    return course_parts(folder)


def net_cell(name: str, data: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """What trains the net for its epochs, ours and the plain one; each gives its losses."""
    import numpy as np

    from benchmarks import plain_course as plain
    from layerwise.courses.cs231n.cs231n.classifiers.fc_net import FullyConnectedNet
    from layerwise.courses.cs231n.cs231n.solver import Solver

    net, settings, count = NETS[name]
    cut = {**data, "X_train": data["X_train"][:count], "y_train": data["y_train"][:count]}

    def run(model_class: Any, solver_class: Any) -> Any:
        np.random.seed(231)
        model = model_class(**net, dtype=np.float64)
        solver = solver_class(model, cut, **{"num_epochs": 1, **settings}, verbose=False)
        solver.train()
        return solver.loss_history

    return {"ours": lambda: run(FullyConnectedNet, Solver), "plain": lambda: run(plain.FullyConnectedNet, plain.Solver)}


def linear_cell(name: str, data: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    """The same for a linear classifier on rows of pixels and a one."""
    import importlib
    import sys

    import numpy as np

    import layerwise.courses
    from benchmarks import plain_course as plain
    from layerwise.courses.cs231n.cs231n.classifiers.linear_classifier import LinearSVM

    sys.path.insert(0, str(layerwise.courses.course("book").folders()[0]))
    book = importlib.import_module("classifiers.chapter2.softmax")
    kind, settings = LINEAR[name]
    X, y = data["X_train"].reshape(len(data["X_train"]), -1), data["y_train"]
    X, y = (X[:250], y[:250]) if "250" in name else (X[:24500], y[:24500])
    X = np.hstack([X, np.ones((len(X), 1))])
    ours, loss = (LinearSVM, plain.linear_svm_loss) if kind == "svm" else (book.Softmax, plain.linear_softmax_loss)

    def run_ours() -> Any:
        np.random.seed(231)
        return ours().train(X, y, **settings)

    def run_plain() -> Any:
        np.random.seed(231)
        return plain.train_linear(loss, X, y, **settings)[1]

    return {"ours": run_ours, "plain": run_plain}


def report(name: str, contenders: dict[str, Callable[[], Any]], rounds: int) -> None:
    import numpy as np

    from benchmarks.side_by_side import in_turn, ratio

    losses: dict[str, Any] = {}

    def kept(who: str, run: Callable[[], Any]) -> Callable[[], object]:
        def timed() -> None:
            losses[who] = run()

        return timed

    with contextlib.redirect_stdout(io.StringIO()):
        times = in_turn({who: kept(who, run) for who, run in contenders.items()}, rounds)
    ours, theirs = np.array(losses["ours"]), np.array(losses["plain"])
    gap = float(np.max(np.abs(ours - theirs) / np.abs(theirs)))
    assert gap < RELATIVE, f"{name}: the losses differ by {gap:.1g}"
    steps = len(ours)
    median = {who: 1000 * statistics.median(seconds) / steps for who, seconds in times.items()}
    print(
        f"{name:42} {median['ours']:7.2f} ms a step, plain {median['plain']:7.2f}: {ratio(times['plain'], times['ours'])} "
        f"({steps} steps; losses agree to {gap:.0e})",
        flush=True,
    )


if __name__ == "__main__":
    main()
