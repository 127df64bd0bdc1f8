"""Many nets of one shape in PyTorch, stacked by hand with batched products, as its own users would write them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from benchmarks.torch_fit import optimizer


class TorchStack:
    """P nets; epoch() trains them once through the data and scores 1,000 training examples and the validation part."""

    def __init__(self, widths: list[int], settings: dict[str, Any], parts: Any, count: int) -> None:
        X, y, X_val, y_val = parts
        self.X, self.y = torch.from_numpy(X), torch.from_numpy(np.asarray(y))
        self.X_val, self.y_val = torch.from_numpy(X_val), torch.from_numpy(np.asarray(y_val))
        self.batch, self.count = settings["batch"], count
        self.weights = [(torch.randn(count, d, m) / math.sqrt(d)).requires_grad_() for d, m in pairwise(widths)]
        self.biases = [torch.zeros(count, 1, m, requires_grad=True) for m in widths[1:]]
        self.reg = torch.full((count, 1, 1), settings["reg"])
        self.optimizer = optimizer(settings["rule"], [*self.weights, *self.biases], lr=settings["lr"])

    def scores(self, x: Any) -> Any:
        count, first = self.count, self.weights[0]
        flat = x @ first.permute(1, 0, 2).reshape(first.shape[1], -1)  # all members read one x: one product
        h = flat.view(len(x), count, -1).transpose(0, 1) + self.biases[0]
        for w, b in zip(self.weights[1:], self.biases[1:], strict=True):
            h = torch.baddbmm(b, torch.relu(h), w)
        return h

    def epoch(self) -> None:
        order = torch.randperm(len(self.y))
        for start in range(0, len(order) - self.batch + 1, self.batch):
            index = order[start : start + self.batch]
            self.optimizer.zero_grad()
            scores, y = self.scores(self.X[index]), self.y[index]
            losses = torch.nn.functional.cross_entropy(scores.flatten(0, 1), y.repeat(self.count), reduction="none")
            loss = losses.view(self.count, -1).mean(1)
            penalty = sum(0.5 * (self.reg * w * w).sum() for w in self.weights)
            (loss.sum() + penalty).backward()
            self.optimizer.step()
            loss.tolist()  # a history of losses, as ours
        with torch.no_grad():
            for x, y in ((self.X[:1000], self.y[:1000]), (self.X_val, self.y_val)):
                for start in range(0, len(x), 1000):
                    (self.scores(x[start : start + 1000]).argmax(2) == y[start : start + 1000]).float().mean(1)
