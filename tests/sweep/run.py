"""A sweep in a process of its own, to be killed: python -m tests.sweep.run FOLDER STRATEGY. Steps are slow, checkpoints frequent."""

import sys
import time

from tests.sweep.case import dataset, without_times

from layerwise.models import FullyConnectedNet
from layerwise.sweep import Halving, Plan, Study, log, population

STEP = 0.004  # seconds


class Slow(FullyConnectedNet):
    """Takes its time, as a larger net would."""

    def loss(self, X, y=None, **options):
        time.sleep(STEP)
        return super().loss(X, y, **options)


def build(config):
    return Slow([5], input_dim=8, num_classes=3, keep_prob=0.9, reg=config["reg"], rng=config["seed"])


def slow_study(folder, strategy="grid"):
    """Two populations and their repeats, members of which end early, diverge, and go to the end."""
    axes = {"lr": log(1e-3, 1e4, 4), "reg": [0.0, 1.0], "epochs": [4, 9]}
    chosen = Halving(eta=2) if strategy == "halving" else "grid"
    return Study(
        build, dataset(), axes, base={"batch": 40, "rule": "adam"}, strategy=chosen, plan=Plan(repeats=2, workers=2), folder=folder
    )


def table(result):
    """What must be the same, however often the sweep was killed."""
    return without_times(result.table())


if __name__ == "__main__":
    population.SECONDS, population.SETTLED = 0.05, 0.0
    slow_study(*sys.argv[1:]).run()
