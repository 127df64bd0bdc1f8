"""Softmax regression on CIFAR-10: loops against matrix products, gradient checks, and three grids that find a setting.

Pixels stay 0 to 255, less the mean image of the training part; a column of ones stands last, in place of a bias, and is punished
like any weight. Loss and rates are so far from what one expects of centred data because nothing is divided by 255.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.cifar10 import CLASS_NAMES
from layerwise.data.dataset import Dataset
from layerwise.data.table import load_cifar10
from layerwise.gradcheck.numeric import sparse_check
from layerwise.labs.lab import Lab, Notes, Worksheet
from layerwise.labs.reading import sweep_table
from layerwise.metrics import accuracy
from layerwise.models.file import load
from layerwise.ops.naive import softmax_loss_naive
from layerwise.ops.penalty import add_l2_penalty
from layerwise.ops.softmax import softmax_loss

SAMPLE, SEED = 250, 0
GRIDS = {  # name: (rates, penalties, the published best validation accuracy of 100 examples)
    "coarse": ("1e-9:1:log:10", "1:1e5:log:10", 0.26),
    "middle": ("1e-6:1e-4:log:10", "0.1:1e4:log:5", 0.24),
    "fine": ("1e-5:1e-4:log:10", "1e-2:1e3:log:5", 0.23),
}
RATES, PENALTIES = "1.4e-7,1.45e-7,1.5e-7,1.55e-7,1.6e-7", "2.3e4,2.6e4,2.7e4,2.8e4,2.9e4"  # of the full data


def cifar10_softmax(lab: Lab) -> None:
    """The worksheet, in its order."""
    loops_and_products(lab)
    gradient_checks(lab)
    small_run(lab)
    grids(lab)
    full_grid(lab)


def loops_and_products(lab: Lab) -> None:
    lab.section(
        "Loops against matrix products",
        f"Loss and gradient of {SAMPLE} images, once as loops over examples and classes and once as matrix products. Both must give the "
        "same numbers. With weights that are nearly nothing the loss is near log 10, a guess among ten classes.",
    )

    def samples() -> Any:
        from layerwise.report.figure import sample_grid

        data = load_cifar10(lab.data_folder)
        return sample_grid(np.asarray(data.X_train[:2000]), data.y_train[:2000], CLASS_NAMES, per_class=7)

    lab.draw("samples", samples)

    def measure(notes: Notes) -> dict[str, float]:
        W, X, y = _sample(lab, weight_scale=1e-4)
        started = time.perf_counter()
        slow_loss, slow_grad = softmax_loss_naive(W, X, y)
        middle = time.perf_counter()
        fast_loss, fast_grad = softmax_with_penalty(W, X, y)
        ended = time.perf_counter()
        return {
            "loss": fast_loss,
            "loss_difference": abs(slow_loss - fast_loss),
            "gradient_difference": float(np.abs(slow_grad - fast_grad).max()),
            "loop_seconds": middle - started,
            "product_seconds": ended - middle,
            "time_ratio": (middle - started) / (ended - middle),
        }

    run = lab.record("loops-and-products", {"data": "cifar10", "examples": SAMPLE}, measure)
    lab.row("loss of small weights", run, "loss", published=2.322683, goal="2.3026 ± 0.15", always=True)
    lab.row("loops and products: loss differs by", run, "loss_difference", published=0, goal="at most 1e-9", always=True)
    lab.row("loops and products: gradient differs by", run, "gradient_difference", published=0, goal="at most 1e-9", always=True)
    lab.row("loops take so many times as long", run, "time_ratio", published=50)


def gradient_checks(lab: Lab) -> None:
    lab.section(
        "Gradient checks",
        "At ten coordinates drawn at random the gradient is held against central differences, without a penalty and with a large one.",
    )

    def measure(notes: Notes) -> dict[str, float]:
        W, X, y = _sample(lab, weight_scale=1e-4)
        worst = {}
        for name, reg in (("plain", 0.0), ("punished", 1e2)):
            grad = softmax_with_penalty(W, X, y, reg)[1]
            rng = np.random.default_rng(SEED)
            found = sparse_check(lambda w, reg=reg: softmax_with_penalty(w, X, y, reg)[0], W, grad, rng=rng)  # type: ignore[misc]
            for coordinate in found:
                notes.row(check=name, numeric=coordinate.numeric, analytic=coordinate.analytic, relative_error=coordinate.relative_error)
            worst[name] = max(coordinate.relative_error for coordinate in found)
        return worst

    run = lab.record("gradient-checks", {"data": "cifar10", "examples": SAMPLE, "reg": [0.0, 1e2]}, measure)
    lab.row("largest relative error, no penalty", run, "plain", published=5e-8, goal="at most 1e-6", always=True)
    lab.row("largest relative error, reg 100", run, "punished", published=3.1e-7, goal="at most 1e-6", always=True)


def small_run(lab: Lab) -> None:
    lab.section(
        f"{SAMPLE} images",
        f"Rate 1e-7, reg 5e4, 3,500 steps of 200 drawn anew from {SAMPLE} images, validated on 100 (an epoch in the picture is 100 steps). At first the penalty is nearly all of the loss, "
        "and it shrinks by a constant share a step: that part does not depend on the data.",
    )
    steps = lab.size(3500, 100)

    def measure(notes: Notes) -> dict[str, float]:
        data, rng = _few(lab), np.random.default_rng(SEED)
        X, X_val = np.asarray(data.X_train), np.asarray(data["X_val"])
        W = 1e-3 * rng.normal(size=(3073, 10))
        for step in range(1, steps + 1):
            rows = rng.choice(len(X), 200)
            loss, dW = softmax_with_penalty(W, X[rows], data.y_train[rows], reg=5e4)
            W -= 1e-7 * dW
            notes.row(step=step, epoch=0, loss=loss)
            if step % 100 == 0:
                train, val = accuracy(X @ W, data.y_train), accuracy(X_val @ W, data["y_val"])
                notes.row(step=step, epoch=step // 100, train_acc=train, val_acc=val)
        return {"train": train, "val": val}

    settings = {"data": "cifar10", "examples": SAMPLE, "lr": 1e-7, "reg": 5e4, "steps": steps, "batch": 200, "seed": SEED}
    run = lab.record("small-run", settings, measure)
    lab.row(f"{SAMPLE} images: first loss", run, "first(loss)", published=777.592212, goal="777.6 ± 25", always=True)
    lab.row(f"{SAMPLE} images: last loss", run, "loss", published=1.904769, goal="1.905 ± 0.2")
    lab.row(f"{SAMPLE} images: training accuracy", run, "train", published=0.576)
    lab.row(f"{SAMPLE} images: validation accuracy (100 images)", run, "val", published=0.24)

    lab.draw_curves("small_run", run)


def grids(lab: Lab) -> None:
    lab.section(
        "Three grids on a sample",
        f"Rates and penalties on logarithmic grids, 300 steps of 50 out of the first {SAMPLE} images (the files are in no order), validated on "
        "100, so that a validation accuracy is known to some 0.08 and the best of a grid says little. Corners whose rate times penalty "
        "exceeds 2 diverge; they are stopped with their reason, and are crosses in the pictures. The published ones ended as nets that say one class "
        "for all.",
    )
    shared = _shared() | {"val": 100, "train_size": lab.size(SAMPLE, 100), "batch": 50, "steps": lab.size(300, 10)}
    for name, (rates, penalties, published) in GRIDS.items():
        run = lab.sweep(f"grid-{name}", {"lr": rates, "reg": penalties}, **shared)
        lab.row(f"{name} grid: best validation accuracy (100 images)", run, "max(val_acc)", file="trials.jsonl", published=published)
        lab.row(f"{name} grid: settings that diverged", run, "count(trial) where status = diverged", file="trials.jsonl")
        if name == "fine":
            lab.row("fine grid: test accuracy", run, "test_acc", published=0.2345, goal="0.2345 ± 0.03")
        _pair(lab, f"grid_{name}", run)


def full_grid(lab: Lab) -> None:
    lab.section(
        "The full data",
        "49,000 images, 25 settings near the best, 2,000 steps of 200 each, trained as populations. The test part is looked at once, for the "
        "setting that is best on the 1,000 validation images.",
    )
    shared = _shared() | {"train_size": lab.size(None, 100), "batch": lab.size(200, 50), "steps": lab.size(2000, 20)}
    run = lab.sweep("full-grid", {"lr": RATES, "reg": PENALTIES}, **shared)
    lab.row("full data: best validation accuracy", run, "max(val_acc)", file="trials.jsonl", published=0.376, goal="0.376 ± 0.02")
    lab.row("full data: training accuracy, best", run, "max(train_acc)", file="trials.jsonl", published=0.353)
    lab.row("full data: test accuracy", run, "test_acc", published=0.3542, goal="0.354 ± 0.02")
    _pair(lab, "full_grid", run)

    def templates() -> Any:
        from layerwise.report.figure import weight_images

        return weight_images(load(run / "model").params["W"][:-1], (3, 32, 32), CLASS_NAMES, title="Class templates")

    lab.draw("templates", templates)


def softmax_with_penalty(W: Array, X: Array, y: Array, reg: float = 0.0) -> tuple[float, Array]:
    """Cross-entropy of X @ W plus ½ · reg · ΣW², as products.  W (D, K), X (N, D), y (N,)  ->  loss, dW (D, K)"""
    loss, dscores = softmax_loss(X @ W, y)
    dW = X.T @ dscores
    return float(loss + add_l2_penalty(dW, W, reg)), dW


# ---- what several parts share


def _shared() -> dict[str, Any]:
    model = {"model": "softmax", "preprocess": ["center"], "bias": "ones", "weight_scale": 1e-3}
    return {**model, "rule": "sgd", "sampling": "replacement", "seed": SEED}


def _few(lab: Lab) -> Dataset:
    """The sample: drawn without replacement of the training part, whose mean image it is less; 100 to validate."""
    data = load_cifar10(lab.data_folder).with_preprocessing("center", "flatten", "bias_column")
    chosen = np.sort(np.random.default_rng(SEED).choice(len(data.X_train), min(SAMPLE, len(data.X_train)), replace=False))
    X, X_val = (data.preprocessing.apply(np.asarray(part), np.float64) for part in (data.X_train[chosen], data["X_val"][:100]))
    return Dataset(X, data.y_train[chosen], X_val, data["y_val"][:100], class_names=data.class_names, name="cifar10 sample")


def _sample(lab: Lab, weight_scale: float) -> tuple[Array, Array, Array]:
    data = _few(lab)
    W = weight_scale * np.random.default_rng(SEED).normal(size=(3073, 10))
    return W, np.asarray(data.X_train), data.y_train


def _pair(lab: Lab, name: str, run: Path) -> None:
    def pair() -> Any:
        from layerwise.report.figure import scatter_pair

        rows = [
            {**line["setting"], "training accuracy": line["train_acc"], "validation accuracy": line["val_acc"]}
            for line in reversed(sweep_table(run))
        ]
        return scatter_pair(rows, "lr", "reg")

    lab.draw(name, pair)


CIFAR10_SOFTMAX = Worksheet("cifar10-softmax", "Softmax on CIFAR-10", "a chapter on softmax regression", "cifar10", 5, cifar10_softmax)
