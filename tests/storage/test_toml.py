"""What the writer writes, the standard library's reader reads."""

import math
import tomllib
from pathlib import PurePosixPath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.storage import to_toml

text = st.text(st.characters(exclude_categories=["Cs"]))
scalars = text | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
lists = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=6)
tables = st.recursive(
    st.dictionaries(text, lists, max_size=4), lambda inner: st.dictionaries(text, inner | scalars, max_size=4), max_leaves=8
)


@given(tables)
def test_settings_come_back_as_they_were(table):
    assert tomllib.loads(to_toml(table)) == table


def test_the_text_is_the_one_a_person_would_write():
    settings = {"model": "two-layer", "solver": {"lr": 1e-3, "rule": {"beta1": 0.9}}, "hidden": [100, 50], "sub": {}, "none": None}
    assert to_toml(settings) == ('model = "two-layer"\nhidden = [100, 50]\n\n[solver]\nlr = 0.001\n\n[solver.rule]\nbeta1 = 0.9\n\n[sub]\n')


def test_numpys_numbers_paths_and_tuples_are_plain_settings():
    table = {"seed": np.int64(3), "lr": np.float32(0.5), "rates": np.array([0.1, 1.0]), "data": PurePosixPath("a b/é"), "shape": (3, 4)}
    assert tomllib.loads(to_toml(table)) == {"seed": 3, "lr": 0.5, "rates": [0.1, 1.0], "data": "a b/é", "shape": [3, 4]}


def test_numbers_that_are_not_finite_are_kept():
    table = tomllib.loads(to_toml({"a": math.inf, "b": -math.inf, "c": math.nan}))
    assert (table["a"], table["b"]) == (math.inf, -math.inf)
    assert math.isnan(table["c"])


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"solver": {"rule": object()}}, "setting solver.rule: a object cannot be written as TOML"),
        ({"hidden": [1, None]}, "setting hidden: a NoneType cannot be written"),
        ({1: 2}, "a setting's name must be a string, but 1 is a int"),
    ],
)
def test_what_toml_cannot_hold_is_refused_by_name(settings, sentence):
    with pytest.raises(TypeError, match=sentence):
        to_toml(settings)
