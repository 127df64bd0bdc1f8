"""What the windows of a convolution see, written out as the columns of one matrix, and such columns added back into images.

Readable twins of the fast path in `convolution`. A column's rows are in the order C, HH, WW; columns go window by window, and
within a window example by example.
"""

import numpy as np

from layerwise.arrays import Array
from layerwise.ops.window import window_counts

Places = tuple[Array, Array, Array]


def patch_places(shape: tuple[int, ...], field_height: int, field_width: int, *, padding: int = 1, stride: int = 1) -> Places:
    """For each entry of a window and each window of padded images of this shape: the channel, the row and the column.

    shape (N, C, H, W)  ->  channel (C·HH·WW, 1), row and column (C·HH·WW, OH·OW)
    """
    counts = window_counts("im2col", shape, (field_height, field_width), stride=stride, pad=padding)
    channel, row, column = (a.reshape(-1, 1) for a in np.indices((shape[1], field_height, field_width)))
    top, left = (stride * a.reshape(1, -1) for a in np.indices(counts))
    return channel, row + top, column + left


def images_to_columns(x: Array, field_height: int, field_width: int, *, padding: int = 1, stride: int = 1) -> Array:
    """x (N, C, H, W)  ->  (C·HH·WW, OH·OW·N)

    >>> images_to_columns(np.arange(4.0).reshape(1, 1, 2, 2), 1, 2, padding=0)
    array([[0., 2.],
           [1., 3.]])
    """
    places = patch_places(x.shape, field_height, field_width, padding=padding, stride=stride)
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    columns = padded[:, *places]  # (N, C·HH·WW, OH·OW)
    return columns.transpose(1, 2, 0).reshape(columns.shape[1], -1)


def columns_to_images(
    columns: Array, shape: tuple[int, ...], field_height: int = 3, field_width: int = 3, *, padding: int = 1, stride: int = 1
) -> Array:
    """The sum over windows of what each says of each pixel, the backward of images_to_columns.  (C·HH·WW, OH·OW·N)  ->  shape"""
    n, channels, height, width = shape
    places = patch_places(shape, field_height, field_width, padding=padding, stride=stride)
    padded = np.zeros((n, channels, height + 2 * padding, width + 2 * padding), columns.dtype)
    shares = columns.reshape(len(columns), -1, n).transpose(2, 0, 1)  # (C·HH·WW, OH·OW·N) -> (N, C·HH·WW, OH·OW)
    np.add.at(padded, (slice(None), *places), shares)  # type: ignore[arg-type]
    return padded[:, :, padding : padding + height, padding : padding + width]
