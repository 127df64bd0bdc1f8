"""Small data and small sweeps that the tests share."""

import numpy as np
from tests.train.case import blobs

from layerwise.data import Dataset
from layerwise.models import FullyConnectedNet, SoftmaxModel
from layerwise.sweep import Plan, Study, log


def dataset(**options):
    """Clouds of points as a Dataset with a test part."""
    arrays = blobs(**{"N": 240, "held": 120, **options})
    X, y = arrays["X_val"], arrays["y_val"]
    return Dataset(arrays["X_train"], arrays["y_train"], X[:60], y[:60], X[60:], y[60:])


def linear(config):
    return SoftmaxModel(8, 3, reg=config.get("reg", 0.0), rng=config["seed"], dtype=config.get("dtype", np.float64))


def net(config):
    return FullyConnectedNet(
        [config.get("width", 6)],
        input_dim=8,
        num_classes=3,
        reg=config.get("reg", 0.0),
        reg_l1=config.get("reg_l1", 0.0),
        keep_prob=config.get("keep_prob", 1.0),
        weight_scale=config.get("weight_scale", "he_normal"),
        rng=config["seed"],
        dtype=config.get("dtype", np.float64),
    )


AXES = {"lr": log(1e-3, 1.0, 4), "reg": [0.0, 0.1]}


def study(axes=None, *, build=linear, data=None, base=None, plan=None, **options):
    """A study of a few short fits, on two workers."""
    return Study(
        build,
        dataset() if data is None else data,
        AXES if axes is None else axes,
        base={"epochs": 3, "batch": 40, **(base or {})},
        plan=plan or Plan(workers=2),
        **options,
    )


def without_times(rows):
    """Rows, or lines of a table, without what differs from run to run."""
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]
