"""The whole state of a run on disk, so that it goes on to the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.arrays import Array
from layerwise.errors import ModelFileError
from layerwise.storage.array_file import expect_fields, load_arrays, save_arrays
from layerwise.train.protocol import trees_of

if TYPE_CHECKING:
    from layerwise.train.solver import Solver

FILE = "checkpoint"
HISTORY = (
    "loss_history",
    "epoch_steps",
    "epochs",
    "train_acc_history",
    "val_acc_history",
    "val_loss_history",
    "lr_history",
    "seconds_history",
)


def save(solver: Solver, folder: Path) -> None:
    """Write folder/checkpoint.safetensors and .json; the ones before stay whole until the new ones are."""
    batches, order = solver.batches.state()
    arrays: dict[str, Array] = {f"batches/{name}": array for name, array in order.items()}
    counters: dict[str, dict[str, Any]] = {}  # what a rule remembers in plain numbers
    for key, state in solver.rule_state.items():
        for name, value in state.items():
            if isinstance(value, np.ndarray):
                arrays[f"rule/{key}/{name}"] = value
            else:
                counters.setdefault(key, {})[name] = value
    for what, tree in (*trees_of(solver.model), ("best_params", solver.best.params), ("best_buffers", solver.best.buffers)):
        arrays |= {f"{what}/{name}": np.asarray(array) for name, array in tree.items()}
    arrays |= {f"history/{name}": np.asarray(getattr(solver.history, name)) for name in HISTORY}
    arrays["best_value"] = np.asarray(solver.best.value, np.float64)
    if solver.guard is not None and solver.guard.ceiling is not None:
        arrays["ceiling"] = np.asarray(solver.guard.ceiling, np.float64)
    if solver.roster.is_population:
        arrays["members"] = solver.roster.members
    document = {
        "settings": settings(solver),
        "step": solver.state.step,
        "epoch": solver.state.epoch,
        "seconds": solver.seconds,
        "size": solver.roster.size,
        "frozen": {str(which): reason for which, reason in solver.frozen.items()},
        "counters": counters,
        "batches": batches,
        "generators": {name: _state_of(rng, name) for name, rng in _generators(solver).items()},
    }
    save_arrays(folder / FILE, arrays, document)


def restore(solver: Solver, folder: Path) -> None:
    """Bring a solver, built with the arguments of the one that was saved, to the state that was saved."""
    arrays, document = load_arrays(folder / FILE)
    where = str(folder / FILE)
    known = ("settings", "step", "epoch", "seconds", "size", "frozen", "counters", "batches", "generators")
    expect_fields(document, known, where)
    try:
        for name, now in settings(solver).items():
            if document["settings"][name] != now:
                raise ValueError(f"it was saved with {name} {document['settings'][name]}, but now it is {now}")
        _restore(solver, arrays, document)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError) as error:
        raise ModelFileError(f"{where}: it does not fit this run: {error}. Resume with the same model, data and settings.") from error


def settings(solver: Solver) -> dict[str, Any]:
    """What must be the same for a run to go on."""
    return {
        "update_rule": solver.update_rule,
        "steps_per_epoch": solver.steps_per_epoch,
        "num_steps": solver.num_steps,
        "parameters": sorted(solver.model.params),
        "dtype": solver.dtype.name,
    }


def _restore(solver: Solver, arrays: dict[str, Array], document: dict[str, Any]) -> None:
    if "members" in arrays:
        solver.roster.begin(int(document["size"]), solver.model.params)
        if not np.array_equal(arrays["members"], solver.roster.members):
            solver.keep(arrays["members"])
    for what, tree in trees_of(solver.model):
        for name, w in tree.items():
            np.copyto(w, _fitting(arrays, f"{what}/{name}", w.shape))  # into the model's own array, which keeps its memory layout
    for key, w in solver.model.params.items():
        state = solver.rule_state[key]
        state.clear()
        for name, array in _under(arrays, f"rule/{key}/").items():
            state[name] = np.array(array)
            if array.shape == w.shape:
                state[name] = np.empty_like(w)
                np.copyto(state[name], array)
        state.update(document["counters"].get(key, {}))
    best = solver.best
    for saved, tree, (_, own) in zip(("best_params", "best_buffers"), (best.params, best.buffers), trees_of(solver.model), strict=True):
        for name, w in own.items():
            tree[name] = _fitting(arrays, f"{saved}/{name}", (solver.roster.size, *w.shape[1:]) if solver.roster.is_population else w.shape)
    best.value = arrays["best_value"] if arrays["best_value"].ndim else float(arrays["best_value"])
    solver.roster.frozen = {int(which): str(reason) for which, reason in document["frozen"].items()}
    for name in HISTORY:
        values = arrays[f"history/{name}"]
        getattr(solver.history, name)[:] = list(values) if values.ndim > 1 else values.tolist()
    if solver.guard is not None:
        solver.guard.ceiling = arrays.get("ceiling")
    if len(solver.loss_history) != document["step"]:
        raise ValueError(f"{len(solver.loss_history)} losses were saved after {document['step']} steps")
    solver.state.step, solver.state.epoch, solver.seconds = int(document["step"]), int(document["epoch"]), float(document["seconds"])
    solver.state.loss = solver.loss_history[-1] if solver.loss_history else None
    solver.batches.restore(document["batches"], _under(arrays, "batches/"))
    for name, rng in _generators(solver).items():
        rng.bit_generator.state = document["generators"][name]


def _generators(solver: Solver) -> dict[str, Any]:
    rng = getattr(solver.model, "rng", None)
    return {"sample": solver.sample_rng} | ({} if rng is None else {"noise": rng})


def _state_of(rng: Any, name: str) -> Any:
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"a run whose {name} is drawn by a {type(rng).__name__} cannot be saved to go on: use numpy.random.default_rng(seed)."
        )
    return rng.bit_generator.state


def _under(arrays: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _fitting(arrays: Mapping[str, Array], name: str, shape: tuple[int, ...]) -> Array:
    if name not in arrays:
        raise ValueError(f"it has no {name}")
    if arrays[name].shape != shape:
        raise ValueError(f"{name} has shape {arrays[name].shape}, where the model has {shape}")
    return arrays[name]
