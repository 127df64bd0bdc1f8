"""A softmax classifier of house numbers, from its gradients on.

The worksheet is dlcourse.ai's first. Its penalty is λ·ΣW², the row of ones included, so that our reg, of ½·λ·ΣW², is twice its own. Files
in SVHN's format that are not SVHN's are taken, too: then losses and accuracies, which depend on the images, are told and not judged.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.rows import Examples
from layerwise.data.table import load_svhn
from layerwise.gradcheck.numeric import check_gradient
from layerwise.labs.lab import Lab, Notes, Worksheet
from layerwise.labs.reading import sweep_table
from layerwise.models.file import load
from layerwise.ops.linear import linear_softmax_loss
from layerwise.ops.penalty import add_l2_penalty
from layerwise.ops.softmax import softmax_forward, softmax_loss

WHOLE = (73_257, 26_032)  # images to train on and to test in SVHN's own files
TRAIN, VAL, TEST = 9000, 1000, 1000
BATCH, STEPS = 300, 30  # examples in a batch, batches in an epoch
RATES, PENALTIES = (1e-3, 1e-4, 1e-5, 1e-6), (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
LOSSES = {1: 2.397363, 2: 2.330354, 3: 2.311002, 10: 2.301756}  # of the last batch of an epoch


def svhn_softmax(lab: Lab) -> None:
    """The worksheet, in its order."""
    gradients(lab)
    large_scores(lab)
    sample = drawn(lab)
    first_fit(lab, sample)
    grid(lab, sample)


def gradients(lab: Lab) -> None:
    lab.section(
        "Gradients",
        "Eight gradients by hand against slopes that are measured: a square, two sums, softmax and cross-entropy of one row and of "
        "batches of one and three, the penalty, and the linear layer under both.",
    )

    def measure(notes: Notes) -> dict[str, int]:
        checks = {name: check_gradient(function, x) for name, (function, x) in _subjects().items()}
        for name, check in checks.items():
            notes.row(check=name, passed=bool(check))
        return {"passed": sum(map(bool, checks.values()))}

    run = lab.record("gradients", {"h": 1e-5, "tol": 1e-4}, measure)
    lab.row("gradients that are right, of 8", run, "passed", published=8, goal="exactly 8", always=True)


def large_scores(lab: Lab) -> None:
    lab.section("Large scores", "Softmax of scores in the thousands neither overflows nor loses the answer.")

    def measure(notes: Notes) -> dict[str, float]:
        small = np.array([[-5.0, 0.0, 5.0]])
        return {
            "largest": float(softmax_forward(np.array([[1000.0, 0.0, 0.0]]))[0][0, 0]),
            "smallest_of_rows": float(softmax_forward(np.array([[20.0, 0.0, 0.0], [1000.0, 0.0, 0.0]]))[0][:, 0].min()),
            "cross_entropy": float(softmax_loss(small, np.array([1]))[0]),
        }

    run = lab.record("large-scores", {}, measure)
    lab.row("softmax of 1000, 0, 0: the first", run, "largest", published=1, goal="exactly 1", always=True)
    lab.row("softmax of rows with 20 and 1000: the lower first", run, "smallest_of_rows", published=1, goal="1 ± 1e-8", always=True)
    lab.row(
        "cross-entropy of -5, 0, 5 for the second",
        run,
        "cross_entropy",
        published=5.006760443547122,
        goal="exactly 5.006760443547122",
        always=True,
    )


def drawn(lab: Lab) -> Path:
    whole = _counts(lab) == WHOLE
    lab.section(
        "Data",
        "9,000 images to train on, 1,000 to choose by and 1,000 to test are drawn at random. Pixels are divided by 255 and the mean image is "
        "taken off (the training part's, where the worksheet has that of all 10,000); a column of ones comes last.",
    )
    if not whole:
        lab.tell(
            f"These files are in SVHN's format, but are not SVHN's: they hold {_counts(lab)[0]:,} and {_counts(lab)[1]:,} images where "
            f"SVHN's hold {WHOLE[0]:,} and {WHOLE[1]:,}. What depends on the images is marked (not SVHN), and is told without a verdict."
        )

    def measure(notes: Notes) -> dict[str, int]:
        data = load_svhn(lab.data_folder, validation=0)
        rng = np.random.default_rng(42)
        X, y = _some(data.X_train, data.y_train, lab.size(TRAIN + VAL, 1000), rng)
        X_test, y_test = _some(data["X_test"], data["y_test"], lab.size(TEST, 200), rng)
        held = len(y) // 10
        parts: dict[str, Any] = {
            "X_train": X[held:],
            "y_train": y[held:],
            "X_val": X[:held],
            "y_val": y[:held],
            "X_test": X_test,
            "y_test": y_test,
        }
        np.savez(notes.folder.path / "sample.npz", class_names=np.array(data.class_names), **parts)
        return {"train": len(y) - held, "val": held, "test": len(y_test)}

    run = lab.record("sample", {"data": "svhn", "seed": 42}, measure)
    for part, count in (("train", TRAIN), ("val", VAL), ("test", TEST)):
        lab.row(f"images, {part}", run, part, published=count, goal=f"exactly {count}")
    return run / "sample.npz"


def first_fit(lab: Lab, sample: Path) -> None:
    lab.section(
        "First fit",
        "10 epochs at rate 1e-3 under a penalty of 10·ΣW², then 100 more. The penalty holds the weights near 0, so that the loss "
        "cannot come far below log 10 = 2.3026, that of ten equal shares.",
    )
    run = lab.train("first-fit", **_softmax(sample), lr=1e-3, reg=20.0, print_every=STEPS, **_length(lab, 110))
    for epoch, loss in LOSSES.items():
        if lab.size(True, epoch == 1):
            name, goal = _depends(lab, f"loss, epoch {epoch}", f"{loss} ± 0.002")
            lab.row(name, run, f"loss where step = {epoch * STEPS}", published=loss, goal=goal)
    name, _ = _depends(lab, "validation accuracy after 10 epochs", "")
    lab.row(name, run, "val_acc where epoch = 10" if not lab.quick else "val_acc", published=0.127)

    lab.draw_curves("first_fit", run)


def grid(lab: Lab, sample: Path) -> None:
    lab.section(
        "The grid",
        "Four rates by six penalties, 200 epochs each. The setting that is best on validation is trained again on training and "
        "validation images together, as the worksheet concludes, and tested once.",
    )
    run = lab.sweep(
        "grid",
        {"lr": ",".join(map(str, RATES)), "reg": ",".join(f"{2 * penalty:g}" for penalty in PENALTIES)},
        refit="train+validation",
        **_softmax(sample),
        **_length(lab, 200),
    )
    lab.row("fits", run, "count(val_acc)", file="trials.jsonl", published=24, goal="exactly 24")
    for name, field, file, published, goal in (
        ("best validation accuracy", "max(val_acc)", "trials.jsonl", 0.231, "0.231 ± 0.03"),
        ("test accuracy", "test_acc", "metrics.jsonl", 0.194, "0.194 ± 0.03"),
    ):
        named, asked = _depends(lab, name, goal)
        lab.row(named, run, field, file=file, published=published, goal=asked)

    def cells() -> Any:
        from layerwise.report.figure import heat_map

        found = {(line["setting"]["lr"], line["setting"]["reg"]): line["val_acc"] for line in sweep_table(run)}
        z = np.array([[found[rate, 2 * penalty] for rate in RATES] for penalty in PENALTIES], np.float64)
        return heat_map(RATES, PENALTIES, z, xlabel="rate", ylabel="λ of λ·ΣW²", colour="validation accuracy")

    def templates() -> Any:
        from layerwise.report.figure import weight_images

        model = load(run / "model")
        return weight_images(model.params["W"][:-1], (3, 32, 32), model.inputs.class_names, title="Class templates")

    lab.draw("grid", cells)
    lab.draw("templates", templates)


# ---- what several parts share


def _subjects() -> dict[str, tuple[Callable[[Array], tuple[Any, Array]], Array]]:
    """What the worksheet checks: a function with its gradient, and where."""
    rng = np.random.default_rng(42)
    one, three = rng.normal(size=(1, 4)), rng.normal(size=(3, 4))
    X, W = rng.integers(-1, 2, (3, 2)).astype(np.float64), rng.integers(-1, 2, (2, 2)).astype(np.float64)
    target, targets = np.array([2]), np.array([2, 0, 1])

    def penalty(w: Array) -> tuple[Any, Array]:
        dw = np.zeros_like(w)
        return add_l2_penalty(dw, w, 0.02), dw

    def of_weights(w: Array) -> tuple[Any, Array]:
        loss, dw = linear_softmax_loss(w, X, np.array([1, 0, 1]))
        return loss, dw

    return {
        "square": (lambda x: (float((x * x).sum()), 2 * x), np.array([3.0])),
        "sum of a row": (lambda x: (float(x.sum()), np.ones_like(x)), np.array([3.0, 2.0])),
        "sum of a table": (lambda x: (float(x.sum()), np.ones_like(x)), np.array([[3.0, 2.0], [1.0, 0.0]])),
        "softmax loss, a row": (lambda x: softmax_loss(x, np.array([1])), np.array([[1.0, 0.0, 0.0]])),
        "softmax loss, a batch of 1": (lambda x: softmax_loss(x, target), one),
        "softmax loss, a batch of 3": (lambda x: softmax_loss(x, targets), three),
        "penalty": (penalty, W),
        "linear layer and softmax loss": (of_weights, W),
    }


def _counts(lab: Lab) -> tuple[int, int]:
    data = load_svhn(lab.data_folder, validation=0)
    return len(data.X_train), len(data["X_test"])


def _some(X: Examples, y: Array, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """So many examples at random, or all that there are."""
    rows = rng.permutation(len(X))[:count]
    return np.asarray(X[rows]), y[rows]


def _depends(lab: Lab, name: str, goal: str) -> tuple[str, str]:
    """The name and goal of a figure that depends on the images: no goal where they are not SVHN's."""
    return (name, goal) if _counts(lab) == WHOLE else (f"{name} (not SVHN)", "")


def _softmax(sample: Path) -> dict[str, Any]:
    shared = {"data": str(sample), "model": "softmax", "bias": "ones", "weight_scale": 1e-3}
    return {**shared, "preprocess": ["scale", "center"], "rule": "sgd", "batch": BATCH, "seed": 42}


def _length(lab: Lab, epochs: int) -> dict[str, Any]:
    return {"steps": STEPS} if lab.quick else {"epochs": epochs}


SVHN_SOFTMAX = Worksheet("svhn-softmax", "A softmax classifier of house numbers", "dlcourse.ai, assignment 1", "svhn", 5, svhn_softmax)
