"""The course's nets are the course's layers put together: the same losses, gradients and running statistics."""

import numpy as np
import pytest

from layerwise.courses.cs231n.cs231n.classifiers.cnn import ThreeLayerConvNet
from layerwise.courses.cs231n.cs231n.classifiers.fc_net import (
    FullyConnectedNet,
    TwoLayerNet,
    affine_backward,
    affine_forward,
    batchnorm_backward_alt,
    batchnorm_forward,
    dropout_backward,
    dropout_forward,
    layernorm_backward,
    layernorm_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
)

DIMS, CLASSES, KEEP, SEED = (6, 5), 4, 0.6, 11


class ByHand:
    """A net of the course's layer functions, with settings in dicts, as a learner writes it."""

    def __init__(self, params, normalization, keep, reg):
        self.params, self.normalization, self.keep, self.reg = params, normalization, keep, reg
        self.norms = [{"mode": "train"} for _ in DIMS]
        self.forward, self.backward = {
            "batchnorm": (batchnorm_forward, batchnorm_backward_alt),
            "layernorm": (layernorm_forward, layernorm_backward),
            None: (None, None),
        }[normalization]

    def loss(self, X, y=None):
        params, mode = self.params, "test" if y is None else "train"
        dropout_param = {"mode": mode, "p": self.keep, "seed": SEED}
        out, caches = X, []
        for i, norm in enumerate(self.norms, 1):
            norm["mode"] = mode
            out, fc = affine_forward(out, params[f"W{i}"], params[f"b{i}"])
            middle = None
            if self.normalization:
                out, middle = self.forward(out, params[f"gamma{i}"], params[f"beta{i}"], norm)
            out, relu = relu_forward(out)
            out, drop = dropout_forward(out, dropout_param) if self.keep != 1 else (out, None)
            caches.append((fc, middle, relu, drop))
        last = len(DIMS) + 1
        scores, fc = affine_forward(out, params[f"W{last}"], params[f"b{last}"])
        if y is None:
            return scores
        loss, dout = softmax_loss(scores, y)
        grads = {}
        dout, grads[f"W{last}"], grads[f"b{last}"] = affine_backward(dout, fc)
        for i in range(len(DIMS), 0, -1):
            fc, middle, relu, drop = caches[i - 1]
            dout = dout if drop is None else dropout_backward(dout, drop)
            dout = relu_backward(dout, relu)
            if middle is not None:
                dout, grads[f"gamma{i}"], grads[f"beta{i}"] = self.backward(dout, middle)
            dout, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(dout, fc)
        for i in range(1, last + 1):
            W = params[f"W{i}"]
            loss += 0.5 * self.reg * np.sum(W * W)
            grads[f"W{i}"] = grads[f"W{i}"] + self.reg * W
        return loss, grads


@pytest.mark.parametrize("normalization", ["batchnorm", "layernorm", None])
@pytest.mark.parametrize("keep", [1, KEEP])
def test_a_net_is_its_layers_put_together(normalization, keep):
    np.random.seed(3)
    X, y = np.random.randn(7, 2, 5), np.random.randint(CLASSES, size=7)
    settings = {"normalization": normalization, "reg": 0.3, "weight_scale": 0.5, "dtype": np.float64, "seed": SEED}
    net = FullyConnectedNet(DIMS, 10, CLASSES, keep, **settings)
    by_hand = ByHand(net.params, normalization, keep, 0.3)
    for step in range(3):  # running statistics move at each
        (loss, grads), (expected, by_layers) = net.loss(X + step, y), by_hand.loss(X + step, y)
        assert loss == pytest.approx(expected, rel=1e-12)
        assert grads.keys() == by_layers.keys() == net.params.keys()
        for name, grad in by_layers.items():
            np.testing.assert_allclose(grads[name], grad, rtol=1e-9, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(net.loss(X), by_hand.loss(X), rtol=1e-10)
    for i, norm in enumerate(by_hand.norms if normalization == "batchnorm" else (), 1):
        np.testing.assert_allclose(net.buffers[f"running_var{i}"], norm["running_var"], rtol=1e-12)


def test_draws_are_the_global_generators_in_the_order_of_the_weights():
    def drawn(make):
        np.random.seed(9)
        params = make().params
        return params, np.random.randn()

    for make, shapes, scale in (
        (lambda: TwoLayerNet(4, 3, 2, 0.1), [(4, 3), (3, 2)], 0.1),
        (lambda: FullyConnectedNet([3, 5], 4, 2, normalization="batchnorm", dtype=np.float64), [(4, 3), (3, 5), (5, 2)], 1e-2),
        (lambda: ThreeLayerConvNet((1, 4, 4), 2, 3, 5, 2, dtype=np.float64), [(2, 1, 3, 3), (8, 5), (5, 2)], 1e-3),
    ):
        params, after = drawn(make)
        np.random.seed(9)
        for number, shape in enumerate(shapes, 1):
            np.testing.assert_array_equal(params[f"W{number}"], scale * np.random.randn(*shape))
        assert after == np.random.randn()


def test_both_names_of_the_share_kept_and_the_later_one_by_position():
    X, y = np.ones((3, 4)), np.zeros(3, int)
    nets = []
    for make in (
        lambda: FullyConnectedNet([50], 4, dropout=0.5, seed=1),
        lambda: FullyConnectedNet([50], 4, dropout_keep_ratio=0.5, seed=1),
        lambda: FullyConnectedNet([50], 4, 10, 0.5, seed=1),
    ):
        np.random.seed(0)
        nets.append(make())
    assert len({float(net.loss(X, y)[0]) for net in nets}) == 1
    assert nets[0].params["W1"].dtype == np.float32
    np.random.seed(0)
    assert FullyConnectedNet([50], 4, seed=1).loss(X, y)[0] != nets[0].loss(X, y)[0]
