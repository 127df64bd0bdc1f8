"""Histograms of oriented gradients as a transformer: images become rows that a linear classifier can tell apart."""

from __future__ import annotations

from typing import Any

from layerwise.arrays import Array
from layerwise.estimators.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin, check_is_fitted, validate_data
from layerwise.estimators.convolution import as_images
from layerwise.estimators.network import FLOATS
from layerwise.features.hog import hog


class HOGTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """`layerwise.features.hog` of each image: where it has edges, and of what direction. It learns nothing but the images' shape.

    orientations, cell, block  directions told apart, pixels along a cell's side, cells along a block's side
    image_shape                of images that come as rows, as in `ConvNetClassifier`

    >>> from sklearn.pipeline import make_pipeline
    >>> from layerwise.data import load_digits
    >>> from layerwise.estimators import SoftmaxClassifier
    >>> digits = load_digits()
    >>> pipe = make_pipeline(HOGTransformer(cell=2, block=2), SoftmaxClassifier(tol=1e-3, max_iter=500, random_state=0))
    >>> bool(pipe.fit(digits.X_train, digits.y_train).score(digits.X_test, digits.y_test) > 0.9)
    True
    """

    def __init__(self, orientations: int = 9, cell: int = 8, block: int = 3, *, image_shape: Any = None) -> None:
        self.orientations = orientations
        self.cell = cell
        self.block = block
        self.image_shape = image_shape

    def fit(self, X: Any, y: Any = None) -> HOGTransformer:
        """Take down the shape of the images, (N, C, H, W), (N, H, W, C), (N, H, W) or rows; y is not looked at."""
        images = self._images(X, reset=True)
        self.image_shape_: tuple[int, ...] = images.shape[1:]
        self._n_features_out = self._described(images[:1]).shape[1]
        return self

    def transform(self, X: Any) -> Array:
        """Images (N, ...)  ->  their histograms (N, F)"""
        check_is_fitted(self)
        images = self._images(X, reset=False)
        if images.shape[1:] != self.image_shape_:
            raise ValueError(f"X holds images of shape {images.shape[1:]} (C, H, W), but fit was given {self.image_shape_}.")
        return self._described(images)

    def _images(self, X: Any, *, reset: bool) -> Array:
        return as_images(validate_data(self, X, dtype=FLOATS, order="C", allow_nd=True, reset=reset), self.image_shape)

    def _described(self, images: Array) -> Array:
        return hog(images, orientations=self.orientations, cell=self.cell, block=self.block)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.two_d_array = self.image_shape is not None
        return tags
