"""Images of any kind of number become bytes that can be seen."""

import numpy as np
import pytest

from layerwise.report.tile import as_rgb, evenly, shares


def grey(*values):
    return [[value] * 3 for value in values]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (np.array([0, 7, 255], np.uint8), (0, 7, 255)),  # as they are
        (np.array([0, 8, 16], np.uint8), (0, 128, 255)),  # levels, not bytes of light
        (np.array([0, 0, 0], np.uint8), (0, 0, 0)),
        (np.array([0.0, 0.5, 0.8]), (0, 128, 204)),  # shares of full light, not stretched
        (np.array([-1.0, 0.0, 1.0]), (0, 128, 255)),  # stretched
        (np.array([0, 4, 16]), (0, 64, 255)),
        (np.array([False, True, True]), (0, 255, 255)),
        (np.array([3.0, 3.0, 3.0]), (0, 0, 0)),
        (np.array([np.nan, 0.0, 1.0], np.float32), (0, 0, 255)),
        (np.array([-np.inf, 0.5, np.inf]), (0, 128, 255)),
        (np.array([np.nan] * 3), (0, 0, 0)),
    ],
)
def test_numbers_of_any_kind_are_shown(values, shown):
    assert as_rgb(values.reshape(1, 1, 3))[0, 0].tolist() == grey(*shown)


def test_channels_may_come_first_or_last():
    images = np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(2, 3, 4, 5)
    np.testing.assert_array_equal(as_rgb(images), images.transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(as_rgb(images.transpose(0, 2, 3, 1)), images.transpose(0, 2, 3, 1))


def test_a_given_span_holds_also_for_bytes():
    assert as_rgb(np.array([[[10, 15, 30]]], np.uint8), span=(10, 20))[0, 0].tolist() == grey(0, 128, 255)


def test_nothing_given_is_written():
    images = np.array([[[0.0, np.nan, 5.0]]])
    as_rgb(images)
    np.testing.assert_array_equal(images, [[[0.0, np.nan, 5.0]]])


def test_shares_of_what_is_not_finite_are_the_middle_and_do_not_move_the_rest():
    np.testing.assert_array_equal(shares(np.array([[0.0, np.nan, np.inf, 4.0, 1.0]])), [[0, 0.5, 0.5, 1, 0.25]])


@pytest.mark.parametrize("count", [0, 1, 2, 7, 60_000])
def test_evenly_spread_indices_are_distinct_and_reach_both_ends(count):
    indices = evenly(count, 7)
    assert len(set(indices.tolist())) == len(indices) == min(count, 7)
    if count > 1:
        assert (indices[0], indices[-1]) == (0, count - 1)


@pytest.mark.parametrize("shape", [(5,), (2, 64), (2, 2, 8, 8), (2, 8, 8, 4)])
def test_what_is_no_image_is_refused(shape):
    with pytest.raises(ValueError, match=r"images have shape .* with 1 or 3 channels"):
        as_rgb(np.zeros(shape))
