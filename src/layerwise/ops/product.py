"""Matrix products with a narrow side, as in a linear classifier: cut so that BLAS takes them without packing first.

OpenBLAS copies both factors into blocks before it multiplies, unless a product has at most a million multiplications.
For a few classes that copy costs more than it gains: pieces below the limit are 1.3 to 1.5 times faster
(python -m benchmarks.product), and no slower elsewhere.
"""

import numpy as np

from layerwise.arrays import Array

SMALL = 1_000_000  # multiplications that BLAS does without packing
NARROW = 16  # columns up to which packing does not pay
SHORTEST = 256  # rows of w in a piece; below it the calls themselves cost too much


def product(x: Array, w: Array) -> Array:
    """x @ w.  (N, D) @ (D, M) -> (N, M)"""
    step = _step(len(x), *w.shape)
    if not step:
        return x @ w
    out = x[:, :step] @ w[:step]
    for start in range(step, len(w), step):
        out += x[:, start : start + step] @ w[start : start + step]
    return out


def product_transposed(x: Array, dout: Array, like: Array | None = None) -> Array:
    """x.T @ dout.  (D, N) @ (N, M) -> (D, M); it lies in memory column by column where `like` (D, M) does.

    With the wide side last, BLAS is 1.2 to 1.3 times faster, so weights that lie by column take their gradient sooner.
    """
    if like is not None and like.flags.f_contiguous and not like.flags.c_contiguous:
        return (dout.T @ x).T  # (M, N) @ (N, D) -> (M, D), seen as (D, M)
    step = _step(len(x), x.shape[1], dout.shape[1])
    if not step:
        return x.T @ dout
    out = np.empty((x.shape[1], dout.shape[1]), dout.dtype)
    for start in range(0, len(out), step):
        np.matmul(x[:, start : start + step].T, dout, out=out[start : start + step])
    return out


def _step(n: int, d: int, m: int) -> int:
    """How many rows of w go into a piece; 0 where one product is as fast."""
    step = SMALL // max(1, n * m)
    return step // 16 * 16 if m <= NARROW and SHORTEST <= step < d else 0
