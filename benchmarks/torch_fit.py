"""The same fits in PyTorch, as its own users write them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn


def optimizer(rule: str, parameters: Any, **options: Any) -> torch.optim.Optimizer:
    """PyTorch's fused optimiser for one of our rules."""
    if rule == "adam":
        return torch.optim.Adam(parameters, fused=True, **options)
    return torch.optim.SGD(parameters, momentum={"sgd": 0.0, "sgd_momentum": 0.9}[rule], fused=True, **options)


class TorchFit:
    """One net; epoch() trains it once through the data and scores 1,000 training examples and the validation part."""

    def __init__(self, widths: list[int], settings: dict[str, Any], parts: Any, *, loader: bool = False, raw: Any = None) -> None:
        X, y, X_val, y_val = parts
        self.X, self.y = torch.from_numpy(X), torch.from_numpy(np.asarray(y))
        self.X_val, self.y_val = torch.from_numpy(X_val), torch.from_numpy(np.asarray(y_val))
        self.batch = settings["batch"]
        layers: list[nn.Module] = []
        for i, (d, m) in enumerate(pairwise(widths)):
            layers += [nn.Linear(d, m)] + ([nn.ReLU()] if i < len(widths) - 2 else [])
        self.net = nn.Sequential(*layers)
        decay = settings.get("reg", 0.0)
        self.optimizer = optimizer(settings["rule"], self.net.parameters(), lr=settings["lr"], weight_decay=decay)
        self.loss = nn.CrossEntropyLoss()
        self.loader = None
        self.raw = None
        if loader:
            pairs = torch.utils.data.TensorDataset(self.X, self.y)
            self.loader = torch.utils.data.DataLoader(pairs, batch_size=self.batch, shuffle=True, drop_last=True)
        if raw is not None:
            images, preprocessing = raw
            flat = np.ascontiguousarray(np.asarray(images)).reshape(len(images), -1)
            self.raw = torch.from_numpy(flat)
            shift = preprocessing.apply(np.zeros_like(flat[:1]), np.float32).reshape(1, -1)  # what 0 becomes
            self.shift = torch.from_numpy(shift)
            self.scale = 1 / 255

    def epoch(self) -> None:
        if self.loader is not None:
            for x, y in self.loader:
                self.step(x, y)
        else:
            order = torch.randperm(len(self.y))
            for start in range(0, len(order) - self.batch + 1, self.batch):
                index = order[start : start + self.batch]
                x = self.X[index] if self.raw is None else self.raw[index].to(torch.float32).mul_(self.scale).add_(self.shift)
                self.step(x, self.y[index])
        with torch.no_grad():
            for x, y in ((self.X[:1000], self.y[:1000]), (self.X_val, self.y_val)):
                for start in range(0, len(x), 1000):
                    scores = self.net(x[start : start + 1000])
                    self.loss(scores, y[start : start + 1000])
                    self.accuracy = float((scores.argmax(1) == y[start : start + 1000]).float().mean())

    def step(self, x: Any, y: Any) -> None:
        self.optimizer.zero_grad()
        loss = self.loss(self.net(x), y)
        loss.backward()
        self.optimizer.step()
        loss.item()  # a history of losses, as ours
