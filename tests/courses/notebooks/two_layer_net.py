# %% CSE493G1 and CS231n from 2021: the modular two-layer net
import numpy as np
import matplotlib.pyplot as plt
from PKG.classifiers.fc_net import *
from PKG.data_utils import get_CIFAR10_data
from PKG.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from PKG.solver import Solver
from PKG.layer_utils import affine_relu_forward, affine_relu_backward
from PKG.vis_utils import visualize_grid


def rel_error(x, y):
    """returns relative error"""
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))


# %%
data = get_CIFAR10_data()
for k, v in list(data.items()):
    print(f"{k}: {v.shape}")
assert list(data) == ["X_train", "y_train", "X_val", "y_val", "X_test", "y_test"]
assert data["X_train"].dtype == np.float64
assert np.abs(data["X_train"].mean(axis=0)).max() < 1e-9

# %%
num_inputs, input_shape, output_dim = 2, (4, 5, 6), 3
x = np.linspace(-0.1, 0.5, num=num_inputs * np.prod(input_shape)).reshape(num_inputs, *input_shape)
w = np.linspace(-0.2, 0.3, num=np.prod(input_shape) * output_dim).reshape(np.prod(input_shape), output_dim)
b = np.linspace(-0.3, 0.1, num=output_dim)
out, _ = affine_forward(x, w, b)
correct_out = np.array([[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]])
assert rel_error(out, correct_out) < 1e-9

# %%
np.random.seed(SEED)
x = np.random.randn(10, 2, 3)
w = np.random.randn(6, 5)
b = np.random.randn(5)
dout = np.random.randn(10, 5)
dx_num = eval_numerical_gradient_array(lambda x: affine_forward(x, w, b)[0], x, dout)
dw_num = eval_numerical_gradient_array(lambda w: affine_forward(x, w, b)[0], w, dout)
db_num = eval_numerical_gradient_array(lambda b: affine_forward(x, w, b)[0], b, dout)
_, cache = affine_forward(x, w, b)
dx, dw, db = affine_backward(dout, cache)
assert max(rel_error(dx_num, dx), rel_error(dw_num, dw), rel_error(db_num, db)) < 3e-10
kept_x, kept_w, kept_b = cache
assert kept_x is x and kept_w is w and kept_b is b

# %%
x = np.linspace(-0.5, 0.5, num=12).reshape(3, 4)
out, _ = relu_forward(x)
correct_out = np.array([[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.04545455, 0.13636364], [0.22727273, 0.31818182, 0.40909091, 0.5]])
assert rel_error(out, correct_out) < 5.1e-8
np.random.seed(SEED)
x = np.random.randn(10, 10)
dout = np.random.randn(*x.shape)
dx_num = eval_numerical_gradient_array(lambda x: relu_forward(x)[0], x, dout)
_, cache = relu_forward(x)
assert cache is x
assert rel_error(dx_num, relu_backward(dout, cache)) < 1e-11

# %%
np.random.seed(SEED)
x = np.random.randn(2, 3, 4)
w = np.random.randn(12, 10)
b = np.random.randn(10)
dout = np.random.randn(2, 10)
out, cache = affine_relu_forward(x, w, b)
dx, dw, db = affine_relu_backward(dout, cache)
dx_num = eval_numerical_gradient_array(lambda x: affine_relu_forward(x, w, b)[0], x, dout)
dw_num = eval_numerical_gradient_array(lambda w: affine_relu_forward(x, w, b)[0], w, dout)
db_num = eval_numerical_gradient_array(lambda b: affine_relu_forward(x, w, b)[0], b, dout)
assert max(rel_error(dx_num, dx), rel_error(dw_num, dw), rel_error(db_num, db)) < 1e-9

# %%
np.random.seed(SEED)
num_classes, num_inputs = 10, 50
x = 0.001 * np.random.randn(num_inputs, num_classes)
y = np.random.randint(num_classes, size=num_inputs)
dx_num = eval_numerical_gradient(lambda x: svm_loss(x, y)[0], x, verbose=False)
loss, dx = svm_loss(x, y)
assert abs(loss / {493: 8.998158338429793, 231: 8.999602749096233}[SEED] - 1) < 1e-13
assert rel_error(dx_num, dx) < 4e-9
dx_num = eval_numerical_gradient(lambda x: softmax_loss(x, y)[0], x, verbose=False)
loss, dx = softmax_loss(x, y)
assert abs(loss / {493: 2.3024013710141706, 231: 2.302545844500738}[SEED] - 1) < 1e-13
assert rel_error(dx_num, dx) < 1.5e-8

# %%
np.random.seed(SEED)
N, D, H, C = 3, 5, 50, 7
X = np.random.randn(N, D)
y = np.random.randint(C, size=N)
std = 1e-3
model = TwoLayerNet(input_dim=D, hidden_dim=H, num_classes=C, weight_scale=std)
W1_std = abs(model.params["W1"].std() - std)
assert W1_std < std / 10, "First layer weights do not seem right"
assert np.all(model.params["b1"] == 0), "First layer biases do not seem right"
assert abs(model.params["W2"].std() - std) < std / 10, "Second layer weights do not seem right"
assert np.all(model.params["b2"] == 0), "Second layer biases do not seem right"
model.params["W1"] = np.linspace(-0.7, 0.3, num=D * H).reshape(D, H)
model.params["b1"] = np.linspace(-0.1, 0.9, num=H)
model.params["W2"] = np.linspace(-0.3, 0.4, num=H * C).reshape(H, C)
model.params["b2"] = np.linspace(-0.9, 0.1, num=C)
X = np.linspace(-5.5, 4.5, num=N * D).reshape(D, N).T
scores = model.loss(X)
correct_scores = np.asarray(
    [
        [11.53165108, 12.2917344, 13.05181771, 13.81190102, 14.57198434, 15.33206765, 16.09215096],
        [12.05769098, 12.74614105, 13.43459113, 14.1230412, 14.81149128, 15.49994135, 16.18839143],
        [12.58373087, 13.20054771, 13.81736455, 14.43418138, 15.05099822, 15.66781506, 16.2846319],
    ]
)
assert np.abs(scores - correct_scores).sum() < 1e-6, "Problem with test-time forward pass"
y = np.asarray([0, 5, 1])
loss, grads = model.loss(X, y)
assert abs(loss - 3.4702243556) < 1e-10, "Problem with training-time loss"
model.reg = 1.0
loss, grads = model.loss(X, y)
assert abs(loss - 26.5948426952) < 1e-10, "Problem with regularization loss"
for reg in [0.0, 0.7]:
    model.reg = reg
    loss, grads = model.loss(X, y)
    assert set(grads) == set(model.params)
    for name in sorted(grads):
        f = lambda _: model.loss(X, y)[0]
        grad_num = eval_numerical_gradient(f, model.params[name], verbose=False)
        assert rel_error(grad_num, grads[name]) < 1e-6, name

# %%
input_size, hidden_size, num_classes = 32 * 32 * 3, 50, 10
model = TwoLayerNet(input_size, hidden_size, num_classes, 1e-3, 0.01)
solver = Solver(
    model, data, update_rule="sgd", optim_config={"learning_rate": 1e-4}, lr_decay=0.95, num_epochs=2, batch_size=200, print_every=100
)
solver.train()
assert len(solver.loss_history) == 2 * (len(data["X_train"]) // 200)
assert len(solver.train_acc_history) == len(solver.val_acc_history) == 3
assert solver.best_val_acc == max(solver.val_acc_history)
assert model.params["W1"] is solver.best_params["W1"]

# %%
plt.subplot(2, 1, 1)
plt.plot(solver.loss_history, "o")
plt.subplot(2, 1, 2)
plt.plot(solver.train_acc_history, "-o", label="train")
plt.plot([0.5] * len(solver.val_acc_history), "k--")
plt.gcf().set_size_inches(15, 12)
plt.show()


# %%
def show_net_weights(net):
    W1 = net.params["W1"]
    W1 = W1.reshape(3, 32, 32, -1).transpose(3, 1, 2, 0)
    grid = visualize_grid(W1, padding=3)
    assert grid.dtype == np.float64 and abs(grid.max() - 255) < 1e-9 and grid.min() == 0 and grid.shape == (8 * 35 - 3, 8 * 35 - 3, 3)
    plt.imshow(grid.astype("uint8"))
    plt.gca().axis("off")
    plt.show()


show_net_weights(model)
y_val_pred = np.argmax(model.loss(data["X_val"]), axis=1)
print("Validation set accuracy: ", (y_val_pred == data["y_val"]).mean())

# %% from 2025
best_model = model
best_model.save("best_two_layer_net.npy")
again = TwoLayerNet(input_size, hidden_size, num_classes)
assert again.load("best_two_layer_net.npy") is True
assert again.load("not_there.npy") is False
assert np.array_equal(again.params["W2"], best_model.params["W2"])
