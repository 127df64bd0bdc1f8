"""Milliseconds of convolution, pooling and batch norm, forward and backward, against PyTorch in the same run.

    python -m benchmarks.convolution [--rounds 15] [--threads 1] [--loops]

float32; one thread unless told. Contenders run in turn; the table gives medians, PyTorch's time over ours round by round with
its range (above 1, ours is faster), and what share of our time the bare matrix products of a convolution take, of the sizes
that a product by image has. The readable loops run on few images, once, and are scaled up. PyTorch's column is left out, and
named, where it is not installed. Before timing, our values and gradients are compared with PyTorch's in float64.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Callable
from typing import Any

CONVOLUTIONS = {  # images, filters; 3 × 3, pad 1
    "conv (50, 3, 32, 32) -> 32": ((50, 3, 32, 32), 32),
    "conv (50, 32, 16, 16) -> 64": ((50, 32, 16, 16), 64),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--loops", action="store_true", help="time the readable loops too (half a minute)")
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(options.threads)  # before any library is imported
    import numpy as np

    try:
        import torch
    except ImportError:
        torch = None
    else:
        torch.set_num_threads(options.threads)
    print(f"forward + backward, float32, {options.threads} thread{'s' if options.threads > 1 else ''}, {options.rounds} rounds")
    print(f"{'':38}{'ours, ms':>18}{'PyTorch, ms':>18}{'PyTorch / ours':>20}  products")
    largest = 0.0
    for row, make in rows().items():
        with_dx = "no dx" not in row
        largest = max(largest, compare(make, torch, with_dx, np.float64) if torch else 0.0)
        measure(row, make, torch, with_dx, options.rounds)
    if torch is None:
        print("PyTorch is not installed: its columns are left out")
    else:
        print(f"largest difference from PyTorch's values and gradients, float64, relative to each array's largest: {largest:.1e}")
    if options.loops:
        loops()


def rows() -> dict[str, Callable[..., dict[str, Any]]]:
    """Name of a row -> (dtype -> the arrays, our forward and backward, PyTorch's forward, the bare products)."""
    table: dict[str, Callable[..., dict[str, Any]]] = {}
    for name, (shape, filters) in CONVOLUTIONS.items():
        table[name] = lambda dtype, shape=shape, filters=filters: convolution(shape, filters, dtype)
        table[f"{name}, no dx"] = table[name]
    table["max_pool 2 × 2 (50, 32, 32, 32)"] = max_pool
    for shape in ((200, 512), (50, 32, 16, 16)):
        table[f"batch norm {shape}"] = lambda dtype, shape=shape: batch_norm(shape, dtype)
    return table


def draw(dtype: Any, *shapes: tuple[int, ...]) -> list[Any]:
    import numpy as np

    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def convolution(shape: tuple[int, ...], filters: int, dtype: Any) -> dict[str, Any]:
    from layerwise.ops import conv_backward, conv_forward

    n, channels, height, width = shape
    arrays = draw(dtype, shape, (filters, channels, 3, 3), (filters,))
    columns, w, out = draw(dtype, (9 * channels, height * width), (filters, 9 * channels), (filters, height * width))

    def products(with_dx: bool) -> None:
        for _ in range(n):
            w @ columns
            out @ columns.T
            if with_dx:
                w.T @ out

    return {
        "arrays": arrays,
        "forward": lambda x, w, b: conv_forward(x, w, b, pad=1),
        "backward": lambda dout, cache, with_dx: conv_backward(dout, cache, need_dx=with_dx),
        "theirs": lambda torch, x, w, b: torch.nn.functional.conv2d(x, w, b, padding=1),
        "products": products,
    }


def max_pool(dtype: Any) -> dict[str, Any]:
    from layerwise.ops import max_pool_backward, max_pool_forward

    return {
        "arrays": draw(dtype, (50, 32, 32, 32)),
        "forward": max_pool_forward,
        "backward": lambda dout, cache, with_dx: (max_pool_backward(dout, cache),),
        "theirs": lambda torch, x: torch.nn.functional.max_pool2d(x, 2),
    }


def batch_norm(shape: tuple[int, ...], dtype: Any) -> dict[str, Any]:
    from layerwise import ops

    name = "batchnorm" if len(shape) == 2 else "spatial_batchnorm"
    backward = getattr(ops, f"{name}_backward")
    return {
        "arrays": draw(dtype, shape, shape[1:2], shape[1:2]),
        "forward": getattr(ops, f"{name}_forward"),
        "backward": lambda dout, cache, with_dx: backward(dout, cache),
        "theirs": lambda torch, x, gamma, beta: torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True),
    }


def both(case: dict[str, Any], torch: Any, with_dx: bool) -> tuple[Callable[[], list[Any]], Callable[[], list[Any]] | None]:
    """Two functions that run forward and backward and return out and the gradients: ours, and PyTorch's if it is there."""
    import numpy as np

    dout = np.random.default_rng(1).normal(size=case["forward"](*case["arrays"])[0].shape).astype(case["arrays"][0].dtype)

    def ours() -> list[Any]:
        out, cache = case["forward"](*case["arrays"])
        return [out, *case["backward"](dout, cache, with_dx)]

    if torch is None:
        return ours, None
    tensors = [torch.tensor(a, requires_grad=with_dx or i > 0) for i, a in enumerate(case["arrays"])]
    their_dout = torch.tensor(dout)

    def theirs() -> list[Any]:
        for tensor in tensors:
            tensor.grad = None
        out = case["theirs"](torch, *tensors)
        out.backward(their_dout)
        return [out.detach(), *(tensor.grad for tensor in tensors)]

    return ours, theirs


def compare(make: Callable[..., dict[str, Any]], torch: Any, with_dx: bool, dtype: Any) -> float:
    import numpy as np

    ours, theirs = both(make(dtype), torch, with_dx)
    pairs = [(a, b.numpy()) for a, b in zip(ours(), theirs() if theirs else [], strict=True) if a is not None]
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in pairs)


def measure(row: str, make: Callable[..., dict[str, Any]], torch: Any, with_dx: bool, rounds: int) -> None:
    import numpy as np

    from benchmarks.side_by_side import in_turn, ratio

    case = make(np.float32)
    ours, theirs = both(case, torch, with_dx)
    contenders: dict[str, Callable[[], object]] = {"ours": ours}
    if theirs:
        contenders["PyTorch"] = theirs
    if "products" in case:
        contenders["products"] = lambda: case["products"](with_dx)
    times = in_turn(contenders, rounds)
    peer = f"{spread(times['PyTorch']):>18}{ratio(times['PyTorch'], times['ours']):>20}" if theirs else f"{'-':>18}{'-':>20}"
    share = f"{statistics.median(times['products']) / statistics.median(times['ours']):6.0%}" if "products" in case else ""
    print(f"{row:38}{spread(times['ours']):>18}{peer}  {share}")


def spread(seconds: list[float]) -> str:
    return f"{1e3 * statistics.median(seconds):.2f} ({1e3 * min(seconds):.1f}-{1e3 * max(seconds):.1f})"


def loops() -> None:
    """The readable loops on a few images, scaled to the batch, over the fast path."""
    import numpy as np

    from benchmarks.side_by_side import in_turn, seconds_of
    from layerwise import ops

    pools = {"max_pool 2 × 2 (50, 32, 32, 32)": ((50, 32, 32, 32), 0)}
    for row, (shape, filters) in (CONVOLUTIONS | pools).items():
        op, options, images = ("conv", {"pad": 1}, 2) if filters else ("max_pool", {}, 5)
        arrays = draw(np.float32, shape, *([(filters, shape[1], 3, 3), (filters,)] if filters else []))

        def run(suffix: str, count: int, op: str = op, arrays: list[Any] = arrays, options: dict[str, int] = options) -> None:
            out, cache = getattr(ops, f"{op}_forward{suffix}")(arrays[0][:count], *arrays[1:], **options)
            getattr(ops, f"{op}_backward{suffix}")(out, cache)

        fast = statistics.median(in_turn({"fast": lambda run=run, n=shape[0]: run("", n)}, 5)["fast"])
        slow = seconds_of(lambda run=run, n=images: run("_naive", n)) * shape[0] / images
        print(f"{row:38} loops {slow:6.1f} s, {slow / fast:,.0f} times the fast path")


if __name__ == "__main__":
    main()
