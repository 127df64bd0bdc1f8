"""Ops and losses against PyTorch. The test exists where PyTorch is installed."""

from importlib.util import find_spec

import numpy as np
import pytest
from tests.drawing import away_from_kinks, close

from layerwise.ops import LOSSES, OPS

if find_spec("torch"):
    import torch
    from torch.nn import functional

    THEIRS = {
        "affine": lambda x, w, b: x @ w + b,
        "relu": functional.relu,
        "leaky_relu": functional.leaky_relu,
        "elu": functional.elu,
        "gelu": functional.gelu,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "softplus": functional.softplus,
        "softmax": lambda x: functional.softmax(x, -1),
        "log_softmax": lambda x: functional.log_softmax(x, -1),
    }
    THEIR_LOSSES = {
        "softmax": functional.cross_entropy,
        "svm": lambda x, y: functional.multi_margin_loss(x, y) * x.shape[1],  # theirs is a mean over classes
        "squared": functional.mse_loss,
        "absolute": functional.l1_loss,
        "huber": functional.huber_loss,
        "binary_cross_entropy": functional.binary_cross_entropy_with_logits,
    }
    LETTERS = {"N": 5, "D": 4, "M": 3}

    def op(name, rng):
        """Our and their results: out, and the gradient of each array."""
        arrays = [away_from_kinks(rng, [LETTERS[axis] for axis in axes.split()]) for axes in OPS[name].arrays.values()]
        out, cache = OPS[name].forward(*arrays)
        dout = rng.normal(size=out.shape)
        grads = OPS[name].backward(dout, cache)
        tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
        theirs = THEIRS[name](*tensors)
        theirs.backward(torch.tensor(dout))
        return [out, *(grads if isinstance(grads, tuple) else (grads,))], [theirs.detach(), *(tensor.grad for tensor in tensors)]

    def loss(name, rng):
        x = 3 * rng.normal(size=(6, 4))
        y = rng.integers(0, 4, 6) if LOSSES[name].targets == "labels" else rng.uniform(size=(6, 4))
        tensor = torch.tensor(x, requires_grad=True)
        theirs = THEIR_LOSSES[name](tensor, torch.tensor(y))
        theirs.backward()
        return LOSSES[name].function(x, y), (theirs.detach(), tensor.grad)

    @pytest.mark.peer
    @pytest.mark.parametrize(("results", "name"), [*((op, name) for name in THEIRS), *((loss, name) for name in THEIR_LOSSES)])
    def test_our_results_are_pytorchs(results, name):
        for ours, theirs in zip(*results(name, np.random.default_rng(0)), strict=True):
            close(ours, theirs.numpy(), 1e-12)

    @pytest.mark.peer
    def test_every_loss_is_compared():
        assert set(THEIR_LOSSES) == set(LOSSES)
