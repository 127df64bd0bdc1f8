"""Small images that look like photographs: smooth, with edges, flat parts and grey ones."""

import numpy as np


def photographs(count, height=32, width=32, seed=0):
    """(count, 3, height, width) in uint8."""
    rng = np.random.default_rng(seed)
    i, j = np.mgrid[:height, :width]
    images = np.empty((count, 3, height, width), np.uint8)
    for image in images:
        a, b, c = rng.normal(size=(3, 3, 1, 1))
        waves = 128 + 90 * np.sin(a * i / 5 + b * j / 5 + c) + rng.normal(size=(3, height, width)) * rng.choice([0, 4])
        image[:] = waves.clip(0, 255)
        image[:, : height // 4] = rng.integers(0, 256, (3, 1, 1))  # a flat sky
        image[:, :, width // 2 : width // 2 + 5] = rng.integers(0, 256)  # a grey post
        image[:, height // 2 : height // 2 + 2] = rng.integers(0, 4, (3, 1, 1)) * np.uint8(85)
    return images
