"""CS231n's features of one image, a pixel and a number at a time; grey levels by NumPy's dot, whose rounding the course has."""

from math import atan2, degrees, pi, sqrt

import numpy as np


def course_hog(image):
    """image (H, W, 3) or (H, W)  ->  (144,) for 32 × 32"""
    level = np.array([[np.dot(pixel, [0.299, 0.587, 0.144]) for pixel in row] for row in image.astype(float)]) if image.ndim == 3 else image
    height, width = level.shape
    sums = np.zeros((width // 8, height // 8, 9))
    for i in range(height // 8 * 8):
        for j in range(width // 8 * 8):
            dx = float(level[i, j + 1] - level[i, j]) if j + 1 < width else 0.0
            dy = float(level[i + 1, j] - level[i, j]) if i + 1 < height else 0.0
            angle = atan2(dy, dx + 1e-15) * (180 / pi) + 90
            for k in range(9):
                if 180 / 9 * k <= angle < 180 / 9 * (k + 1) and angle > 0:
                    sums[j // 8, i // 8, k] += sqrt(dx * dx + dy * dy)
    return sums.ravel() / 64


def hue(red, green, blue):
    """0 to 1, of three numbers; blue goes before green before red where two are the largest."""
    top, low = max(red, green, blue), min(red, green, blue)
    if top == low:
        return 0.0
    if blue == top:
        return (4.0 + (red - green) / (top - low)) / 6.0 % 1.0
    if green == top:
        return (2.0 + (blue - red) / (top - low)) / 6.0 % 1.0
    return (green - blue) / (top - low) / 6.0 % 1.0


def hue_histogram(image, nbin=10, xmin=0, xmax=255, normalized=True):
    """image (H, W, 3)  ->  (nbin,)"""
    edges = [float(edge) for edge in np.linspace(xmin, xmax, nbin + 1)]
    counts = np.zeros(nbin)
    for red, green, blue in image.reshape(-1, 3).astype(float).tolist():
        value = hue(red / xmax, green / xmax, blue / xmax) * xmax
        for k in range(nbin):
            if edges[k] <= value and (value < edges[k + 1] or (k == nbin - 1 and value == edges[-1])):
                counts[k] += 1
    return counts / max(counts.sum(), 1) if normalized else counts * np.diff(edges)


def hog(level, orientations, cell, block):
    """One grey image (H, W), by angles: blocks of cells, each scaled, cut off at 0.2 and scaled again."""
    height, width = level.shape
    sums = np.zeros((height // cell, width // cell, orientations))
    for i in range(height // cell * cell):
        for j in range(width // cell * cell):
            dx = float(level[i, j + 1]) - float(level[i, j - 1]) if 0 < j < width - 1 else 0.0
            dy = float(level[i + 1, j]) - float(level[i - 1, j]) if 0 < i < height - 1 else 0.0
            angle = degrees(atan2(dy, dx)) % 180
            sums[i // cell, j // cell, int(angle // (180 / orientations)) % orientations] += sqrt(dx * dx + dy * dy)
    out = []
    for i in range(height // cell - block + 1):
        for j in range(width // cell - block + 1):
            values = sums[i : i + block, j : j + block].ravel() / cell**2
            values = np.minimum(values / sqrt(float((values**2).sum()) + 1e-10), 0.2)
            out.append(values / sqrt(float((values**2).sum()) + 1e-10))
    return np.concatenate(out)
