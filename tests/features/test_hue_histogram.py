import numpy as np
import pytest
from tests.features.picture import photographs
from tests.oracles import feature as oracle

from layerwise.features import hue_histogram

IMAGES = photographs(4, 16, 16)
OPTIONS = [{}, {"nbin": 25}, {"nbin": 1}, {"nbin": 300}, {"normalized": False}, {"xmin": 40, "nbin": 7}, {"xmin": 40, "normalized": False}]


@pytest.mark.parametrize("options", OPTIONS)
def test_it_is_the_loops_on_bytes_and_on_the_same_values_as_floats(options):
    for images in (IMAGES, IMAGES.astype(float)):
        found = hue_histogram(images, **options)
        for image, row in zip(images, found, strict=True):
            np.testing.assert_allclose(row, oracle.hue_histogram(image.transpose(1, 2, 0), **options), rtol=1e-14)


def test_it_is_the_courses_histogram_of_matplotlibs_hue():
    from matplotlib.colors import rgb_to_hsv

    images = photographs(30)
    for nbin in (5, 10, 30, 50):
        for image, row in zip(images.transpose(0, 2, 3, 1), hue_histogram(images, nbin=nbin), strict=True):
            counts, edges = np.histogram(rgb_to_hsv(image / 255)[..., 0] * 255, bins=np.linspace(0, 255, nbin + 1), density=True)
            np.testing.assert_allclose(row, counts * np.diff(edges), rtol=1e-12)


def test_every_colour_of_a_coarse_cube_falls_where_the_loop_puts_it():
    levels = np.arange(0, 256, 15)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3).astype(np.uint8)
    for nbin in (6, 10, 50):
        np.testing.assert_allclose(hue_histogram(cube, nbin=nbin, layout="HWC"), oracle.hue_histogram(cube, nbin=nbin), rtol=1e-14)


@pytest.mark.parametrize("nbin", [1, 6, 10, 36, 250])
def test_the_fast_way_for_bytes_counts_as_the_slow_one(nbin):
    rng = np.random.default_rng(nbin)
    images = np.concatenate([rng.integers(0, high, (8, 3, 64, 64), dtype=np.uint8) for high in (4, 30, 256)])
    np.testing.assert_array_equal(hue_histogram(images, nbin=nbin), hue_histogram(images.astype(float), nbin=nbin))


def test_shares_add_up_to_1_and_an_image_without_a_hue_in_the_ranges_has_zeros():
    np.testing.assert_allclose(hue_histogram(IMAGES).sum(axis=1), 1)
    red = np.zeros((1, 3, 8, 8), np.uint8)
    red[:, 0] = 200
    np.testing.assert_array_equal(hue_histogram(red, xmin=50), np.zeros((1, 10)))


def test_a_pixel_that_is_no_number_is_not_counted():
    images = IMAGES / 1.0
    images[0, 1, 0, 0] = np.nan
    found = hue_histogram(images, normalized=False)
    assert found[0].sum() == pytest.approx(255 * 25.5)
    np.testing.assert_array_equal(found[1:], hue_histogram(IMAGES[1:], normalized=False))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"nbin": 0}, "nbin is 0, but must be a whole number of ranges from 1"),
        ({"nbin": 2.0}, r"nbin is 2\.0"),
        ({"xmin": 255}, "from xmin=255 to xmax=255.0: xmin must be less"),
        ({"xmin": float("nan")}, "xmin must be less"),
        ({"xmax": float("inf")}, "xmax is inf"),
    ],
)
def test_ranges_that_cannot_be_are_refused(options, text):
    with pytest.raises(ValueError, match=text):
        hue_histogram(IMAGES, **options)
