import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.features.picture import photographs
from tests.oracles import feature as oracle

from layerwise.features import COURSE, grey, hsv

IMAGES = photographs(3, 12, 10)


def test_grey_is_the_weighted_sum_and_grey_images_stay():
    red, green, blue = IMAGES.astype(float).swapaxes(0, 1)
    np.testing.assert_allclose(grey(IMAGES), 0.299 * red + 0.587 * green + 0.114 * blue, rtol=1e-14)
    np.testing.assert_allclose(grey(IMAGES, weights=COURSE), 0.299 * red + 0.587 * green + 0.144 * blue, rtol=1e-14)
    np.testing.assert_array_equal(grey(IMAGES[:, :1]), IMAGES[:, 0])


def test_grey_takes_three_weights():
    with pytest.raises(ValueError, match="must be three numbers"):
        grey(IMAGES, weights=(0.5, 0.5))


def test_hsv_is_what_the_standard_library_says_of_each_pixel():
    found = hsv(IMAGES)
    for pixel, converted in zip(IMAGES.transpose(0, 2, 3, 1).reshape(-1, 3), found.transpose(0, 2, 3, 1).reshape(-1, 3), strict=True):
        np.testing.assert_allclose(converted, colorsys.rgb_to_hsv(*(pixel / 255)), rtol=0, atol=1e-14)


def test_hsv_is_matplotlibs_to_the_bit():
    from matplotlib.colors import rgb_to_hsv

    images = photographs(20)
    np.testing.assert_array_equal(hsv(images, layout="NCHW"), rgb_to_hsv(images.transpose(0, 2, 3, 1) / 255).transpose(0, 3, 1, 2))


@given(pixel=st.tuples(*[st.integers(0, 255)] * 3))
def test_the_hue_of_any_pixel_is_the_loops(pixel):
    assert hsv(np.array([[pixel]], np.uint8), layout="HWC")[0, 0, 0] == oracle.hue(*(value / 255 for value in pixel))


def test_what_has_no_hue_is_refused():
    with pytest.raises(ValueError, match=r"hsv: the images have shape \(3, 1, 12, 10\) and are grey, but only colours have a hue"):
        hsv(IMAGES[:, :1])
    with pytest.raises(ValueError, match="xmax is 0, but must be the value of white"):
        hsv(IMAGES, xmax=0)
