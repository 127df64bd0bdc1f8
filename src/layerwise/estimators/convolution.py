"""A convolutional net as a classifier of images, in whatever layout they come."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from layerwise.estimators.base import validate_data
from layerwise.estimators.classifier import NetworkClassifier
from layerwise.models.convolution import ConvNet
from layerwise.models.network import Network

CHANNELS = (1, 3, 4)  # of an image whose layout is not told
BLOCKS = ("conv 16 3x3", "relu", "max_pool 2", "conv 32 3x3", "relu", "max_pool 2", "dense 64", "relu")


class ConvNetClassifier(NetworkClassifier):
    """A convolutional net: blocks of layers, then one score for each class.

    blocks       as in `layerwise.models.ConvNet`: "conv 16 3x3", "batchnorm", "relu", "max_pool 2", "dropout keep_prob=0.5", "dense 64"
    image_shape  of images that come as flat rows (N, D): (H, W), (C, H, W) or (H, W, C), where C is 1, 3 or 4. One number may be
                 -1: whatever is left. Images (N, C, H, W), (N, H, W, C) and (N, H, W) need none; give it where C could be either axis.
    The other parameters, and what is learned, are those of `MLPClassifier`.

    >>> from layerwise.data import load_digits
    >>> digits = load_digits()
    >>> X, y = digits.X_train[:300] / 16, digits.y_train[:300]  # (300, 1, 8, 8)
    >>> model = ConvNetClassifier(["conv 8 3x3", "relu", "max_pool 2"], learning_rate_init=0.01, batch_size=50, max_iter=20, random_state=0)
    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     model = model.fit(X, y)
    >>> bool(model.score(digits.X_test / 16, digits.y_test) > 0.8)
    True
    """

    varies: ClassVar[tuple[str, ...]] = ()  # convolutions do not stack

    def __init__(
        self,
        blocks: Any = BLOCKS,
        *,
        image_shape: Any = None,
        loss: Any = "softmax",
        alpha: float = 1e-4,
        solver: str = "adam",
        solver_options: dict[str, Any] | None = None,
        learning_rate_init: float = 1e-3,
        schedule: Any = None,
        schedule_options: dict[str, Any] | None = None,
        batch_size: int | str = "auto",
        max_iter: int = 200,
        shuffle: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        tol: float = 1e-4,
        class_weight: Any = None,
        clip_norm: float | None = None,
        callbacks: Any = None,
        random_state: Any = None,
        warm_start: bool = False,
        dtype: Any = None,
        verbose: bool = False,
    ) -> None:
        self._store(locals())

    def _build(self, input_shape: tuple[int, ...], options: dict[str, Any]) -> Network:
        return ConvNet(list(self.blocks), input_dim=input_shape, num_classes=self.n_outputs_, **options)

    def _validated(self, X: Any, *targets: Any, reset: bool) -> Any:
        checked = validate_data(
            self, X, *targets, dtype=self._floats, order="C", allow_nd=True, reset=reset, **({"multi_output": True} if targets else {})
        )
        X, *y = checked if targets else (checked,)
        X = np.ascontiguousarray(as_images(X, self.image_shape))
        if not reset and X.shape[1:] != self.model_.input_shape:
            raise ValueError(f"X holds images of shape {X.shape[1:]} (C, H, W), but this net was trained on {self.model_.input_shape}.")
        return (X, *y) if targets else X

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.two_d_array = self.image_shape is not None
        return tags


def as_images(X: Any, image_shape: Any = None) -> Any:
    """Images in any layout  ->  (N, C, H, W): a view where it can be one.

    >>> as_images(np.zeros((5, 28, 28))).shape, as_images(np.zeros((5, 32, 32, 3))).shape, as_images(np.zeros((5, 784)), (28, 28)).shape
    ((5, 1, 28, 28), (5, 3, 32, 32), (5, 1, 28, 28))
    """
    if X.ndim == 2:
        if image_shape is None:
            raise ValueError(
                f"X has shape {X.shape}: rows, where images are needed. Say how a row is to be read: image_shape=(H, W), (C, H, W) or (H, W, C)."
            )
        try:
            X = X.reshape(len(X), *image_shape)
        except ValueError:
            raise ValueError(
                f"X has shape {X.shape}, but image_shape={tuple(image_shape)} does not make images of {X.shape[1]} numbers."
            ) from None
    if X.ndim == 3:
        return X[:, None]  # (N, H, W) -> (N, 1, H, W)
    if X.ndim != 4:
        raise ValueError(f"X has shape {X.shape}, but images are (N, C, H, W), (N, H, W, C), (N, H, W), or rows with image_shape.")
    layout = X.shape[1:] if image_shape is None or len(image_shape) != 3 else tuple(image_shape)
    first, last = layout[0] in CHANNELS, layout[2] in CHANNELS
    if last and not first:
        return X.transpose(0, 3, 1, 2)  # (N, H, W, C) -> (N, C, H, W)
    return X
