"""What a trained classifier takes the held-out examples for, kept in the run's folder for its report."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.batch import in_order
from layerwise.data.dataset import Dataset
from layerwise.metrics import confusion_matrix
from layerwise.models.network import Network
from layerwise.ops.softmax import softmax_forward
from layerwise.report.tile import as_rgb, picked
from layerwise.storage.array_file import save_arrays
from layerwise.storage.run_folder import RunFolder
from layerwise.train.evaluation import BATCH

PER_CLASS = 8  # mistakes that are kept of each class that was predicted
LARGEST_SIDE = 64  # pixels of an image that is kept; larger ones are thinned


def scores_of(model: Network, X: Any, preprocessing: Any) -> Array:
    """Scores of raw examples, in predict mode, batch by batch.  X (N, ...)  ->  (N, K)"""
    return np.concatenate([model.forward(batch) for batch in in_order(X, BATCH, model.dtype, preprocessing)])


def save_predictions(folder: RunFolder, model: Network, data: Dataset, *, scores: Array | None = None) -> None:
    """Write predictions.json and .safetensors: the confusion matrix over the test part (else the validation part), and some mistakes.

    data is as in the files, with classes; scores are those of that part, if they are known. Without such a part nothing is written.
    """
    part = "test" if data.X_test is not None else "val"
    X: Any = data[f"X_{part}"]
    names = data.class_names or ()
    if X is None or not names:
        return
    y = np.asarray(data[f"y_{part}"])
    scores = scores_of(model, X, data.preprocessing) if scores is None else scores
    predicted = scores.argmax(axis=-1)
    wrong = np.flatnonzero(predicted != y)
    groups, _ = picked(wrong, predicted[wrong], PER_CLASS)
    shown = np.concatenate([*groups.values(), np.empty(0, np.intp)]).astype(np.intp)
    sure = (
        softmax_forward(scores[shown].astype(np.float64))[0].max(axis=-1) if model.loss_name == "softmax" else np.full(len(shown), np.nan)
    )
    mistakes = [
        {"index": int(i), "true": int(y[i]), "predicted": int(predicted[i]), "probability": float(p) if np.isfinite(p) else None}
        for i, p in zip(shown, sure, strict=True)
    ]
    arrays = {"confusion": confusion_matrix(predicted, y, len(names))}
    if len(X.shape) == 4 and X.shape[1] in (1, 3) and len(shown):
        arrays["images"] = _thumbnails(X, shown)
    document = {"part": part, "class_names": list(names), "examples": len(y), "wrong": len(wrong), "mistakes": mistakes}
    save_arrays(folder.predictions, arrays, document)


def _thumbnails(X: Any, rows: Array) -> Array:
    """Some images as red, green and blue bytes, with every k-th pixel of large ones.  X (N, C, H, W)  ->  (n, h, w, 3)"""
    images = np.asarray(X[rows])
    step = -(-max(images.shape[2:]) // LARGEST_SIDE)
    return as_rgb(images[:, :, ::step, ::step])
