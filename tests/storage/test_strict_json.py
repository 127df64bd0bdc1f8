"""JSON out of NumPy and back, and the refusals that Python's own reader lacks."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.storage import from_json, to_json

scalars = st.none() | st.booleans() | st.integers(-(2**128), 2**128) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12)


@given(values)
def test_what_is_written_is_read_again(value):
    assert from_json(to_json(value)) == value
    assert from_json(to_json(value, indent=2).encode()) == value


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float32_comes_back_to_the_bit(value):
    assert np.float32(from_json(to_json(np.float32(value)))) == np.float32(value)


def test_numpys_numbers_and_arrays_become_plain():
    text = to_json({"n": np.int64(3), "ok": np.True_, "rows": np.arange(4).reshape(2, 2), "zero_d": np.array(0.5), "pair": (1, 2)})
    assert json.loads(text) == {"n": 3, "ok": True, "rows": [[0, 1], [2, 3]], "zero_d": 0.5, "pair": [1, 2]}


def test_a_generators_state_survives():
    rng = np.random.default_rng(5)
    again = np.random.default_rng(0)
    again.bit_generator.state = from_json(to_json(rng.bit_generator.state))
    assert again.integers(10**9) == rng.integers(10**9)


def test_text_stays_readable():
    assert to_json({"类": "é"}) == '{"类": "é"}'


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_numbers_that_are_not_finite_are_refused_or_become_null(bad):
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"a": [bad]})
    assert to_json({"a": [bad], "b": np.array([1.0, bad])}, not_finite_as_null=True) == '{"a": [null], "b": [1.0, null]}'


def test_keys_that_are_no_strings_are_refused():
    with pytest.raises(TypeError, match="a key of a JSON object must be a string, but 1 is a int"):
        to_json({1: 2})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": NaN}', "it holds NaN, which is not JSON"),
        ("[-Infinity]", "it holds -Infinity, which is not JSON"),
        ("1e999", "it holds the number 1e999, too large for a float"),
        ("9" * 5000, "it holds an integer of 5000 digits"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"a": 1, "b": 2, "a": 3}', 'it holds the key "a" twice'),
        ('{"a": 1', "it is not JSON: .* in line 1, column 8"),
        (b'{"a": "\xff"}', "it is not text in UTF-8"),
        ("", "it is not JSON"),
    ],
)
def test_what_is_no_strict_json_is_refused_with_the_reason(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        from_json(text)
