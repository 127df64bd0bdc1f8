"""The windows of a convolution as columns of a matrix."""

from typing import Any

from layerwise.ops.patch import columns_to_images, images_to_columns, patch_places


def get_im2col_indices(x_shape: Any, field_height: int, field_width: int, padding: int = 1, stride: int = 1) -> Any:
    """x_shape (N, C, H, W)  ->  k, i, j: the channel, row and column of each entry of each window"""
    return patch_places(x_shape, field_height, field_width, padding=padding, stride=stride)


def im2col_indices(x: Any, field_height: int, field_width: int, padding: int = 1, stride: int = 1) -> Any:
    """x (N, C, H, W)  ->  (C·HH·WW, OH·OW·N)"""
    return images_to_columns(x, field_height, field_width, padding=padding, stride=stride)


def col2im_indices(cols: Any, x_shape: Any, field_height: int = 3, field_width: int = 3, padding: int = 1, stride: int = 1) -> Any:
    """(C·HH·WW, OH·OW·N)  ->  x_shape, overlapping windows added up"""
    return columns_to_images(cols, x_shape, field_height, field_width, padding=padding, stride=stride)
