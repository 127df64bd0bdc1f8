"""Features of images against scikit-image, and against the courses' one image at a time: python -m benchmarks.features [--data FOLDER]

The images are CIFAR-10's where the folder has them, else made up. With --data, all 50,000 training images are also timed.
"""

from __future__ import annotations

import argparse
import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 - after the number of threads is set
from matplotlib.colors import rgb_to_hsv  # noqa: E402
from scipy.ndimage import uniform_filter  # noqa: E402
from skimage.feature import hog as skimage_hog  # noqa: E402

from benchmarks.side_by_side import in_turn, ratio, seconds_of  # noqa: E402
from layerwise.data import load_cifar10  # noqa: E402
from layerwise.features import course_hog, extract_features, hog, hue_histogram  # noqa: E402

FEW, MANY = 200, 2000  # images that theirs, and ours, are timed on


def gradients_one_by_one(image: np.ndarray) -> np.ndarray:
    """The courses' HOG in their way: float64, a mean filter over the whole image for each of nine directions."""
    level = np.dot(image, [0.299, 0.587, 0.144])
    dx, dy = np.zeros(level.shape), np.zeros(level.shape)
    dx[:, :-1], dy[:-1] = np.diff(level, axis=1), np.diff(level, axis=0)
    length, angle = np.sqrt(dx**2 + dy**2), np.arctan2(dy, dx + 1e-15) * (180 / np.pi) + 90
    cells = np.zeros((4, 4, 9))
    for k in range(9):
        inside = np.where(angle < 20 * (k + 1), angle, 0)
        inside = np.where(angle >= 20 * k, inside, 0)
        cells[:, :, k] = uniform_filter(np.where(inside > 0, length, 0), size=(8, 8))[4::8, 4::8].T
    return cells.ravel()


def hues_one_by_one(image: np.ndarray) -> np.ndarray:
    """The courses' hue histogram in their way."""
    edges = np.linspace(0, 255, 11)
    share, _ = np.histogram((rgb_to_hsv(image / 255) * 255)[:, :, 0], bins=edges, density=True)
    return share * np.diff(edges)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder with cifar-10-batches-bin/ or cifar-10-batches-py/")
    folder = parser.parse_args().data
    whole = load_cifar10(folder).X_train if folder else None
    many = np.random.default_rng(0).integers(0, 256, (MANY, 3, 32, 32), dtype=np.uint8) if whole is None else np.asarray(whole[:MANY])
    few = many[:FEW].transpose(0, 2, 3, 1)
    floats = few.astype(np.float64)
    both = ["course_hog", "hue_histogram"]
    np.testing.assert_allclose(
        [np.concatenate([gradients_one_by_one(image), hues_one_by_one(image)]) for image in floats],
        extract_features(many[:FEW], both),
        atol=1e-10,
    )
    np.testing.assert_allclose([skimage_hog(image, channel_axis=-1) for image in few], hog(many[:FEW]), atol=1e-6)
    pairs = {
        "HOG, colours, scikit-image": (lambda: [skimage_hog(image, channel_axis=-1) for image in few], lambda: hog(many)),
        "HOG, grey, scikit-image": (lambda: [skimage_hog(image[..., 0]) for image in few], lambda: hog(many[:, 0], layout="NHW")),
        "courses' HOG, their way": (lambda: [gradients_one_by_one(image) for image in floats], lambda: course_hog(many)),
        "courses' hues, their way": (lambda: [hues_one_by_one(image) for image in floats], lambda: hue_histogram(many)),
        "both of the courses'": (
            lambda: [np.hstack([gradients_one_by_one(image), hues_one_by_one(image)]) for image in floats],
            lambda: extract_features(many, both),
        ),
    }
    print(
        f"microseconds an image of 32 × 32 × 3 bytes, one thread{'' if folder else ' (made up)'}".ljust(60), "theirs   ours  theirs / ours"
    )
    for name, (theirs, ours) in pairs.items():
        times = in_turn({"theirs": theirs, "ours": ours})
        each = {"theirs": np.array(times["theirs"]) / FEW, "ours": np.array(times["ours"]) / MANY}
        shown = [f"{np.median(seconds) * 1e6:6.1f}" for seconds in each.values()]
        print(name.ljust(60), *shown, "", ratio(list(each["theirs"]), list(each["ours"])))
    if whole is not None:
        print(f"both of the courses' for {len(whole):,} images: {seconds_of(lambda: extract_features(whole, both)):.1f} s")


if __name__ == "__main__":
    main()
