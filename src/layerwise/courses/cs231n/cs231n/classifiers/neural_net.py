"""The two-layer net of the first assignment until 2020, which trains itself."""

from typing import Any

import numpy as np

from layerwise import models as _models
from layerwise.conventions import reg_from_plain_l2
from layerwise.courses.generator import ByColumn, Legacy
from layerwise.metrics import accuracy
from layerwise.optim.sgd import sgd
from layerwise.train.descent import descend

__all__ = ["TwoLayerNet", "np"]


class TwoLayerNet(_models.TwoLayerNet):
    """affine - relu - affine - softmax in float64, with params W1, b1, W2, b2 and the penalty reg · Σ(W1² + W2²)."""

    def __init__(self, input_size: int, hidden_size: int, output_size: int, std: float = 1e-4) -> None:
        super().__init__(input_size, hidden_size, output_size, weight_scale=std, rng=ByColumn(), dtype=np.float64)

    def loss(self, X: Any, y: Any = None, reg: float = 0.0) -> Any:  # type: ignore[override]
        """Scores (N, C) when y is None, else loss, grads."""
        self.reg = reg_from_plain_l2(reg)
        return super().loss(X, y)

    def train(
        self,
        X: Any,
        y: Any,
        X_val: Any,
        y_val: Any,
        learning_rate: float = 1e-3,
        learning_rate_decay: float = 0.95,
        reg: float = 5e-6,
        num_iters: int = 100,
        batch_size: int = 200,
        verbose: bool = False,
    ) -> dict[str, list[Any]]:
        """Minibatch descent; loss_history of all steps, train_acc_history and val_acc_history of all epochs."""
        train_acc_history: list[Any] = []
        val_acc_history: list[Any] = []

        def tell(step: int, loss: Any) -> None:
            if verbose:
                print(f"iteration {step} / {num_iters}: loss {loss:f}")

        def epoch(X_batch: Any, y_batch: Any) -> None:
            train_acc_history.append(accuracy(self.predict(X_batch), y_batch))
            val_acc_history.append(accuracy(self.predict(X_val), y_val))

        sizes: dict[str, Any] = {"lr": learning_rate, "num_steps": num_iters, "batch_size": batch_size, "rng": Legacy()}
        told: dict[str, Any] = {"tell": tell, "epoch": epoch, "lr_decay": learning_rate_decay}
        losses = descend(lambda X, y: self.loss(X, y, reg), self._step, X, y, **sizes, **told)
        return {"loss_history": losses, "train_acc_history": train_acc_history, "val_acc_history": val_acc_history}

    def _step(self, grads: dict[str, Any], lr: float) -> None:
        for name, w in self.params.items():
            sgd(w, grads[name], {}, lr=lr)
