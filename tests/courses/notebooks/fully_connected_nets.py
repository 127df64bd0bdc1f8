# %% both seeds, all four rules, nets of any depth
from __future__ import print_function
import numpy as np
from PKG.classifiers.fc_net import *
from PKG.data_utils import get_CIFAR10_data
from PKG.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from PKG.solver import Solver


def rel_error(x, y):
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))


data = get_CIFAR10_data()

# %%
np.random.seed(SEED)
N, D, H1, H2, C = 2, 15, 20, 30, 10
X = np.random.randn(N, D)
y = np.random.randint(C, size=(N,))
for reg in [0, 3.14]:
    print("Running check with reg = ", reg)
    model = FullyConnectedNet([H1, H2], input_dim=D, num_classes=C, reg=reg, weight_scale=5e-2, dtype=np.float64)
    loss, grads = model.loss(X, y)
    print("Initial loss: ", loss)
    if SEED == 493:
        assert abs(loss / {0: 2.299821914918452, 3.14: 6.991659719884911}[reg] - 1) < 1e-13
    for name in sorted(grads):
        f = lambda _: model.loss(X, y)[0]
        grad_num = eval_numerical_gradient(f, model.params[name], verbose=False, h=1e-5)
        assert rel_error(grad_num, grads[name]) < (3e-5 if name == "W2" else 2e-6), name

# %% seven lines of the same draws, one name for the two nets of CSE493G1's third assignment
for net in (FullyConnectedNetBasic, FullyConnectedNetImproved, FullyConnectedNet):
    np.random.seed(SEED)
    model = net([H1, H2], input_dim=D, num_classes=C, reg=0.5, weight_scale=5e-2, dtype=np.float64, seed=3)
    np.random.seed(SEED)
    assert np.array_equal(model.params["W1"], 5e-2 * np.random.randn(D, H1))
    assert np.array_equal(model.params["W2"], 5e-2 * np.random.randn(H1, H2))
    assert list(model.params) == ["W1", "b1", "W2", "b2", "W3", "b3"]
assert model.params["W1"].dtype == np.float64
assert FullyConnectedNet([4]).params["W1"].dtype == np.float32

# %%
num_train = 50
small_data = {
    "X_train": data["X_train"][:num_train],
    "y_train": data["y_train"][:num_train],
    "X_val": data["X_val"],
    "y_val": data["y_val"],
}
model = FullyConnectedNet([100, 100], weight_scale=2.2e-2, dtype=np.float64)
solver = Solver(model, small_data, print_every=10, num_epochs=20, batch_size=25, update_rule="sgd", optim_config={"learning_rate": 3.7e-3})
solver.train()
assert solver.train_acc_history[-1] > 0.9

# %%
from PKG.optim import sgd_momentum, rmsprop, adam

N, D = 4, 5
w = np.linspace(-0.4, 0.6, num=N * D).reshape(N, D)
dw = np.linspace(-0.6, 0.4, num=N * D).reshape(N, D)
v = np.linspace(0.6, 0.9, num=N * D).reshape(N, D)
config = {"learning_rate": 1e-3, "velocity": v}
next_w, _ = sgd_momentum(w, dw, config=config)
expected = EXPECTED["sgd_momentum"]
assert rel_error(np.asarray(expected["next_w"]), next_w) < 1e-8
assert rel_error(np.asarray(expected["next_velocity"]), config["velocity"]) < 1e-8
assert np.array_equal(w, np.linspace(-0.4, 0.6, num=N * D).reshape(N, D))

# %%
w = np.linspace(-0.4, 0.6, num=N * D).reshape(N, D)
cache = np.linspace(0.6, 0.9, num=N * D).reshape(N, D)
config = {"learning_rate": 1e-2, "cache": cache}
next_w, _ = rmsprop(w, dw, config=config)
assert rel_error(np.asarray(EXPECTED["rmsprop"]["next_w"]), next_w) < 1e-7
assert rel_error(np.asarray(EXPECTED["rmsprop"]["next_cache"]), config["cache"]) < 1e-8

# %%
m = np.linspace(0.6, 0.9, num=N * D).reshape(N, D)
v = np.linspace(0.7, 0.5, num=N * D).reshape(N, D)
config = {"learning_rate": 1e-2, "m": m, "v": v, "t": 5}
next_w, _ = adam(w, dw, config=config)
assert rel_error(np.asarray(EXPECTED["adam"]["next_w"]), next_w) < 1.2e-7
assert rel_error(np.asarray(EXPECTED["adam"]["next_v"]), config["v"]) < 1e-8
assert rel_error(np.asarray(EXPECTED["adam"]["next_m"]), config["m"]) < 1e-8
assert config["t"] == 6

# %%
solvers = {}
for update_rule, learning_rate in {"sgd": 5e-3, "sgd_momentum": 5e-3, "adam": 1e-3, "rmsprop": 1e-4}.items():
    model = FullyConnectedNet([20, 20, 20, 20, 20], weight_scale=5e-2)
    solver = Solver(
        model, data, num_epochs=1, batch_size=100, update_rule=update_rule, optim_config={"learning_rate": learning_rate}, verbose=False
    )
    solvers[update_rule] = solver
    solver.train()
    assert len(solver.loss_history) == len(data["X_train"]) // 100
    assert solver.loss_history[-1] < solver.loss_history[0] + 0.5

# %%
y_test_pred = np.argmax(model.loss(data["X_test"]), axis=1)
print("Test set accuracy: ", (y_test_pred == data["y_test"]).mean(), solver.check_accuracy(data["X_val"], data["y_val"]))
