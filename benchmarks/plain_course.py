"""The worksheets' training as a student writes it by the assignment: float64, one array expression a line, a Solver that prints nothing.

What benchmarks.courses measures against, and what tests hold the course packages' figures against.
"""

import numpy as np


def affine_forward(x, w, b):
    return x.reshape(x.shape[0], -1).dot(w) + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, _ = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    return dx, dw, np.sum(dout, axis=0)


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    return dout * (cache > 0)


def softmax_loss(x, y):
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    n = x.shape[0]
    dx = np.exp(log_probabilities)
    dx[np.arange(n), y] -= 1
    return -np.sum(log_probabilities[np.arange(n), y]) / n, dx / n


class FullyConnectedNet:
    def __init__(self, hidden_dims, input_dim=3 * 32 * 32, num_classes=10, reg=0.0, weight_scale=1e-2, dtype=np.float64):
        self.reg, self.num_layers, self.dtype = reg, 1 + len(hidden_dims), dtype
        dims = [input_dim, *hidden_dims, num_classes]
        self.params = {}
        for i in range(self.num_layers):
            self.params[f"W{i + 1}"] = (weight_scale * np.random.randn(dims[i], dims[i + 1])).astype(dtype)
            self.params[f"b{i + 1}"] = np.zeros(dims[i + 1], dtype)

    def loss(self, X, y=None):
        out, caches = X.astype(self.dtype), []
        for i in range(1, self.num_layers + 1):
            out, fc_cache = affine_forward(out, self.params[f"W{i}"], self.params[f"b{i}"])
            relu_cache = None
            if i < self.num_layers:
                out, relu_cache = relu_forward(out)
            caches.append((fc_cache, relu_cache))
        if y is None:
            return out
        loss, dout = softmax_loss(out, y)
        grads = {}
        for i in range(self.num_layers, 0, -1):
            fc_cache, relu_cache = caches[i - 1]
            if relu_cache is not None:
                dout = relu_backward(dout, relu_cache)
            dout, dw, grads[f"b{i}"] = affine_backward(dout, fc_cache)
            W = self.params[f"W{i}"]
            loss += 0.5 * self.reg * np.sum(W * W)
            grads[f"W{i}"] = dw + self.reg * W
        return loss, grads


class TwoLayerNet(FullyConnectedNet):
    def __init__(self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        super().__init__([hidden_dim], input_dim, num_classes, reg, weight_scale)


def sgd(w, dw, config):
    config.setdefault("learning_rate", 1e-2)
    w -= config["learning_rate"] * dw
    return w, config


def sgd_momentum(w, dw, config):
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    v = config["momentum"] * v - config["learning_rate"] * dw
    config["velocity"] = v
    return w + v, config


def rmsprop(w, dw, config):
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config


def adam(w, dw, config):
    for name, value in {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0}.items():
        config.setdefault(name, value)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config["t"] += 1
    config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * (dw * dw)
    m_unbiased = config["m"] / (1 - config["beta1"] ** config["t"])
    v_unbiased = config["v"] / (1 - config["beta2"] ** config["t"])
    return w - config["learning_rate"] * m_unbiased / (np.sqrt(v_unbiased) + config["epsilon"]), config


RULES = {"sgd": sgd, "sgd_momentum": sgd_momentum, "rmsprop": rmsprop, "adam": adam}


class Solver:
    """The course's loop, in its order of draws: a batch, after the first step and each epoch a sample to score."""

    def __init__(self, model, data, *, update_rule="sgd", optim_config=(), lr_decay=1.0, num_epochs=10, batch_size=100, **_):
        self.model, self.data, self.rule = model, data, RULES[update_rule]
        self.lr_decay, self.num_epochs, self.batch_size = lr_decay, num_epochs, batch_size
        self.best_val_acc, self.best_params = 0, {}
        self.loss_history, self.train_acc_history, self.val_acc_history = [], [], []
        self.optim_configs = {name: dict(optim_config) for name in model.params}

    def step(self):
        X, y = self.data["X_train"], self.data["y_train"]
        rows = np.random.choice(X.shape[0], self.batch_size)
        loss, grads = self.model.loss(X[rows], y[rows])
        self.loss_history.append(loss)
        for name, w in self.model.params.items():
            self.model.params[name], self.optim_configs[name] = self.rule(w, grads[name], self.optim_configs[name])

    def check_accuracy(self, X, y, num_samples=None):
        if num_samples is not None and X.shape[0] > num_samples:
            rows = np.random.choice(X.shape[0], num_samples)
            X, y = X[rows], y[rows]
        scores = [np.argmax(self.model.loss(X[i : i + 100]), axis=1) for i in range(0, X.shape[0], 100)]
        return np.mean(np.hstack(scores) == y)

    def train(self):
        data = self.data
        steps_per_epoch = max(data["X_train"].shape[0] // self.batch_size, 1)
        num_steps = self.num_epochs * steps_per_epoch
        for t in range(num_steps):
            self.step()
            epoch_is_over = (t + 1) % steps_per_epoch == 0
            if epoch_is_over:
                for config in self.optim_configs.values():
                    config["learning_rate"] *= self.lr_decay
            if t == 0 or t == num_steps - 1 or epoch_is_over:
                self.train_acc_history.append(self.check_accuracy(data["X_train"], data["y_train"], num_samples=1000))
                self.val_acc_history.append(self.check_accuracy(data["X_val"], data["y_val"]))
                if self.val_acc_history[-1] > self.best_val_acc:
                    self.best_val_acc = self.val_acc_history[-1]
                    self.best_params = {name: w.copy() for name, w in self.model.params.items()}
        self.model.params = self.best_params


def linear_softmax_loss(W, X, y, reg):
    loss, dscores = softmax_loss(X.dot(W), y)
    return loss + 0.5 * reg * np.sum(W * W), X.T.dot(dscores) + reg * W


def linear_svm_loss(W, X, y, reg):
    scores, n = X.dot(W), X.shape[0]
    margins = np.maximum(0, scores - scores[np.arange(n), y][:, np.newaxis] + 1)
    margins[np.arange(n), y] = 0
    dscores = (margins > 0).astype(float)
    dscores[np.arange(n), y] = -np.sum(dscores, axis=1)
    return np.sum(margins) / n + reg * np.sum(W * W), X.T.dot(dscores) / n + 2 * reg * W


def train_linear(loss, X, y, *, learning_rate, reg, num_iters, batch_size):
    W = 0.001 * np.random.randn(X.shape[1], np.max(y) + 1)
    history = []
    for _ in range(num_iters):
        rows = np.random.choice(X.shape[0], batch_size)
        value, dW = loss(W, X[rows], y[rows], reg)
        history.append(value)
        W -= learning_rate * dW
    return W, history
