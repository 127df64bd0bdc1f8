"""Many settings at once, on the path of `layerwise sweep` with validation, against fits one after another and peers.

    python -m benchmarks.sweep --data FOLDER [--rounds 3] [--only linear25,linear64,mnist32,deep16] [--rule sgd] [--workers] [--sizes FILE]

FOLDER holds mnist/ and cifar-10-batches-bin/. One core each: the population, one of our own fits, PyTorch with one fit, with Optuna's
choice of settings around it, and with all stacked by hand, and scikit-learn's grid search train one epoch in turn; figures are per
setting and epoch, medians over the rounds, with the range of the ratios. --workers compares two workers with one instead, beside what
two threads gain on the matrix products alone. --sizes FILE times populations of 1 to 64 and draws that.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

CASES: dict[str, tuple[str, dict[str, Any], dict[str, str], float]] = {  # title, settings, what is swept, target over our own fits
    "linear25": (
        "25 linear classifiers of 3073-10, batch 200",
        {"data": "cifar10", "model": "softmax", "bias": "ones", "batch": 200},
        {"lr": "1e-5:1e-3:log:5", "reg": "1e-5:1e-1:log:5"},
        4.0,
    ),
    "linear64": (
        "64 linear classifiers of 3073-10, batch 200",
        {"data": "cifar10", "model": "softmax", "bias": "ones", "batch": 200},
        {"lr": "1e-5:1e-3:log:8", "reg": "1e-5:1e-1:log:8"},
        5.0,
    ),
    "mnist32": (
        "32 nets of 784-64-10, batch 128",
        {"data": "mnist", "hidden": [64], "batch": 128},
        {"lr": "1e-3:1e-1:log:8", "reg": "1e-5:1e-2:log:4"},
        1.8,
    ),
    "deep16": (
        "16 nets of 3072-100-10, batch 200",
        {"data": "cifar10", "hidden": [100], "batch": 200},
        {"lr": "1e-4:1e-2:log:4", "reg": "1e-5:1e-2:log:4"},
        1.15,
    ),
}


EPOCHS = 6  # of a search that is timed whole
SIZES = (1, 2, 4, 8, 16, 32, 64)
LINES: dict[str, dict[int, float]] = {}  # what `sizes` measured, by case


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(CASES))
    parser.add_argument("--rule", default="sgd")
    parser.add_argument("--workers", action="store_true")
    parser.add_argument("--sizes", metavar="FILE", help="stem of the picture")
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"  # before any library is imported
    for name in options.only.split(","):
        (workers if options.workers else sizes if options.sizes else measure)(name, options)


def job_of(name: str, options: argparse.Namespace, *, epochs: int, workers: int, space: dict[str, str] | None = None) -> Any:
    from layerwise.jobs.setting import checked
    from layerwise.jobs.sweep import SweepSettings, assemble

    _, settings, swept, _ = CASES[name]
    settings = checked({**settings, "rule": options.rule, "data_folder": options.data, "epochs": epochs})
    return assemble(settings, SweepSettings(space or swept, workers=workers))


def measure(name: str, options: argparse.Namespace) -> None:
    from benchmarks.side_by_side import ratio
    from layerwise.sweep.worker import one_thread_each

    title, _, _, target = CASES[name]
    study = job_of(name, options, epochs=options.rounds + 1, workers=1).study
    chunks = study._ask(study.space.grid())
    chunk = chunks[0]
    alone = study.engine.solver([chunk.trials[0]], stacked=False, num_epochs=options.rounds + 2)
    peers: dict[str, tuple[Callable[[], object], int]] = {"our own fits, one after another": (one_epoch(alone), 1)}
    more, missing = peers_of(study, chunk)
    peers |= more
    watch = study.engine._run_of(chunk)
    times: dict[str, list[float]] = {"population": [], **{peer: [] for peer in peers}}
    watch.solver.callbacks.append(in_turn_with(peers, times, len(chunk)))
    with one_thread_each():
        study.engine.run(chunk)
    times = {peer: seconds[1:] for peer, seconds in times.items()}
    ours = times.pop("population")
    steps = watch.solver.steps_per_epoch * options.rounds
    print(
        f"\n{title}, {options.rule} (chunks of {', '.join(str(len(c)) for c in chunks)}; {steps} steps; milliseconds per setting and epoch)"
    )
    print(f"  {'population':38} {1000 * statistics.median(ours):8.1f}")
    for peer, seconds in times.items():
        goal = f"   (target {target})" if peer.startswith("our own") else ""
        share = (
            f"   {100 * statistics.median(a / b for a, b in zip(seconds, ours, strict=True)):.0f} % of the population's time"
            if "products" in peer
            else ""
        )
        print(f"  {peer:38} {1000 * statistics.median(seconds):8.1f}   times ours: {ratio(seconds, ours)}{goal}{share}")
    for peer in missing:
        print(f"  {peer:38} not installed: row left out")


def in_turn_with(peers: dict[str, tuple[Callable[[], object], int]], times: dict[str, list[float]], members: int) -> Any:
    """Times our epochs as the Solver runs them, and lets the peers run one each in between; all per setting."""
    from benchmarks.side_by_side import seconds_of
    from layerwise.train import Callback

    class InTurn(Callback):
        def epoch_start(self, state: Any) -> None:
            self.start = time.perf_counter()

        def epoch_end(self, state: Any) -> None:
            times["population"].append((time.perf_counter() - self.start) / members)
            for peer, (run, count) in peers.items():
                times[peer].append(seconds_of(run) / count)

    return InTurn()


def one_epoch(solver: Any) -> Callable[[], object]:
    """A fit of ours that goes on by one epoch, its evaluation included, at each call."""
    from layerwise.train import Callback

    class Pause(Callback):
        def epoch_end(self, state: Any) -> None:
            state.stop("one epoch")

    solver.callbacks.append(Pause())
    return solver.train


def peers_of(study: Any, chunk: Any) -> tuple[dict[str, tuple[Callable[[], object], int]], list[str]]:
    import numpy as np

    data, missing = study.data, []
    X = data.preprocessing.apply(np.asarray(data.X_train), np.float32)
    X_val = data.preprocessing.apply(np.asarray(data.X_val), np.float32)
    model = study.build({**study.base, **chunk.trials[0].setting, "seed": 0})
    widths = [model.input_shape[0], *(shape[0] for layer, shape in zip(model.layers, model.shapes, strict=True) if layer.kind == "dense")]
    batch, count = study.base["batch"], len(chunk)
    peers: dict[str, tuple[Callable[[], object], int]] = {"matrix products alone": (products(widths, batch, count, len(X) // batch), count)}
    try:
        import torch
    except ImportError:
        missing.append("PyTorch")
    else:
        from benchmarks.torch_fit import TorchFit
        from benchmarks.torch_stack import TorchStack

        torch.set_num_threads(1)
        parts = (X, data.y_train, X_val, data.y_val)
        settings = {"batch": batch, "rule": study.base["rule"], "lr": 1e-3, "reg": 1e-3}
        peers["PyTorch, one after another"] = (TorchFit(widths, settings, parts).epoch, 1)
        if rows := optuna_and(TorchFit, widths, settings, parts):
            peers["PyTorch under Optuna"] = rows
        else:
            missing.append("Optuna")
        peers["PyTorch, stacked by hand"] = (TorchStack(widths, settings, parts, count).epoch, count)
    try:
        import sklearn  # noqa: F401
    except ImportError:
        missing.append("scikit-learn")
    else:
        peers["scikit-learn GridSearchCV"] = (grid_search(widths, batch, (X, data.y_train, X_val, data.y_val)), 1)
    return peers, missing


def optuna_and(fit: Any, widths: list[int], settings: dict[str, Any], parts: Any) -> tuple[Callable[[], object], int] | None:
    """One trial of one epoch as Optuna's tutorials write it: ask, make the net, train, tell."""
    try:
        import optuna
    except ImportError:
        return None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize")

    def trial() -> None:
        asked = study.ask()
        chosen = {"lr": asked.suggest_float("lr", 1e-5, 1e-3, log=True), "reg": asked.suggest_float("reg", 1e-5, 1e-1, log=True)}
        net = fit(widths, {**settings, **chosen}, parts)
        net.epoch()
        study.tell(asked, net.accuracy)

    return trial, 1


def products(widths: list[int], batch: int, count: int, steps: int) -> Callable[[], object]:
    """The bound: the products of a population, in the layout in which they are fastest, and nothing else."""
    from itertools import pairwise

    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, widths[0]), np.float32)
    first = rng.standard_normal((count * widths[1], widths[0]), np.float32), rng.standard_normal((count * widths[1], batch), np.float32)
    later = [
        tuple(rng.standard_normal((count, *shape), np.float32) for shape in ((m, d), (d, batch), (m, batch)))
        for d, m in pairwise(widths[1:])
    ]

    def epoch() -> None:
        w, dout = first
        for _ in range(steps):
            w @ x.T
            dout @ x
            for w_, h, dout_ in later:
                w_ @ h
                dout_ @ h.swapaxes(-1, -2)
                w_.swapaxes(-1, -2) @ dout_

    return epoch


def grid_search(widths: list[int], batch: int, parts: Any) -> Callable[[], object]:
    """One setting of GridSearchCV for one epoch, on a fixed validation part."""
    import warnings

    import numpy as np
    from sklearn.linear_model import SGDClassifier
    from sklearn.model_selection import GridSearchCV, PredefinedSplit
    from sklearn.neural_network import MLPClassifier

    X, y, X_val, y_val = parts
    both = np.concatenate([X, X_val]), np.concatenate([y, y_val])
    split = PredefinedSplit(np.r_[np.full(len(X), -1), np.zeros(len(X_val), int)])
    if len(widths) == 2:
        model, grid = SGDClassifier(loss="log_loss", max_iter=1, tol=None), {"alpha": [1e-4]}
    else:
        model, grid = MLPClassifier(tuple(widths[1:-1]), solver="sgd", batch_size=batch, max_iter=1), {"alpha": [1e-4]}
    search = GridSearchCV(model, grid, cv=split, refit=False)

    def epoch() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one epoch does not converge
            search.fit(*both)

    return epoch


def workers(name: str, options: argparse.Namespace) -> None:
    """Two workers against one, searches of EPOCHS epochs in turn; and two threads of products against one, which bounds it."""
    from concurrent.futures import ThreadPoolExecutor

    from benchmarks.side_by_side import ratio, seconds_of

    study = job_of(name, options, epochs=1, workers=2).study
    chunk = study._ask(study.space.grid())[0]
    model = study.build({**study.base, **chunk.trials[0].setting, "seed": 0})
    widths = [model.input_shape[0], *(shape[0] for layer, shape in zip(model.layers, model.shapes, strict=True) if layer.kind == "dense")]
    bound = products(widths, study.base["batch"], len(chunk), 200)

    def together() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: bound(), range(2)))

    times: dict[int, list[float]] = {1: [], 2: []}
    alone, both = [], []
    bound()
    for _ in range(options.rounds):
        alone.append(2 * seconds_of(bound))
        both.append(seconds_of(together))
        for count, seconds in times.items():
            study = job_of(name, options, epochs=EPOCHS, workers=count).study
            seconds.append(study.run().forecast["actual"])
    print(
        f"{CASES[name][0]}: two workers {ratio(times[1], times[2])} times as fast as one (target 1.7); "
        f"two threads of matrix products alone, {ratio(alone, both)} times"
    )


def sizes(name: str, options: argparse.Namespace) -> None:
    """Milliseconds per setting and step, against the size of the population; drawn for all cases that were asked for."""
    from layerwise.sweep.forecast import Timer
    from layerwise.sweep.worker import one_thread_each

    title = CASES[name][0].split(" ", 1)[1]
    print(title)
    line = LINES.setdefault(title, {})
    for count in SIZES:
        study = job_of(name, options, epochs=1, workers=1, space={"lr": f"1e-5:1e-3:log:{count}"}).study
        trials = [trial for chunk in study._ask(study.space.grid()) for trial in chunk.trials]
        timer = Timer()
        with one_thread_each():
            study.engine.solver(trials, stacked=True, callbacks=[timer]).train()
        line[count] = 1000 * statistics.median(timer.steps[1:]) / count
        print(f"  {count:3} settings: {line[count]:7.3f} ms per setting and step")
    draw(options.sizes)


def draw(path: str) -> None:
    """The figure: how many times as fast a setting is trained in a population as alone, against the population's size."""
    from layerwise.report.axis import add_legend
    from layerwise.report.style import MARKED_LINES, OKABE_ITO, panels, save, set_title, styled

    @styled
    def speed_over_size() -> Any:
        figure, (axes,) = panels(2.5, 1)
        for at, (title, line) in enumerate(LINES.items()):
            axes.plot(
                SIZES,
                [line[1] / line[count] for count in SIZES],
                MARKED_LINES[at],
                color=OKABE_ITO[at],
                label=title.partition(" of ")[2].partition(",")[0],
            )
        axes.set_xscale("log", base=2)
        axes.set_xticks(SIZES, [str(count) for count in SIZES])
        axes.set(xlabel="settings in one population", ylabel="times as fast as alone", ylim=(0, None))
        add_legend(axes)
        set_title(figure, "Time per setting falls with the population")
        return figure

    save(speed_over_size(), path)


if __name__ == "__main__":
    main()
