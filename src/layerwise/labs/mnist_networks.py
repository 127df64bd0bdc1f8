"""Nets on MNIST: from a softmax by hand over threshold units and one hidden layer to deep ones, and autoencoders.

The worksheet is written for Keras 1 and plain NumPy. Its pixels are divided by 255 and not centred, its seed is 1337, a batch
has 128 images, and it trains for 50 epochs everywhere; what it calls validation is the test part, so all accuracies are on that.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.data.dataset import Dataset
from layerwise.data.table import load_mnist
from layerwise.labs.lab import Lab, Notes, Worksheet
from layerwise.labs.reading import metric_rows, sweep_table
from layerwise.layers.activation import Activation
from layerwise.layers.dense import Dense
from layerwise.layers.dropout import Dropout
from layerwise.layers.layer import Layer
from layerwise.models.autoencoder import Autoencoder
from layerwise.models.file import load
from layerwise.models.linear import SoftmaxModel
from layerwise.models.sequential import Sequential
from layerwise.models.threshold import AND, NOT, OR, Inseparability, ThresholdNet, linearly_separable
from layerwise.train.population import stack
from layerwise.train.solver import Solver

SEED, BATCH, EPOCHS = 1337, 128, 50
SWEEP_EPOCHS = 10  # of the widths and depths, which are published as plots only; 50 as in the worksheet take five times as long
DEPTH_WIDTH = 128  # of each hidden layer, where their number is varied
XOR, TERMS = [0, 1, 1, 0], [(1, 0, -1), (0, 1, 0)]  # the terms: x1 and not x3, or x2
OPTIMIZERS = {"sgd": 0.01, "rmsprop": 0.001}  # Keras 1's default rates


def mnist_networks(lab: Lab) -> None:
    """The worksheet, in its order."""
    softmax(lab)
    penalties(lab)
    threshold_units(lab)
    one_hidden_layer(lab)
    widths(lab)
    depths(lab)
    own_architecture(lab)
    decoded_images(lab)
    frozen_encoder(lab)


def softmax(lab: Lab) -> None:
    lab.section(
        "Softmax regression",
        "Weights of zero, a column of ones in place of a bias, 100 steps over all 60,000 images at rate 1, in float64. Nothing is "
        "random, so that the accuracy must be the published one to the last digit.",
    )
    run = lab.train(
        "softmax",
        model="softmax",
        bias="ones",
        weight_scale=0.0,
        preprocess=["scale"],
        dtype="float64",
        rule="sgd",
        lr=1.0,
        batch=0,
        steps=lab.size(100, 5),
        val=0,
        print_every=1,
    )
    lab.row("softmax, 100 full steps: accuracy", run, "test_acc", published=0.9096, goal="exactly 0.9096")

    def templates() -> Any:
        from layerwise.report.figure import weight_images

        return weight_images(load(run / "model").params["W"][:-1], (1, 28, 28), tuple("0123456789"), title="Class templates")

    lab.draw("templates", templates)


def penalties(lab: Lab) -> None:
    """The gradient is Xᵀ(P − Y)/N + λ₁·sign(W) + 2·λ₂·W, the ones' row included: our reg is twice the worksheet's λ₂."""
    lab.section(
        "L1 and L2 penalties",
        "Softmax regression again, 10 full steps for each pair of penalties λ₁·Σ|W| and λ₂·ΣW², both from 0 to 0.95. The slope of the "
        "second is 2·λ₂·W, with no half, and the row of the ones is punished too. The published picture has the names of its axes "
        "exchanged, its rows being λ₁; ours names each axis by what varies along it.",
    )
    strengths = np.arange(0, 1, lab.size(0.05, 0.25)).round(2)

    def measure(notes: Notes) -> dict[str, float]:
        data = _prepared(lab).with_preprocessing("scale", "flatten", "bias_column")
        X, X_test = (data.preprocessing.apply(np.asarray(part), np.float32) for part in (data.X_train, data.X_test))
        arrays = {"X_train": X, "y_train": data.y_train, "X_val": X_test, "y_val": data.y_test}
        for l2 in strengths:
            fits = [SoftmaxModel(785, weight_scale=0.0, bias=False, reg=2 * l2, reg_l1=l1) for l1 in strengths]
            solver = Solver(stack(fits), arrays, optim_config={"lr": 1.0}, num_steps=lab.size(10, 2), batch_size=None, verbose=False)
            solver.train()
            for l1, accuracy in zip(strengths, solver.val_acc_history[-1], strict=True):
                notes.row(l1=float(l1), l2=float(l2), test_acc=float(accuracy))
        return {"fits": len(strengths) ** 2}

    run = lab.record("penalties", {"data": "mnist", "strengths": strengths.tolist(), "lr": 1.0}, measure)
    lab.row("pairs of penalties", run, "fits", published=400, goal="exactly 400")
    lab.row("no penalty, 10 full steps: accuracy", run, "first(test_acc)")
    lab.row("best pair: accuracy", run, "max(test_acc)")

    def surface() -> Any:
        from layerwise.report.figure import landscape

        rows = [row for row in metric_rows(run) if "test_acc" in row]
        z = np.array([row["test_acc"] for row in rows]).reshape(len(strengths), -1)  # a row for each λ₂
        return landscape(strengths, strengths, z, xlabel="L1 penalty λ₁", ylabel="L2 penalty λ₂", colour="test accuracy")

    lab.draw("penalties", surface)


def threshold_units(lab: Lab) -> None:
    lab.section(
        "Threshold units",
        "A unit that fires where w·x + b ≥ 0 can be AND, OR and NOT, but not XOR. For any table without a separating line a linear "
        "program finds inequalities that cannot hold together, and whole numbers prove it. Two layers are any truth table: a hidden "
        "unit for each term of its disjunctive normal form, whose weights are 1, -1 (negated) and 0 (absent), and one that is their OR.",
    )

    def measure(notes: Notes) -> dict[str, int]:
        rows = [[0, 0], [0, 1], [1, 0], [1, 1]]
        gates = [AND.predict(rows).tolist(), OR.predict(rows).tolist(), NOT.predict([[0], [1]]).tolist()]
        proof = linearly_separable(XOR)
        tables = {n: [list(table) for table in product((0, 1), repeat=2**n)] for n in (2, 3)}
        return {
            "gates": sum(got == asked for got, asked in zip(gates, ([0, 0, 0, 1], [0, 1, 1, 1], [1, 0]), strict=True)),
            "proof_holds": int(isinstance(proof, Inseparability) and proof.holds()),
            **{f"separable_{n}": sum(bool(linearly_separable(table)) for table in tables[n]) for n in tables},
            "nets": sum(ThresholdNet.from_table(table).truth_table().tolist() == table for table in tables[3]),
            "terms": int(ThresholdNet.from_terms(TERMS).truth_table().tolist() == [0, 0, 1, 1, 1, 0, 1, 1]),
        }

    run = lab.record("threshold-units", {"terms": [list(term) for term in TERMS]}, measure)
    lab.row("AND, OR and NOT as one unit", run, "gates", published=3, goal="exactly 3", always=True)
    lab.row("proof that no line separates XOR holds (1 is yes)", run, "proof_holds", published=1, goal="exactly 1", always=True)
    lab.row("tables of 2 variables with a line, of 16", run, "separable_2", published=14, goal="exactly 14", always=True)
    lab.row("tables of 3 variables with a line, of 256", run, "separable_3", published=104, goal="exactly 104", always=True)
    lab.row("tables of 3 variables as two layers, of 256", run, "nets", published=256, goal="exactly 256", always=True)
    lab.row("x1 ∧ ¬x3 ∨ x2, given as terms (1 is right)", run, "terms", published=1, goal="exactly 1", always=True)
    lab.tell(f"XOR: {linearly_separable(XOR)}")
    net = ThresholdNet.from_terms(TERMS)
    lab.tell(f"x1 ∧ ¬x3 ∨ x2 has the hidden units {_units(net)}.")


def one_hidden_layer(lab: Lab) -> None:
    lab.section("One hidden layer", "784-512-10 with ReLU under plain gradient descent at rate 0.01.")
    run = lab.train("one-hidden-layer", hidden=[512], weight_scale="glorot_uniform", rule="sgd", lr=0.01, **_common(), **lab.length(EPOCHS))
    lab.row("784-512-10, sgd: accuracy", run, "test_acc", published=0.962, goal="0.962 ± 0.003")
    lab.row("784-512-10, sgd: loss", run, "test_loss", published=0.131929469731, goal="0.131929 ± 0.01")
    lab.draw_curves("one_hidden_layer", run)


def widths(lab: Lab) -> None:
    lab.section(
        "Widths",
        f"One hidden layer of 2, 4, ... 2,048 units, for {SWEEP_EPOCHS} epochs where the worksheet has {EPOCHS} (it shows a plot and no "
        "number). 5,000 training images are held out to choose by, so that the test part is looked at once, for the width chosen.",
    )
    sizes = [2**k for k in range(1, lab.size(12, 9))]
    run = lab.sweep("widths", {"hidden": " ".join(map(str, sizes))}, **_swept(lab, "sgd"))
    lab.row("best width: validation accuracy", run, "max(val_acc)", file="trials.jsonl")
    lab.row("best width: test accuracy", run, "test_acc")

    def over_widths() -> Any:
        from layerwise.report.figure import accuracy_over

        lines = {int(line["setting"]["hidden"]): line for line in sweep_table(run)}
        accuracies = np.array([_figure(lines[size]["val_acc"]) for size in sizes])
        intervals = np.array([[_figure(lines[size][end]) for end in ("val_low", "val_high")] for size in sizes])
        return accuracy_over(np.array(sizes), accuracies, "width of the hidden layer", log2=True, intervals=intervals)

    lab.draw("widths", over_widths)


def depths(lab: Lab) -> None:
    lab.section(
        "Depths",
        f"1 to 10 hidden layers of {DEPTH_WIDTH} units, under gradient descent and again under RMSprop, for {SWEEP_EPOCHS} epochs where the "
        f"worksheet has {EPOCHS} (plots only).",
    )
    numbers = list(range(1, lab.size(11, 5)))
    space = {"hidden": " ".join(f"{DEPTH_WIDTH}x{count}" if count > 1 else str(DEPTH_WIDTH) for count in numbers)}
    runs = {rule: lab.sweep(f"depths-{rule}", space, **_swept(lab, rule)) for rule in OPTIMIZERS}
    for rule, run in runs.items():
        lab.row(f"best depth, {rule}: validation accuracy", run, "max(val_acc)", file="trials.jsonl")

    def over_depths() -> Any:
        from layerwise.report.figure import accuracy_over

        lines = {}
        for rule, run in runs.items():
            known = {str(line["setting"]["hidden"]).count(",") + 1: _figure(line["val_acc"]) for line in sweep_table(run)}
            lines[rule] = np.array([known[count] for count in numbers])
        return accuracy_over(np.array(numbers), lines, "hidden layers")

    lab.draw("depths", over_depths)


def own_architecture(lab: Lab) -> None:
    lab.section(
        "An architecture of one's own",
        "784-512-512-512-10: ReLU, 20 % dropped, ReLU, tanh, 10 % dropped, under Adadelta at rate 1.",
    )
    model = Sequential(_own_layers(), input_shape=784, rng=SEED)
    run = lab.fit("own-architecture", _prepared(lab), model, **_adadelta(lab))
    lab.row("own architecture: accuracy", run, "test_acc", published=0.9851, goal="at least 0.983")
    lab.draw_curves("own_architecture", run)


def decoded_images(lab: Lab) -> None:
    lab.section(
        "A classifier of decoded images",
        "An autoencoder 784-32-784 with a sigmoid at its end learns to give images back through 32 numbers. The same classifier as before is "
        "then trained, and tested, on what comes back.",
    )
    coder = lab.train(
        "autoencoder-sigmoid", model="autoencoder", hidden=[32], decoder="sigmoid", **_common(), **_rule(), **lab.length(EPOCHS)
    )
    lab.row("autoencoder, sigmoid: mean squared difference", coder, "test_reconstruction")
    _pairs(lab, "reconstructions_sigmoid", coder)
    autoencoder, data = load(coder / "model"), _prepared(lab)
    arrays = {part: _reconstructed(autoencoder, data, part) for part in ("X_train", "X_test")}
    decoded = Dataset(
        y_train=data.y_train, y_test=data.y_test, class_names=data.class_names, name="decoded mnist", full_scale=1.0, **arrays
    )
    run = lab.fit("decoded-images", decoded, Sequential(_own_layers(), input_shape=784, rng=SEED), **_adadelta(lab))
    lab.row("own architecture on decoded images: accuracy", run, "test_acc", published=0.9754, goal="0.975 ± 0.01")


def frozen_encoder(lab: Lab) -> None:
    lab.section(
        "A classifier on a frozen encoder",
        "A second autoencoder, linear at its end. Its encoder is then frozen, and the classifier learns from the 32 numbers that it makes "
        "of an image.",
    )
    coder = lab.train(
        "autoencoder-linear", model="autoencoder", hidden=[32], decoder="linear", **_common(), **_rule(), **lab.length(EPOCHS)
    )
    lab.row("autoencoder, linear: mean squared difference", coder, "test_reconstruction")
    _pairs(lab, "reconstructions_linear", coder)
    autoencoder = load(coder / "model")
    frozen = autoencoder.classifier(10).layers[:-1]
    run = lab.fit("frozen-encoder", _prepared(lab), Sequential([*frozen, *_own_layers()], input_shape=784, rng=SEED), **_adadelta(lab))
    lab.row("frozen encoder and net: accuracy", run, "test_acc", published=0.983, goal="at least 0.975")
    lab.row("frozen encoder and net: loss", run, "test_loss", published=0.060261734359)
    lab.draw_curves("frozen_encoder", run)


# ---- what several parts share


def _common() -> dict[str, Any]:
    return {"preprocess": ["scale"], "batch": BATCH, "val": 0, "seed": SEED}


def _rule() -> dict[str, Any]:
    return {"rule": "adadelta", "lr": 1.0, "rule_options": {"eps": 1e-8}}  # as Keras 1 has it


def _adadelta(lab: Lab) -> dict[str, Any]:
    return {**_rule(), "batch": BATCH, "seed": SEED, **lab.length(EPOCHS)}


def _swept(lab: Lab, rule: str) -> dict[str, Any]:
    shared = {"preprocess": ["scale"], "batch": BATCH, "seed": SEED, "weight_scale": "glorot_uniform"}
    return {**shared, "rule": rule, "lr": OPTIMIZERS[rule], "train_size": lab.size(None, 2000), **lab.length(SWEEP_EPOCHS)}


def _own_layers() -> list[Layer]:
    layers: list[Layer] = [Dense(512, weights="glorot_uniform"), Activation("relu"), Dropout(0.8)]
    layers += [Dense(512, weights="glorot_uniform"), Activation("relu")]
    layers += [Dense(512, weights="glorot_uniform"), Activation("tanh"), Dropout(0.9)]
    return [*layers, Dense(10, weights="glorot_uniform")]


def _prepared(lab: Lab) -> Dataset:
    """The images as the worksheet has them: all 60,000 to train on, pixels / 255, in rows."""
    data = load_mnist(lab.data_folder, validation=0)
    return (data.subset(num_train=min(2000, len(data.X_train))) if lab.quick else data).with_preprocessing("scale", "flatten")


def _reconstructed(autoencoder: Autoencoder, data: Dataset, part: str) -> Any:
    return autoencoder.reconstruct(data.preprocessing.apply(np.asarray(data[part]), np.float32))


def _pairs(lab: Lab, name: str, run: Path) -> None:
    def pairs() -> Any:
        from layerwise.report.figure import image_pairs

        data = _prepared(lab)
        again = load(run / "model").reconstruct(data.preprocessing.apply(np.asarray(data["X_test"][:10]), np.float32))
        return image_pairs(np.asarray(data["X_test"][:10]), data.preprocessing.invert(again), count=10)

    lab.draw(name, pairs)


def _units(net: ThresholdNet) -> str:
    """The hidden units as inequalities."""
    units = zip(net.W1.T.tolist(), net.b1.tolist(), strict=True)
    return " and ".join(f"({', '.join(f'{w:g}' for w in weights)})·x {'+' if b >= 0 else '−'} {abs(b):g} ≥ 0" for weights, b in units)


def _figure(value: float | None) -> float:
    return np.nan if value is None else value


MNIST_NETWORKS = Worksheet(
    "mnist-networks", "Networks on MNIST", "Keras 1 on MNIST, from softmax to autoencoders", "mnist", 40, mnist_networks
)
