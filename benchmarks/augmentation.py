"""What random changes of images cost a batch: python -m benchmarks.augmentation"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 - after the number of threads is set

from benchmarks.side_by_side import in_turn  # noqa: E402
from layerwise.data import AUGMENTATIONS, Batches, Preprocessing  # noqa: E402


def main() -> None:
    images = np.random.default_rng(0).integers(0, 256, (10_000, 3, 32, 32), dtype=np.uint8)
    preprocessing = Preprocessing.fit(["scale", "center", "flatten"], images)
    chosen = {"none": [], **{name: [row()] for name, row in AUGMENTATIONS.items()}}
    contenders = {
        name: Batches(
            images, np.zeros(len(images), int), batch_size=200, rng=np.random.default_rng(0), preprocessing=preprocessing, augmentation=rows
        ).next
        for name, rows in chosen.items()
    }
    times = {name: np.array(seconds) * 1e6 for name, seconds in in_turn(contenders, rounds=301).items()}
    base = np.percentile(times["none"], 10)
    print("microseconds a batch of 200 × 3 × 32 × 32 bytes, scaled, centred and flattened (first decile of 301)")
    for name, taken in times.items():
        print(f"{name:6} {np.percentile(taken, 10):6.0f}  (+{np.percentile(taken, 10) - base:.0f})")


if __name__ == "__main__":
    main()
