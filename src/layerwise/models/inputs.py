"""What a model was trained on, as far as it must know to be used again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.delimited import Column
from layerwise.data.preprocessing import Preprocessing


@dataclass(frozen=True, eq=False)
class Inputs:
    """The preprocessing of raw examples, their shape, the names of the classes, and a table's columns.

    data_name says which data set it was; full_scale is the value of white in images.
    """

    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    class_names: tuple[str, ...] | None = None
    example_shape: tuple[int, ...] = ()
    columns: tuple[Column, ...] | None = None
    full_scale: float | None = None
    data_name: str = ""

    @classmethod
    def of(cls, data: Any) -> Inputs:
        """Those of a Dataset."""
        shape = tuple(data.X_train.shape[1:])
        return cls(data.preprocessing, data.class_names, shape, data.columns, data.full_scale, data.name)

    def prepare(self, X: Array, dtype: Any = np.float32) -> Array:
        """Raw examples (N, ...) as the model takes them."""
        if self.example_shape and tuple(X.shape[1:]) != self.example_shape:
            raise ValueError(f"examples have shape {tuple(X.shape[1:])}, but the model was trained on {self.example_shape}")
        return self.preprocessing.apply(X, dtype)

    def config(self) -> dict[str, Any]:
        """All but the arrays, as JSON can hold it."""
        return {
            "preprocessing": self.preprocessing.config(),
            "class_names": None if self.class_names is None else list(self.class_names),
            "example_shape": list(self.example_shape),
            "columns": None if self.columns is None else [asdict(column) for column in self.columns],
            "full_scale": self.full_scale,
            "data_name": self.data_name,
        }

    @classmethod
    def load(cls, config: dict[str, Any], arrays: dict[str, Array]) -> Inputs:
        """The inputs whose config() and preprocessing's arrays these are."""
        columns = config["columns"]
        if columns is not None:
            columns = tuple(Column(c["name"], None if c["levels"] is None else tuple(c["levels"]), c["fill"]) for c in columns)
        return cls(
            Preprocessing.load(config["preprocessing"], arrays),
            None if config["class_names"] is None else tuple(str(name) for name in config["class_names"]),
            tuple(int(n) for n in config["example_shape"]),
            columns,
            config["full_scale"],
            str(config["data_name"]),
        )
