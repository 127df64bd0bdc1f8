"""Runs in a process of their own, to be killed, interrupted and watched:  python -m tests.train.run WHAT FOLDER ..."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
from tests.train.case import At, blobs, net

from layerwise.storage.array_file import save_arrays
from layerwise.train import Callback, Checkpoint, Solver, stack

PLATEAU = {"schedule": "reduce_on_plateau", "schedule_options": {"patience": 1, "factor": 0.5}}
COMMON = {"update_rule": "adam", "num_epochs": 5, "batch_size": 32, "clip_norm": 0.5, "num_train_samples": 100, "verbose": False, **PLATEAU}
EVERY = 4  # steps from checkpoint to checkpoint; 7 steps make an epoch


def one(**options):
    model = net(hidden=(7, 5), keep_prob=0.7, reg=0.01, dtype=np.float32)
    return Solver(model, blobs(), optim_config={"lr": 0.02}, **{**COMMON, **options})


def population(**options):
    model = stack([net(hidden=(7, 5), keep_prob=keep, reg=0.01, dtype=np.float32, rng=i) for i, keep in enumerate((0.7, 0.9, 0.5))])
    config = {"lr": np.array([0.02, 0.01, 0.05]), "beta1": np.array([0.9, 0.8, 0.95])}
    return Solver(model, blobs(), optim_config=config, **{**COMMON, **options})


def replacement(**options):
    return one(sampling="replacement", **options)


def full_batch(**options):
    return one(**{**options, "batch_size": None, "num_epochs": 35})


RUNS = {"one": one, "population": population, "replacement": replacement, "full_batch": full_batch}


def killed(folder, run, step):
    """Checkpoints every few steps, then ends as when the power goes, in mid-epoch."""
    kill = At(int(step), lambda state: os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM)))
    RUNS[run](callbacks=[Checkpoint(folder, every=EVERY), kill]).train()


def resumed(folder, run):
    solver = RUNS[run](callbacks=[Checkpoint(folder, every=EVERY)])
    solver.resume(folder)
    print("resumed at", solver.state.step)
    solver.train()
    write(solver, folder)


def write(solver, folder):
    """Parameters and histories, for another process to compare."""
    arrays = {f"params/{name}": w for name, w in solver.model.params.items()} | {
        f"best/{name}": w for name, w in solver.best_params.items()
    }
    figures = {name: np.asarray(value) for name, value in vars(solver.history).items() if name != "seconds_history"}
    save_arrays(folder / "result", arrays | figures, {"stop_reason": solver.stop_reason})


class Ready(Callback):
    """Says that training has begun; then takes its time, so that a signal comes in mid-run."""

    def step_end(self, state):
        if state.step == 3:
            print("ready", flush=True)
        if state.step == 5 and "itself" in sys.argv:
            signal.raise_signal(signal.SIGINT)


def interrupted(folder, sender):
    solver = one(num_epochs=100_000, callbacks=[Ready(), Checkpoint(folder, seconds=1e9)], verbose=True)
    try:
        solver.train()
    except KeyboardInterrupt as error:
        print("KeyboardInterrupt:", error)
        np.testing.assert_array_equal(solver.model.params["W1"], solver.best_params["W1"])
        print("best", solver.best_val_acc, "after", solver.state.step, "steps")
        sys.exit(130)


def shown(folder):
    """What a person sees who trains on a terminal."""
    one(num_epochs=2, verbose=True, patience=1, schedule=None, schedule_options=None).train()


if __name__ == "__main__":
    what, folder, *rest = sys.argv[1:]
    {"killed": killed, "resumed": resumed, "interrupted": interrupted, "shown": shown}[what](Path(folder), *rest)
