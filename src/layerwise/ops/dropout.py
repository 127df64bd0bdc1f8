"""Inverted dropout (Srivastava et al. 2014; the division by keep_prob happens in training)."""

from typing import Any

import numpy as np

from layerwise.arrays import Array, members_first, per_member
from layerwise.ops.check import floating


def dropout_forward(x: Array, *, keep_prob: float | Array, rng: Any) -> tuple[Array, Any]:
    """Each value is kept with probability keep_prob and divided by it, or set to 0, so the expected value stays.

    x (N, M), (P, N, M) or images (N, C, H, W); keep_prob a number in (0, 1], or (P,), one per member  ->  out, cache

    All members of a population are held against the same noise (N, M), each with its own keep_prob: a member drops what
    it would drop alone. With one keep_prob per member, x may be (N, M), read by every member: out is (P, N, M) then.
    rng is a numpy.random.Generator, or has its method random(shape).
    """
    x, keep_prob = floating(x), checked_keep_prob(keep_prob, "dropout")
    shape = x.shape if x.ndim == 4 else x.shape[-2:]
    shared = x if keep_prob.ndim == 1 and x.ndim == 2 else None
    if shared is not None:
        x = members_first(np.broadcast_to(x, (len(keep_prob), *shape)))  # (N, M) -> (P, N, M)
    keep = per_member(keep_prob, x)
    noise = rng.random(shape, dtype=np.float32) if x.dtype == np.float32 else rng.random(shape)
    mask = np.empty_like(x)  # in x's memory layout, whatever the noise's
    np.divide(noise < keep, keep, out=mask, casting="unsafe")
    return x * mask, (mask, shared)


def dropout_backward(dout: Array, cache: Any) -> Array:
    """dout, cache  ->  dx; members that share x add up their shares"""
    mask, shared = cache
    dx = dout * mask
    return dx if shared is None else dx.sum(axis=0, out=np.empty_like(shared))


def checked_keep_prob(keep_prob: Any, where: str) -> Array:
    """keep_prob as an array, () or (P,); refused if any of it is no share that can stay."""
    shares = np.asarray(keep_prob)
    if shares.dtype.kind not in "iuf":
        raise TypeError(f"{where}: keep_prob is {keep_prob!r}, but must be a number in (0, 1], or one for each member of a population.")
    if not ((shares > 0) & (shares <= 1)).all():
        raise ValueError(
            f"{where}: keep_prob is {keep_prob}, but must be in (0, 1]: it is the share that stays. To drop a fifth, give 0.8."
        )
    return shares
