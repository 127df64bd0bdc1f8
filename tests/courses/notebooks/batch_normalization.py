# %% as 2025 imports it: the layers first, the nets later
import numpy as np
from PKG.layers import *
from PKG.gradient_check import eval_numerical_gradient_array


def rel_error(x, y):
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))


# %%
np.random.seed(SEED)
N, D1, D2, D3 = 200, 50, 60, 3
X = np.random.randn(N, D1)
a = np.maximum(0, X.dot(np.random.randn(D1, D2))).dot(np.random.randn(D2, D3))
a_norm, _ = batchnorm_forward(a, np.ones((D3,)), np.zeros((D3,)), {"mode": "train"})
assert np.abs(a_norm.mean(axis=0)).max() < 1e-12 and np.abs(a_norm.std(axis=0) - 1).max() < 1e-6
gamma, beta = np.asarray([1.0, 2.0, 3.0]), np.asarray([11.0, 12.0, 13.0])
a_norm, _ = batchnorm_forward(a, gamma, beta, {"mode": "train"})
assert np.abs(a_norm.mean(axis=0) - beta).max() < 1e-9 and np.abs(a_norm.std(axis=0) - gamma).max() < 1e-6

# %%
bn_param = {"mode": "train"}
W1, W2 = np.random.randn(D1, D2), np.random.randn(D2, D3)
for t in range(50):
    X = np.random.randn(N, D1)
    batchnorm_forward(np.maximum(0, X.dot(W1)).dot(W2), np.ones(D3), np.zeros(D3), bn_param)
bn_param["mode"] = "test"
a = np.maximum(0, np.random.randn(N, D1).dot(W1)).dot(W2)
a_norm, _ = batchnorm_forward(a, np.ones(D3), np.zeros(D3), bn_param)
assert np.abs(a_norm.mean(axis=0)).max() < 0.3 and np.abs(a_norm.std(axis=0) - 1).max() < 0.3
try:
    batchnorm_forward(a, np.ones(D3), np.zeros(D3), {"mode": "tset"})
    raise AssertionError("another mode was taken")
except ValueError as error:
    assert str(error) == 'Invalid forward batchnorm mode "tset"'

# %%
np.random.seed(SEED)
N, D = 4, 5
x = 5 * np.random.randn(N, D) + 12
gamma, beta, dout = np.random.randn(D), np.random.randn(D), np.random.randn(N, D)
bn_param = {"mode": "train"}
fx = lambda x: batchnorm_forward(x, gamma, beta, bn_param)[0]
fg = lambda a: batchnorm_forward(x, a, beta, bn_param)[0]
fb = lambda b: batchnorm_forward(x, gamma, b, bn_param)[0]
dx_num = eval_numerical_gradient_array(fx, x, dout)
da_num = eval_numerical_gradient_array(fg, gamma.copy(), dout)
db_num = eval_numerical_gradient_array(fb, beta.copy(), dout)
_, cache = batchnorm_forward(x, gamma, beta, bn_param)
dx, dgamma, dbeta = batchnorm_backward(dout, cache)
assert max(rel_error(dx_num, dx), rel_error(da_num, dgamma), rel_error(db_num, dbeta)) < 5e-8
dx2, dgamma2, dbeta2 = batchnorm_backward_alt(dout, cache)
assert max(rel_error(dx, dx2), rel_error(dgamma, dgamma2), rel_error(dbeta, dbeta2)) < 1e-11

# %%
from PKG.classifiers.fc_net import *
from PKG.gradient_check import eval_numerical_gradient
from PKG.gradient_check import *

for normalization, regs in (("batchnorm", [0, 3.14]), ("layernorm", [3.14])):
    np.random.seed(SEED)
    N, D, H1, H2, C = 2, 15, 20, 30, 10
    X = np.random.randn(N, D)
    y = np.random.randint(C, size=(N,))
    for reg in regs:
        model = FullyConnectedNet(
            [H1, H2], input_dim=D, num_classes=C, reg=reg, weight_scale=5e-2, dtype=np.float64, normalization=normalization
        )
        loss, grads = model.loss(X, y)
        for name in sorted(grads):
            f = lambda _: model.loss(X, y)[0]
            grad_num = eval_numerical_gradient(f, model.params[name], verbose=False, h=1e-5)
            flat = normalization == "batchnorm" and name in ("b1", "b2")  # the true gradient is 0
            assert np.abs(grads[name] - grad_num).max() < 1e-9 if flat else rel_error(grad_num, grads[name]) < 2e-4, name

# %%
np.random.seed(SEED)
N, D = 4, 5
x = 5 * np.random.randn(N, D) + 12
gamma, beta, dout = np.random.randn(D), np.random.randn(D), np.random.randn(N, D)
for ln_param in ({}, {"mode": "train"}):
    fx = lambda x: layernorm_forward(x, gamma, beta, ln_param)[0]
    fg = lambda a: layernorm_forward(x, a, beta, ln_param)[0]
    fb = lambda b: layernorm_forward(x, gamma, b, ln_param)[0]
    dx_num = eval_numerical_gradient_array(fx, x, dout)
    da_num = eval_numerical_gradient_array(fg, gamma.copy(), dout)
    db_num = eval_numerical_gradient_array(fb, beta.copy(), dout)
    _, cache = layernorm_forward(x, gamma, beta, ln_param)
    dx, dgamma, dbeta = layernorm_backward(dout, cache)
    assert max(rel_error(dx_num, dx), rel_error(da_num, dgamma), rel_error(db_num, dbeta)) < 1e-8
