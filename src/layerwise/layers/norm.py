"""Normalising layers."""

from typing import Any, ClassVar

from layerwise.arrays import Array
from layerwise.initializers import ones, zeros
from layerwise.layers.convolution import image_needed
from layerwise.layers.layer import Layer, Shape
from layerwise.ops.batchnorm import batchnorm_backward, batchnorm_forward, blended
from layerwise.ops.layernorm import layernorm_backward, layernorm_forward
from layerwise.ops.spatial_norm import (
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
    spatial_groupnorm_backward,
    spatial_groupnorm_forward,
)


class _Norm(Layer):
    """gamma of ones and beta of zeros, one for each feature or channel."""

    settings: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, eps: float = 1e-5) -> None:
        super().__init__()
        if not eps > 0:
            raise ValueError(f"{type(self).__name__}: eps is {eps}, but must be above 0: it keeps a variance of 0 from dividing by 0.")
        self.eps = float(eps)

    def make(self, input_shape: Shape, *, rng: Any, dtype: Any) -> None:
        self.output_shape(input_shape)  # refuses a shape that this layer does not take
        each = (input_shape[0],)  # feature or channel
        self.params = {"gamma": ones(each, rng=rng, dtype=dtype), "beta": zeros(each, rng=rng, dtype=dtype)}

    def config(self) -> dict[str, Any]:
        return {"eps": self.eps}


class BatchNorm(_Norm):
    """Batch norm of rows per feature, and of images per channel.  x (N, D), (P, N, D) or (N, C, H, W)  ->  the same shape

    Training uses the batch's statistics and blends them into running ones, running = momentum · running + (1 - momentum) ·
    batch, with the biased variance. Prediction uses the running ones, and so does a frozen layer (trainable=False) in training,
    which moves them no more. They start at mean 0 and variance 1, so that an untrained layer passes x through; starting
    the variance at 0, as some courses do, would blow up the first predictions.
    """

    kind = "batchnorm"
    train_differs: ClassVar[bool] = True

    def __init__(self, *, momentum: float = 0.9, eps: float = 1e-5) -> None:
        super().__init__(eps=eps)
        if not 0 <= momentum < 1:
            raise ValueError(
                f"BatchNorm: momentum is {momentum}, but must be in [0, 1): it is the share of the running statistics that stays at each step. "
                "PyTorch's momentum is 1 minus this one."
            )
        self.momentum = float(momentum)

    def make(self, input_shape: Shape, *, rng: Any, dtype: Any) -> None:
        super().make(input_shape, rng=rng, dtype=dtype)
        each = (input_shape[0],)
        self.buffers = {"running_mean": zeros(each, rng=rng, dtype=dtype), "running_var": ones(each, rng=rng, dtype=dtype)}

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) not in (1, 3):
            raise ValueError(f"BatchNorm: examples have shape {input_shape}, but rows (D,) or images (C, H, W) are needed.")
        return input_shape

    def forward(self, x: Array, *, train: bool, rng: Any) -> tuple[Array, Any]:
        normalise = spatial_batchnorm_forward if x.ndim == 4 else batchnorm_forward
        gamma, beta = self.params["gamma"], self.params["beta"]
        if not train or not self.trainable:
            return normalise(x, gamma, beta, mean=self.buffers["running_mean"], var=self.buffers["running_var"], eps=self.eps)
        out, cache = normalise(x, gamma, beta, eps=self.eps)
        for name, batch in (("running_mean", cache.mean), ("running_var", cache.var)):
            self.buffers[name] = blended(self.buffers[name], batch, self.momentum)
        return out, cache

    def backward(self, dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, dict[str, Array]]:
        dx, dgamma, dbeta = (spatial_batchnorm_backward if dout.ndim == 4 else batchnorm_backward)(dout, cache)
        return dx if need_dx else None, {"gamma": dgamma, "beta": dbeta}

    def config(self) -> dict[str, Any]:
        return {"momentum": self.momentum, **super().config()}


class LayerNorm(_Norm):
    """Layer norm of rows, the same in training and in prediction.  x (N, D) or (P, N, D)  ->  the same shape"""

    kind = "layernorm"

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise ValueError(
                f"LayerNorm: examples have shape {input_shape}, but rows (D,) are needed: Flatten() them, or use GroupNorm(1)."
            )
        return input_shape

    def forward(self, x: Array, *, train: bool, rng: Any) -> tuple[Array, Any]:
        return layernorm_forward(x, self.params["gamma"], self.params["beta"], eps=self.eps)

    def backward(self, dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, dict[str, Array]]:
        dx, dgamma, dbeta = layernorm_backward(dout, cache)
        return dx if need_dx else None, {"gamma": dgamma, "beta": dbeta}


class GroupNorm(_Norm):
    """Group norm of images, the same in training and in prediction.  x (N, C, H, W)  ->  the same shape"""

    kind = "groupnorm"

    def __init__(self, groups: int, *, eps: float = 1e-5) -> None:
        super().__init__(eps=eps)
        self.groups = int(groups)

    def output_shape(self, input_shape: Shape) -> Shape:
        image_needed("GroupNorm", input_shape)
        if self.groups < 1 or input_shape[0] % self.groups:
            raise ValueError(f"GroupNorm: groups is {self.groups}, but must divide the {input_shape[0]} channels of {input_shape}.")
        return input_shape

    def forward(self, x: Array, *, train: bool, rng: Any) -> tuple[Array, Any]:
        return spatial_groupnorm_forward(x, self.params["gamma"], self.params["beta"], groups=self.groups, eps=self.eps)

    def backward(self, dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, dict[str, Array]]:
        dx, dgamma, dbeta = spatial_groupnorm_backward(dout, cache)
        return dx if need_dx else None, {"gamma": dgamma, "beta": dbeta}

    def config(self) -> dict[str, Any]:
        return {"groups": self.groups, **super().config()}
