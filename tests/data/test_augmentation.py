import numpy as np
import pytest

from layerwise.data.augmentation import AUGMENTATIONS, RandomCrop, RandomFlip, RandomShift
from layerwise.data.dataset import Dataset
from layerwise.data.rows import Rows

IMAGES = np.random.default_rng(0).integers(1, 256, (300, 3, 8, 10), dtype=np.uint8)


def changed(augmentation, images=IMAGES, seed=0):
    out = images.copy()
    augmentation.apply_in_place(out, np.random.default_rng(seed))
    return out


class Draws:
    """A generator that always draws the same number."""

    def __init__(self, value):
        self.value = value

    def random(self, shape):
        return np.full(shape, self.value)


@pytest.mark.parametrize("kind", AUGMENTATIONS)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_every_row_keeps_kind_and_shape_draws_afresh_and_repeats_with_its_seed(kind, dtype):
    row = AUGMENTATIONS[kind]()
    assert row.kind == kind == row.config()["kind"]
    images = IMAGES.astype(dtype)
    out = changed(row, images)
    assert (out.dtype, out.shape) == (images.dtype, images.shape)
    np.testing.assert_array_equal(out, changed(row, images))
    assert (out != changed(row, images, seed=1)).any()
    assert (out != images).any(axis=(1, 2, 3)).sum() > 100  # not one decision for the batch
    assert set(np.unique(out)) <= {0, *np.unique(images)}
    row.apply_in_place(out[:0], np.random.default_rng(0))


def test_a_flipped_image_is_mirrored_and_the_share_is_met():
    out = changed(RandomFlip(0.3))
    mirrored = (out == IMAGES[..., ::-1]).all(axis=(1, 2, 3))
    assert (mirrored | (out == IMAGES).all(axis=(1, 2, 3))).all()
    assert 0.2 < mirrored.mean() < 0.4
    np.testing.assert_array_equal(changed(RandomFlip(1)), IMAGES[..., ::-1])
    np.testing.assert_array_equal(changed(RandomFlip(0)), IMAGES)


def test_a_shifted_image_is_moved_by_every_distance_up_to_the_largest():
    out = changed(RandomShift(2, fill=7))
    seen = set()
    for before, after in zip(IMAGES, out, strict=True):
        frame = np.pad(before, ((0, 0), (2, 2), (2, 2)), constant_values=7)
        windows = {(y, x): frame[:, y : y + 8, x : x + 10] for y in range(5) for x in range(5)}
        (place,) = (key for key, window in windows.items() if np.array_equal(window, after))
        seen.add(place)
    assert len(seen) == 25


def test_a_crop_shows_a_window_enlarged():
    corner = IMAGES[:1].copy()
    RandomCrop(0.5).apply_in_place(corner, Draws(0.0))  # half of each side, at the top left
    np.testing.assert_array_equal(corner, IMAGES[:1, :, :4, :5].repeat(2, axis=2).repeat(2, axis=3))
    whole = IMAGES.copy()
    RandomCrop(1.0).apply_in_place(whole, np.random.default_rng(0))
    np.testing.assert_array_equal(whole, IMAGES)
    last = IMAGES.copy()
    RandomCrop(0.01).apply_in_place(last, Draws(1 - 2**-53))  # no index beyond the last pixel
    np.testing.assert_array_equal(last, IMAGES)


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (RandomFlip, 1.5, "between 0 and 1"),
        (RandomFlip, float("nan"), "between 0 and 1"),
        (RandomShift, 0, "whole number of at least 1"),
        (RandomShift, 1.5, "whole number of at least 1"),
        (RandomShift, True, "whole number of at least 1"),
        (RandomCrop, 0, "above 0, and at most 1"),
        (RandomCrop, 1.1, "above 0, and at most 1"),
    ],
)
def test_a_setting_out_of_range_is_refused(kind, value, message):
    with pytest.raises(ValueError, match=message):
        kind(value)


def data(X=IMAGES):
    return Dataset(X, np.arange(len(X)) % 3)


def test_a_data_set_carries_its_augmentation():
    augmented = data().with_augmentation("flip", RandomShift(3))
    assert augmented.augmentation == (RandomFlip(), RandomShift(3))
    assert augmented.with_preprocessing("scale").subset(num_train=9).augmentation == augmented.augmentation
    assert data(Rows(IMAGES, np.arange(9))).with_augmentation("crop").augmentation == (RandomCrop(),)
    assert augmented.with_augmentation().augmentation == data().augmentation == ()


def test_what_cannot_be_augmented_is_refused():
    with pytest.raises(ValueError, match=r"flip: needs images \(N, C, H, W\), but the examples have shape \(240,\)"):
        data(IMAGES.reshape(300, 240)).with_augmentation("flip")
    with pytest.raises(ValueError, match="by 8 pixels, images of 8 × 10 would leave the frame"):
        data().with_augmentation(RandomShift(8))
    with pytest.raises(ValueError, match=r'unknown augmentation "fliip"\. Did you mean "flip"'):
        data().with_augmentation("fliip")
