"""A model as one Python file that makes a fitted estimator of scikit-learn's, without pickle."""

from __future__ import annotations

import inspect

import numpy as np

from layerwise.export.mlp import coefficients, fill
from layerwise.export.script import head, tail
from layerwise.models.network import Network

STANDARD = """from collections.abc import Sequence
from typing import Any
"""

IMPORTS = """from numpy import ndarray as Array
from sklearn.neural_network import {kind}"""

ESTIMATOR = '''

def estimator():
    """A fitted {kind}: its predict takes raw examples as rows (N, {width})."""
    count = {count}
    mlp = {kind}(hidden_layer_sizes={hidden!r}, activation={activation!r})
    return fill(mlp, [ARRAYS[f"coefs{{i}}"] for i in range(count)], [ARRAYS[f"intercepts{{i}}"] for i in range(count)], {outputs!r}{last})


def rows(X):
    """Raw examples of any shape as the estimator takes them."""
    return examples(X).reshape(-1, {width})


'''


def sklearn_script(model: Network) -> str:
    """The text of a Python file whose estimator() is a fitted MLPClassifier or MLPRegressor, as `to_sklearn` makes it.

    >>> from layerwise.models import SoftmaxModel
    >>> [line for line in sklearn_script(SoftmaxModel(4, 3)).splitlines() if "mlp = " in line]
    ["    mlp = MLPClassifier(hidden_layer_sizes=(), activation='identity')"]
    """
    found = coefficients(model)
    said = {"value": "mlp.predict(x)"} if found.outputs == "values" else {"label": "mlp.predict(x)", "probability": "mlp.predict_proba(x)"}
    text = head(found.plan, "scikit-learn", said, "FILE.estimator().predict(FILE.rows(X))", IMPORTS.format(kind=found.kind), STANDARD)
    text += ESTIMATOR.format(
        kind=found.kind,
        width=len(found.coefs[0]),
        count=len(found.coefs),
        hidden=tuple(b.size for b in found.intercepts[:-1]),
        activation=found.activation,
        outputs=found.outputs,
        last="" if found.last is None else f", last={found.last!r}",
    )
    arrays = {f"coefs{i}": w for i, w in enumerate(found.coefs)} | {f"intercepts{i}": b for i, b in enumerate(found.intercepts)}
    return text + inspect.getsource(fill) + tail(found.plan, "mlp, x = estimator(), rows(X)", said, np.dtype(np.float64), arrays)
