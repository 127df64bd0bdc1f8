"""Right softmaxes, losses, linear classifiers and penalties, in loops, sums, staged, and in both conventions of the penalty."""

import numpy as np
from tests.mistakes import arguments, plain
from tests.mistakes.bank import Correct

right = Correct()


@right.backward("softmax")
def softmax_by_each_rows_jacobian(dout, cache):
    _, out = cache
    return np.array([(np.diag(p) - np.outer(p, p)) @ row for p, row in zip(out, dout, strict=True)])


@right.backward("softmax", lambda x: (plain.probabilities(x), x - x.max(axis=1, keepdims=True)))
def softmax_by_the_quotient_rule(dout, cache):
    e = np.exp(cache)
    total = e.sum(axis=1, keepdims=True)
    return dout * e / total - e * (dout * e).sum(axis=1, keepdims=True) / total**2


@right.backward("softmax", args=arguments.large_rows)
def softmax_of_large_scores(dout, cache):
    _, p = cache
    return p * dout - p * np.einsum("nk,nk->n", p, dout)[:, None]


@right.backward("log_softmax")
def log_softmax_by_each_rows_jacobian(dout, cache):
    p = np.exp(cache[1])
    jacobian = np.eye(p.shape[1]) - p[:, None, :]  # (N, out, in)
    return np.einsum("no,noi->ni", dout, jacobian)


@right.backward("log_softmax", lambda x: (x - np.logaddexp.reduce(x, axis=1, keepdims=True), x))
def log_softmax_staged(dout, cache):
    e = np.exp(cache)
    dlog = -dout.sum(axis=1, keepdims=True)  # out = x - log(sum of e)
    return dout + dlog / e.sum(axis=1, keepdims=True) * e


@right.function("softmax_loss")
def softmax_loss_in_loops(x, y):
    loss, dx, n = 0.0, np.zeros_like(x), x.shape[0]
    for i in range(n):
        shifted = x[i] - max(x[i])
        total = sum(np.exp(s) for s in shifted)
        loss -= shifted[y[i]] - np.log(total)
        for k in range(x.shape[1]):
            dx[i, k] = np.exp(shifted[k]) / total - (k == y[i])
    return loss / n, dx / n


@right.function("softmax_loss")
def softmax_loss_with_one_hot_rows(x, y):
    one_hot = np.eye(x.shape[1])[y]
    log_p, _ = plain.log_softmax_forward(x)
    return -(one_hot * log_p).sum() / len(y), (np.exp(log_p) - one_hot) / len(y)


@right.function("softmax_loss")
def softmax_loss_divides_before_it_subtracts(x, y):
    n = len(y)
    dx = plain.probabilities(x) / n
    np.add.at(dx, (np.arange(n), y), -1 / n)
    return float(plain.softmax_value(x, y)), dx


@right.function("softmax_loss", args=arguments.large_scores)
def softmax_loss_of_large_scores(x, y):
    shifted = x - x.max(axis=1)[:, None]
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1))[:, None]
    dx = np.exp(log_p)
    dx[range(len(y)), list(y)] -= 1
    return -np.mean(np.take_along_axis(log_p, y[:, None], axis=1)), dx / len(y)


@right.function("softmax_loss", args=arguments.whole_scores)
def softmax_loss_of_whole_scores(x, y):
    x = np.array(x, dtype=float)
    x -= x.max(axis=1, keepdims=True)
    p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    dx = p.copy()
    dx[np.arange(len(y)), y] -= 1
    return -np.log(p[np.arange(len(y)), y]).mean(), dx / len(y)


@right.function("softmax_loss", tolerance=1e-4)
def softmax_loss_in_float32(x, y):
    p = plain.probabilities(x.astype(np.float32))
    dx = p.copy()
    dx[np.arange(len(y)), y] -= 1
    return -np.log(p[np.arange(len(y)), y]).mean(), dx / np.float32(len(y))


@right.function("svm_loss")
def svm_loss_in_loops(x, y):
    loss, dx = 0.0, np.zeros_like(x)
    for i in range(len(y)):
        for k in range(x.shape[1]):
            if k == y[i]:
                continue
            margin = x[i, k] - x[i, y[i]] + 1
            if margin > 0:
                loss += margin
                dx[i, k] += 1
                dx[i, y[i]] -= 1
    return loss / len(y), dx / len(y)


@right.function("svm_loss")
def svm_loss_takes_the_correct_class_off_at_the_end(x, y):
    n = np.arange(len(y))
    raw = np.maximum(0, x - np.choose(y, x.T)[:, None] + 1)
    violated = np.where(raw > 0, 1.0, 0.0)
    violated[n, y] -= violated.sum(axis=1)
    return (raw.sum() - len(y)) / len(y), violated / len(y)


@right.function("svm_loss")
def svm_loss_with_a_matrix_of_classes(x, y):
    correct = np.eye(x.shape[1], dtype=bool)[y]
    margins = np.where(correct, 0, x - x[correct][:, None] + 1).clip(min=0)
    violated = np.sign(margins)
    return margins.sum(axis=1).mean(), (violated - correct * violated.sum(axis=1, keepdims=True)) / len(y)


@right.function("squared_loss")
def squared_loss_by_a_dot_product(x, y):
    d = (x - y).ravel()
    return d @ d / d.size, (2 / d.size * d).reshape(x.shape)


@right.function("squared_loss")
def squared_loss_example_by_example(x, y):
    (n, k), loss, dx = x.shape, 0.0, []
    for a, b in zip(x, y, strict=True):
        loss += sum((a - b) ** 2) / k
        dx.append(2 * (a - b) / k / n)
    return loss / n, np.array(dx)


@right.function("absolute_loss")
def absolute_loss_in_two_branches(x, y):
    return np.abs(y - x).mean(), np.where(x > y, 1.0, -1.0) / x.size


@right.function("absolute_loss")
def absolute_loss_by_division(x, y):
    d = x - y
    return np.sqrt(d**2).mean(), d / np.abs(d) / x.shape[0] / x.shape[1]


@right.function("huber_loss")
def huber_loss_in_two_branches(x, y, delta):
    d, near = x - y, np.abs(x - y) <= delta
    losses = np.zeros_like(d)
    losses[near] = 0.5 * d[near] ** 2
    losses[~near] = delta * np.abs(d[~near]) - 0.5 * delta**2
    return losses.mean(), np.where(near, d, delta * np.sign(d)) / d.size


@right.function("huber_loss")
def huber_loss_by_clipping(x, y, delta):
    inner = np.clip(x - y, -delta, delta)
    return np.mean(inner * (x - y) - inner**2 / 2), inner / inner.size


@right.function("binary_cross_entropy_loss")
def binary_cross_entropy_from_probabilities(x, y):
    p = 1 / (1 + np.exp(-x))
    dp = (-y / p + (1 - y) / (1 - p)) / x.size
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(), dp * p * (1 - p)


@right.function("binary_cross_entropy_loss", args=arguments.large_bits)
def binary_cross_entropy_of_large_scores(x, y):
    return np.mean(np.logaddexp(0, x) - x * y), (0.5 + 0.5 * np.tanh(x / 2) - y) / x.size


@right.function("linear_softmax_loss")
def linear_softmax_in_loops(W, X, y, reg):
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(X.shape[0]):
        scores = X[i].dot(W)
        p = np.exp(scores - scores.max())
        p /= p.sum()
        loss += -np.log(p[y[i]])
        for k in range(W.shape[1]):
            dW[:, k] += (p[k] - (k == y[i])) * X[i]
    return loss / X.shape[0] + reg * np.sum(W * W), dW / X.shape[0] + 2 * reg * W


@right.function("linear_softmax_loss")
def linear_softmax_with_half_the_penalty(W, X, y, reg):
    p = plain.probabilities(X @ W)
    loss = -np.log(p[np.arange(len(y)), y]).mean() + 0.5 * reg * np.linalg.norm(W) ** 2
    p[np.arange(len(y)), y] -= 1
    return loss, X.T @ p / len(y) + reg * W


@right.function("linear_svm_loss")
def linear_svm_in_loops(W, X, y, reg):
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(X.shape[0]):
        scores = X[i].dot(W)
        for k in range(W.shape[1]):
            margin = scores[k] - scores[y[i]] + 1
            if k != y[i] and margin > 0:
                loss += margin
                dW[:, k] += X[i]
                dW[:, y[i]] -= X[i]
    loss, dW = loss / X.shape[0], dW / X.shape[0]
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW


@right.function("linear_svm_loss")
def linear_svm_in_one_go_with_half_the_penalty(W, X, y, reg):
    n = len(y)
    margins = plain.margins(X @ W, y)
    counts = (margins > 0).astype(float)
    counts[np.arange(n), y] = -counts.sum(axis=1)
    return margins.sum() / n + 0.5 * reg * (W**2).sum(), np.einsum("nd,nk->dk", X, counts) / n + reg * W


@right.function("l2_penalty")
def l2_penalty_whole(W, reg):
    return reg * np.vdot(W, W), W * (2 * reg)


@right.function("l2_penalty")
def l2_penalty_half(W, reg):
    return 0.5 * reg * np.linalg.norm(W) ** 2, reg * W


@right.function("l2_penalty")
def l2_penalty_by_the_trace(W, reg):
    return reg * np.trace(W.T @ W), reg * W + reg * W


@right.function("l1_penalty")
def l1_penalty_in_two_branches(W, reg):
    return reg * np.where(W > 0, W, -W).sum(), np.where(W > 0, reg, -reg)


@right.function("l1_penalty")
def l1_penalty_in_loops(W, reg):
    total, dW = 0.0, np.zeros_like(W)
    for index, weight in np.ndenumerate(W):
        total += reg * abs(weight)
        dW[index] = reg * np.copysign(1, weight)
    return total, dW
