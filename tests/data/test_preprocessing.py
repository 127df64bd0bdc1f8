import json
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.data.pca import PCA
from layerwise.data.preprocessing import Preprocessing
from layerwise.data.rows import Rows
from layerwise.data.transform import BiasColumn, Scale

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 3, 4, 5), dtype=np.uint8)
IMAGES[:, 0, 0, 0] = 7  # a constant feature
ORDERS = [list(order[:n]) for order in permutations(["scale", "center", "standardize", "flatten"]) for n in range(5)]


def fit(kinds, X):
    """By name; scale with its full scale, as data that a transform has made is no longer uint8."""
    return Preprocessing.fit([Scale(255) if kind == "scale" else kind for kind in kinds], X)


def one_by_one(preprocessing, X):
    """The slow twin: every transform for itself, in float64."""
    out = X.astype(np.float64)
    for transform in preprocessing.transforms:
        out = transform.apply(out)
    return out


@given(
    kinds=st.sampled_from(ORDERS),
    bias=st.sampled_from([None, "first", "last"]),
    dtype=st.sampled_from([np.uint8, np.float64, np.float32, np.int64]),
)
def test_the_fused_path_is_one_transform_after_the_other(kinds, bias, dtype):
    X = IMAGES.astype(dtype)
    chain = [*kinds, *(["flatten"] if bias and "flatten" not in kinds else []), *([BiasColumn(bias)] if bias else [])]
    preprocessing = fit(chain, X)
    expected = one_by_one(preprocessing, X)
    found = preprocessing.apply(X, np.float64)
    assert found.shape == expected.shape == preprocessing.output_shape(X.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(preprocessing.apply(X), expected, rtol=1e-4, atol=1e-4 * max(1, np.abs(expected).max() / 100))
    assert preprocessing.apply(X).dtype == np.float32


@given(
    before=st.sampled_from([[], ["scale"], ["scale", "center", "flatten"], ["standardize"]]),
    after=st.sampled_from([[], ["standardize"], ["flatten", "center"], [PCA(4), "standardize"], [BiasColumn("first")]]),
    dtype=st.sampled_from([np.uint8, np.float64]),
)
def test_a_projection_between_affine_transforms_is_one_after_the_other(before, after, dtype):
    X = IMAGES.astype(dtype)
    preprocessing = fit([*before, PCA(7, whiten=True), *after], X)
    expected = one_by_one(preprocessing, X)
    np.testing.assert_allclose(preprocessing.apply(X, np.float64), expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(preprocessing.apply(X), expected, rtol=1e-3, atol=1e-3)
    assert preprocessing.output_shape(X.shape) == expected.shape


@pytest.mark.parametrize("count", [1, 2, 7, 40])
@pytest.mark.parametrize("bias", [None, "first"])
def test_rows_in_pairs_and_blocks_are_the_rows_one_by_one(count, bias, monkeypatch):
    monkeypatch.setattr("layerwise.data.fused.BLOCK", 60 * 4 * 3)
    preprocessing = fit(["scale", "standardize", "flatten", *([BiasColumn(bias)] if bias else [])], IMAGES)
    single = np.concatenate([preprocessing.apply(IMAGES[i : i + 1]) for i in range(count)])
    np.testing.assert_array_equal(preprocessing.apply(IMAGES[:count]), single)


def test_each_transform_is_fitted_on_what_those_before_it_made():
    preprocessing = Preprocessing.fit(["scale", "center"], IMAGES)
    np.testing.assert_allclose(preprocessing.transforms[1].mean, (IMAGES / 255).mean(axis=0), rtol=1e-14)
    after = Preprocessing.fit(["center", Scale(255)], IMAGES)
    np.testing.assert_allclose(after.transforms[0].mean, IMAGES.mean(axis=0), rtol=1e-14)


def test_fitting_reads_rows_without_gathering_the_set():
    index = np.arange(0, 40, 3)
    found = Preprocessing.fit(["scale", "standardize"], Rows(IMAGES, index)).transforms[1]
    np.testing.assert_allclose(found.deviation[1], (IMAGES[index] / 255).std(axis=0)[1], rtol=1e-12)


def test_a_buffer_that_is_given_is_filled_with_the_same():
    for kinds in ([], ["scale"], ["standardize", "flatten", BiasColumn("first")]):
        preprocessing = Preprocessing.fit(kinds, IMAGES)
        first = preprocessing.apply(IMAGES[:6])
        kept = first.copy()
        assert preprocessing.apply(IMAGES[6:12], out=first) is first
        np.testing.assert_array_equal(preprocessing.apply(IMAGES[:6], out=first), kept)


def test_the_raw_examples_are_not_written():
    X = IMAGES.astype(np.float32)
    before = X.copy()
    Preprocessing.fit([Scale(255), "center", "flatten", "bias_column"], X).apply(X)
    np.testing.assert_array_equal(X, before)


def test_large_values_with_little_spread_keep_their_digits_in_float32():
    X = np.random.default_rng(0).normal(1.6e9, 10, (200, 2))
    out = Preprocessing.fit(["standardize"], X).apply(X, np.float32)
    np.testing.assert_allclose(out, (X - X.mean(0)) / X.std(0), atol=1e-5)


def test_invert_gives_back_the_pixels():
    preprocessing = Preprocessing.fit(["scale", "standardize", "flatten", "bias_column"], IMAGES)
    np.testing.assert_allclose(preprocessing.invert(preprocessing.apply(IMAGES)), IMAGES, atol=1e-3)


def test_saved_and_loaded_it_makes_the_same_bits():
    preprocessing = Preprocessing.fit(["scale", "standardize", "flatten", BiasColumn("first")], IMAGES)
    loaded = Preprocessing.load(json.loads(json.dumps(preprocessing.config())), preprocessing.arrays())
    np.testing.assert_array_equal(loaded.apply(IMAGES), preprocessing.apply(IMAGES))
    assert sorted(preprocessing.arrays()) == ["1.deviation", "1.mean"]


def test_an_array_of_no_transform_is_refused():
    with pytest.raises(ValueError, match=r'"5\.mean" belongs to none of the 1'):
        Preprocessing.load({"transforms": [{"kind": "scale", "full_scale": 1.0}]}, {"5.mean": np.zeros(2)})


def test_nothing_may_follow_the_ones():
    with pytest.raises(ValueError, match="bias_column must be the last"):
        Preprocessing.fit(["flatten", "bias_column", "standardize"], IMAGES)


def test_images_must_be_flattened_before_the_ones():
    with pytest.raises(ValueError, match='Put "flatten" before it'):
        Preprocessing.fit(["scale", "bias_column"], IMAGES)


def test_other_features_than_it_was_fitted_on_are_refused():
    with pytest.raises(ValueError, match="fitted on 60 features, but the examples have 20"):
        Preprocessing.fit(["center"], IMAGES).apply(IMAGES[:, :1])


def test_an_unknown_name_gets_a_hint():
    with pytest.raises(ValueError, match=r'unknown transform "standardise"\. Did you mean "standardize"'):
        Preprocessing.fit(["standardise"], IMAGES)
