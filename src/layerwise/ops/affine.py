"""The fully connected layer's map, x @ w + b, for one model or a population."""

import math
from typing import Any

import numpy as np

from layerwise.arrays import Array, columns, from_columns
from layerwise.ops.check import floating, like
from layerwise.ops.product import product, product_transposed


def affine_forward(x: Array, w: Array, b: Array | None = None) -> tuple[Array, Any]:
    """x @ w + b, one row of out per example.

    One model:    x (N, d1, ..., dk), flattened to (N, D); w (D, M), b (M,)  ->  out (N, M), cache
    A population: x (N, D) read by every member, or (P, N, D); w (P, D, M), b (P, M)  ->  out (P, N, M), cache

    b may be None: no bias, and none in the backward. out is computed in x's dtype, float64 if x holds integers.

    >>> affine_forward(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([0.5]))[0]
    array([[11.5]])
    """
    x = floating(x)
    (w,) = like(x, w)
    rows = _rows(x, w, b)
    if w.ndim == 2:
        out = product(rows, w)  # (N, D) @ (D, M) -> (N, M)
    elif x.ndim == 2:  # every member reads the same rows, so one product serves all: (P·M, D) @ (D, N) -> (P·M, N)
        out = from_columns(columns(w) @ x.T, w)
    else:  # (P, M, D) @ (P, D, N) -> (P, M, N), seen as (P, N, M)
        out = (w.swapaxes(-1, -2) @ x.swapaxes(-1, -2)).swapaxes(-1, -2)
    if b is not None:
        out += np.asarray(b, x.dtype)[..., None, :]  # (..., M) -> (..., 1, M): one row serves all N
    return out, (x, rows, w, b)


def affine_backward(dout: Array, cache: Any, *, need_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
    """dout (..., N, M), cache  ->  dx (x's shape; None without need_dx), dw (w's shape), db (b's shape; None without b)

    Members that share x add up their shares of dx. dw and db have x's dtype; dw lies in memory as w's products do.
    """
    x, rows, w, b = cache
    dx = None
    if w.ndim == 2:
        dw = product_transposed(rows, dout, w)  # (D, N) @ (N, M) -> (D, M)
        if need_dx:
            dx = (dout @ w.T).reshape(x.shape)  # (N, M) @ (M, D) -> (N, D)
    elif x.ndim == 2:
        folded = columns(dout)  # (P, N, M) -> (P·M, N)
        dw = from_columns(folded @ x, w)  # (P·M, N) @ (N, D) -> (P·M, D), seen as (P, D, M)
        if need_dx:
            dx = folded.T @ columns(w)  # (N, P·M) @ (P·M, D) -> (N, D)
    else:
        dw = (dout.swapaxes(-1, -2) @ x).swapaxes(-1, -2)  # (P, M, N) @ (P, N, D) -> (P, M, D), seen as (P, D, M)
        if need_dx:
            dx = (w @ dout.swapaxes(-1, -2)).swapaxes(-1, -2)  # (P, D, M) @ (P, M, N) -> (P, D, N), seen as (P, N, D)
    return dx, dw, None if b is None else dout.sum(axis=-2)


def _rows(x: Array, w: Array, b: Array | None) -> Array:
    """x as the product reads it, after the shapes are known to fit."""
    if w.ndim == 2 and x.ndim >= 2:
        width = math.prod(x.shape[1:])
        if width != w.shape[0]:
            raise ValueError(
                f"affine: w has shape {w.shape}, but x {x.shape} needs ({width}, M). Flatten or resize the images, or build the net with input_dim={width}."
            )
        rows = x.reshape(len(x), width)  # (N, d1, ..., dk) -> (N, D)
    elif w.ndim == 3 and x.ndim in (2, 3):
        if x.shape[-1] != w.shape[1] or (x.ndim == 3 and len(x) != len(w)):
            raise ValueError(
                f"affine: w {w.shape} holds {len(w)} models, but x {x.shape} needs to be (N, {w.shape[1]}), or ({len(w)}, N, {w.shape[1]})."
            )
        rows = x
    elif w.ndim == 3:
        raise ValueError(
            f"affine: with the weights of {len(w)} models, x must be (N, D) or (P, N, D), not {x.shape}: flatten it to ({len(x)}, {math.prod(x.shape[1:])})."
        )
    else:
        raise ValueError(f"affine: x has shape {x.shape} and w {w.shape}; needed are x (N, D) and w (D, M), or w (P, D, M) for P models.")
    if b is not None and np.shape(b) != (*w.shape[:-2], w.shape[-1]):
        raise ValueError(f"affine: b has shape {np.shape(b)}, but w {w.shape} needs one bias per column: {(*w.shape[:-2], w.shape[-1])}.")
    return rows
