# %% naive, fast and sandwiched, and the net
import numpy as np
from PKG.classifiers.cnn import *
from PKG.data_utils import get_CIFAR10_data
from PKG.gradient_check import eval_numerical_gradient_array, eval_numerical_gradient
from PKG.layers import *
from PKG.fast_layers import *
from PKG.solver import Solver


def rel_error(x, y):
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))


# %%
x_shape, w_shape = (2, 3, 4, 4), (3, 3, 4, 4)
x = np.linspace(-0.1, 0.5, num=np.prod(x_shape)).reshape(x_shape)
w = np.linspace(-0.2, 0.3, num=np.prod(w_shape)).reshape(w_shape)
b = np.linspace(-0.1, 0.2, num=3)
conv_param = {"stride": 2, "pad": 1}
out, (kept_x, kept_w, kept_b, kept_param) = conv_forward_naive(x, w, b, conv_param)
assert out.shape == (2, 3, 2, 2) and kept_param is conv_param
padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
by_hand = np.array(
    [[[[np.sum(padded[n, :, i : i + 4, j : j + 4] * w[f]) + b[f] for j in (0, 2)] for i in (0, 2)] for f in range(3)] for n in range(2)]
)
assert rel_error(out, by_hand) < 1e-12

# %%
np.random.seed(SEED)
x, w, b = np.random.randn(4, 3, 5, 5), np.random.randn(2, 3, 3, 3), np.random.randn(2)
dout = np.random.randn(4, 2, 5, 5)
conv_param = {"stride": 1, "pad": 1}
dx_num = eval_numerical_gradient_array(lambda x: conv_forward_naive(x, w, b, conv_param)[0], x, dout)
dw_num = eval_numerical_gradient_array(lambda w: conv_forward_naive(x, w, b, conv_param)[0], w, dout)
db_num = eval_numerical_gradient_array(lambda b: conv_forward_naive(x, w, b, conv_param)[0], b, dout)
out, cache = conv_forward_naive(x, w, b, conv_param)
dx, dw, db = conv_backward_naive(dout, cache)
assert max(rel_error(dx, dx_num), rel_error(dw, dw_num), rel_error(db, db_num)) < 1e-7

# %%
x = np.linspace(-0.3, 0.4, num=2 * 3 * 4 * 4).reshape(2, 3, 4, 4)
pool_param = {"pool_width": 2, "pool_height": 2, "stride": 2}
out, _ = max_pool_forward_naive(x, pool_param)
assert np.array_equal(out, x[:, :, 1::2, 1::2])
np.random.seed(SEED)
x, dout = np.random.randn(3, 2, 8, 8), np.random.randn(3, 2, 4, 4)
dx_num = eval_numerical_gradient_array(lambda x: max_pool_forward_naive(x, pool_param)[0], x, dout)
out, cache = max_pool_forward_naive(x, pool_param)
assert rel_error(max_pool_backward_naive(dout, cache), dx_num) < 1e-11

# %%
np.random.seed(SEED)
x, w, b = np.random.randn(10, 3, 31, 31), np.random.randn(4, 3, 3, 3), np.random.randn(4)
dout = np.random.randn(10, 4, 16, 16)
conv_param = {"stride": 2, "pad": 1}
out_naive, cache_naive = conv_forward_naive(x, w, b, conv_param)
out_fast, cache_fast = conv_forward_fast(x, w, b, conv_param)
assert rel_error(out_naive, out_fast) < 1e-9
for naive, fast in zip(conv_backward_naive(dout, cache_naive), conv_backward_fast(dout, cache_fast)):
    assert rel_error(naive, fast) < 1e-9
x, dout = np.random.randn(10, 3, 32, 32), np.random.randn(10, 3, 16, 16)
out_naive, cache_naive = max_pool_forward_naive(x, pool_param)
out_fast, cache_fast = max_pool_forward_fast(x, pool_param)
assert np.array_equal(out_naive, out_fast)
assert np.array_equal(max_pool_backward_naive(dout, cache_naive), max_pool_backward_fast(dout, cache_fast))
assert conv_forward_im2col is conv_forward_strides is conv_forward_fast and conv_backward_pytorch is conv_backward_im2col
assert max_pool_forward_reshape is max_pool_forward_im2col and max_pool_backward_reshape is max_pool_backward_im2col

# %%
from PKG.im2col import get_im2col_indices, im2col_indices, col2im_indices

k, i, j = get_im2col_indices((10, 3, 32, 32), 3, 3, padding=1, stride=1)
columns = im2col_indices(x, 3, 3, padding=1, stride=1)
assert columns.shape == (3 * 3 * 3, 32 * 32 * 10) and k.shape == (27, 1) and i.shape == j.shape == (27, 1024)
ones = col2im_indices(np.ones_like(columns), x.shape, 3, 3, padding=1, stride=1)
assert ones[0, 0, 0, 0] == 4 and ones[0, 0, 0, 5] == 6 and ones[0, 0, 5, 5] == 9

# %%
from PKG.layer_utils import conv_relu_pool_forward, conv_relu_pool_backward, conv_relu_forward, conv_relu_backward
from PKG.layer_utils import conv_bn_relu_forward, conv_bn_relu_backward

np.random.seed(SEED)
x, w, b = np.random.randn(2, 3, 8, 8), np.random.randn(3, 3, 3, 3), np.random.randn(3)
conv_param = {"stride": 1, "pad": 1}
for forward, backward, more in (
    (conv_relu_forward, conv_relu_backward, ()),
    (conv_relu_pool_forward, conv_relu_pool_backward, (pool_param,)),
):
    out, cache = forward(x, w, b, conv_param, *more)
    dout = np.random.randn(*out.shape)
    dx, dw, db = backward(dout, cache)
    dx_num = eval_numerical_gradient_array(lambda x: forward(x, w, b, conv_param, *more)[0], x, dout)
    dw_num = eval_numerical_gradient_array(lambda w: forward(x, w, b, conv_param, *more)[0], w, dout)
    db_num = eval_numerical_gradient_array(lambda b: forward(x, w, b, conv_param, *more)[0], b, dout)
    assert max(rel_error(dx_num, dx), rel_error(dw_num, dw), rel_error(db_num, db)) < 1e-6
gamma, beta = np.random.randn(3), np.random.randn(3)
out, cache = conv_bn_relu_forward(x, w, b, gamma, beta, conv_param, {"mode": "train"})
dout = np.random.randn(*out.shape)
dx, dw, db, dgamma, dbeta = conv_bn_relu_backward(dout, cache)
dgamma_num = eval_numerical_gradient_array(lambda g: conv_bn_relu_forward(x, w, b, g, beta, conv_param, {"mode": "train"})[0], gamma, dout)
dw_num = eval_numerical_gradient_array(lambda w: conv_bn_relu_forward(x, w, b, gamma, beta, conv_param, {"mode": "train"})[0], w, dout)
assert max(rel_error(dgamma_num, dgamma), rel_error(dw_num, dw)) < 1e-6

# %%
np.random.seed(SEED)
model = ThreeLayerConvNet()
N = 10
X = np.random.randn(N, 3, 32, 32)
y = np.random.randint(10, size=N)
loss, grads = model.loss(X, y)
assert abs(loss - np.log(10)) < 1e-3 and model.params["W1"].shape == (32, 3, 7, 7)
model.reg = 0.5
assert model.loss(X, y)[0] > loss + 0.1

# %%
num_inputs, input_dim, reg, num_classes = 2, (3, 16, 16), 0.0, 10
np.random.seed(231)  # other draws come close to kinks
X = np.random.randn(num_inputs, *input_dim)
y = np.random.randint(num_classes, size=num_inputs)
model = ThreeLayerConvNet(num_filters=3, filter_size=3, input_dim=input_dim, hidden_dim=7, dtype=np.float64)
loss, grads = model.loss(X, y)
for param_name in sorted(grads):
    f = lambda _: model.loss(X, y)[0]
    if param_name != "W2":
        param_grad_num = eval_numerical_gradient(f, model.params[param_name], verbose=False, h=1e-6)
        assert rel_error(param_grad_num, grads[param_name]) < 1e-2, param_name

# %%
data = get_CIFAR10_data()
small_data = {key: data[key][:100] for key in ("X_train", "y_train", "X_val", "y_val")}
model = ThreeLayerConvNet(weight_scale=1e-2, num_filters=4, filter_size=3)
solver = Solver(
    model, small_data, num_epochs=2, batch_size=50, update_rule="adam", optim_config={"learning_rate": 1e-3}, verbose=True, print_every=1
)
solver.train()
print("Small data training accuracy:", solver.check_accuracy(small_data["X_train"], small_data["y_train"]))

# %%
np.random.seed(SEED)
N, C, H, W = 2, 3, 4, 5
x = 4 * np.random.randn(N, C, H, W) + 10
bn_param = {"mode": "train"}
out, _ = spatial_batchnorm_forward(x, np.ones(C), np.zeros(C), bn_param)
assert np.abs(out.mean(axis=(0, 2, 3))).max() < 1e-12
gamma, beta = np.asarray([3, 4, 5]), np.asarray([6, 7, 8])
out, _ = spatial_batchnorm_forward(x, gamma, beta, bn_param)
assert np.abs(out.mean(axis=(0, 2, 3)) - beta).max() < 1e-9 and out.dtype == np.float64
bn_param["mode"] = "test"
assert bn_param["running_mean"].shape == (C,)
spatial_batchnorm_forward(x, gamma, beta, bn_param)
gamma, beta, dout = np.random.randn(C), np.random.randn(C), np.random.randn(N, C, H, W)
bn_param = {"mode": "train"}
dx_num = eval_numerical_gradient_array(lambda x: spatial_batchnorm_forward(x, gamma, beta, bn_param)[0], x, dout)
da_num = eval_numerical_gradient_array(lambda a: spatial_batchnorm_forward(x, gamma, beta, bn_param)[0], gamma, dout)
_, cache = spatial_batchnorm_forward(x, gamma, beta, bn_param)
dx, dgamma, dbeta = spatial_batchnorm_backward(dout, cache)
assert max(rel_error(dx_num, dx), rel_error(da_num, dgamma)) < 1e-6

# %%
np.random.seed(SEED)
N, C, H, W = 2, 6, 4, 5
G = 2
x = 4 * np.random.randn(N, C, H, W) + 10
gamma, beta, dout = np.random.randn(1, C, 1, 1), np.random.randn(1, C, 1, 1), np.random.randn(N, C, H, W)
gn_param = {}
dx_num = eval_numerical_gradient_array(lambda x: spatial_groupnorm_forward(x, gamma, beta, G, gn_param)[0], x, dout)
da_num = eval_numerical_gradient_array(lambda a: spatial_groupnorm_forward(x, gamma, beta, G, gn_param)[0], gamma, dout)
db_num = eval_numerical_gradient_array(lambda b: spatial_groupnorm_forward(x, gamma, beta, G, gn_param)[0], beta, dout)
_, cache = spatial_groupnorm_forward(x, gamma, beta, G, gn_param)
dx, dgamma, dbeta = spatial_groupnorm_backward(dout, cache)
assert dgamma.shape == dbeta.shape == (1, C, 1, 1)
assert max(rel_error(dx_num, dx), rel_error(da_num, dgamma), rel_error(db_num, dbeta)) < 1e-7
out_1d, cache_1d = spatial_groupnorm_forward(x, gamma.ravel(), beta.ravel(), G, gn_param)
assert np.array_equal(out_1d, spatial_groupnorm_forward(x, gamma, beta, G, gn_param)[0])
