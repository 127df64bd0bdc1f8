"""Features of photographs: where edges run and which colours there are, in place of pixels, for a linear SVM and for a small net.

The worksheet is CSE493G1's (after CS231n's). Its penalty of the SVM is λ·ΣW² with the row of ones punished too, so that our reg, of
½·λ·ΣW², is twice its own; its net has ½·λ·ΣW² as ours. Its test figures are of the first 1,000 test images, give or take 0.016.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.dataset import Dataset
from layerwise.data.table import load_cifar10
from layerwise.features.extract import extract_features
from layerwise.features.hue_histogram import hue_histogram
from layerwise.labs.lab import Lab, Notes, Worksheet
from layerwise.labs.reading import metric_rows, sweep_result, sweep_table
from layerwise.models.file import load
from layerwise.models.linear import SVMModel
from layerwise.train.solver import Solver

HOG, BOTH = 144, 154  # numbers per image
SETS = {"both": slice(None), "hog": slice(HOG), "hue": slice(HOG, None)}  # which columns of them
RATES, PENALTIES = (1e-7, 1e-2, 1e-6), (3, 1e-3, 1e-4)  # of the worksheet's grid; the penalties are halves of ours
BINS = (5, 10, 20, 30, 40, 50)
FIRST = 1000  # test images that the worksheet looks at


def cifar10_features(lab: Lab) -> None:
    """The worksheet, in its order, and what its text asks for."""
    features = extraction(lab)
    svm = grid(lab, features)
    mistakes(lab, features, svm)
    alone(lab, features, svm)
    bins(lab)
    net(lab, features)


def extraction(lab: Lab) -> Path:
    lab.section(
        "Features",
        "An image becomes 144 numbers for the directions of its edges (9 directions in 4 × 4 cells, CS231n's HOG) and 10 for its hues. "
        "They are standardised with the mean and deviation of the training part; a column of ones serves as the bias.",
    )

    def measure(notes: Notes) -> dict[str, float]:
        data = _images(lab)
        started = time.process_time()
        found = data.with_features(partial(extract_features, functions=["course_hog", "hue_histogram"], dtype=np.float32))
        seconds = time.process_time() - started  # of the processor: others may be at work, too
        images = sum(len(found[f"X_{part}"]) for part in ("train", "val", "test"))
        for name, columns in SETS.items():
            parts = {key: value[:, columns] if key.startswith("X") else value for key, value in {**found}.items()}
            np.savez(notes.folder.path / f"{name}.npz", class_names=np.array(found.class_names), **parts)
        return {"features": found.X_train.shape[1], "images": images, "microseconds": 1e6 * seconds / images}

    run = lab.record("features", {"data": "cifar10", "functions": ["course_hog", "hue_histogram"]}, measure)
    lab.row("features of an image, without the ones", run, "features", published=BOTH, goal=f"exactly {BOTH}", always=True)
    lab.row("images", run, "images", published=60_000, goal="exactly 60000")
    lab.row("microseconds of one core an image", run, "microseconds")
    return run


def grid(lab: Lab, features: Path) -> Path:
    lab.section(
        "A linear SVM",
        "Three rates by three penalties, 2,000 steps on batches of 200 that are drawn with replacement. Two of the three rates are too "
        "small by far: after 2,000 steps they have hardly left the random weights.",
    )
    run = _svms(lab, "svm", features, "both")
    lab.row("SVM: best validation accuracy", run, "max(val_acc)", file="trials.jsonl", published=0.506, goal="0.506 ± 0.02")
    lab.row("SVM: at rate 1e-6, validation", run, "max(val_acc) where setting.lr = 1e-06", file="trials.jsonl", published=0.305)
    lab.row("SVM: at rate 1e-7, validation", run, "max(val_acc) where setting.lr = 1e-07", file="trials.jsonl", published=0.12)

    def cells() -> Any:
        from layerwise.report.figure import heat_map

        found = {(line["setting"]["lr"], line["setting"]["reg"]): line["val_acc"] for line in sweep_table(run)}
        z = np.array([[found[rate, 2 * penalty] for rate in sorted(RATES)] for penalty in PENALTIES], np.float64)
        return heat_map(sorted(RATES), PENALTIES, z, xlabel="rate", ylabel="λ of λ·ΣW²", colour="validation accuracy")

    lab.draw("svm_grid", cells)
    test = _tested(lab, "svm-test", features, run)
    lab.row("SVM: test accuracy, first 1,000", test, "first_acc", published=0.488, goal="0.488 ± 0.032")
    lab.row("SVM: test accuracy, all", test, "all_acc", goal="at least 0.47")
    return run


def mistakes(lab: Lab, features: Path, svm: Path) -> None:
    lab.section(
        "What it gets wrong",
        "Test images by the class that they were taken for. Edges and hues leave out where a colour is: what stands before a blue sky "
        "may pass for an airplane or a ship, and animals in the same pose for each other.",
    )
    taken, y = _predictions(features, svm)

    def measure(notes: Notes) -> dict[str, float]:
        wrong = taken != y
        for k in range(10):
            notes.row(taken_for=k, wrong=int((wrong & (taken == k)).sum()), right=int((~wrong & (taken == k)).sum()))
        return {"wrong": int(wrong.sum())}

    run = lab.record("mistakes", {"model": "svm"}, measure)
    lab.row("misclassified test images", run, "wrong")

    def images() -> Any:
        from layerwise.report.figure import misclassified

        data = _images(lab)
        assert data.X_test is not None  # noqa: S101 - CIFAR-10 has a test part
        return misclassified(np.asarray(data.X_test), y, taken, data.class_names, per_class=8)

    lab.draw("misclassified", images)


def alone(lab: Lab, features: Path, both: Path) -> None:
    lab.section(
        "Each feature alone",
        "The text asks whether both features beat either alone. The same grid again, with a rate of 0.1 in place of the two small ones, "
        "for the edges and for the hues.",
    )
    best = {"both": sweep_table(both)[0]["val_acc"]}
    for name, told in (("hog", "edges"), ("hue", "hues")):
        run = _svms(lab, f"svm-{name}", features, name, (1e-1, 1e-2))
        best[name] = lab.row(f"SVM, {told} alone: best validation accuracy", run, "max(val_acc)", file="trials.jsonl")
        lab.row(f"SVM, {told} alone: test accuracy, all", run, "test_acc")
    lab.tell(
        f"Both reach {best['both']:.3f} on validation, edges alone {best['hog']:.3f}, hues alone {best['hue']:.3f}: what an image is can be "
        "told from its edges, and where edges leave a doubt its hues help."
    )


def bins(lab: Lab) -> None:
    held = lab.size(5000, 200)
    lab.section(
        "How many ranges of hue",
        f"5 to 50 of them, alone and beside the edges, at rate 0.01 and λ = 1e-3. {held:,} training images are held out here, where the "
        "worksheet has 1,000, so that differences of 0.02 can be told from chance.",
    )

    def measure(notes: Notes) -> dict[str, int]:
        data = _images(lab, held)
        edges = data.with_features(partial(extract_features, functions="course_hog", dtype=np.float32))
        for nbin in BINS:
            hues = data.with_features(partial(hue_histogram, nbin=nbin))
            for name, parts in (("hue", (hues,)), ("both", (edges, hues))):
                X, X_val = (np.concatenate([part[key] for part in parts], axis=1) for key in ("X_train", "X_val"))
                whole = Dataset(X, data.y_train, X_val, data.y_val, class_names=data.class_names)
                notes.row(features=name, bins=nbin, val_acc=_svm_accuracy(lab, whole))
        return {"fits": 2 * len(BINS)}

    run = lab.record("bins", {"data": "cifar10", "bins": list(BINS), "lr": 0.01, "reg": 2e-3}, measure)
    for nbin in BINS:
        lab.row(f"{nbin} ranges of hue beside the edges: validation accuracy", run, f"val_acc where bins = {nbin}")

    def over_bins() -> Any:
        from layerwise.report.figure import accuracy_over

        rows = metric_rows(run)
        lines = {
            title: np.array([row["val_acc"] for row in rows if row["features"] == name])
            for name, title in (("both", "edges and hues"), ("hue", "hues alone"))
        }
        return accuracy_over(np.array(BINS), lines, "ranges of hue")

    lab.draw("bins", over_bins)


def net(lab: Lab, features: Path) -> None:
    lab.section(
        "A net of two layers",
        "10 settings at random: rate 10^U(-1.5, 0), penalty 10^U(-7, -4), 100 to 500 hidden units, initial scale 0.05; 12 epochs of "
        "plain gradient descent in batches of 100, the rate times 0.95 after each.",
    )
    settings: dict[str, Any] = {"model": "two-layer", "weight_scale": 5e-2, "rule": "sgd", "lr_decay": 0.95, "batch": 100, **lab.length(12)}
    run = lab.sweep(
        "net",
        {"lr": f"{10**-1.5:.6g}:1:log", "reg": "1e-7:1e-4:log", "hidden": lab.size("100:500:integers", "20:40:integers")},
        strategy="random",
        trials=lab.size(10, 3),
        data=str(features / "both.npz"),
        preprocess=["standardize"],
        **settings,
    )
    lab.row("net: best validation accuracy", run, "max(val_acc)", file="trials.jsonl")

    def curves() -> Any:
        from layerwise.report.figure import training_curves

        return training_curves(sweep_result(run).history_rows())

    lab.draw("net_curves", curves)
    test = _tested(lab, "net-test", features, run)
    lab.row("net: test accuracy, first 1,000", test, "first_acc", published=0.575, goal="0.575 ± 0.032")
    lab.row("net: test accuracy, all", test, "all_acc", goal="at least 0.56")


# ---- what several parts share


def _images(lab: Lab, validation: int = 1000) -> Dataset:
    """49,000 images to train on, the worksheet's 1,000 to choose by, 10,000 to test."""
    data = load_cifar10(lab.data_folder, validation=validation)
    if not lab.quick:
        return data
    sizes = {f"num_{part}": min(most, len(data[f"X_{part}"])) for part, most in (("train", 2000), ("val", 500), ("test", 500))}
    return data.subset(**sizes)


def _svms(lab: Lab, name: str, features: Path, columns: str, rates: tuple[float, ...] = RATES) -> Path:
    """The worksheet's LinearSVM over a grid."""
    return lab.sweep(
        name,
        {"lr": ",".join(map(str, rates)), "reg": ",".join(f"{2 * penalty:g}" for penalty in PENALTIES)},
        data=str(features / f"{columns}.npz"),
        model="svm",
        bias="ones",
        weight_scale=1e-3,
        preprocess=["standardize"],
        rule="sgd",
        batch=200,
        sampling="replacement",
        steps=lab.size(2000, 30),
    )


def _svm_accuracy(lab: Lab, data: Dataset) -> float:
    """What one SVM makes of the validation part after its last step."""
    ready = data.with_preprocessing("standardize", "bias_column")
    model = SVMModel(data.X_train.shape[1] + 1, data.num_classes or 0, bias=False, reg=2e-3)
    solver = Solver(
        model, ready, optim_config={"lr": 0.01}, num_steps=lab.size(2000, 30), batch_size=200, sampling="replacement", verbose=False
    )
    solver.train()
    return float(solver.val_acc_history[-1])


def _predictions(features: Path, run: Path) -> tuple[Array, Array]:
    """What the chosen model of a sweep takes the test images for, and what they are."""
    model = load(run / "model")
    with np.load(features / "both.npz") as arrays:
        X, y = arrays["X_test"], arrays["y_test"]
    return model.predict(model.inputs.prepare(X)), y


def _tested(lab: Lab, name: str, features: Path, run: Path) -> Path:
    """The test accuracy of a sweep's chosen model on the worksheet's first 1,000 images, and on all."""

    def measure(notes: Notes) -> dict[str, float]:
        taken, y = _predictions(features, run)
        right = taken == y
        return {"first_acc": float(right[:FIRST].mean()), "all_acc": float(right.mean()), "images": len(y)}

    return lab.record(name, {"model": run.name, "first": FIRST}, measure)


CIFAR10_FEATURES = Worksheet(
    "cifar10-features",
    "Features of photographs, by a linear SVM and a net",
    "CSE493G1 A2 (2024), features; after CS231n A1",
    "cifar10",
    5,
    cifar10_features,
)
