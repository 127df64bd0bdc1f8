"""Narrow matrix products in pieces against one call: python -m benchmarks.product"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 - after the number of threads is set

from benchmarks.side_by_side import in_turn, ratio  # noqa: E402
from layerwise.ops.product import product, product_transposed  # noqa: E402


def main() -> None:
    rng = np.random.default_rng(0)
    print("N, D, M            x @ w, one call over pieces      x.T @ dout, one call over pieces")
    for n, d, m in ((200, 3072, 10), (100, 3072, 10), (300, 3073, 10), (128, 785, 10), (500, 3072, 10), (100, 3072, 100)):
        x, w, dout = (rng.standard_normal(shape, np.float32) for shape in ((n, d), (d, m), (n, m)))
        times = in_turn(
            {
                "xw": lambda x=x, w=w: x @ w,
                "xw pieces": lambda x=x, w=w: product(x, w),
                "xd": lambda x=x, dout=dout: x.T @ dout,
                "xd pieces": lambda x=x, dout=dout: product_transposed(x, dout),
            },
            rounds=101,
        )
        print(f"{n}, {d}, {m}".ljust(18), ratio(times["xw"], times["xw pieces"]).ljust(32), ratio(times["xd"], times["xd pieces"]))


if __name__ == "__main__":
    main()
