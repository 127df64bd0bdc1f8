"""The first assignment's classifier: a vote of the k nearest training images."""

from typing import Any

import numpy as np

from layerwise.models import nearest

__all__ = ["KNearestNeighbor", "np"]


class KNearestNeighbor:
    """k nearest neighbours by Euclidean distance; of equally many votes the smallest label wins."""

    def train(self, X: Any, y: Any) -> None:
        """Keep X (N, D) and y (N,)."""
        self.X_train, self.y_train = X, y

    def predict(self, X: Any, k: int = 1, num_loops: int = 0) -> Any:
        """The labels of X (N, D), by distances worked out with so many loops."""
        ways = {0: self.compute_distances_no_loops, 1: self.compute_distances_one_loop, 2: self.compute_distances_two_loops}
        if num_loops not in ways:
            raise ValueError(f"Invalid value {num_loops} for num_loops")
        return self.predict_labels(ways[num_loops](X), k=k)

    def compute_distances_two_loops(self, X: Any) -> Any:
        """X (N, D)  ->  distances (N, M) to the M training images"""
        return nearest.distances_two_loops(X, self.X_train)

    def compute_distances_one_loop(self, X: Any) -> Any:
        """X (N, D)  ->  distances (N, M)"""
        return nearest.distances_one_loop(X, self.X_train)

    def compute_distances_no_loops(self, X: Any) -> Any:
        """X (N, D)  ->  distances (N, M)"""
        return nearest.distances(X, self.X_train)

    def predict_labels(self, dists: Any, k: int = 1) -> Any:
        """distances (N, M)  ->  labels (N,)"""
        return nearest.vote(dists, self.y_train, k)
