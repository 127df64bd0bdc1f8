"""make bench: every measurement that needs no data, and those that do where LAYERWISE_DATA names a folder with mnist/ and cifar-10-batches-bin/."""

import os
import subprocess
import sys

ALONE = (("product",), ("convolution", "--loops"))
WITH_DATA = ("fit", "start", "sweep", "features", "courses", "estimators")


def main() -> None:
    folder = os.environ.get("LAYERWISE_DATA")
    runs = list(ALONE) + [(name, "--data", folder) for name in WITH_DATA if folder]
    for name, *options in runs:
        print(f"\n== python -m benchmarks.{' '.join([name, *options])}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], check=True)
    if not folder:
        print(
            f"\nLAYERWISE_DATA is not set: {', '.join(WITH_DATA)} were left out. It should name a folder with mnist/ and cifar-10-batches-bin/."
        )


if __name__ == "__main__":
    main()
