"""How far our ops and losses are from PyTorch's, values and gradients, in float64: python -m benchmarks.agreement

Uses the comparisons of tests/ops/test_peer.py; needs PyTorch, pytest and hypothesis.
"""

import numpy as np
from tests.ops.test_peer import THEIR_LOSSES, THEIRS, loss, op


def main() -> None:
    worst: dict[str, float] = {}
    arrays = 0
    for results, names in ((op, THEIRS), (loss, THEIR_LOSSES)):
        for name in names:
            for seed in range(20):
                for ours, theirs in zip(*results(name, np.random.default_rng(seed)), strict=True):
                    theirs = np.asarray(theirs)
                    scale = max(np.abs(theirs).max(initial=0), 1e-8)
                    label = name if results is op else f"{name} loss"
                    worst[label] = max(worst.get(label, 0.0), float(np.abs(np.asarray(ours) - theirs).max(initial=0) / scale))
                    arrays += 1
    for label, difference in sorted(worst.items(), key=lambda row: -row[1]):
        print(f"  {label:28} {difference:.1e}")
    print(
        f"{len(THEIRS)} ops and {len(THEIR_LOSSES)} losses, {arrays} arrays: largest difference {max(worst.values()):.1e} of the array's largest value"
    )


if __name__ == "__main__":
    main()
