import numpy as np
import pytest

from layerwise.data.pca import PCA
from layerwise.data.rows import Rows

RNG = np.random.default_rng(0)
IMAGES = (RNG.normal(size=(90, 6)) @ RNG.normal(size=(6, 24)) * 20 + 128).round().astype(np.uint8).reshape(90, 2, 3, 4)


def oracle(X):
    """Variances and directions by the singular values of all rows in float64."""
    rows = X.reshape(len(X), -1).astype(np.float64)
    _, lengths, directions = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    return lengths**2 / len(X), directions


def test_the_directions_are_those_of_the_singular_values():
    variance, directions = oracle(IMAGES)
    pca = PCA().fit(IMAGES)
    np.testing.assert_allclose(pca.variance, variance, rtol=1e-9)
    np.testing.assert_allclose(np.abs((pca.directions * directions).sum(axis=1)), 1, rtol=1e-9)
    assert (pca.directions[np.arange(24), np.abs(pca.directions).argmax(axis=1)] > 0).all()


def test_coordinates_are_uncorrelated_with_the_named_variances_and_1_when_whitened():
    for whiten in (False, True):
        pca = PCA(5, whiten=whiten).fit(IMAGES)
        out = pca.apply(IMAGES)
        np.testing.assert_allclose(np.cov(out.T, bias=True), np.eye(5) if whiten else np.diag(pca.variance), atol=1e-9 * pca.variance[0])
        np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-9)


def test_a_share_keeps_the_fewest_components_that_reach_it():
    variance = oracle(IMAGES)[0]
    shares = np.cumsum(variance) / variance.sum()
    for share in (0.5, 0.9, 0.99):
        pca = PCA(share).fit(IMAGES)
        assert len(pca.directions) == int(np.argmax(shares >= share)) + 1
        assert pca.share == pytest.approx(shares[len(pca.directions) - 1])
    assert len(PCA(1.0).fit(IMAGES).directions) == 24


@pytest.mark.parametrize("whiten", [False, True])
def test_invert_gives_back_the_images_or_the_nearest_in_the_plane(whiten):
    whole = PCA(whiten=whiten).fit(IMAGES)
    np.testing.assert_allclose(whole.invert(whole.apply(IMAGES)), IMAGES, atol=1e-8)
    part = PCA(3, whiten=whiten).fit(IMAGES)
    rest = np.square(part.invert(part.apply(IMAGES)) - IMAGES).sum() / len(IMAGES)
    assert rest == pytest.approx(part.total - part.variance.sum(), rel=1e-9)


def test_pieces_and_rows_of_a_mapped_set_are_fitted_as_the_whole(monkeypatch):
    expected = PCA(4).fit(IMAGES[10:60].copy())
    monkeypatch.setattr("layerwise.data.pca.AT_ONCE", 24 * 7 * 8)
    found = PCA(4).fit(Rows(IMAGES, np.arange(10, 60)))
    np.testing.assert_allclose(found.variance, expected.variance, rtol=1e-10)
    np.testing.assert_allclose(found.directions, expected.directions, atol=1e-9)


def test_wide_examples_are_judged_by_a_sample_which_is_all_of_few_rows(monkeypatch):
    expected = PCA(4).fit(IMAGES)
    monkeypatch.setattr("layerwise.data.pca.WIDEST", 10)
    found = PCA(4).fit(IMAGES)
    np.testing.assert_allclose(found.variance, expected.variance, rtol=1e-9)
    np.testing.assert_allclose(found.directions, expected.directions, atol=1e-8)
    monkeypatch.setattr("layerwise.data.pca.SAMPLE", 45)
    sampled = PCA(4).fit(IMAGES)
    np.testing.assert_allclose(sampled.variance, expected.variance, rtol=0.5)
    np.testing.assert_allclose(sampled.mean, IMAGES.reshape(90, -1).mean(axis=0))


def test_fewer_examples_than_features_have_as_many_components():
    pca = PCA().fit(IMAGES[:5])
    assert pca.directions.shape == (5, 24)
    np.testing.assert_allclose(pca.invert(pca.apply(IMAGES[:5])), IMAGES[:5], atol=1e-8)
    with pytest.raises(ValueError, match="6 components are asked for, but 5 examples of 24 features have 5"):
        PCA(6).fit(IMAGES[:5])


def test_a_direction_without_variance_is_not_blown_up():
    X = np.column_stack([RNG.normal(size=50), np.zeros(50), np.full(50, 0.1)])
    pca = PCA(whiten=True).fit(X)
    assert np.abs(pca.apply(X)).max() < 10
    constant = PCA(whiten=True).fit(np.ones((5, 2)))
    assert np.abs(constant.apply(np.ones((5, 2)))).max() == 0
    assert constant.share == 1


@pytest.mark.parametrize("components", [0, -1, 1.5, 0.0, True, "3", float("nan")])
def test_a_number_of_components_that_cannot_be_is_refused(components):
    with pytest.raises(ValueError, match=r"must be a number of them, or a share of the variance such as 0\.95"):
        PCA(components)


def test_other_examples_than_it_was_fitted_on_are_refused():
    with pytest.raises(ValueError, match="fitted on 24 features, but the examples have 12"):
        PCA(2).fit(IMAGES).apply(IMAGES[:, :1])
    with pytest.raises(ValueError, match="not fitted"):
        PCA(2).apply(IMAGES)
