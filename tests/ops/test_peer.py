"""Ops and losses against PyTorch. The test exists where PyTorch is installed."""

from importlib.util import find_spec

import numpy as np
import pytest
from tests.drawing import close
from tests.ops.case import Case

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
        "batchnorm": lambda x, gamma, beta: functional.batch_norm(x, None, None, gamma, beta, training=True),
        "layernorm": lambda x, gamma, beta: functional.layer_norm(x, x.shape[-1:], gamma, beta),
        "spatial_batchnorm": lambda x, gamma, beta: functional.batch_norm(x, None, None, gamma, beta, training=True),
        "spatial_groupnorm": lambda x, gamma, beta, groups: functional.group_norm(x, groups, gamma, beta),
        "conv": lambda x, w, b, stride, pad: functional.conv2d(x, w, b, stride, pad),
        "max_pool": lambda x, pool_height, pool_width, stride: functional.max_pool2d(x, (pool_height, pool_width), stride),
        "average_pool": lambda x, pool_height, pool_width, stride: functional.avg_pool2d(x, (pool_height, pool_width), stride),
        "global_average_pool": lambda x: x.mean((2, 3)),
    }
    THEIR_LOSSES = {
        "softmax": functional.cross_entropy,
        "svm": lambda x, y: functional.multi_margin_loss(x, y) * x.shape[1],  # theirs is a mean over classes
        "squared": functional.mse_loss,
        "absolute": functional.l1_loss,
        "huber": functional.huber_loss,
        "binary_cross_entropy": functional.binary_cross_entropy_with_logits,
    }

    def op(name, rng):
        """Our and their results: out, and the gradient of each array."""
        case = Case(OPS[name], rng, np.float64)
        arrays = case.args()
        out, cache = case.forward(*arrays)
        dout = rng.normal(size=out.shape)
        grads = case.backward(dout, cache)
        tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
        theirs = THEIRS[name](*tensors, **OPS[name].options)
        theirs.backward(torch.tensor(dout))
        return [out, *grads], [theirs.detach(), *(tensor.grad for tensor in tensors)]

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
    def test_every_row_is_compared_but_noise_and_what_has_no_gradient():
        assert set(THEIRS) == {name for name, row in OPS.items() if row.has_gradient and not row.random}
        assert set(THEIR_LOSSES) == set(LOSSES)
