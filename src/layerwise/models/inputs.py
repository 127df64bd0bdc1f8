"""What a model was trained on, as far as it must know to be used again."""

from __future__ import annotations

import math
import operator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from layerwise.arrays import Array
from layerwise.data.delimited import Column
from layerwise.data.preprocessing import Preprocessing
from layerwise.storage.array_file import expect_fields


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

    def expect(self, input_shape: tuple[int, ...]) -> None:
        """Refuse a preprocessing that does not make, of examples of this shape, what a model takes."""
        if not self.example_shape:
            return
        one = (1, *self.example_shape)
        made = math.prod(self.preprocessing.output_shape(one))
        if made != math.prod(input_shape):
            raise ValueError(f"inputs: an example of shape {self.example_shape} becomes {made} numbers, but the model takes {input_shape}")
        if self.preprocessing.arrays():
            self.preprocessing.apply(np.zeros(one))  # says what was fitted on another shape

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
    def load(cls, config: dict[str, Any], arrays: dict[str, Array], where: str) -> Inputs:
        """The inputs whose config() and preprocessing's arrays these are; `where` is for errors."""
        expect_fields(config, [f.name for f in fields(cls)], f"{where}, inputs")
        expect_fields(config["preprocessing"], ["transforms"], f"{where}, inputs, preprocessing")
        columns = config["columns"]
        if columns is not None:
            for column in columns:
                expect_fields(column, [f.name for f in fields(Column)], f"{where}, inputs, columns")
            columns = tuple(
                Column(_text(c["name"]), None if c["levels"] is None else _texts(c["levels"]), _number(c["fill"])) for c in columns
            )
        return cls(
            Preprocessing.load(config["preprocessing"], arrays),
            None if config["class_names"] is None else _texts(config["class_names"]),
            tuple(operator.index(n) for n in config["example_shape"]),
            columns,
            _number(config["full_scale"]),
            _text(config["data_name"]),
        )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError(f"{values!r} is no list of texts")
    return tuple(_text(value) for value in values)


def _number(value: Any) -> float | None:
    if value is not None and type(value) not in (int, float):
        raise TypeError(f"{value!r} is no number")
    return value
