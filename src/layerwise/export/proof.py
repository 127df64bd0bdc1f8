"""Whether an exported file says what the model says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import ExportError
from layerwise.export.plan import plan
from layerwise.models.network import Network
from layerwise.train.evaluation import BATCH

EXAMPLES = 100  # that a file must predict as the model does
TOLERANCES = {"float32": 1e-4, "float64": 1e-7, "float16": 1e-1}  # of an example's largest score; ONNX has its epsilons in float32 alone
SURE = 0.05  # of a probability, however large the scores


@dataclass(frozen=True)
class Proof:
    """On how many examples a file said the same as its model, and by how much its figures differed at most."""

    examples: int
    difference: float


def said_by_model(model: Network, X: Array) -> dict[str, Array]:
    """What the model says of raw examples, under the names that exported files use."""
    made = plan(model)
    x = X if model.inputs is None else model.inputs.prepare(X, model.dtype)
    with np.errstate(all="ignore"):
        score = np.concatenate([model.forward(x[start : start + BATCH]) for start in range(0, len(x), BATCH)])
        if made.said == "values":
            return {"value": score}
        said = {"label": model.predict(x), "score": score}
        return {**said, "probability": model.predict_proba(x)} if made.to_probability else said


def prove(model: Network, X: Array, said: dict[str, Array]) -> Proof:
    """Hold what a file said of raw examples X against the model; an ExportError says where they part.

    Figures may differ by rounding: by 1e-4 of an example's largest score in float32, 1e-7 in float64. Classes must be the
    same, but where two scores are as close as that.
    """
    right = said_by_model(model, X)
    tolerance = TOLERANCES[model.dtype.name]
    score = right["value" if "value" in right else "score"].reshape(len(X), -1).astype(np.float64)
    room = tolerance * np.maximum(1.0, np.abs(score).max(axis=1, initial=0.0))
    worst = 0.0
    for name, figures in said.items():
        if name == "label":
            continue
        difference = _difference(right[name], figures, name)
        worst = max(worst, float(difference.max(initial=0.0)))
        allowed = np.minimum(room, SURE) if name == "probability" else room
        if wrong := np.flatnonzero(~(difference <= allowed)).tolist():
            raise ExportError(
                f"of {len(X)} examples {len(wrong)} have another {name}, the first, {wrong[0]}, by {difference[wrong[0]]:.3g}"
            )
    if "label" in said:
        if said["label"].size != right["label"].size:
            raise ExportError(f"the label has shape {said['label'].shape}, but the model's has {right['label'].shape}.")
        _expect_labels(right["label"].reshape(len(X), -1), said["label"].reshape(len(X), -1), score, room)
    return Proof(len(X), worst)


def _difference(right: Array, given: Array, name: str) -> Array:
    """The largest difference of each example's figures (N,); NaN where either is no number."""
    if given.size != right.size and name == "probability" and right.shape[1:] == (1,):
        given = given[:, 1:]  # of one share, scikit-learn gives that of the opposite, too
    if given.size != right.size:
        raise ExportError(f"the {name} has shape {given.shape}, but the model's has {right.shape}.")
    return np.abs(given.reshape(len(right), -1).astype(np.float64) - right.reshape(len(right), -1)).max(axis=1, initial=0.0)


def _expect_labels(right: Array, given: Array, score: Array, room: Array) -> None:
    for i in np.flatnonzero((right != given).any(axis=1)).tolist():
        if right.shape[1] == score.shape[1]:  # shares: above 0 or not
            gap = np.abs(score[i])[right[i] != given[i]].max()
        else:
            gap = score[i].max() - score[i, int(given[i, 0])] if 0 <= given[i, 0] < score.shape[1] else np.inf
        if not gap <= room[i]:
            raise ExportError(f"the label of example {i} is {given[i].tolist()}, but the model's is {right[i].tolist()}.")
