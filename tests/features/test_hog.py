import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.features.picture import photographs
from tests.oracles import feature as oracle

from layerwise.features import COURSE, course_hog, grey, hog
from layerwise.features.hog import half_circle

IMAGES = photographs(6)
TWIN = np.array([-1, 1, -2])


def test_a_lone_edge_counts_in_one_direction_done_by_hand():
    level = np.zeros((8, 8))
    level[:, 4:] = 10.0  # two columns of 8 pixels have dx = 10
    level[2, 1] = 4.0  # and three pixels beside a dot have a gradient of length 4; the fourth is on the rim
    # four directions: 16 · 10 + 4 along the rows, of which the rim has none, and 2 · 4 along the columns
    values = np.array([164.0, 0, 8, 0])
    clipped = np.minimum(values / np.linalg.norm(values), 0.2)
    np.testing.assert_allclose(hog(level, orientations=4, block=1, layout="HW"), clipped / np.linalg.norm(clipped), atol=1e-9)


@pytest.mark.parametrize(("orientations", "cell", "block"), [(9, 8, 3), (9, 4, 2), (8, 6, 1), (5, 16, 2), (1, 8, 3), (12, 5, 2)])
def test_grey_images_have_what_angles_one_by_one_have(orientations, cell, block):
    for level in grey(IMAGES[:3]):
        found = hog(level, orientations=orientations, cell=cell, block=block, layout="HW")
        np.testing.assert_allclose(found, oracle.hog(level, orientations, cell, block), atol=1e-9)


@pytest.mark.parametrize("sizes", [{}, {"orientations": 8}, {"cell": 4, "block": 2}, {"orientations": 6, "cell": 10, "block": 1}])
def test_the_standard_one_is_scikit_images(sizes):
    from skimage.feature import hog as theirs

    cell, block = sizes.get("cell", 8), sizes.get("block", 3)
    options = {"orientations": sizes.get("orientations", 9), "pixels_per_cell": (cell, cell), "cells_per_block": (block, block)}
    images = photographs(8, 36, 44)
    sets = [(images, 3), (images[:, :1], 1)]
    if (
        "orientations" not in sizes or sizes["orientations"] == 6
    ):  # 8 have a border at 45 degrees, where fractions are a rounding to either side
        sets += [(images / 255, 3), (images[:, :1] / 2550, 1)]
    for given_, channels in sets:
        expected = [theirs(image[0], **options) if channels == 1 else theirs(image, channel_axis=0, **options) for image in given_]
        np.testing.assert_allclose(hog(given_, **sizes), expected, rtol=0, atol=1e-6)


@given(seed=st.integers(0, 2**32 - 1), orientations=st.integers(1, 40))
def test_every_direction_of_bytes_falls_where_its_angle_does(seed, orientations):
    rng = np.random.default_rng(seed)
    dx, dy = rng.integers(-255, 256, (2, 2000)).astype(float)
    reached = np.sum([np.divide(dy, np.where(dx, dx, np.nan)) >= border for border in half_circle(orientations)], axis=0)
    angle = np.degrees(np.arctan2(dy, dx)) % 180
    known = (dx != 0) & (np.abs(angle / (180 / orientations) - np.round(angle / (180 / orientations))) > 1e-9)
    np.testing.assert_array_equal((reached + orientations // 2)[known] % orientations, (angle // (180 / orientations)).astype(int)[known])


def test_the_courses_variant_is_its_formula():
    found = course_hog(IMAGES)
    assert found.shape == (6, 144)
    for image, row in zip(IMAGES, found, strict=True):
        np.testing.assert_allclose(row, oracle.course_hog(image.transpose(1, 2, 0)), rtol=0, atol=1e-10)


def test_the_courses_variant_of_grey_images_and_of_sides_that_are_no_multiple_of_a_cell():
    images = photographs(2, 20, 35)
    for image, row in zip(images, course_hog(images), strict=True):
        np.testing.assert_allclose(row, oracle.course_hog(image.transpose(1, 2, 0)), rtol=0, atol=1e-10)
    np.testing.assert_allclose(course_hog(images[0, 0], layout="HW"), oracle.course_hog(images[0, 0].astype(float)), rtol=0, atol=1e-10)


def test_colours_as_bright_as_each_other_are_rounded_as_the_course_rounds_them():
    """299 · TWIN[0] + 587 · TWIN[1] + 144 · TWIN[2] = 0: of the same grey but for the last bit, which decides what counts."""
    assert np.dot([299, 587, 144], TWIN) == 0
    rng = np.random.default_rng(0)
    colours = rng.integers(100, 150, (10, 3, 32, 1)) + rng.integers(0, 2, (10, 1, 32, 32)) * TWIN[:, None, None]
    sums = [np.abs(np.diff(grey(colours, weights=COURSE))).max(), np.abs(np.diff(np.dot(colours.transpose(0, 2, 3, 1), COURSE))).max()]
    assert 0 < max(sums) < 1e-12
    for image, row in zip(colours, course_hog(colours.astype(np.uint8)), strict=True):
        np.testing.assert_allclose(row, oracle.course_hog(image.transpose(1, 2, 0)), rtol=0, atol=1e-10)


@pytest.mark.parametrize("feature", [hog, course_hog])
def test_a_broken_pixel_stays_with_its_image(feature):
    images = IMAGES / 255
    expected = feature(images)
    images[2, :, 5, 5] = np.nan
    found = feature(images)
    assert np.isnan(found[2]).any()
    np.testing.assert_array_equal(np.delete(found, 2, axis=0), np.delete(expected, 2, axis=0))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"orientations": 0}, r"hog: orientations is 0, but must be a whole number from 1 to 255"),
        ({"orientations": 256}, r"from 1 to 255"),
        ({"cell": 2.5}, r"hog: cell is 2.5, but must be a whole number from 1"),
        ({"block": True}, r"hog: block is True"),
        ({"cell": 16}, r"have 32 × 32 pixels, but one block of 3 × 3 cells of 16 needs 48 × 48. Give smaller cells \(cell=10\) or blocks"),
    ],
)
def test_sizes_that_cannot_be_are_refused(options, text):
    with pytest.raises(ValueError, match=text):
        hog(IMAGES, **options)


def test_images_smaller_than_a_cell_are_refused_by_the_courses_variant():
    with pytest.raises(ValueError, match=r"course_hog: the images have 4 × 4 pixels, but one cell needs 8 × 8. Use hog"):
        course_hog(IMAGES[:, :, :4, :4])
