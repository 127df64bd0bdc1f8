"""Images in any layout make the same net."""

import numpy as np
import pytest

from layerwise.data import load_digits
from layerwise.estimators import ConvNetClassifier
from layerwise.estimators.convolution import as_images

DIGITS = load_digits()
X, Y = DIGITS.X_train[:200].astype(np.float32) / 16, DIGITS.y_train[:200]  # (200, 1, 8, 8)
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def net(**options):
    return ConvNetClassifier(["conv 4 3x3", "relu", "max_pool 2"], max_iter=3, batch_size=50, random_state=0, **options)


@pytest.mark.parametrize(
    ("images", "options"),
    [
        (X[:, 0], {}),
        (X.transpose(0, 2, 3, 1), {}),
        (X.reshape(200, 64), {"image_shape": (8, 8)}),
        (X.reshape(200, 64), {"image_shape": (1, 8, -1)}),
        (X.reshape(200, 64), {"image_shape": (8, 8, 1)}),
    ],
)
def test_layouts_make_the_same_net(images, options):
    np.testing.assert_array_equal(net(**options).fit(images, Y).predict_proba(images), net().fit(X, Y).predict_proba(X))


def test_channels_are_found_where_they_are():
    colours = np.arange(2 * 3 * 5 * 4).reshape(2, 3, 5, 4)
    np.testing.assert_array_equal(as_images(colours), colours)
    np.testing.assert_array_equal(as_images(colours.transpose(0, 2, 3, 1)), colours)
    np.testing.assert_array_equal(as_images(colours.transpose(0, 2, 3, 1).reshape(2, 60), (5, 4, 3)), colours)
    narrow = np.zeros((2, 3, 5, 3))  # either axis could be colours: (C, H, W) goes first
    assert as_images(narrow).shape == (2, 3, 5, 3)


def test_it_learns_digits():
    model = ConvNetClassifier(["conv 8 3x3", "relu", "max_pool 2"], learning_rate_init=0.01, batch_size=20, max_iter=10, random_state=0)
    assert model.fit(X, Y).score(DIGITS.X_test.astype(np.float32) / 16, DIGITS.y_test) > 0.8


@pytest.mark.parametrize(
    ("images", "options", "told"),
    [
        (X.reshape(200, 64), {}, r"X has shape \(200, 64\): rows, where images are needed. Say how a row is to be read: image_shape="),
        (X.reshape(200, 64), {"image_shape": (7, 7)}, r"image_shape=\(7, 7\) does not make images of 64 numbers"),
        (X[..., None], {}, r"X has shape \(200, 1, 8, 8, 1\), but images are"),
    ],
)
def test_what_is_no_image_is_refused(images, options, told):
    with pytest.raises(ValueError, match=told):
        net(**options).fit(images, Y)


def test_images_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"X holds images of shape \(1, 8, 6\) \(C, H, W\), but this net was trained on \(1, 8, 8\)"):
        net().fit(X, Y).predict(X[..., :6])
