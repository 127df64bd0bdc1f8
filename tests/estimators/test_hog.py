"""The transformer gives what the feature gives, of images in any layout."""

import numpy as np
import pytest

from layerwise.data import load_digits
from layerwise.estimators import HOGTransformer
from layerwise.features import hog

X = load_digits().X_train[:20]  # (20, 1, 8, 8)


def test_it_gives_the_histograms_of_layerwise():
    expected = hog(X.astype(np.float64), orientations=6, cell=2, block=2)
    for images, shape in ((X, None), (X[:, 0], None), (X.transpose(0, 2, 3, 1), None), (X.reshape(20, 64), (8, 8))):
        model = HOGTransformer(6, 2, 2, image_shape=shape)
        np.testing.assert_array_equal(model.fit_transform(images), expected)
        assert len(model.get_feature_names_out()) == expected.shape[1]


def test_images_of_another_size_and_cells_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"X holds images of shape \(1, 8, 6\) \(C, H, W\), but fit was given \(1, 8, 8\)"):
        HOGTransformer(cell=2).fit(X).transform(X[..., :6])
    with pytest.raises(ValueError, match="hog: the images have 8 × 8 pixels, but one block of 3 × 3 cells of 8 needs 24 × 24"):
        HOGTransformer().fit(X)
    with pytest.raises(ValueError, match="rows, where images are needed"):
        HOGTransformer().fit(X.reshape(20, 64))
