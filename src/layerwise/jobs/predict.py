"""A trained model on new examples: files of images, tables or arrays, and what the model says of each."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.delimited import Column, column_names, read_table
from layerwise.data.idx import read_idx
from layerwise.data.npz import read_npz
from layerwise.data.rows import chunks
from layerwise.errors import DataError, did_you_mean
from layerwise.jobs.target import errors_of
from layerwise.metrics import accuracy
from layerwise.models.autoencoder import Autoencoder
from layerwise.models.file import load
from layerwise.models.inputs import Inputs
from layerwise.models.network import Network
from layerwise.ops.table import LOSSES
from layerwise.storage.atomic import write_bytes
from layerwise.storage.run_folder import RunFolder
from layerwise.train.evaluation import BATCH

TABLES = (".csv", ".tsv", ".txt")
UNNAMED = re.compile(r"column \d+")  # what a column is called in a table without a header
MOST_NAMED = 5  # files that a note names one by one


@dataclass
class Examples:
    """Raw examples (N, ...) of the shape that the model was trained on, what each is called, and their labels where known."""

    X: Array
    names: list[str]
    y: Array | None = None
    unreadable: dict[str, str] = field(default_factory=dict)  # file -> why
    notes: list[str] = field(default_factory=list)


@dataclass
class Predictions:
    """What a model says of each example.

    figures (N, K): the probability or the score of each class; without class_names, the values that are predicted.
    labels: class numbers (N,), or values; None where the truth is not known.
    """

    names: list[str]
    kind: str  # "probability", "score" or "value"
    figures: Array
    class_names: tuple[str, ...] | None
    labels: Array | None = None
    unreadable: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def ranked(self, top: int) -> Array:
        """The `top` most likely classes of each example (N, top), most likely first; of equals the first."""
        return np.argsort(-self.figures, axis=1, kind="stable")[:, :top]

    def results(self) -> dict[str, float]:
        """How right the predictions are, where labels are known: accuracy, or errors of the values."""
        if self.labels is None:
            return {}
        if self.class_names is None:
            return errors_of(self.figures, self.labels)
        return {"accuracy": float(accuracy(self.figures, self.labels))}

    def rows(self, top: int = 3) -> list[dict[str, Any]]:
        """A plain dict for each example, for JSON."""
        rows: list[dict[str, Any]] = []
        ranked = self.ranked(top)
        for i, name in enumerate(self.names):
            row: dict[str, Any] = {"name": name}
            if self.class_names is None:
                values = self.figures[i].tolist()
                row[self.kind] = values[0] if len(values) == 1 else values
            else:
                best = [{"class": self.class_names[k], self.kind: float(self.figures[i, k])} for k in ranked[i]]
                row |= {**best[0], "top": best}
            if self.labels is not None:
                row["label"] = self.labels[i].tolist() if self.class_names is None else self.class_names[self.labels[i]]
            rows.append(row)
        return rows

    def write_csv(self, path: str | Path) -> None:
        """A line for each example: its name, the prediction, the figure of every class, and the label where known."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        count = self.figures.shape[1]
        if self.class_names is None:
            heading = ["name", *([self.kind] if count == 1 else [f"{self.kind} {k}" for k in range(count)])]
        else:
            heading = ["name", "class", self.kind, *(f"{self.kind} of {name}" for name in self.class_names)]
        writer.writerow(heading + ([] if self.labels is None else ["label"]))
        for i, (name, best) in enumerate(zip(self.names, self.ranked(1)[:, 0], strict=True)):
            figures = [repr(float(value)) for value in self.figures[i]]
            said = figures if self.class_names is None else [self.class_names[best], figures[best], *figures]
            known = [] if self.labels is None else [self.labels[i] if self.class_names is None else self.class_names[self.labels[i]]]
            writer.writerow([name, *said, *known])
        write_bytes(path, text.getvalue().encode("utf-8", "surrogateescape"))


def predict(run: str | Path, sources: Sequence[str | Path], *, label: str | None = None, invert: bool = False) -> Predictions:
    """What the model of a run says of the examples in files: one table or file of arrays, or images and folders of them.

    run is a run's folder, or the stem of a saved model. label names a table's column with the true answers; the one that
    the run was trained on is found by itself. invert is for images that are dark where the training's were bright.
    """
    model = open_model(run)
    if isinstance(model, Autoencoder):
        raise ValueError(f"{run}: an autoencoder says nothing of examples, it gives them back: layerwise.load(...).reconstruct(X) does so")
    inputs: Inputs = model.inputs or Inputs(example_shape=model.input_shape)
    classes = LOSSES[model.loss_name].targets == "labels"
    names = _class_names(inputs, model) if classes else None
    examples = _read([Path(source) for source in sources], inputs, names, label or _label_of(Path(run)), invert, asked=label is not None)
    X, figures = examples.X, []
    with np.errstate(all="ignore"):
        for start in range(0, len(X), BATCH):
            figures.append(_figures(model, inputs.prepare(X[start : start + BATCH], model.dtype)))
    kind = "value" if LOSSES[model.loss_name].targets == "values" else "score" if model.loss_name == "svm" else "probability"
    return Predictions(examples.names, kind, np.concatenate(figures), names, examples.y, examples.unreadable, examples.notes)


def open_model(run: str | Path) -> Network:
    """The model in a run's folder, or the one that `model.save` wrote under this stem."""
    path = Path(run)
    if not path.is_dir():
        stem = path.with_name(path.name.removesuffix(".json").removesuffix(".safetensors"))
        if not stem.with_name(f"{stem.name}.json").is_file():
            raise DataError(f"{run}: there is no run and no model here. Give the folder that `layerwise train` named.")
        return load(stem)
    if not (path / "model.json").is_file():
        if inside := sorted(file.parent.name for file in path.glob("*/model.json")):
            raise DataError(f"{run}: holds several runs, each with a model of its own: name one of {', '.join(inside)} in it.")
        if (path / "config.toml").is_file():
            raise DataError(f"{run}: this run has no model yet. Go on with it: {RunFolder.open(path).way_on()}")
        raise DataError(f"{run}: a folder without a model. Give the folder that `layerwise train` named.")
    return load(path / "model")


def _figures(model: Network, X: Array) -> Array:
    """X as the model takes it  ->  (N, K) probabilities where its loss makes some, else scores or values."""
    if model.loss_name == "softmax" or LOSSES[model.loss_name].targets == "shares":
        return model.predict_proba(X)
    return model.forward(X)


def _class_names(inputs: Inputs, model: Network) -> tuple[str, ...]:
    count = math.prod(model.shapes[-1])
    return inputs.class_names if inputs.class_names and len(inputs.class_names) == count else tuple(map(str, range(count)))


def _label_of(run: Path) -> str | None:
    """The label column that a run was trained on, where its settings are at hand."""
    folder = run if run.is_dir() else run.parent
    try:
        label = RunFolder.open(folder).read_config().get("label")
    except DataError:
        return None
    return None if label is None else str(label)


# ---- reading


def _read(paths: list[Path], inputs: Inputs, class_names: tuple[str, ...] | None, label: str | None, invert: bool, asked: bool) -> Examples:
    for path in paths:
        if not path.exists():
            near = did_you_mean(path.name, [p.name for p in path.parent.iterdir()]).partition(" Known:")[0] if path.parent.is_dir() else ""
            raise DataError(f"{path}: there is no such file or folder.{near}")
    first = paths[0]
    reader = None if first.is_dir() else _reader(first)
    if reader is None:
        return _read_images(paths, inputs, class_names, invert)
    if len(paths) > 1:
        raise ValueError(f"{first} is one of {len(paths)} files, but only images can be several: give one table or one file of arrays")
    if invert:
        raise ValueError(f"--invert is for image files, but {first} is none")
    if asked and reader is not _read_table:
        raise ValueError(f"--label names a column of a table, but {first} is none")
    examples = reader(first, inputs, class_names, label if reader is _read_table else None, asked)
    _check_finite(first, examples.X)
    return examples


Reader = Callable[[Path, Inputs, tuple[str, ...] | None, str | None, bool], Examples]


def _reader(path: Path) -> Reader | None:
    """What reads the file: by its ending, or by its first bytes where that says nothing; None for an image."""
    ending = path.suffix.lower()
    if ending in TABLES:
        return _read_table
    if ending in (".npz", ".npy"):
        return _read_arrays
    with path.open("rb") as file:
        start = file.read(4)
    return (
        _read_idx if start[:2] == b"\x1f\x8b" or (start[:3] == b"\0\0\x08" and start[3:4] in (b"\x01", b"\x02", b"\x03", b"\x04")) else None
    )


def _read_images(paths: list[Path], inputs: Inputs, class_names: tuple[str, ...] | None, invert: bool) -> Examples:
    if len(inputs.example_shape) != 3:
        raise DataError(f"{paths[0]}: the model was not trained on images, but on examples of shape {inputs.example_shape}")
    from layerwise.data.image import ENDINGS, read_image

    channels, height, width = inputs.example_shape
    files: list[tuple[Path, str]] = []
    notes: list[str] = []
    for path in paths:
        if not path.is_dir():
            files.append((path, str(path)))
            continue
        inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        images = [p for p in inside if p.suffix.lower() in ENDINGS]
        if not images:
            raise DataError(f"{path}: holds no image ({', '.join(ENDINGS)})")
        if len(images) < len(inside):
            notes.append(f"{path}: {_files(len(inside) - len(images))} with other endings left out")
        files += [(p, str(p.relative_to(path))) for p in images]
    pixels, kept, resized, unreadable = [], [], [], {}
    for path, name in files:
        try:
            image = read_image(path, (channels, height, width), invert=invert)
        except DataError as error:
            unreadable[name] = str(error)
            continue
        pixels.append(image.pixels)
        kept.append((path, name))
        if (image.height, image.width) != (height, width):
            resized.append(f"{name} ({image.width} × {image.height})")
    if not pixels:
        raise DataError("\n".join(unreadable.values()) if len(unreadable) <= MOST_NAMED else f"none of {_files(len(files))} can be read")
    if resized:
        few = ", ".join(resized[:MOST_NAMED]) + (f" and {len(resized) - MOST_NAMED} more" if len(resized) > MOST_NAMED else "")
        notes.append(f"stretched to the model's {width} × {height} pixels: {few}")
    X = np.stack(pixels)
    if not invert and (bright := _inverted(X, inputs)):
        are = "1 image is" if bright == 1 else f"{bright:,} images are"
        notes.append(f"{are} mostly bright, but those that the model was trained on were mostly dark: try --invert")
    if inputs.full_scale != 255:
        X = (X * ((inputs.full_scale or 1.0) / 255)).astype(np.float32)
    return Examples(X, [name for _, name in kept], _labels_of_folders([path for path, _ in kept], class_names), unreadable, notes)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _inverted(X: Array, inputs: Inputs) -> int:
    """How many of the images are mostly bright, if those of the training, whose mean was kept, were mostly dark; else 0."""
    steps = inputs.preprocessing.transforms
    if not inputs.full_scale or not {"center", "standardize"} & {step.kind for step in steps}:
        return 0
    shape = inputs.preprocessing.output_shape((1, *inputs.example_shape))
    trained = float(np.mean(inputs.preprocessing.invert(np.zeros(shape)))) / inputs.full_scale
    return int((X.mean(axis=(1, 2, 3)) > 0.6 * 255).sum()) if trained < 0.4 else 0


def _labels_of_folders(paths: list[Path], class_names: tuple[str, ...] | None) -> Array | None:
    """Class numbers by the folders that the images lie in, if each is called as a class."""
    if class_names is None or not all(path.parent.name in class_names for path in paths):
        return None
    return np.array([class_names.index(path.parent.name) for path in paths])


def _read_table(path: Path, inputs: Inputs, class_names: tuple[str, ...] | None, label: str | None, asked: bool) -> Examples:
    if inputs.columns is None:
        raise DataError(
            f"{path}: the model was not trained on a table, but on examples of shape {inputs.example_shape}. Give images, .npz or .npy."
        )
    unnamed = all(UNNAMED.fullmatch(column.name) for column in inputs.columns)
    header = None if unnamed else True
    names = column_names(path, header=header)
    if unnamed and len(names) == len(inputs.columns):  # without its label, a table's columns have moved up
        moved = [replace(column, name=f"column {i}") for i, column in enumerate(inputs.columns)]
        return _rows(read_table(path, columns=moved).fill().X)
    if missing := [column.name for column in inputs.columns if column.name not in names]:
        raise DataError(
            f'{path}: has no column "{missing[0]}", which the model was trained on.{did_you_mean(missing[0], names)}'
            + (f" {len(missing) - 1} more are missing." if missing[1:] else "")
        )
    examples = _rows(read_table(path, header=header, columns=inputs.columns).fill().X)
    label = _column(label, names)
    if label is None or (label in {column.name for column in inputs.columns} and not asked):
        return examples
    try:
        if label not in names:
            raise DataError(f'{path}: has no column "{label}".{did_you_mean(label, names)}')
        truth = read_table(path, header=header, columns=[Column(label, class_names)]).X
        if not np.isfinite(truth).all():
            raise DataError(f'{path}, column "{label}": a number is missing in row {1 + int(np.argmin(np.isfinite(truth[:, 0])))}')
        examples.y = truth[:, 0] if class_names is None else truth.argmax(axis=1)
    except DataError as error:
        if asked:
            raise
        if label in names:
            examples.notes.append(f"the true answers are left aside: {error}")
    return examples


def _column(label: str | None, names: list[str]) -> str | None:
    """The name of a column that is given by its name or its number."""
    if label is None or label in names:
        return label
    try:
        return names[int(label)]
    except (ValueError, IndexError):
        return label


def _read_arrays(path: Path, inputs: Inputs, class_names: tuple[str, ...] | None, label: str | None, asked: bool) -> Examples:
    if path.suffix.lower() == ".npz":
        arrays = read_npz(path, needed=(("X",), ("X_test",)))
        part = "" if "X" in arrays else "_test"
        X, y = arrays[f"X{part}"], arrays.get(f"y{part}")
    else:
        try:
            X, y = np.load(path, mmap_mode="r", allow_pickle=False), None
        except (ValueError, OSError, EOFError) as error:
            raise DataError(f"{path}: is not an .npy file of numbers ({error})") from None
    examples = _rows(_fitted(path, X, inputs.example_shape))
    if y is not None:
        examples.y = _known_labels(path, y, len(examples.X), class_names)
    if inputs.full_scale and examples.X.dtype.kind == "f" and inputs.full_scale > 1 >= float(np.max(examples.X)):
        examples.notes.append(f"values reach {np.max(examples.X):.3g} only, but the model was trained on 0 to {inputs.full_scale:g}")
    return examples


def _read_idx(path: Path, inputs: Inputs, class_names: tuple[str, ...] | None, label: str | None, asked: bool) -> Examples:
    """Images, and the labels in the file beside it, if it is called as MNIST's are."""
    examples = _rows(_fitted(path, read_idx(path), inputs.example_shape))
    beside = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    if beside != path and beside.is_file():
        examples.y = _known_labels(beside, read_idx(beside), len(examples.X), class_names)
    return examples


def _rows(X: Array) -> Examples:
    return Examples(X, [f"row {i}" for i in range(1, len(X) + 1)])


def _fitted(path: Path, X: Array, shape: tuple[int, ...]) -> Array:
    """Examples (N, ...) of the model's shape, out of any arrangement that holds them: one alone, flat, or with the channels last."""
    if X.dtype.kind not in "uifb" or not X.size:
        raise DataError(f"{path}: holds {X.dtype} of shape {X.shape}, but must hold numbers")
    size = math.prod(shape)
    one = X.shape in (shape, (size,)) or (len(shape) == 3 and X.shape in (shape[1:], (*shape[1:], shape[0])) and X.size == size)
    if one:
        X = X[None]
    if len(shape) == 3 and X.shape[1:] == (*shape[1:], shape[0]) != shape:
        X = X.transpose(0, 3, 1, 2)  # (N, H, W, C) -> (N, C, H, W)
    if X.shape[1:] == shape or X.shape[1:] == (size,) or (len(shape) == 3 and shape[0] == 1 and X.shape[1:] == shape[1:]):
        return X.reshape(len(X), *shape)
    raise DataError(f"{path}: the examples have shape {X.shape[1:]}, but the model was trained on {shape}")


def _known_labels(path: Path, y: Array, count: int, class_names: tuple[str, ...] | None) -> Array:
    """Labels as class numbers (N,): names of classes or their numbers; values as they are."""
    if len(y) != count:
        raise DataError(f"{path}: has {len(y)} labels for {count} examples")
    if class_names is None:
        return y.astype(np.float64)
    numbers = {name: k for k, name in enumerate(class_names)}
    texts = [str(value) for value in y.reshape(-1).tolist()]
    if y.size == count and all(text in numbers for text in texts):
        return np.array([numbers[text] for text in texts])
    if y.size == count and y.dtype.kind in "iu" and y.min() >= 0 and y.max() < len(class_names):
        return y.reshape(-1).astype(np.int64)
    unknown = next((text for text in texts if text not in numbers), "")
    raise DataError(f'{path}: the label "{unknown}" is none of the model\'s classes.{did_you_mean(unknown, class_names)}')


def _check_finite(path: Path, X: Array) -> None:
    if X.dtype.kind != "f":
        return
    for start, rows in chunks(X):
        finite = np.isfinite(rows).reshape(len(rows), -1).all(axis=1)
        if not finite.all():
            raise DataError(f"{path}: row {1 + start + int(np.argmin(finite))} holds NaN or infinity. Remove it, or fill in a number.")
