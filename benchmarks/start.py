"""How long it takes to begin: import time, and from process start to the end of the first epoch, each in a fresh process.

    python -m benchmarks.start --data FOLDER [--rounds 5]

Imports are compared with NumPy's own. The first epoch is 784-512-10 on MNIST, batch 128, one thread: `layerwise train` against
scripts that read the same IDX files and train the same net with PyTorch and Keras. Peers that are not installed are named.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile

from benchmarks.side_by_side import in_turn, ratio

READ = """
import gzip, sys
import numpy as np
def read(name, skip):
    return np.frombuffer(gzip.open(f"{sys.argv[1]}/mnist/{name}.gz").read(), np.uint8, offset=skip)
X = (read("train-images-idx3-ubyte", 16).reshape(-1, 784) / np.float32(255)).astype(np.float32)
y = read("train-labels-idx1-ubyte", 8).astype(np.int64)
"""
TORCH = (
    READ
    + """
import torch
torch.set_num_threads(1)
net = torch.nn.Sequential(torch.nn.Linear(784, 512), torch.nn.ReLU(), torch.nn.Linear(512, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, fused=True)
loss_of = torch.nn.CrossEntropyLoss()
X, y = torch.from_numpy(X), torch.from_numpy(y)
order = torch.randperm(len(X))
for start in range(0, len(X) - 127, 128):
    index = order[start : start + 128]
    optimizer.zero_grad()
    loss_of(net(X[index]), y[index]).backward()
    optimizer.step()
"""
)
KERAS = (
    """
import os
os.environ["KERAS_BACKEND"] = "torch"
"""
    + READ
    + """
import keras, torch
torch.set_num_threads(1)
net = keras.Sequential([keras.layers.Input((784,)), keras.layers.Dense(512, activation="relu"), keras.layers.Dense(10, activation="softmax")])
net.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(0.1), metrics=["accuracy"])
net.fit(X, y, batch_size=128, epochs=1, verbose=0)
"""
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    environment = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")}

    def run(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], check=True, env=environment, capture_output=True)

    imports = in_turn({name: lambda name=name: run("-c", f"import {name}") for name in ("numpy", "layerwise")}, options.rounds * 3)
    numpy, ours = (statistics.median(imports[name]) for name in ("numpy", "layerwise"))
    print(f"import numpy {numpy:.3f} s, import layerwise {ours:.3f} s: {ours - numpy:+.3f} s (process start and end included)")

    with tempfile.TemporaryDirectory() as folder:
        train = [
            "-m",
            "layerwise",
            "train",
            "mnist",
            "--hidden",
            "512",
            "--rule",
            "sgd",
            "--lr",
            "0.1",
            "--batch",
            "128",
            "--epochs",
            "1",
            "--preprocess",
            "scale",
            "--no-figures",
        ]
        first = {"layerwise train": lambda: run(*train, "--data", options.data, "--output", f"{folder}/run", "--overwrite")}
        for name, needs, script in (("PyTorch", ("torch",), TORCH), ("Keras", ("keras", "torch"), KERAS)):
            if all(importlib.util.find_spec(module) for module in needs):
                first[name] = lambda script=script: run("-c", script, options.data)
            else:
                print(f"{name}: not installed, row left out")
        times = in_turn(first, options.rounds)
    print("process start to the end of the first epoch, MNIST 784-512-10, batch 128, SGD, one thread")
    for name, seconds in times.items():
        against = "" if name == "layerwise train" else f"   times ours: {ratio(seconds, times['layerwise train'])}"
        print(f"  {name:16} {statistics.median(seconds):6.2f} s ({min(seconds):.2f}-{max(seconds):.2f}){against}")


if __name__ == "__main__":
    main()
