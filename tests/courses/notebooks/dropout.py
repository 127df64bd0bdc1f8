# %% keep ratios under both keywords
import numpy as np
from PKG.classifiers.fc_net import *
from PKG.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array


def rel_error(x, y):
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))


# %%
np.random.seed(SEED)
x = np.random.randn(500, 500) + 10
for p in [0.25, 0.4, 0.7]:
    out, _ = dropout_forward(x, {"mode": "train", "p": p})
    out_test, _ = dropout_forward(x, {"mode": "test", "p": p})
    assert abs(out.mean() - 10) < 0.1 and out_test is x
    assert abs((out == 0).mean() - (1 - p)) < 0.01
out, (_, mask) = dropout_forward(x, {"mode": "train", "p": 0.25, "seed": 7})
np.random.seed(7)
assert np.array_equal(mask, (np.random.rand(*x.shape) < 0.25) / 0.25)

# %%
np.random.seed(SEED)
x = np.random.randn(10, 10) + 10
dout = np.random.randn(*x.shape)
dropout_param = {"mode": "train", "p": 0.2, "seed": 123}
out, cache = dropout_forward(x, dropout_param)
dx = dropout_backward(dout, cache)
dx_num = eval_numerical_gradient_array(lambda xx: dropout_forward(xx, dropout_param)[0], x, dout)
assert rel_error(dx, dx_num) < 1e-9
assert dropout_backward(dout, dropout_forward(x, {"mode": "test", "p": 0.2})[1]) is dout

# %%
np.random.seed(SEED)
N, D, H1, H2, C = 2, 15, 20, 30, 10
X = np.random.randn(N, D)
y = np.random.randint(C, size=(N,))
for keyword in ("dropout", "dropout_keep_ratio"):
    losses = []
    for keep in [1, 0.75, 0.5]:
        model = FullyConnectedNet([H1, H2], input_dim=D, num_classes=C, weight_scale=5e-2, dtype=np.float64, seed=123, **{keyword: keep})
        loss, grads = model.loss(X, y)
        assert loss == model.loss(X, y)[0]  # the seed makes every forward draw the same
        for name in sorted(grads) if keyword == "dropout" and keep != 0.75 else ():
            f = lambda _: model.loss(X, y)[0]
            grad_num = eval_numerical_gradient(f, model.params[name], verbose=False, h=1e-5)
            assert rel_error(grad_num, grads[name]) < (3e-5 if keep == 1 else 1e-5), name
        losses.append(loss)
    assert len(set(losses)) == 3
    print(keyword, losses)
half = FullyConnectedNet([50], D, C, 0.5, None, 0.0, 1e-2, np.float32)  # by position, without a seed
assert half.loss(X, y)[0] != half.loss(X, y)[0] and np.array_equal(half.loss(X), half.loss(X))
