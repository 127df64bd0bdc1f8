import numpy as np
import pytest

from layerwise.data.label import count_classes, one_hot


def test_a_one_stands_at_the_label_and_zeros_elsewhere():
    np.testing.assert_array_equal(one_hot(np.array([2, 0], np.uint8)), [[0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(one_hot([[1], [0]], 3), [[0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(one_hot([1.0, 0.0]), [[0, 1], [1, 0]])
    assert one_hot([1]).dtype == np.float64


def test_classes_are_counted_by_the_largest_label():
    assert count_classes(np.array([3, 0], np.uint8)) == 4


@pytest.mark.parametrize("labels", [[], [-1, 2], [0.5], ["a"]])
def test_what_is_no_label_is_refused(labels):
    with pytest.raises((ValueError, TypeError)):
        one_hot(labels)


def test_a_label_beyond_the_classes_is_told():
    with pytest.raises(ValueError, match="the labels go up to 3, but with 2 classes only to 1"):
        one_hot([0, 3], 2)
