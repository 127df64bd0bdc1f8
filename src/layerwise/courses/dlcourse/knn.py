"""Nearest neighbours by the sum of absolute differences, as the first assignment has them."""

from typing import Any

from layerwise.models import nearest


class KNN:
    """Keeps train_X (M, D) and train_y (M,); of equally many votes the smallest label wins. Labels of True and False are told apart."""

    def __init__(self, k: int = 1) -> None:
        self.k = k

    def fit(self, X: Any, y: Any) -> None:
        """Keep the training set."""
        self.train_X, self.train_y = X, y

    def predict(self, X: Any, num_loops: int = 0) -> Any:
        """The label of each row of X (N, D), by distances worked out with so many loops."""
        ways = {0: self.compute_distances_no_loops, 1: self.compute_distances_one_loop, 2: self.compute_distances_two_loops}
        dists = ways[num_loops](X)
        return self.predict_labels_binary(dists) if self.train_y.dtype.name == "bool" else self.predict_labels_multiclass(dists)

    def compute_distances_two_loops(self, X: Any) -> Any:
        """X (N, D)  ->  distances (N, M) to the training examples"""
        return nearest.distances_two_loops(X, self.train_X, metric="l1")

    def compute_distances_one_loop(self, X: Any) -> Any:
        """X (N, D)  ->  distances (N, M)"""
        return nearest.distances_one_loop(X, self.train_X, metric="l1")

    def compute_distances_no_loops(self, X: Any) -> Any:
        """X (N, D)  ->  distances (N, M)"""
        return nearest.distances(X, self.train_X, metric="l1")

    def predict_labels_binary(self, dists: Any) -> Any:
        """distances (N, M)  ->  True or False (N,)"""
        return nearest.vote(dists, self.train_y, self.k)

    def predict_labels_multiclass(self, dists: Any) -> Any:
        """distances (N, M)  ->  labels (N,)"""
        return nearest.vote(dists, self.train_y, self.k)
