"""Fully connected nets on CIFAR-10: every layer checked, then nets of two to six layers, update rules, and a search.

Pixels stay 0 to 255, less the mean image of the training part. Where the worksheet's own digits come from a legacy generator's
weights, ours are held against what they must be near: log 10 for a guess among ten classes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.dataset import Dataset
from layerwise.data.table import load_cifar10
from layerwise.errors import DivergenceWarning
from layerwise.gradcheck.numeric import numerical_gradient, numerical_gradient_array, relative_error
from layerwise.labs.lab import Lab, Notes, Worksheet
from layerwise.labs.reading import metric_rows
from layerwise.models.file import load
from layerwise.models.fully_connected import FullyConnectedNet, TwoLayerNet
from layerwise.ops.activation import relu_backward, relu_forward
from layerwise.ops.affine import affine_backward, affine_forward
from layerwise.ops.softmax import softmax_loss
from layerwise.ops.svm import svm_loss
from layerwise.optim.table import RULES
from layerwise.train.population import stack
from layerwise.train.solver import Solver

SEED = 493
OVERFIT = {  # hidden layers: (their widths, initial scale, rate) with which 50 images are learned by heart
    "three-layer": ([100, 100], 2.2e-2, 3.7e-3),
    "five-layer": ([100] * 4, 5.7e-2, 1.8e-3),
}
SCALES = np.logspace(-3, -0.5, 11)
SIX_LAYER = {  # rule: (rate, published training accuracy, published validation accuracy) of six layers on 4,000 images
    "sgd": (5e-3, 0.352, 0.310),
    "sgd_momentum": (5e-3, 0.527, 0.358),
    "rmsprop": (1e-4, 0.560, 0.349),
    "adam": (1e-3, 0.592, 0.369),
}
STEPS: dict[
    str, tuple[float, dict[str, Any], tuple[float, float], float]
] = {  # rule: (rate, state before the step, weights after it, the published error), all by the worksheet
    "sgd_momentum": (1e-3, {"velocity": (0.6, 0.9)}, (0.1406, 1.4096), 8.882347033505819e-09),
    "rmsprop": (1e-2, {"cache": (0.6, 0.9)}, (-0.39223849, 0.59576619), 9.524687511038133e-08),
    "adam": (1e-2, {"m": (0.6, 0.9), "v": (0.7, 0.5), "t": 5}, (-0.40094747, 0.59801459), 1.1395691798535431e-07),
}


def cifar10_fully_connected(lab: Lab) -> None:
    """The worksheets, in their order."""
    layers(lab)
    two_layer_net(lab)
    initial_loss(lab)
    overfitting(lab)
    initial_scale(lab)
    update_rules(lab)
    random_search(lab)
    best_net(lab)


# ---- checks


def layers(lab: Lab) -> None:
    lab.section(
        "Layers, losses and rules",
        "Forward passes and update rules on the worksheet's numbers, and each derived gradient against central differences in float64. The "
        "losses of scores near 0 are known: 9 for the hinge loss of ten classes, log 10 for the softmax.",
    )
    run = lab.record("layers", {"seed": SEED}, _check_layers)
    for name, published in (("affine, forward", 9.769849468192957e-10), ("relu, forward", 4.999999798022158e-08)):
        lab.row(f"{name}: relative error", run, _key(name), published=published, goal="at most 1e-7", always=True)
    gradients = {
        "affine, dx": 2.78e-10,
        "affine, dw": 4.28e-11,
        "affine, db": 7.33e-11,
        "relu, dx": 3.28e-12,
        "affine and relu, dx": 4.79e-10,
        "affine and relu, dw": 1.88e-10,
        "affine and relu, db": 8.01e-12,
        "hinge loss, dx": 8.2e-10,
        "softmax loss, dx": 7.5e-9,
        "two-layer net, gradients": 1.83e-8,
        "two-layer net, gradients with reg 0.7": 2.53e-7,
    }
    for name, published in gradients.items():
        lab.row(f"{name}: relative error", run, _key(name), published=published, goal="at most 1e-6", always=True)
    lab.row("hinge loss of small scores", run, "hinge_loss", published=8.998158338429793, goal="9 ± 0.01", always=True)
    lab.row("softmax loss of small scores", run, "softmax_loss", published=2.3024013710141706, goal="2.3026 ± 0.001", always=True)
    two_layer = {"no penalty": ("plain", 3.4702243556), "reg 1": ("punished", 26.5948426952)}
    for name, (key, published) in two_layer.items():
        lab.row(f"two-layer net, loss, {name}", run, key, published=published, goal=f"{published} ± 1e-9", always=True)
    for rule, (*_, published) in STEPS.items():
        lab.row(f"{rule}: error of a step, first and last weight", run, rule, published=published, goal="at most 2e-7", always=True)


def _check_layers(notes: Notes) -> dict[str, float]:
    rng = np.random.default_rng(SEED)
    found: dict[str, float] = {}
    x, w, b = _steps(-0.1, 0.5, 2, 4, 5, 6), _steps(-0.2, 0.3, 120, 3), _steps(-0.3, 0.1, 3)
    right = np.array([[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]])
    found[_key("affine, forward")] = relative_error(affine_forward(x, w, b)[0], right)
    right = np.array([[0, 0, 0, 0], [0, 0, 0.04545455, 0.13636364], [0.22727273, 0.31818182, 0.40909091, 0.5]])
    found[_key("relu, forward")] = relative_error(relu_forward(_steps(-0.5, 0.5, 3, 4))[0], right)

    x, w, b, dout = rng.normal(size=(10, 6)), rng.normal(size=(6, 5)), rng.normal(size=5), rng.normal(size=(10, 5))
    for name, forward, backward in (("affine", affine_forward, affine_backward), ("affine and relu", _sandwich, _sandwich_backward)):
        grads = backward(dout, forward(x, w, b)[1])
        for letter, array, grad in zip(("dx", "dw", "db"), (x, w, b), grads, strict=True):
            slope = numerical_gradient_array(lambda _, forward=forward: forward(x, w, b)[0], array, dout)  # type: ignore[misc]
            found[_key(f"{name}, {letter}")] = relative_error(slope, grad)
    x, dout = rng.normal(size=(10, 10)), rng.normal(size=(10, 10))
    slope = numerical_gradient_array(lambda x: relu_forward(x)[0], x, dout)
    found[_key("relu, dx")] = relative_error(slope, relu_backward(dout, relu_forward(x)[1]))

    scores, y = 0.001 * rng.normal(size=(50, 10)), rng.integers(10, size=50)
    losses: dict[str, Callable[..., Any]] = {"hinge": svm_loss, "softmax": softmax_loss}
    for name, function in losses.items():
        loss, dscores = function(scores, y)
        slope = numerical_gradient(lambda x, function=function: function(x, y)[0], scores)  # type: ignore[misc]
        found |= {f"{name}_loss": float(loss), _key(f"{name} loss, dx"): relative_error(slope, dscores)}
    return found | _check_two_layer_net() | {rule: _check_rule(rule) for rule in STEPS}


def _check_two_layer_net() -> dict[str, float]:
    net = TwoLayerNet(5, 50, 7, dtype=np.float64)
    net.params["W1"], net.params["b1"] = _steps(-0.7, 0.3, 5, 50), _steps(-0.1, 0.9, 50)
    net.params["W2"], net.params["b2"] = _steps(-0.3, 0.4, 50, 7), _steps(-0.9, 0.1, 7)
    X, y = _steps(-5.5, 4.5, 5, 3).T, np.array([0, 5, 1])
    found = {}
    for key, reg in (("plain", 0.0), ("punished", 1.0)):
        net.reg = reg
        found[key] = float(net.loss(X, y)[0])
    for name, reg in (("two-layer net, gradients", 0.0), ("two-layer net, gradients with reg 0.7", 0.7)):
        net.reg = reg
        grads = net.loss(X, y)[1]
        slopes = {key: numerical_gradient(lambda _: net.loss(X, y)[0], net.params[key]) for key in grads}
        found[_key(name)] = max(relative_error(slopes[key], grads[key]) for key in grads)
    return found


def _check_rule(rule: str) -> float:
    """One step on the worksheet's numbers: how far its first and last weight are from the printed ones."""
    lr, state, ends, _ = STEPS[rule]
    w, dw = _steps(-0.4, 0.6, 4, 5), _steps(-0.6, 0.4, 4, 5)
    arrays = {name: _steps(*value, 4, 5) if isinstance(value, tuple) else value for name, value in state.items()}
    RULES[rule](w, dw, arrays, lr=lr)
    return relative_error(w.ravel()[[0, -1]], ends)


# ---- nets


def two_layer_net(lab: Lab) -> None:
    lab.section(
        "Two layers",
        "A net of 50 hidden units after five epochs of plain gradient descent, about 36 %, and two with a better width, rate and penalty, "
        "beyond 48 %. The test part has all 10,000 images, where the worksheets look at 1,000.",
    )
    shared = {"model": "two-layer", "preprocess": ["center"], "rule": "sgd", "weight_scale": 1e-3, "seed": SEED}
    first = lab.train("two-layer", **shared, hidden=[50], lr=1e-4, lr_decay=0.95, batch=200, **lab.length(5))
    lab.row("two layers, 5 epochs: validation accuracy", first, "max(val_acc)", published=0.367, goal="0.367 ± 0.02")
    tuned = lab.train(
        "two-layer-tuned", **shared, hidden=[75], lr=1.5e-3, reg=0.48, lr_decay=0.94, batch=200, print_every=1, **lab.length(10)
    )
    lab.row("two layers, tuned: first loss", tuned, "first(loss)", published=2.356685, goal="2.3567 ± 0.03", always=True)
    lab.row("two layers, tuned: validation accuracy", tuned, "max(val_acc)", published=0.511, goal="at least 0.48")
    lab.row("two layers, tuned: test accuracy", tuned, "test_acc", published=0.511, goal="at least 0.48")
    other = lab.train("two-layer-other", **shared, hidden=[50], lr=1e-3, reg=0.1, lr_decay=0.95, batch=100, **lab.length(10))
    lab.row("two layers, the other worksheet's: validation accuracy", other, "max(val_acc)", published=0.497, goal="at least 0.48")
    lab.row("two layers, the other worksheet's: test accuracy", other, "test_acc", published=0.507, goal="at least 0.48")
    lab.draw_curves("two_layer", tuned)

    def weights() -> Any:
        from layerwise.report.figure import weight_images

        return weight_images(load(tuned / "model").params["W1"], (3, 32, 32))

    lab.draw("first_layer", weights)


def initial_loss(lab: Lab) -> None:
    lab.section(
        "The loss before training",
        "A net that knows nothing guesses, and its loss is near log 10; a penalty adds ½ · reg · Σw² and nothing else. The worksheet's digits "
        "belong to weights of a legacy generator, so that only what they are near can be asked for here.",
    )

    def measure(notes: Notes) -> dict[str, float]:
        rng = np.random.default_rng(SEED)
        X, y = rng.normal(size=(2, 15)), rng.integers(10, size=2)
        net = FullyConnectedNet([20, 30], input_dim=15, weight_scale=5e-2, rng=SEED, dtype=np.float64)
        plain, grads = net.loss(X, y)
        worst = {"plain": _net_error(net, X, y, grads)}
        net.reg = 3.14
        punished, grads = net.loss(X, y)
        worst["punished"] = _net_error(net, X, y, grads)
        squares = sum(float(np.square(net.params[f"W{i}"]).sum()) for i in (1, 2, 3))
        gap = abs(punished - plain - 0.5 * 3.14 * squares)
        return {"loss": float(plain), "punished_loss": float(punished), "gap": float(gap), **{f"error_{k}": v for k, v in worst.items()}}

    run = lab.record("initial-loss", {"seed": SEED, "reg": 3.14}, measure)
    lab.row("initial loss", run, "loss", published=2.299821914918452, goal="2.3026 ± 0.02", always=True)
    lab.row("initial loss, reg 3.14", run, "punished_loss", published=6.991659719884911, goal="6.99 ± 0.5", always=True)
    lab.row("initial loss: what the penalty adds is off by", run, "gap", goal="at most 1e-12", always=True)
    lab.row("three layers, gradients: difference over the largest", run, "error_plain", goal="at most 1e-7", always=True)
    lab.row("three layers, gradients with reg 3.14: the same", run, "error_punished", goal="at most 1e-7", always=True)


def overfitting(lab: Lab) -> None:
    lab.section(
        "50 images by heart",
        "A net that is right can learn a few images by heart: 20 epochs of 50 images in batches of 25, in float64, with three layers and with "
        "five, at the initial scales and rates that the worksheet arrived at.",
    )
    runs = {}
    for name, (widths, scale, lr) in OVERFIT.items():
        model = FullyConnectedNet(widths, weight_scale=scale, rng=SEED, dtype=np.float64)
        settings = {"rule": "sgd", "lr": lr, "batch": 25, "epochs": 20, "seed": SEED, "dtype": "float64", "print_every": 1}
        runs[name] = lab.fit(f"overfit-{name}", _first(lab, 50), model, **settings)
        lab.row(f"{name}, 50 images: training accuracy", runs[name], "max(train_acc)", published=1, goal="exactly 1", always=True)
        lab.draw_curves(f"overfit_{name.replace('-', '_')}", runs[name])


def initial_scale(lab: Lab) -> None:
    count = lab.size(5, 2)
    lab.section(
        "Sensitivity to the initial scale",
        f"The same two nets from {len(SCALES)} initial scales, {count} draws of weights each: the final training accuracy over the scale. The "
        "worksheet asks which depth is the more sensitive.",
    )

    def measure(notes: Notes) -> dict[str, float]:
        data, widths_of_peak = replace(_first(lab, 50), X_val=None, y_val=None), {}
        for name, (widths, _, lr) in OVERFIT.items():
            means = []
            for scale in SCALES:
                fits = [FullyConnectedNet(widths, weight_scale=float(scale), rng=seed, dtype=np.float64) for seed in range(count)]
                solver = Solver(stack(fits), data, optim_config={"lr": lr}, num_epochs=20, batch_size=25, restore_best=False, verbose=False)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", DivergenceWarning)  # large scales are meant to
                    solver.train()
                finals = np.nan_to_num(np.asarray(solver.train_acc_history[-1]), nan=0.0)
                notes.row(depth=name, scale=float(scale), train_acc=float(finals.mean()), low=float(finals.min()), high=float(finals.max()))
                means.append(float(finals.mean()))
            widths_of_peak[name] = sum(mean >= 0.9 for mean in means)
        return {f"good_{name.partition('-')[0]}": good for name, good in widths_of_peak.items()}

    run = lab.record("initial-scale", {"scales": SCALES.tolist(), "draws": count}, measure)
    three = lab.row(f"three layers: scales of {len(SCALES)} that reach 0.9", run, "good_three", always=True)
    five = lab.row(f"five layers: scales of {len(SCALES)} that reach 0.9", run, "good_five", always=True)
    more = "five-layer" if (five or 0) < (three or 0) else "three-layer"
    lab.tell(
        f"The {more} net is the more sensitive one: it learns from fewer of the scales. Signals are multiplied by the scale once a layer, "
        "so that with more of them they fade, or grow, the faster."
    )

    def over_scales() -> Any:
        from layerwise.report.figure import accuracy_over

        rows = [row for row in metric_rows(run) if "scale" in row]
        own = {name: [row for row in rows if row["depth"] == name] for name in OVERFIT}
        lines = {name: np.array([row["train_acc"] for row in found]) for name, found in own.items()}
        bands = {name: np.array([[row["low"], row["high"]] for row in found]) for name, found in own.items()}
        return accuracy_over(SCALES, lines, "initial scale", intervals=bands, log=True, ylabel="final training accuracy")

    lab.draw("initial_scale", over_scales)


def update_rules(lab: Lab) -> None:
    lab.section(
        "Update rules",
        "Six layers, 4,000 images, five epochs in batches of 100: plain gradient descent, momentum, RMSprop and Adam from the same weights.",
    )
    runs: dict[str, Path] = {}
    for rule, (lr, train, val) in SIX_LAYER.items():
        model = FullyConnectedNet([100] * 5, weight_scale=5e-2, rng=SEED)
        settings = {"rule": rule, "lr": lr, "batch": 100, "seed": SEED, **lab.length(5)}
        runs[rule] = lab.fit(f"six-layer-{rule}", _first(lab, 4000), model, **settings)
        lab.row(f"{rule}: training accuracy", runs[rule], "max(train_acc)", published=train)
        lab.row(f"{rule}: validation accuracy", runs[rule], "max(val_acc)", published=val, goal=f"{val} ± 0.05")

    def panels() -> Any:
        from layerwise.report.figure import compared_curves

        return compared_curves({rule: metric_rows(run) for rule, run in runs.items()})

    lab.draw("update_rules", panels)


def random_search(lab: Lab) -> None:
    lab.section(
        "Random search",
        "Ten nets of two hidden layers of 100 under Adam, 15 epochs of all 49,000 images, with rate, penalty and initial scale drawn at random "
        "from decades. The test part is looked at once, for the one chosen.",
    )
    space = {"lr": "1e-5:1e-2:log", "reg": "1e-3:0.0316:log", "weight_scale": "0.01:0.1:log"}
    settings: dict[str, Any] = {
        "hidden": [100, 100],
        "preprocess": ["center"],
        "rule": "adam",
        "batch": 200,
        "seed": SEED,
        **lab.length(15),
    }
    run = lab.sweep("random-search", space, strategy="random", trials=lab.size(10, 4), **settings)
    lab.row("random search: validation accuracy", run, "max(val_acc)", file="trials.jsonl", published=0.548, goal="0.548 ± 0.02")
    lab.row("random search: test accuracy", run, "test_acc", published=0.533, goal="at least 0.5")


def best_net(lab: Lab) -> None:
    lab.section(
        "The best net",
        "512 and 256 hidden units with batch normalisation, 30 % dropped, images mirrored at random, Adam on a cosine: the worksheet "
        "asks for 50 %, and says that more is to be had with what its next chapters teach.",
    )
    settings = {"hidden": [512, 256], "normalization": "batchnorm", "dropout": 0.3, "augment": ["flip"], "preprocess": ["scale", "center"]}
    settings |= {"rule": "adam", "lr": 1e-3, "schedule": "cosine", "reg": 1e-4, "batch": 200, "seed": SEED}
    run = lab.train("best-net", **settings, **lab.length(15))
    lab.row("best net: validation accuracy", run, "max(val_acc)", published=0.548, goal="at least 0.54")
    lab.row("best net: test accuracy", run, "test_acc", published=0.533, goal="at least 0.5")
    lab.draw_curves("best_net", run)


# ---- what several parts share


def _key(name: str) -> str:
    """A field's name of a row's: "affine, dx" -> "affine_dx"."""
    return name.replace(",", "").replace(" ", "_").replace("-", "_").replace(".", "")


def _steps(low: float, high: float, *shape: int) -> Array:
    """Evenly spaced numbers in this shape, as the worksheets give theirs."""
    return np.linspace(low, high, int(np.prod(shape))).reshape(shape)


def _sandwich(x: Array, w: Array, b: Array) -> tuple[Array, Any]:
    scores, first = affine_forward(x, w, b)
    out, second = relu_forward(scores)
    return out, (first, second)


def _sandwich_backward(dout: Array, cache: Any) -> Any:
    first, second = cache
    return affine_backward(relu_backward(dout, second), first)


def _net_error(net: FullyConnectedNet, X: Array, y: Array, grads: Any) -> float:
    """The largest difference from central differences, over the largest slope: single slopes may be as small as the rounding."""
    slopes = {key: numerical_gradient(lambda _: net.loss(X, y)[0], net.params[key]) for key in grads}
    return max(float(np.abs(slopes[key] - grads[key]).max() / np.abs(slopes[key]).max()) for key in grads)


def _first(lab: Lab, count: int) -> Dataset:
    """The first training images less the mean of all of them, to be learned by heart or compared on."""
    data = load_cifar10(lab.data_folder).with_preprocessing("center", "flatten")
    return replace(data, X_train=np.asarray(data.X_train[:count]), y_train=data.y_train[:count], name=f"first {count:,} of cifar10")


CIFAR10_FULLY_CONNECTED = Worksheet(
    "cifar10-fully-connected",
    "Fully connected nets on CIFAR-10",
    "two courses' worksheets on two-layer and fully connected nets",
    "cifar10",
    25,
    cifar10_fully_connected,
)
