"""Tiles on a grid, by hand."""

import numpy as np
import pytest

from layerwise.ops.mosaic import mosaic, mosaic_shared, mosaic_table


def test_each_tile_is_stretched_by_itself_and_places_left_over_are_dark():
    images = np.array([1.0, 3.0, 0.0, 100.0, -7.0, -7.0]).reshape(3, 1, 2, 1)
    grid = mosaic(images, high=10, padding=1)
    assert grid.shape == (3, 5, 1)
    np.testing.assert_array_equal(grid[..., 0], [[0, 10, 0, 0, 10], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]])


def test_a_grid_without_gaps_and_of_one():
    assert mosaic(np.arange(4.0).reshape(1, 2, 2, 1), padding=3).shape == (2, 2, 1)
    assert mosaic(np.arange(50 * 4 * 3).reshape(50, 2, 2, 3), padding=0).shape == (16, 16, 3)


def test_one_scale_for_all_keeps_their_order():
    grid = mosaic_shared(np.array([2.0, 4.0, 6.0]).reshape(3, 1, 1, 1))
    np.testing.assert_array_equal(grid[..., 0], [[0, 0, 0.5, 0], [0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])


def test_rows_of_images_keep_their_places():
    rows = [[np.full((1, 1, 1), 0.0), np.full((1, 1, 1), 2.0)]]
    np.testing.assert_array_equal(mosaic_table(rows)[..., 0], [[0, 0.5, 1, 0.5], [0.5, 0.5, 0.5, 0.5]])


@pytest.mark.parametrize("images", [np.zeros((0, 2, 2, 3)), np.zeros((2, 2, 3))])
def test_what_is_no_row_of_images_is_refused(images):
    with pytest.raises(ValueError, match=r"\(N, H, W, C\) is needed, with N at least 1"):
        mosaic(images)
