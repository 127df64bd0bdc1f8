"""The convolutional layer."""

from typing import Any, ClassVar

from layerwise.arrays import Array
from layerwise.initializers import initializer, zeros
from layerwise.layers.layer import Layer, Shape, check_counts
from layerwise.ops.convolution import conv_backward, conv_forward
from layerwise.ops.window import window_counts


class Conv2D(Layer):
    """Square filters over images.  x (N, C, H, W)  ->  (N, filters, OH, OW)

    pad    rows and columns of zeros around each image; "same" keeps the size at stride 1, for filters of odd size
    weights  the name of an initializer, or a number: the standard deviation of a normal draw; bias=False leaves b out
    """

    kind = "conv"
    penalised: ClassVar[tuple[str, ...]] = ("w",)

    def __init__(
        self,
        filters: int,
        filter_size: int,
        *,
        stride: int = 1,
        pad: int | str = "same",
        weights: str | float = "he_normal",
        bias: bool = True,
        reg: Any = None,
        reg_l1: Any = None,
    ) -> None:
        super().__init__(reg=reg, reg_l1=reg_l1)
        check_counts("Conv2D", filters=filters, filter_size=filter_size, stride=stride)
        if pad == "same" and filter_size % 2 == 0:
            raise ValueError(
                f'Conv2D: pad="same" needs an odd filter_size, not {filter_size}: give pad as a number, or filter_size={filter_size + 1}.'
            )
        if isinstance(pad, str) and pad != "same":
            raise ValueError(f'Conv2D: pad is "{pad}", but must be a number or "same"; no padding is pad=0.')
        self.filters, self.filter_size, self.stride, self.pad = int(filters), int(filter_size), int(stride), pad
        self.weights, self.bias = weights, bias
        self._draw = initializer(weights)

    @property
    def padding(self) -> int:
        """pad as a number."""
        return (self.filter_size - 1) // 2 if isinstance(self.pad, str) else self.pad

    def make(self, input_shape: Shape, *, rng: Any, dtype: Any) -> None:
        self.output_shape(input_shape)  # refuses what the filters do not tile before anything is drawn
        self.params["w"] = self._draw((self.filters, input_shape[0], self.filter_size, self.filter_size), rng=rng, dtype=dtype)
        if self.bias:
            self.params["b"] = zeros((self.filters,), rng=rng, dtype=dtype)

    def output_shape(self, input_shape: Shape) -> Shape:
        image_needed("Conv2D", input_shape)
        side = (self.filter_size, self.filter_size)
        return (self.filters, *window_counts("Conv2D", input_shape, side, stride=self.stride, pad=self.padding))

    def forward(self, x: Array, *, train: bool, rng: Any) -> tuple[Array, Any]:
        return conv_forward(x, self.params["w"], self.params.get("b"), stride=self.stride, pad=self.padding)

    def backward(self, dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, dict[str, Array]]:
        dx, dw, db = conv_backward(dout, cache, need_dx=need_dx)
        return dx, {"w": dw} if db is None else {"w": dw, "b": db}

    def config(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("filters", "filter_size", "stride", "pad", "weights", "bias")}
        return {**own, **super().config()}


def image_needed(layer: str, input_shape: Shape) -> None:
    """Refuse examples that are not images."""
    if len(input_shape) != 3:
        raise ValueError(
            f"{layer}: examples have shape {input_shape}, but images (C, H, W) are needed: build the net with their shape, as "
            "input_shape=(3, 32, 32), and put no Flatten or Dense before."
        )
