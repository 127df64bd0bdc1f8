"""Plain descent as the courses' first sheets write it: a batch drawn with replacement, a loss, a step down its gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layerwise.arrays import Array
from layerwise.data.batch import Batches


def descend(
    loss: Callable[[Array, Array], tuple[Any, Any]],
    update: Callable[[Any, float], None],
    X: Array,
    y: Array,
    *,
    lr: float,
    num_steps: int,
    batch_size: int,
    rng: Any,
    tell: Callable[[int, Any], None] | None = None,
    tell_every: int = 100,
    epoch: Callable[[Array, Array], None] | None = None,
    lr_decay: float = 1.0,
) -> list[Any]:
    """The loss of each step.

    loss       (X_batch, y_batch) -> loss, gradients; a batch is valid until the next is drawn
    update     (gradients, lr): takes the step
    tell       (step, loss), called at the first step and then at every `tell_every`-th
    epoch      (X_batch, y_batch), called after the first step of each epoch; then lr is multiplied by lr_decay
    rng        its choice(N, batch_size) draws the batches, and nothing else is drawn

    An epoch is N / batch_size steps, not rounded; where that is no whole number, an epoch begins when a step falls on its
    multiple.

    >>> w = np.array([4.0])
    >>> def step(dw, lr):
    ...     w[:] -= lr * dw
    >>> losses = descend(
    ...     lambda X, y: ((w**2).sum(), 2 * w), step, np.ones((3, 1)), np.ones(3), lr=0.25, num_steps=3, batch_size=2,
    ...     rng=np.random.default_rng(0),
    ... )
    >>> [float(loss) for loss in losses]
    [16.0, 4.0, 1.0]
    """
    batches = Batches(X, y, batch_size=batch_size, rng=rng, dtype=X.dtype, sampling="replacement")
    steps_per_epoch = max(len(X) / batch_size, 1)
    history = []
    for step in range(num_steps):
        batch = batches.next()
        value, grads = loss(*batch)
        history.append(value)
        update(grads, lr)
        if tell is not None and step % tell_every == 0:
            tell(step, value)
        if step % steps_per_epoch == 0:
            if epoch is not None:
                epoch(*batch)
            lr *= lr_decay
    return history
