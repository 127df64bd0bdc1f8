import json

import numpy as np
import pytest

from layerwise.data.rows import CHUNK, Rows
from layerwise.data.transform import BiasColumn, Center, Flatten, Scale, Standardize
from layerwise.data.transform_table import TRANSFORMS, transform_from

IMAGES = np.random.default_rng(0).integers(0, 256, (50, 2, 3, 4), dtype=np.uint8)


def fitted(kind, X):
    return TRANSFORMS[kind]().fit(X)


def contract(transform, X):
    """What every transform must do, each broken promise by its name."""
    before = X.copy()
    once, twice = transform.apply(X), transform.apply(X)
    broken = []
    if not np.array_equal(X, before):
        broken.append("writes to its input")
    if not np.array_equal(once, twice):
        broken.append("differs when applied again")
    if not np.allclose(transform.invert(once), X, atol=1e-9):
        broken.append("invert does not undo apply")
    if not np.allclose(transform.apply(X[:3]), once[:3], rtol=1e-12, atol=1e-9):  # a matrix product may round by its length
        broken.append("a row depends on the others of its batch")
    if transform.output_shape(X.shape) != once.shape:
        broken.append("makes another shape than it says")
    if transform.apply(X.astype(np.float32)).dtype != np.float32:
        broken.append("does not keep float32")
    saved = json.loads(json.dumps(transform.config()))
    if not np.array_equal(transform_from(saved, transform.arrays()).apply(X), once):
        broken.append("is another after saving and loading")
    return broken


@pytest.mark.parametrize("kind", TRANSFORMS)
def test_every_row_keeps_the_contract(kind):
    X = IMAGES if kind != "bias_column" else IMAGES.reshape(50, -1)
    assert TRANSFORMS[kind].kind == kind
    assert contract(fitted(kind, X), X) == []


def test_a_transform_that_looks_at_the_batch_is_caught():
    class CentersTheBatch(Center):
        def apply(self, batch):
            return batch - batch.mean(axis=0)

    offender = CentersTheBatch(Center().fit(IMAGES).mean)
    assert "a row depends on the others of its batch" in contract(offender, IMAGES)


def test_a_transform_that_writes_to_its_input_is_caught():
    class InPlace(Flatten):
        def apply(self, batch):
            batch *= 2
            return super().apply(batch)

    assert "writes to its input" in contract(InPlace((2, 3, 4)), IMAGES.copy())


def test_scale_divides_by_the_full_scale():
    np.testing.assert_allclose(Scale().fit(IMAGES).apply(IMAGES), IMAGES / 255, rtol=1e-15)
    assert Scale(16).fit(IMAGES).full_scale == 16
    with pytest.raises(ValueError, match=r'float64 data has no full scale.*"standardize"'):
        Scale().fit(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="full_scale is 0"):
        Scale(0)


def test_center_takes_the_mean_image_of_what_it_was_fitted_on():
    center = Center().fit(IMAGES[:30])
    np.testing.assert_allclose(center.mean, IMAGES[:30].mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(center.apply(IMAGES[30:]), IMAGES[30:] - IMAGES[:30].mean(axis=0))


def test_standardize_has_mean_0_and_deviation_1_and_leaves_constant_features_finite():
    X = np.random.default_rng(0).normal([1e6, -3, 0], [1e-3, 5, 1], (400, 3))
    X = np.column_stack([X, np.full(400, 0.1)])
    out = Standardize().fit(X).apply(X)
    np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(out[:, :3].std(axis=0), 1, rtol=1e-6)
    assert Standardize().fit(X).deviation[3] == 1
    np.testing.assert_allclose(out[:, 3], 0, atol=1e-12)


@pytest.mark.parametrize("kind", ["center", "standardize"])
def test_fitting_in_pieces_is_fitting_whole(kind):
    X = np.random.default_rng(0).integers(0, 256, (700, CHUNK // 256), dtype=np.uint8)
    index = np.random.default_rng(1).permutation(700)[:600]
    found = fitted(kind, Rows(X, index)).arrays()
    np.testing.assert_allclose(found["mean"], X[index].mean(axis=0), rtol=1e-13)
    if kind == "standardize":
        np.testing.assert_allclose(found["deviation"], X[index].std(axis=0), rtol=1e-12)


def test_a_channel_is_standardised_by_all_its_pixels():
    X = np.random.default_rng(0).integers(0, 256, (80, 3, 4, 5), dtype=np.uint8)
    X[:, 1] //= 10
    X[:, 2, :2], X[:, 2, 2:] = 10, 30  # each pixel constant, but the channel is not
    out = TRANSFORMS["standardize_channels"]().fit(X).apply(X)
    np.testing.assert_allclose(out.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(out.std(axis=(0, 2, 3)), 1, rtol=1e-12)
    expected = (X - X.mean(axis=(0, 2, 3), keepdims=True)) / X.std(axis=(0, 2, 3), keepdims=True)
    np.testing.assert_allclose(out, expected, rtol=1e-12)
    with pytest.raises(ValueError, match=r'needs images \(N, C, H, W\), but got \(80, 60\)\. Put it before "flatten"'):
        fitted("standardize_channels", X.reshape(80, 60))


def test_the_bias_column_is_first_or_last():
    X = np.array([[5.0, 7.0]])
    assert BiasColumn().apply(X).tolist() == [[5, 7, 1]]
    assert BiasColumn("first").apply(X).tolist() == [[1, 5, 7]]
    with pytest.raises(ValueError, match='"first" or "last"'):
        BiasColumn("middle")
    with pytest.raises(ValueError, match='Put "flatten" before it'):
        BiasColumn().apply(IMAGES)


@pytest.mark.parametrize("transform", [Center(), Standardize(), Scale()])
def test_an_unfitted_transform_says_so(transform):
    with pytest.raises(ValueError, match="not fitted"):
        transform.apply(IMAGES)


def test_examples_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"fitted on examples of shape \(2, 3, 4\), but got \(4,\)"):
        Center().fit(IMAGES).apply(np.zeros((2, 4)))


@pytest.mark.parametrize(
    ("config", "arrays", "message"),
    [
        ({"kind": "centre"}, {}, 'unknown transform "centre". Did you mean "center"'),
        ({}, {}, "unknown transform"),
        ({"kind": "center"}, {}, "center: saved with"),
        ({"kind": "center", "extra": 1}, {"mean": np.zeros(2)}, "extra"),
        ({"kind": "scale", "full_scale": 2.0}, {"mean": np.zeros(2)}, "scale: saved with"),
        ({"kind": "bias_column"}, {}, "position"),
    ],
)
def test_what_does_not_fit_a_transform_is_not_loaded(config, arrays, message):
    with pytest.raises(ValueError, match=message):
        transform_from(config, arrays)
