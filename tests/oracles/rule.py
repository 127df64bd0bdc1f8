"""The update rules on one Python number at a time, written from the papers, line by line and unfused.

Each is oracle(w, gradients, **options) -> the weight after one step for each of the gradients.
"""

from math import prod, sqrt


def sgd(w, gradients, *, lr):
    for g in gradients:
        w = w - lr * g
    return w


def sgd_momentum(w, gradients, *, lr, momentum):
    velocity = 0.0
    for g in gradients:
        velocity = momentum * velocity - lr * g
        w = w + velocity
    return w


def nesterov(w, gradients, *, lr, momentum):
    """CS231n's notes: from the velocity before and after, as w is the point looked ahead to."""
    velocity = 0.0
    for g in gradients:
        before = velocity
        velocity = momentum * velocity - lr * g
        w = w - momentum * before + (1 + momentum) * velocity
    return w


def rmsprop(w, gradients, *, lr, decay_rate, eps):
    mean_square = 0.0
    for g in gradients:
        mean_square = decay_rate * mean_square + (1 - decay_rate) * g**2
        w = w - lr * g / (sqrt(mean_square) + eps)
    return w


def adagrad(w, gradients, *, lr, eps):
    for t in range(1, len(gradients) + 1):
        w = w - lr * gradients[t - 1] / (sqrt(sum(g**2 for g in gradients[:t])) + eps)
    return w


def adadelta(w, gradients, *, lr, rho, eps):
    mean_square_gradient = mean_square_change = 0.0
    for g in gradients:
        mean_square_gradient = rho * mean_square_gradient + (1 - rho) * g**2
        change = -sqrt(mean_square_change + eps) / sqrt(mean_square_gradient + eps) * g
        mean_square_change = rho * mean_square_change + (1 - rho) * change**2
        w = w + lr * change
    return w


def _moments(gradients, beta1, beta2):
    """The two running means after all the gradients, as the sums that their recursions unroll to (Kingma & Ba, equation 1)."""
    t = len(gradients)
    m = sum((1 - beta1) * beta1 ** (t - i) * g for i, g in enumerate(gradients, start=1))
    v = sum((1 - beta2) * beta2 ** (t - i) * g**2 for i, g in enumerate(gradients, start=1))
    return m, v


def adam(w, gradients, *, lr, beta1, beta2, eps):
    for t in range(1, len(gradients) + 1):
        m, v = _moments(gradients[:t], beta1, beta2)
        w = w - lr * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)
    return w


def adamw(w, gradients, *, lr, beta1, beta2, eps, decay):
    for t in range(1, len(gradients) + 1):
        m, v = _moments(gradients[:t], beta1, beta2)
        w = w - lr * ((m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps) + decay * w)
    return w


def nadam(w, gradients, *, lr, beta1, beta2, eps, schedule_decay):
    def momentum(t):
        return beta1 * (1 - 0.5 * 0.96 ** (t * schedule_decay))

    for t in range(1, len(gradients) + 1):
        m, v = _moments(gradients[:t], beta1, beta2)
        g_hat = gradients[t - 1] / (1 - prod(momentum(i) for i in range(1, t + 1)))
        m_hat = m / (1 - prod(momentum(i) for i in range(1, t + 2)))
        v_hat = v / (1 - beta2**t)
        w = w - lr * ((1 - momentum(t)) * g_hat + momentum(t + 1) * m_hat) / (sqrt(v_hat) + eps)
    return w


ORACLES = {
    "sgd": sgd,
    "sgd_momentum": sgd_momentum,
    "nesterov": nesterov,
    "rmsprop": rmsprop,
    "adagrad": adagrad,
    "adadelta": adadelta,
    "adam": adam,
    "adamw": adamw,
    "nadam": nadam,
}
